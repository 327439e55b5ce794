// The board: a column for each state, a card for each order.  A card moved is
// the guild's API called.

import { toast } from "../../lib/dialog.js";
import { fill, h, onFrame, setText, uniqueId } from "../../lib/dom.js";
import { icon } from "../../lib/icons.js";
import { empty, loading } from "../../lib/states.js";
import { every, type Context } from "../../lib/view.js";
import { dictionary } from "../../lib/words.js";
import { askReason, askUnits } from "./ask.js";
import { Card, type CardActs } from "./card.js";
import { carryByKeys, carryByPointer, type Table } from "./carry.js";
import { Column } from "./column.js";
import { newOrder } from "./create.js";
import { showOrder } from "./detail.js";
import { Orders, type Placed } from "./orders.js";
import {
	nextState, productNames, rank, stateText, WAY, type State,
} from "./words.js";

const t = dictionary({
	board: "Tablero",
	new_order: "Nueva orden",
	filter: "Buscar por patente",
	cancelled_too: "Canceladas de hoy ({n})",
	hint: "Espacio toma la orden; con las flechas se elige su lugar.",
	none_recibido: "Nada espera",
	none_recibido_what: "Una orden llega sola cuando a un carrito le queda poco.",
	none_preparando: "Nada en preparación",
	none_entregando: "Nada en camino",
	none_finalizado: "Hoy todavía nada",
	none_cancelado: "Ninguna",
	none_match: "Ninguna de {text}",
	at_once: "Ya está ahí.",
	no_way_back: "Una orden no vuelve atrás.",
	step: "Desde {at} se pasa a {next}.",
	over: "Una orden cancelada no se abre de nuevo: haz otra.",
	delivered: "Lo entregado no se cancela.",
	not_moved: "La orden de {cart} no se movió. {why}",
	asked: "Orden de {cart}: pasando a {state}.",
	arrived: "La orden de {cart} está en {state}.",
	own: "Las reposiciones de tu carrito. Las mueve la bodega.",
}, {
	board: "Board",
	new_order: "New order",
	filter: "Search by plate",
	cancelled_too: "Cancelled today ({n})",
	hint: "Space takes the order; the arrows choose its place.",
	none_recibido: "Nothing waits",
	none_recibido_what: "An order comes by itself when a cart runs low.",
	none_preparando: "Nothing in preparation",
	none_entregando: "Nothing on its way",
	none_finalizado: "Nothing yet today",
	none_cancelado: "None",
	none_match: "None of {text}",
	at_once: "It is there already.",
	no_way_back: "An order does not go back.",
	step: "From {at} it goes to {next}.",
	over: "A cancelled order is not opened again: make another.",
	delivered: "What was delivered is not cancelled.",
	not_moved: "The order of {cart} was not moved. {why}",
	asked: "Order of {cart}: moving to {state}.",
	arrived: "The order of {cart} is {state}.",
	own: "The restocks of your cart. The depot moves them.",
});

const STATES: State[] = [...WAY, "cancelado"];

export class Board implements Table {
	readonly root = h("div", { class: "board" });
	readonly scrolls = this.root;
	readonly orders: Orders;
	readonly draw: () => void;

	#context: Context;
	#live = h("p", { class: "unseen", "aria-live": "assertive" });
	#hint = h("p", { class: "unseen", id: uniqueId("hint"), hidden: true });
	#columns = new Map<State, Column>();
	#cards = new Map<string, Card>();
	#acts: CardActs;
	#filter = "";
	#cancelled: HTMLButtonElement;
	/** Moved here: whoever moved it hears when it is so. */
	#hoped = new Map<string, State>();

