// One cart: what it said last, what is wrong, what it sold, what it has left,
// where it was.

import { Problem, get } from "../../lib/api.js";
import { alertEnd, alertText, alertTitle, alertTone } from
	"../../lib/alert_words.js";
import { fill, h, setText } from "../../lib/dom.js";
import { ago, localDate, money, number, when } from "../../lib/format.js";
import { icon } from "../../lib/icons.js";
import type { L } from "../../lib/map.js";
import { empty, failed, fetched, loading } from "../../lib/states.js";
import type { Alert, Cart, Daily, Product, Stock } from "../../lib/types.js";
import { address, every, type Context } from "../../lib/view.js";
import { dictionary } from "../../lib/words.js";
import { dayPart } from "./day.js";
import { facts } from "./facts.js";
import type { Fleet } from "./fleet.js";
import { glyph } from "./shapes.js";
import type { CartState } from "./state.js";
import { stateName, TONES } from "./words.js";

const t = dictionary({
	back: "Volver a la lista", centre: "Centrar en el mapa",
	was: "Estaba así {ago}: no hay conexión",
	unknown: "No se conoce este carrito",
	unknown_what: "Nunca se conectó al gremio, o su patente es otra.",
	alerts: "Alertas abiertas", past: "Alertas pasadas",
	no_past: "Ninguna antes.", more: "Ver todas las alertas",
	sales: "Ventas de hoy", no_sales: "Todavía ninguna.",
	sold: "{sales} {sales|venta|ventas}, {units} {units|unidad|unidades}: {money}",
	abandoned: "{n} {n|compra abandonada|compras abandonadas}",
	stock: "Le queda", no_stock: "Aún no contó su stock.",
	product: "Producto {code}", units: "{n}",
	count: "pedir que cuente", ordered: "reposición pedida",
}, {
	back: "Back to the list", centre: "Centre on the map",
	was: "So it was {ago}: there is no connection",
	unknown: "This cart is not known",
	unknown_what: "It never connected to the guild, or has another plate.",
	alerts: "Open alerts", past: "Past alerts",
	no_past: "None before.", more: "Show all alerts",
	sales: "Today's sales", no_sales: "None yet.",
	sold: "{sales} {sales|sale|sales}, {units} {units|unit|units}: {money}",
	abandoned: "{n} abandoned {n|purchase|purchases}",
	stock: "Left", no_stock: "It has not counted its stock yet.",
	product: "Product {code}", units: "{n}",
	count: "please count", ordered: "restock ordered",
});

const AGAIN_MS = 15000;
const PAST = 8;

export interface PanelTools {
	fleet: Fleet;
	map: L.Map;
	/** Shows the cart's place. */
	centre(): void;
	close(): void;
}

/** Lives until `signal` is aborted. */
export function cartPanel(
	{ live }: Context, plate: string, { fleet, map, centre, close }: PanelTools,
	signal: AbortSignal,
): HTMLElement {
	const sign = h("span", { class: "cart-sign" });
	const title = h("h2", { tabindex: "-1" }, plate);
	const chip = h("span", { class: "chip" });
	const was = h("p", { class: "stale", hidden: true });
	const said = facts();
	const open = h("ul", { class: "cart-alerts" });
	const opened = h("section", { class: "cart-part", hidden: true },
		h("h3", null, t("alerts")), open);
	const day = dayPart(plate, map, signal);
	const body = h("div", { class: "cart-panel-body" }, was, said.element, opened,
		...salesAndStock(plate, signal), day.element,
		history(plate, live, signal));
	const waiting = h("div", null, loading());
	const element = h("div", { class: "cart-panel", "aria-label": plate },
		h("header", { class: "cart-panel-head" },
			h("button", {
				type: "button", class: "icon-button", onclick: close,
				"aria-label": t("back"), title: t("back"),
			}, icon("left")),
			sign, title, chip,
			h("button", {
				type: "button", class: "icon-button", onclick: centre,
				"aria-label": t("centre"), title: t("centre"),
			}, icon("pin"))), waiting, body);

	let shown: CartState | null = null;
	const say = () => {
		const k = fleet.known.get(plate);
		waiting.hidden = !!k;
		body.hidden = chip.hidden = !k;
		if (!k)
			return;
		if (shown !== k.state) {
			shown = k.state;
			fill(sign, glyph(k.state, 22));
		}
		setText(chip, stateName(k.state, fleet.old));
		chip.className = `chip ${fleet.old ? "" : TONES[k.state]}`;
		was.hidden = !fleet.old;
		setText(was, t("was", { ago: ago(live.heardAt) }));
		said.say(k);
	};
	const take = () => {
		const cart = fleet.known.get(plate)?.cart;
		if (cart)
			day.take(cart);
		say();
	};
	const alerts = () => {
		const mine = [...live.alerts.values()].filter((a) => a.cart === plate);
		opened.hidden = mine.length === 0;
		fill(open, ...mine.map(alertLine));
	};
	fleet.on((changed, all) => {
		if (all || changed.some((k) => k.plate === plate))
			take();
	}, signal);
	live.on("alert", alerts, signal);
	live.onState(say, signal);
	alerts();
	every(1000, say, signal);
	void seek(plate, fleet, waiting, signal);
	return element;
}

