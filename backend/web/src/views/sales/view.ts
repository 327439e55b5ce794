// Sales: a day against the same weekday a week before.  Its address:
// #/sales (today), #/sales/2026-11-20, #/sales/2026-11-20/ABC123.

import "./sales.css";

import { fill, h, setText, uniqueId } from "../../lib/dom.js";
import { dateText, localDate, shiftDate } from "../../lib/format.js";
import { icon } from "../../lib/icons.js";
import { empty, fetched } from "../../lib/states.js";
import {
	address, every, replaceAddress, type View,
} from "../../lib/view.js";
import { books } from "./books.js";
import { carts } from "./carts.js";
import { customers } from "./customers.js";
import { busy, dayPair, sums, type DayPair } from "./day.js";
import { figures } from "./figures.js";
import { hours } from "./hours.js";
import { t } from "./words.js";

const AGAIN_MS = 15000;

export const view: View = (root, { session, signal, rest }) => {
	// null: today, whichever day that is by now.
	let date = isDate(rest[0]) && rest[0] < localDate() ? rest[0] : null;
	const cart = rest[1] || undefined;
	const page = h("div", { class: "sales-day" });
	let showing: AbortController | null = null;
	let again: () => unknown = () => undefined;

	const show = () => {
		showing?.abort();
		showing = new AbortController();
		const mine = AbortSignal.any([signal, showing.signal]);
		const place = h("div");
		fill(page, place);
		again = fetched(place, (stop) =>
			dayPair(date ?? localDate(), cart, stop),
		dayPage(mine, !cart && session.role !== "vendor"), mine);
	};
	const head = dateHead((wanted) => {
		date = wanted === localDate() ? null : wanted;
		replaceAddress("sales", ...(date || cart ? [date ?? localDate()] : []),
			...(cart ? [cart] : []));
		head.set(date);
		show();
	});
	fill(root,
		h("header", { class: "view-head" },
			h("h1", null, t("title")),
			cart && h("span", { class: "one-cart" },
				h("strong", null, t("one_cart", { cart })),
				h("a", { href: address("sales", date ?? localDate()) },
					t("all_carts"))),
			head.element),
		page,
		session.role === "admin" && !cart && h("div", { class: "office" },
			books(signal), customers(signal)));
	head.set(date);
	show();
	every(AGAIN_MS, () => {
		if (date === null) {
			head.set(null);
			void again();
		}
	}, signal);
};

const isDate = (text: string | undefined): text is string =>
	/^\d{4}-\d\d-\d\d$/.test(text ?? "") && !isNaN(Date.parse(text!));

/** Drawn once for a day, then changed in place. */
function dayPage(signal: AbortSignal, withCarts: boolean) {
	const parts = { figures: figures(), hours: hours(signal), carts: carts() };
	const full = h("div", { class: "day-parts" }, parts.figures.element,
		parts.hours.element, withCarts && parts.carts.element);
	return (pair: DayPair): HTMLElement => {
		if (!busy(sums(pair.carts)) && !busy(sums(pair.cartsThen)))
			return pair.until === null ? empty(t("none"), t("none_what"))
				: empty(t("none_today"), t("none_today_what"));
		parts.figures.set(pair);
		parts.hours.set(pair);
		if (withCarts)
			parts.carts.set(pair);
		parts.carts.element.hidden = pair.carts.length === 0;
		return full;
	};
}

function dateHead(picked: (date: string) => void) {
	const id = uniqueId("date");
	const words = h("p", { class: "day-words" });
	const input = h("input", { id, type: "date", required: true });
	const shift = (days: number) => () => {
		const wanted = shiftDate(input.value || localDate(), days);
		if (wanted <= localDate())
			picked(wanted);
	};
	const before = h("button", { type: "button", class: "icon-button",
		"aria-label": t("before"), title: t("before"), onclick: shift(-1) },
	icon("left"));
	const after = h("button", { type: "button", class: "icon-button",
		"aria-label": t("after"), title: t("after"), onclick: shift(1) },
	icon("right"));
	const today = h("button", { type: "button",
		onclick: () => picked(localDate()) }, t("today"));
	input.addEventListener("change", () => {
		if (isDate(input.value) && input.value <= localDate())
			picked(input.value);
	});
	return {
		element: h("div", { class: "day-picker" }, words, before,
			h("label", { class: "unseen", for: id }, t("date")), input, after,
			today),
		set(date: string | null) {
			const now = localDate();
			input.max = now;
			if (document.activeElement !== input || date !== null)
				input.value = date ?? now;
			setText(words, dateText(date ?? now));
			after.disabled = today.disabled = date === null;
		},
	};
}
