// A row for each cart, in the order that one likes.

import { fill, h, setText } from "../../lib/dom.js";
import { address } from "../../lib/view.js";
import { locale } from "../../lib/words.js";
import type { CartDay, DayPair } from "./day.js";
import { dateShort, money, number, tenths } from "./text.js";
import { t } from "./words.js";

interface CartRow extends CartDay {
	then: number;
}
interface Column {
	key: "cart" | "sales" | "units" | "revenue_clp" | "then" | "customers" |
		"units_per_customer" | "abandoned" | "voided";
	title: (pair: DayPair) => string;
	long?: (pair: DayPair) => string;
	text: (row: CartRow) => string;
}

const FEW = 100;
const COLUMNS: Column[] = [
	{ key: "cart", title: () => t("cart"), text: (r) => r.cart },
	{ key: "revenue_clp", title: () => t("revenue"),
		text: (r) => money(r.revenue_clp) },
	{ key: "then", title: (p) => t("then", { day: dateShort(p.then) }),
		long: (p) => t("then_long", { day: dateShort(p.then) }),
		text: (r) => money(r.then) },
	{ key: "sales", title: () => t("sales"), text: (r) => number(r.sales) },
	{ key: "units", title: () => t("units"), text: (r) => number(r.units) },
	{ key: "customers", title: () => t("customers"),
		text: (r) => number(r.customers) },
	{ key: "units_per_customer", title: () => t("units_per_customer"),
		text: (r) => r.units_per_customer === null ? "–"
			: tenths(r.units_per_customer) },
	{ key: "abandoned", title: () => t("abandoned"),
		text: (r) => number(r.abandoned) },
	{ key: "voided", title: () => t("voided"), text: (r) => number(r.voided) },
];

// As it was chosen, while the page stands.
let order: { key: Column["key"]; down: boolean } =
	{ key: "revenue_clp", down: true };

function compare(a: CartRow, b: CartRow): number {
	const x = a[order.key], y = b[order.key];
	const by = typeof x === "string" || typeof y === "string"
		? String(x).localeCompare(String(y), locale())
		: (x ?? -1) - (y ?? -1);
	return (order.down ? -by : by) || a.cart.localeCompare(b.cart);
}

function rowsOf(pair: DayPair): CartRow[] {
	const then = new Map(pair.cartsThen.map((c) => [c.cart, c.revenue_clp]));
	return pair.carts.map((c) => ({ ...c, then: then.get(c.cart) ?? 0 }));
}

export function carts() {
	const head = h("tr"), body = h("tbody");
	const all = h("button", { type: "button" });
	const sortBy = h("select", { "aria-label": t("sort_by") });
	const rows = new Map<string, { element: HTMLElement; cells: HTMLElement[] }>();
	let pair: DayPair | null = null, few = true;

	const sort = (key: Column["key"], down: boolean) => {
		order = { key, down };
		draw();
	};
	const heads = COLUMNS.map((c) => {
		const button = h("button", {
			type: "button", class: "sort",
			onclick: () => sort(c.key,
				order.key === c.key ? !order.down : c.key !== "cart"),
		});
		const th = h("th",
			{ scope: "col", class: c.key === "cart" ? "" : "num" }, button);
		head.append(th);
		return { th, button };
	});
	sortBy.addEventListener("change", () =>
		sort(sortBy.value as Column["key"], sortBy.value !== "cart"));
	all.addEventListener("click", () => {
		few = false;
		draw();
	});

	const rowOf = (r: CartRow) => {
		let row = rows.get(r.cart);
		if (!row) {
			const cells = COLUMNS.map((c) => h("td", {
				class: c.key === "cart" ? "" : "num",
				"data-title": c.title(pair!),
			}, c.key === "cart" && h("a", {
				href: address("sales", pair!.date, r.cart),
				title: t("hours_of", { cart: r.cart }),
			}, r.cart)));
			row = { cells, element: h("tr", null, ...cells) };
			rows.set(r.cart, row);
		}
		for (const [i, c] of COLUMNS.entries())
			if (c.key !== "cart")
				setText(row.cells[i]!, c.text(r));
		return row.element;
	};
	const draw = () => {
		if (!pair)
			return;
		const p = pair;
		for (const [i, c] of COLUMNS.entries()) {
			const { th, button } = heads[i]!;
			setText(button, c.title(p));
			if (c.long)
				button.title = c.long(p);
			if (order.key === c.key)
				th.setAttribute("aria-sort",
					order.down ? "descending" : "ascending");
			else
				th.removeAttribute("aria-sort");
		}
		if (!sortBy.firstChild)
			fill(sortBy, ...COLUMNS.map((c) => h("option",
				{ value: c.key }, (c.long ?? c.title)(p))));
		sortBy.value = order.key;
		const sorted = rowsOf(p).sort(compare);
		const shown = few ? sorted.slice(0, FEW) : sorted;
		all.hidden = shown.length === sorted.length;
		setText(all, t("show_all", { n: sorted.length }));
		const elements = shown.map(rowOf);
		if (elements.length !== body.childElementCount ||
			elements.some((e, i) => body.children[i] !== e)) {
			const had = document.activeElement;
			fill(body, ...elements);
			if (had instanceof HTMLElement && body.contains(had))
				had.focus({ preventScroll: true });
		}
	};
	return {
		element: h("section", { class: "card" },
			h("div", { class: "section-head" },
				h("h2", null, t("per_cart")),
				h("label", { class: "phone-sort soft" }, t("sort_by"), sortBy)),
			h("div", { class: "table-box" },
				h("table", { class: "cart-table" },
					h("caption", { class: "unseen" }, t("sorted")),
					h("thead", null, head), body)),
			all),
		set(next: DayPair) {
			pair = next;
			draw();
		},
	};
}
