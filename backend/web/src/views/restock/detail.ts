// An order whole: its lines as asked, prepared, delivered and booked, and all
// that happened to it.

import { get, send } from "../../lib/api.js";
import { dialog, doing } from "../../lib/dialog.js";
import { h, type Child } from "../../lib/dom.js";
import { keepFocus } from "../../lib/focus.js";
import { dayTime, number } from "../../lib/format.js";
import { fetched } from "../../lib/states.js";
import { table } from "../../lib/table.js";
import type { RestockHistory } from "../../lib/types.js";
import { address, type Context } from "../../lib/view.js";
import { dictionary } from "../../lib/words.js";
import { askUnits } from "./ask.js";
import { shortId, type CardActs } from "./card.js";
import type { Orders, Units } from "./orders.js";
import {
	byText, changeText, disputeText, nextState, originText, productName, refusedText,
	serverText, stateText,
} from "./words.js";

const t = dictionary({
	title: "Orden de {cart}",
	cart: "Ver el carrito en el mapa",
	delivery: "Entrega {id}",
	product: "Producto", asked: "Pedido", prepared: "Preparado",
	delivered: "Entregado", booked: "Anotó el carrito",
	lines: "Unidades de la orden",
	target: "hasta la meta",
	history: "Lo que pasó",
	by: "por {by}",
	refused: "no se hizo",
	disputed: "En disputa",
	is_disputed: "El carrito y la bodega dicen números distintos: {why}. Cuenten " +
		"juntos; luego corrige el carrito su nota, o la bodega lo que entregó.",
	say: "Decir lo entregado",
	said: "Anotado: en un momento se ve.",
	move: "Mover a {state}",
	cancel: "Cancelar la orden",
}, {
	title: "Order of {cart}",
	cart: "See the cart on the map",
	delivery: "Delivery {id}",
	product: "Product", asked: "Asked", prepared: "Prepared",
	delivered: "Delivered", booked: "Booked by the cart",
	lines: "The order's units",
	target: "up to target",
	history: "What happened",
	by: "by {by}",
	refused: "not done",
	disputed: "Disputed",
	is_disputed: "Cart and depot say different numbers: {why}. Count together; " +
		"then the cart mends its booking, or the depot what it delivered.",
	say: "Say what was delivered",
	said: "Kept: it shows in a moment.",
	move: "Move to {state}",
	cancel: "Cancel the order",
});

const AGAIN_MS = 1000;

export async function showOrder(
	id: string, orders: Orders, { live, signal }: Context, acts: CardActs,
): Promise<void> {
	const cart = orders.get(id)?.order.cart ?? "";
	const over = new AbortController();
	const both = AbortSignal.any([signal, over.signal]);
	const root = h("div", { class: "order-detail" });
	const d = dialog(t("title", { cart }), [root], { wide: true });
	const load = fetched(root, (s) => get<RestockHistory>(
		`restocks/${encodeURIComponent(id)}`, {}, s),
	(order) => {
		keepFocus(root);
		return draw(order, orders, acts, d.close, again);
	}, both);
	// What is finished is no event any more.
	const again = () => {
		const timer = setTimeout(() => {
			void load();
			void orders.loadClosed();
		}, AGAIN_MS);
		both.addEventListener("abort", () => clearTimeout(timer));
	};
	live.on("order", ({ changed, snapshot }) => {
		if (snapshot || changed.has(id))
			void load();
	}, both);
	signal.addEventListener("abort", d.close, { signal: over.signal });
	await d.closed;
	over.abort();
}

function draw(
	o: RestockHistory, orders: Orders, acts: CardActs, close: () => void,
	again: () => void,
): Child[] {
	const names = orders.names;
	const next = nextState(o.state);
	const units = (n: number | null) => (n === null ? "–" : number(n));
	const act = (does: () => void) => () => {
		close();
		does();
	};
	return [
		h("p", { class: "order-marks" },
			h("span", { class: "chip info" }, stateText(o.state)),
			h("span", { class: "chip" }, originText(o.origin)),
			o.disputed && h("span", { class: "chip bad" }, t("disputed")),
			h("a", { href: address("map", o.cart) }, t("cart")),
			o.delivery && acts.mayMove && h("a", {
				href: address("restock", "deliveries", o.delivery),
			}, t("delivery", { id: shortId(o.delivery) }))),
		o.disputed && h("p", { class: "stale" }, t("is_disputed",
			{ why: disputeText(names, o.lines) })),
		table(t("lines"), [
			{ title: t("product") }, { title: t("asked"), numeric: true },
			{ title: t("prepared"), numeric: true },
			{ title: t("delivered"), numeric: true },
			{ title: t("booked"), numeric: true },
		], o.lines.map((l) => [
			productName(names, l.product),
			l.asked === null ? t("target") : number(l.asked),
			units(l.prepared), units(l.delivered), units(l.booked),
		])),
		h("h3", null, t("history")),
		history(o, orders),
		acts.mayMove && h("footer", { class: "dialog-foot" },
			next && h("button", { type: "button", class: "quiet",
				"data-focus": "cancel", onclick: act(() => acts.cancel(o.id)) }, t("cancel")),
			o.state === "finalizado" && o.disputed &&
			restate(o, orders, again),
			next && h("button", { type: "button", class: "primary",
				"data-focus": "move", onclick: act(() => acts.move(o.id)) },
			t("move", { state: stateText(next) }))),
	];
}

function history(o: RestockHistory, { names }: Orders): HTMLElement {
	return h("ol", { class: "history" }, ...o.history.map((c) =>
		h("li", { class: c.refused ? "refused" : "" },
			h("time", { class: "soft", datetime: c.at }, dayTime(c.at)),
			h("div", null,
				h("strong", null, stateText(c.state)), " ",
				c.refused && h("span", { class: "chip bad" }, t("refused")),
				c.disputed && h("span", { class: "chip bad" }, t("disputed")),
				c.by && h("span", { class: "soft" },
					" " + t("by", { by: byText(c.by) })),
				c.lines.length > 0 && h("p", null, c.lines.map((l) =>
					changeText(names, l.product, l.units)).join(", ")),
				c.reason && h("p", { class: "soft" },
					serverText(c.reason, names))))));
}

/** The depot's word after the cart had finished it. */
function restate(
	o: RestockHistory, { names }: Orders, told: () => void,
): HTMLElement {
	const say = (units: Units) => send("POST",
		`restocks/${encodeURIComponent(o.id)}/advance`,
		{ to: "finalizado", ...units }).catch((e: unknown) => {
		throw new Error(refusedText(e, names));
	});
	const button: HTMLButtonElement = h("button", {
		type: "button", "data-focus": "restate", onclick: async () => {
			const units = await askUnits("restate", o, names);
			if (units && await doing(button, () => say(units), t("said")))
				told();
		},
	}, t("say"));
	return button;
}
