// What stands beside the map: the carts, the zones, or one thing in detail.
// On a phone it is a sheet below the map, to be drawn up.

import { choice } from "../../lib/choice.js";
import { fill, h } from "../../lib/dom.js";
import { dictionary } from "../../lib/words.js";

const t = dictionary({
	side: "Carritos y zonas", carts: "Carritos", zones: "Zonas",
	which: "Qué se lista", less: "Mostrar más mapa", more: "Mostrar la lista",
}, {
	side: "Carts and zones", carts: "Carts", zones: "Zones",
	which: "What is listed", less: "Show more of the map",
	more: "Show the list",
});

export type Tab = "carts" | "zones";

export interface Side {
	element: HTMLElement;
	add(tab: Tab, what: HTMLElement): void;
	tab(which: Tab): void;
	/** Instead of the lists; null: they are there again. */
	detail(what: HTMLElement | null): void;
}

export function side(): Side {
	const tabs = new Map<Tab, HTMLElement>();
	let chosen: Tab = "carts";
	const pick = choice<Tab>(t("which"), [
		{ value: "carts", text: t("carts") },
		{ value: "zones", text: t("zones") },
	], chosen, (which) => show(which));
	const handle: HTMLButtonElement = h("button", {
		type: "button", class: "fleet-handle", onclick: () =>
			raise(element.classList.contains("low")),
	});
	const head = h("div", { class: "fleet-side-head" }, pick.element);
	const lists = h("div", { class: "fleet-side-lists" });
	const detail = h("div", { class: "fleet-side-detail", hidden: true });
	const element: HTMLElement = h("aside", { class: "fleet-side", "aria-label": t("side") },
		handle, head, lists, detail);

	function show(which: Tab): void {
		chosen = which;
		pick.set(which);
		for (const [tab, e] of tabs)
			e.hidden = tab !== which;
	}

	function raise(up: boolean): void {
		element.classList.toggle("low", !up);
		handle.setAttribute("aria-expanded", String(up));
		handle.setAttribute("aria-label", t(up ? "less" : "more"));
	}

	raise(true);
	return {
		element,
		add(tab, what) {
			tabs.set(tab, what);
			lists.append(what);
			show(chosen);
		},
		tab: show,
		detail(what) {
			detail.hidden = !what;
			head.hidden = lists.hidden = !!what;
			fill(detail, what);
			detail.scrollTop = 0;
			if (what) {
				raise(true);
				what.querySelector<HTMLElement>("h2")?.focus({
					preventScroll: true,
				});
			}
		},
	};
}
