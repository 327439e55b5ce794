// Alerts: what is wrong now, and what was.  Its address: #/alerts/open or
// past, and a cart's plate: #/alerts/past/ABC123.

import "./alerts.css";

import { causeName, CAUSES } from "../../lib/alert_words.js";
import { choice } from "../../lib/choice.js";
import { fill, h, uniqueId } from "../../lib/dom.js";
import { replaceAddress, type Context, type View } from "../../lib/view.js";
import { openTab, type Filter } from "./open.js";
import { pastTab } from "./past.js";
import { t } from "./words.js";

type Which = "open" | "past";

export const view: View = (root, context) => {
	const { session, signal, rest } = context;
	let which: Which = rest[0] === "past" ? "past" : "open";
	const filter: Filter = { cart: (rest[1] ?? "").toUpperCase(), cause: "" };
	const panel = h("div", { class: "alert-panel" });
	let showing: AbortController | null = null;

	const show = () => {
		showing?.abort();
		showing = new AbortController();
		const mine = AbortSignal.any([signal, showing.signal]);
		replaceAddress("alerts", which, ...(filter.cart ? [filter.cart] : []));
		const place = h("div");
		fill(panel, place);
		(which === "open" ? openTab : pastTab)(place, { ...filter }, clear,
			context, mine);
	};
	const filters = filterFields(filter, show, context);
	const clear = () => {
		filters.clear();
		show();
	};
	const tabs = choice(t("which"), [
		{ value: "open", text: t("open") }, { value: "past", text: t("past") },
	] as const, which, (w: Which) => {
		which = w;
		show();
	});
	fill(root,
		h("header", { class: "view-head" }, h("h1", null, t("title")),
			tabs.element,
			...(session.role === "vendor" ? [filters.cause]
				: [filters.cart, filters.cause])),
		panel);
	show();
};

function filterFields(
	filter: Filter, changed: () => void, { live, signal }: Context,
) {
	const cartId = uniqueId("cart"), causeId = uniqueId("cause");
	const listId = uniqueId("carts");
	const plates = h("datalist", { id: listId });
	const cart = h("input", {
		id: cartId, list: listId, maxlength: 8, value: filter.cart,
		placeholder: t("all_carts"), autocomplete: "off",
		autocapitalize: "characters", spellcheck: "false",
	});
	const cause = h("select", { id: causeId },
		h("option", { value: "" }, t("all_causes")),
		...CAUSES.map((c) => h("option", { value: c }, causeName(c))));
	// Half a plate is no cart of anybody's.
	const typed = () => {
		const wanted = cart.value.trim().toUpperCase();
		if (wanted === filter.cart || (wanted && !/^[A-Z0-9]{4,8}$/.test(wanted)))
			return;
		filter.cart = wanted;
		changed();
	};
	cart.addEventListener("change", typed, { signal });
	cart.addEventListener("focus", () =>
		fill(plates, ...[...live.carts.keys()].sort()
			.map((value) => h("option", { value }))), { signal });
	cart.addEventListener("input", () => {
		if (live.carts.has(cart.value.toUpperCase()) || !cart.value)
			typed();
	}, { signal });
	cause.addEventListener("change", () => {
		filter.cause = cause.value;
		changed();
	}, { signal });
	return {
		cart: h("div", { class: "filter" },
			h("label", { for: cartId }, t("cart")), cart, plates),
		cause: h("div", { class: "filter" },
			h("label", { for: causeId }, t("cause")), cause),
		clear() {
			filter.cart = filter.cause = cart.value = cause.value = "";
		},
	};
}
