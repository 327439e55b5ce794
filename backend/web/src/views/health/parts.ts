import { h, uniqueId, type Child } from "../../lib/dom.js";
import { t } from "./words.js";

/** A part of the page that can be led to. */
export function section(title: string, note?: string): {
	element: HTMLElement; body: HTMLElement;
} {
	const id = uniqueId("health"), body = h("div");
	return {
		body,
		element: h("section",
			{ class: "card", tabindex: "-1", "aria-labelledby": id },
			h("h2", { id }, title),
			note && h("p", { class: "soft health-note" }, note), body),
	};
}

/** What to do, beside what is wrong. */
export const advice = (text: string): HTMLElement =>
	h("p", { class: "advice" },
		h("strong", null, t("what_to_do"), ": "), text);

/** Nothing is wrong here. */
export const fine = (title: string, what: string): HTMLElement =>
	h("p", { class: "fine" }, h("strong", null, title), ". ",
		h("span", { class: "soft" }, what));

/** A table's cell: what, and under it what to do. */
export const cell = (...parts: Child[]): HTMLElement =>
	h("div", { class: "health-cell" }, ...parts);