	constructor(place: HTMLElement, context: Context) {
		this.#context = context;
		const { signal, session, live } = context;
		this.draw = onFrame(() => this.#draw(), signal);
		this.orders = new Orders(context, () => this.draw(), (text) =>
			this.say(text, true));
		this.#acts = {
			mayMove: session.role !== "vendor",
			open: (id) => this.open(id),
			move: (id) => {
				const next = nextState(this.orders.get(id)?.order.state ??
					"cancelado");
				if (next)
					this.drop(id, next);
			},
			cancel: (id) => this.drop(id, "cancelado"),
		};
		for (const state of STATES) {
			const column = new Column(state);
			this.#columns.set(state, column);
			this.root.append(column.element);
		}
		this.#cancelled = h("button", { type: "button", "aria-pressed": "false",
			onclick: () => this.#showCancelled(
				this.#cancelled.getAttribute("aria-pressed") !== "true") });
		this.#showCancelled(false);
		fill(this.#hint, t("hint"));
		fill(place, this.#head(), this.#hint, this.root, this.#live);
		if (this.#acts.mayMove) {
			carryByPointer(this, signal);
			carryByKeys(this, signal);
		}
		this.root.tabIndex = -1;
		live.onState(this.draw, signal);
		void productNames(signal).then((names) => {
			this.orders.names = names;
			this.draw();
		});
		every(60000, () => void this.orders.loadClosed(), signal);
		every(10000, () => {
			for (const card of this.#cards.values())
				card.tick();
		}, signal);
		this.draw();
	}

	#head(): HTMLElement {
		const { session } = this.#context;
		return h("div", { class: "board-head" },
			this.#acts.mayMove
				? h("input", { type: "search", "aria-label": t("filter"),
					placeholder: t("filter"), maxlength: 8,
					oninput: (e: Event) => {
						this.#filter = (e.target as HTMLInputElement).value
							.trim().toUpperCase();
						this.draw();
					} })
				: h("p", { class: "soft" }, t("own")),
			this.#cancelled,
			h("button", { type: "button", class: "primary", onclick: () =>
				void newOrder(session, this.#context.live, this.orders.names) },
			icon("plus", 18), " ", t("new_order")));
	}

	#showCancelled(shown: boolean): void {
		this.#cancelled.setAttribute("aria-pressed", String(shown));
		const column = this.#columns.get("cancelado");
		if (column)
			column.element.hidden = !shown;
		this.root.classList.toggle("with-cancelled", shown);
	}

	card(placed: Placed): Card {
		const { id } = placed.order;
		let card = this.#cards.get(id);
		if (card)
			card.update(placed, this.orders.names);
		else
			this.#cards.set(id, card = new Card(placed, this.#acts,
				this.orders.names, this.#hint.id));
		return card;
	}

	nothing(state: State): HTMLElement {
		if (this.#context.live.state === "connecting" &&
			this.#context.live.orders.size === 0)
			return loading();
		if (this.#filter)
			return empty(t("none_match", { text: this.#filter }));
		return empty(t(`none_${state}`),
			state === "recibido" ? t("none_recibido_what") : undefined);
	}

	#draw(): void {
		const held = this.root.contains(document.activeElement)
			? document.activeElement?.closest<HTMLElement>("[data-order]")
				?.dataset.order : undefined;
		const by = new Map<State, Placed[]>(STATES.map((s) => [s, []]));
		const there = new Set<string>();
		for (const p of this.orders.all()) {
			there.add(p.order.id);
			this.#tellArrival(p);
			if (p.order.cart.includes(this.#filter))
				by.get(p.place)?.push(p);
		}
		for (const id of this.#cards.keys())
			if (!there.has(id))
				this.#cards.delete(id);
		setText(this.#cancelled,
			t("cancelled_too", { n: by.get("cancelado")?.length ?? 0 }));
		for (const [state, column] of this.#columns)
			column.draw(by.get(state) ?? [], this);
		// A card that went to another column was in the reader's hands.
		if (held && !this.root.contains(document.activeElement))
			this.#cards.get(held)?.body.focus({ preventScroll: true });
	}

	#tellArrival({ order, moving }: Placed): void {
		if (moving || this.#hoped.get(order.id) !== order.state)
			return;
		this.#hoped.delete(order.id);
		this.say(t("arrived",
			{ cart: order.cart, state: stateText(order.state) }));
	}

	movable(id: string): { cart: string; place: State } | undefined {
		const p = this.orders.get(id);
		return p && !p.moving && nextState(p.order.state)
			? { cart: p.order.cart, place: p.place } : undefined;
	}

	refuses(id: string, to: State): string | null {
		const state = this.orders.get(id)?.order.state;
		if (!state || state === to)
			return "";
		if (state === "cancelado")
			return t("over");
		if (to === "cancelado")
			return state === "finalizado" ? t("delivered") : null;
		if (rank(to) < rank(state))
			return t("no_way_back");
		const next = nextState(state);
		return next === to ? null : t("step",
			{ at: stateText(state), next: stateText(next ?? "") });
	}

	async drop(id: string, to: State): Promise<void> {
		const { order } = this.orders.get(id) ?? {};
		if (!order)
			return;
		const why = this.refuses(id, to);
		if (why !== null) {
			this.say(t("not_moved",
				{ cart: order.cart, why: why || t("at_once") }), true);
			return;
		}
		if (to === "cancelado") {
			const reason = await askReason(order);
			if (reason !== null) {
				this.#hope(id, order.cart, to);
				void this.orders.cancel(order, reason);
			}
		} else {
			const units = to === "entregando" ? {} : await askUnits(
				to === "preparando" ? "prepare" : "finish", order,
				this.orders.names);
			if (units) {
				this.#hope(id, order.cart, to);
				void this.orders.move(order, to, units);
			}
		}
		this.#cards.get(id)?.body.focus({ preventScroll: true });
	}

	#hope(id: string, cart: string, to: State): void {
		this.#hoped.set(id, to);
		this.say(t("asked", { cart, state: stateText(to) }));
	}

	open(id: string): void {
		void showOrder(id, this.orders, this.#context, this.#acts);
	}

	/** To a screen reader; with `seen`, to everybody. */
	say(text: string, seen = false): void {
		if (seen)
			toast(text, "failed");
		setText(this.#live, "");
		requestAnimationFrame(() => setText(this.#live, text));
	}
}
