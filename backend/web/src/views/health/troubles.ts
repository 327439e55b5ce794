// On top: does everything work, or what is to be looked after?

import { fill, h } from "../../lib/dom.js";
import { icon } from "../../lib/icons.js";
import { t } from "./words.js";

export interface Trouble {
	text: string;
	/** Whose section says more. */
	section: HTMLElement;
}

/** Each part says what troubles it has; they stand together. */
export function troubles() {
	const element = h("div", { class: "card health-sum", role: "status" });
	const all = new Map<string, Trouble[]>();
	let was = "";
	const draw = () => {
		const list = [...all.values()].flat();
		const is = list.map((x) => x.text).join("\n");
		if (is === was && element.firstChild)
			return;
		was = is;
		element.dataset.state = list.length ? "bad" : "good";
		if (list.length === 0)
			fill(element, icon("check"), h("div", null,
				h("p", { class: "state-title" }, t("all_well")),
				h("p", { class: "soft" }, t("all_well_what"))));
		else
			fill(element, icon("alerts"), h("div", null,
				h("p", { class: "state-title" },
					t("to_see", { n: list.length })),
				h("ul", { class: "trouble-list" }, ...list.map((x) =>
					h("li", null, h("button", {
						type: "button", class: "quiet link",
						onclick: () => {
							x.section.scrollIntoView({ block: "start" });
							x.section.focus({ preventScroll: true });
						},
					}, x.text))))));
	};
	return {
		element,
		set(who: string, list: Trouble[]) {
			all.set(who, list);
			draw();
		},
	};
}
export type Troubles = ReturnType<typeof troubles>;
