// The fleet at a glance: how many carts are in each state (a button each, to
// see only those), alerts that are open, and what was sold today.

import { get } from "../../lib/api.js";
import { h, setText } from "../../lib/dom.js";
import { localDate, money, number } from "../../lib/format.js";
import type { Daily } from "../../lib/types.js";
import { address, every, type Context } from "../../lib/view.js";
import { dictionary } from "../../lib/words.js";
import type { Fleet } from "./fleet.js";
import { glyph } from "./shapes.js";
import { STATES, type CartState } from "./state.js";
import { stateName } from "./words.js";

const t = dictionary({
	fleet: "El gremio ahora",
	carts: "{n|carrito|carritos}",
	alerts: "{n|alerta abierta|alertas abiertas}",
	sales: "{n|venta hoy|ventas hoy}",
	today: "vendido hoy",
	only: "Mostrar solo",
	unknown: "—",
}, {
	fleet: "The guild now",
	carts: "{n|cart|carts}",
	alerts: "open {n|alert|alerts}",
	sales: "{n|sale today|sales today}",
	today: "sold today",
	only: "Show only",
	unknown: "—",
});

const SALES_MS = 15000;

export type Filter = CartState | "all";

interface Figure {
	value: HTMLElement;
	name: HTMLElement;
}

const figure = (): Figure => ({
	value: h("b", { class: "num" }), name: h("span", null),
});

/** `picked` when another filter is chosen.  update() shows what is now. */
export function totals(
	{ live, session, signal }: Context, fleet: Fleet,
	picked: (filter: Filter) => void,
): { element: HTMLElement; update(): void } {
	let chosen: Filter = "all";
	const figures = new Map<Filter, Figure>();
	const buttons = new Map<Filter, HTMLButtonElement>();
	const alerts = figure(), sales = figure(), sold = figure();
	const mark = () => {
		for (const [f, b] of buttons)
			b.setAttribute("aria-pressed", String(f === chosen));
	};
	for (const f of ["all", ...STATES] as Filter[]) {
		const it = figure();
		figures.set(f, it);
		buttons.set(f, h("button", {
			type: "button", class: `fleet-total ${f}`, onclick: () => {
				chosen = f === chosen ? "all" : f;
				mark();
				picked(chosen);
			},
		}, f === "all" ? null : glyph(f), it.value, " ", it.name));
	}
	mark();

	const update = () => {
		for (const [f, { value, name }] of figures) {
			const n = fleet.counts[f];
			setText(value, number(n));
			setText(name, f === "all" ? t("carts", { n })
				: stateName(f, fleet.old));
			const b = buttons.get(f);
			if (b)
				b.dataset.none = String(n === 0);
		}
		const n = live.alerts.size;
		setText(alerts.value, number(n));
		setText(alerts.name, t("alerts", { n }));
	};
	every(SALES_MS, async () => {
		const day = await get<Daily>("sales/daily", { date: localDate() },
			signal).catch(() => null);
		const n = day?.carts.reduce((sum, c) => sum + c.sales, 0);
		setText(sales.value, n === undefined ? t("unknown") : number(n));
		setText(sales.name, t("sales", { n: n ?? 0 }));
		setText(sold.value, day ? money(day.carts.reduce((sum, c) =>
			sum + c.revenue_clp, 0)) : t("unknown"));
		setText(sold.name, t("today"));
	}, signal);
	update();

	const one = session.role === "vendor";
	return {
		element: h("section", { class: "fleet-totals", "aria-label": t("fleet") },
			!one && h("div", {
				class: "fleet-states", role: "group",
				"aria-label": t("only"),
			}, ...buttons.values()),
			h("div", { class: "fleet-more" },
				h("a", { class: "fleet-total", href: address("alerts") },
					alerts.value, " ", alerts.name),
				h("a", { class: "fleet-total", href: address("sales") },
					sales.value, " ", sales.name),
				h("p", { class: "fleet-total" }, sold.value, " ", sold.name))),
		update,
	};
}
