// On top: does everything work, or what is to be looked after?

import { fill, h } from "../../lib/dom.js";
import { icon } from "../../lib/icons.js";
import { aborted } from "../../lib/states.js";
import { t } from "./words.js";

export interface Trouble {
	text: string;
	/** Whose section says more. */
	section: HTMLElement;
}

/** Of whom it is heard before all is said to be well. */
export type Part = "roles" | "flow" | "carts" | "gaps" | "rejected";

/** Each part says what troubles it has; they stand together. */
export function troubles(parts: readonly Part[]) {
	const element = h("div", { class: "card health-sum", role: "status" });
	const all = new Map<Part, Trouble[]>();
	let was = "";

	const said = (list: readonly Trouble[]) => h("div", null,
		h("p", { class: "state-title" }, t("to_see", { n: list.length })),
		h("ul", { class: "trouble-list" }, ...list.map((x) =>
			h("li", null, h("button", {
				type: "button", class: "quiet link",
				onclick: () => {
					x.section.scrollIntoView({ block: "start" });
					x.section.focus({ preventScroll: true });
				},
			}, x.text)))));
	const well = () => h("div", null,
		h("p", { class: "state-title" }, t("all_well")),
		h("p", { class: "soft" }, t("all_well_what")));
	const draw = () => {
		const list = parts.flatMap((p) => all.get(p) ?? []);
		const state = list.length ? "bad"
			: parts.every((p) => all.has(p)) ? "good" : "looking";
		const is = [state, ...list.map((x) => x.text)].join("\n");
		if (is === was)
			return;
		was = is;
		element.dataset.state = state;
		if (state === "looking")
			fill(element, h("p", { class: "soft" }, t("looking")));
		else
			fill(element, icon(state === "good" ? "check" : "alerts"),
				state === "good" ? well() : said(list));
	};
	const set = (who: Part, list: Trouble[]) => {
		all.set(who, list);
		draw();
	};
	draw();
	return {
		element,
		set,
		/** What cannot be asked for is a trouble, not a silence. */
		asking<T>(
			who: Part, section: HTMLElement,
			ask: (signal: AbortSignal) => Promise<T>,
		): (signal: AbortSignal) => Promise<T> {
			return async (signal) => {
				try {
					return await ask(signal);
				} catch (e) {
					const what = section.querySelector("h2")?.textContent ?? "";
					if (!aborted(e))
						set(who, [{ section,
							text: t("trouble_asking", { what }) }]);
					throw e;
				}
			};
		},
	};
}
export type Troubles = ReturnType<typeof troubles>;
