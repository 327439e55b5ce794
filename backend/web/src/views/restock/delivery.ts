// One delivery: its stops in the order of the drive, what to take from the
// shelves, and all its orders moved at once.

import { get, send } from "../../lib/api.js";
import { toast } from "../../lib/dialog.js";
import { fill, h, type Child } from "../../lib/dom.js";
import { dayTime } from "../../lib/format.js";
import { keepFocus } from "../../lib/focus.js";
import { icon } from "../../lib/icons.js";
import { fetched } from "../../lib/states.js";
import type { DeliveryDetail, Restock } from "../../lib/types.js";
import { address, type Context } from "../../lib/view.js";
import { dictionary } from "../../lib/words.js";
import { shortId } from "./card.js";
import { pickingSheet } from "./picking.js";
import { stopsMap } from "./stops.js";
import {
	lineText, nextState, productNames, refusedText, stateText, type Names,
	type State,
} from "./words.js";

const t = dictionary({
	title: "Entrega {id}",
	opened: "Armada {when}",
	print: "Imprimir la lista",
	to_preparando: "Preparar lo pedido ({n})",
	to_entregando: "Salir a entregar ({n})",
	to_finalizado: "Entregado todo ({n})",
	stops: "Paradas en orden",
	no_place: "lugar no conocido",
	moving: "Moviendo {done} de {n}…",
	moved: "{n} {n|orden pedida|órdenes pedidas}: en un momento se ve.",
	not_moved: "{cart} no se movió: {why}",
	last: "Entrega terminada: no queda nada que mover.",
}, {
	title: "Delivery {id}",
	opened: "Made {when}",
	print: "Print the list",
	to_preparando: "Prepare what was asked ({n})",
	to_entregando: "Set out ({n})",
	to_finalizado: "All delivered ({n})",
	stops: "Stops in order",
	no_place: "place not known",
	moving: "Moving {done} of {n}…",
	moved: "{n} {n|order was|orders were} asked to move: it shows in a moment.",
	not_moved: "{cart} was not moved: {why}",
	last: "The delivery is over: nothing is left to move.",
});

export function showDelivery(
	root: HTMLElement, id: string, context: Context,
): void {
	const { signal, live } = context;
	const top = h("div"), stops = h("section"), picking = h("div");
	const mapBox = h("div", { class: "stops-map" });
	// The map stays where it is while all around it is drawn anew.
	const below = h("div", { hidden: true },
		h("div", { class: "delivery-way" }, stops, mapBox), picking);
	const map = stopsMap(mapBox, context);
	let names: Names = new Map(), busy = false;
	fill(root, top, below);
	const load = fetched(top, async (s) => {
		if (names.size === 0)
			names = await productNames(s);
		return get<DeliveryDetail>(
			`deliveries/${encodeURIComponent(id)}`, {}, s);
	}, (d) => {
		keepFocus(root);
		below.hidden = false;
		fill(stops, h("h3", null, t("stops")), stopList(d, names));
		fill(picking, pickingSheet(d, names));
		void map(d.stops);
		return draw(d, advance);
	}, signal);
	const advance = async (
		orders: Restock[], to: State, button: HTMLButtonElement,
	) => {
		if (busy)
			return;
		busy = true;
		await moveAll(orders, to, button, names);
		busy = false;
		void load();
	};
	let due = 0;
	live.on("order", ({ changed, snapshot }) => {
		if (busy || (!snapshot &&
			![...changed.values()].some((o) => o.delivery === id)))
			return;
		clearTimeout(due);
		due = window.setTimeout(() => void load(), 300);
	}, signal);
	signal.addEventListener("abort", () => clearTimeout(due));
}

type Advance = (orders: Restock[], to: State, b: HTMLButtonElement) => void;

function draw(d: DeliveryDetail, advance: Advance): Child[] {
	const moves = (["preparando", "entregando", "finalizado"] as const)
		.map((to) => moveButton(d, to, advance));
	return [
		h("header", { class: "delivery-head" },
			h("h2", null, t("title", { id: shortId(d.id) })),
			h("span", { class: "chip info" }, stateText(d.state)),
			h("span", { class: "soft" },
				t("opened", { when: dayTime(d.opened_at) })),
			h("button", { type: "button", "data-focus": "print",
				onclick: () => window.print() }, t("print"))),
		h("div", { class: "delivery-acts" }, ...moves,
			!moves.some(Boolean) && h("p", { class: "soft" }, t("last"))),
	];
}

function stopList(d: DeliveryDetail, names: Names): HTMLElement {
	return h("ol", { class: "stops" }, ...d.stops.map((stop) => {
		const order = d.orders.find((o) => o.id === stop.order);
		return h("li", null,
			h("a", { href: address("map", stop.cart) }, stop.cart), " ",
			stop.state && h("span", { class: "chip" }, stateText(stop.state)),
			stop.lat === null && h("span", { class: "soft" },
				" " + t("no_place")),
			order && h("p", { class: "soft" }, order.lines
				.map((l) => lineText(names, l)).join(", ")));
	}));
}

function moveButton(
	d: DeliveryDetail, to: "preparando" | "entregando" | "finalizado",
	advance: Advance,
): HTMLButtonElement | false {
	const orders = d.orders.filter((o) => nextState(o.state) === to);
	if (orders.length === 0)
		return false;
	const button: HTMLButtonElement = h("button", {
		type: "button", class: "primary", "data-focus": to,
		onclick: () => advance(orders, to, button),
	}, t(`to_${to}`, { n: orders.length }), " ", icon("right", 16));
	return button;
}

/** One after the other: each is a wish of its own, and may be refused. */
async function moveAll(
	orders: Restock[], to: State, button: HTMLButtonElement, names: Names,
): Promise<void> {
	let done = 0;
	button.disabled = true;
	for (const o of orders) {
		button.textContent = t("moving", { done, n: orders.length });
		try {
			await send("POST",
				`restocks/${encodeURIComponent(o.id)}/advance`, { to });
			done++;
		} catch (e) {
			toast(t("not_moved", { cart: o.cart,
				why: refusedText(e, names) }), "failed");
		}
	}
	button.disabled = false;
	if (done > 0)
		toast(t("moved", { n: done }));
}