/** Of a cart that did not come with the others: is there one at all? */
async function seek(
	plate: string, fleet: Fleet, waiting: HTMLElement, signal: AbortSignal,
): Promise<void> {
	if (fleet.known.has(plate))
		return;
	try {
		await get<Cart>(`carts/${encodeURIComponent(plate)}`, {}, signal);
	} catch (e) {
		if (signal.aborted || fleet.known.has(plate))
			return;
		fill(waiting, e instanceof Problem && e.status === 404
			? empty(t("unknown"), t("unknown_what"))
			: failed(e, () => {
				fill(waiting, loading());
				void seek(plate, fleet, waiting, signal);
			}));
	}
}

function alertLine(a: Alert): HTMLElement {
	return h("li", { class: "cart-alert" },
		h("p", null, h("span", { class: `chip ${alertTone(a)}` },
			alertTitle(a)), " ",
		h("time", { class: "soft", datetime: a.since }, when(a.since))),
		h("p", null, alertText(a)),
		a.open ? null : h("p", { class: "soft" }, alertEnd(a)));
}

function salesAndStock(plate: string, signal: AbortSignal): HTMLElement[] {
	const sales = h("div"), stock = h("div");
	every(AGAIN_MS, fetched(sales, (s) => get<Daily>("sales/daily",
		{ date: localDate(), cart: plate }, s), saleWords, signal), signal);
	let names: Map<number, string> | null = null;
	every(AGAIN_MS, fetched(stock, async (s) => {
		names ??= new Map((await get<{ products: Product[] }>("products", {},
			s)).products.map((p) => [p.code, p.name]));
		return get<Stock>("stock", { cart: plate }, s);
	}, (s) => stockWords(s, names), signal), signal);
	return [
		h("section", { class: "cart-part" }, h("h3", null, t("sales")), sales),
		h("section", { class: "cart-part" }, h("h3", null, t("stock")), stock),
	];
}

function saleWords({ carts: [day] }: Daily): HTMLElement {
	return day && day.sales + day.abandoned
		? h("p", null, t("sold", { sales: day.sales, units: day.units,
			money: money(day.revenue_clp) }),
		day.abandoned
			? h("span", { class: "soft" }, " · ",
				t("abandoned", { n: day.abandoned })) : null)
		: h("p", { class: "soft" }, t("no_sales"));
}

function stockWords(
	{ stock }: Stock, names: Map<number, string> | null,
): HTMLElement {
	if (!stock.length)
		return h("p", { class: "soft" }, t("no_stock"));
	return h("ul", { class: "cart-stock" }, ...stock.map((s) => h("li", null,
		h("span", null, names?.get(s.product) ??
			t("product", { code: s.product })),
		h("span", null,
			s.please_count ? h("span", { class: "chip wait" }, t("count"))
				: null,
			s.order_open ? h("span", { class: "chip info" }, t("ordered"))
				: null),
		h("b", { class: "num" }, number(s.level_units)))));
}

function history(
	plate: string, live: Context["live"], signal: AbortSignal,
): HTMLElement {
	const root = h("div");
	const again = fetched(root, (s) => get<{ alerts: Alert[] }>("alerts",
		{ state: "resolved", cart: plate, limit: PAST }, s),
	({ alerts }) => alerts.length
		? [h("ul", { class: "cart-alerts" }, ...alerts.map(alertLine)),
			h("a", { href: address("alerts") }, t("more"))]
		: h("p", { class: "soft" }, t("no_past")), signal);
	live.on("alert", ({ changed }) => {
		for (const a of changed.values())
			if (a.cart === plate && !a.open)
				void again();
	}, signal);
	return h("section", { class: "cart-part" },
		h("h3", null, t("past")), root);
}
