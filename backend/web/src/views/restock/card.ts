// An order as a card of the board: it is made once and told what changed.

import { fill, h, setText, uniqueId } from "../../lib/dom.js";
import { ago, dayTime } from "../../lib/format.js";
import { icon } from "../../lib/icons.js";
import { address } from "../../lib/view.js";
import { dictionary } from "../../lib/words.js";
import type { Placed } from "./orders.js";
import {
	disputeText, lineText, nextState, originText, serverText, stateText, type Names,
} from "./words.js";

const t = dictionary({
	detail: "Ver la orden de {cart}",
	move: "Mover a {state}",
	move_of: "Mover a {state}: orden de {cart}",
	cancel_of: "Cancelar la orden de {cart}",
	grip: "Arrastrar",
	moving: "Pasando a {state}…",
	disputed: "En disputa",
	in_delivery: "Entrega {id}",
	failed: "No se movió. {why}",
	card: "Orden de {cart}, {state}",
}, {
	detail: "See the order of {cart}",
	move: "Move to {state}",
	move_of: "Move to {state}: order of {cart}",
	cancel_of: "Cancel the order of {cart}",
	grip: "Drag",
	moving: "Moving to {state}…",
	disputed: "Disputed",
	in_delivery: "Delivery {id}",
	failed: "It was not moved. {why}",
	card: "Order of {cart}, {state}",
});

export interface CardActs {
	open(id: string): void;
	move(id: string): void;
	cancel(id: string): void;
	/** May this session move orders? */
	mayMove: boolean;
}

/** Ids are long; what tells two apart on a board is their end. */
export const shortId = (id: string): string => id.slice(-6);

export class Card {
	readonly element: HTMLLIElement;
	readonly body: HTMLElement;
	placed: Placed;
	#acts: CardActs;
	#names: Names;
	#since: HTMLElement;
	#drawn = "";

	constructor(placed: Placed, acts: CardActs, names: Names, hint: string) {
		this.placed = placed;
		this.#acts = acts;
		this.#names = names;
		this.#since = h("span", { class: "soft" });
		this.body = h("article", {
			class: "order", tabindex: "0", "data-order": placed.order.id,
			id: uniqueId("order"),
			"aria-describedby": acts.mayMove ? hint : null,
		});
		this.element = h("li", null, this.body);
		this.update(placed, names);
	}

	update(placed: Placed, names: Names): void {
		this.placed = placed;
		this.#names = names;
		// What it says changes rarely beside how often it is asked.
		const { order, place, moving, failed } = placed;
		const drawn = JSON.stringify([order.revision, order.disputed, place,
			moving, failed, names.size, order.delivery, order.lines]);
		if (drawn !== this.#drawn) {
			this.#drawn = drawn;
			this.#draw();
		}
		this.tick();
	}

	/** Time passes. */
	tick(): void {
		setText(this.#since, ago(this.placed.order.state_at));
	}

	#draw(): void {
		const { order, place, moving, failed } = this.placed;
		const { cart, id } = order;
		// What has the focus keeps it, though it is made anew.
		const focused = this.body.contains(document.activeElement) &&
			document.activeElement !== this.body
			? (document.activeElement as HTMLElement).dataset.act : undefined;
		this.body.className = [
			"order", moving && "moving", failed && "failed",
			order.disputed && "disputed",
		].filter(Boolean).join(" ");
		this.body.setAttribute("aria-busy", String(moving));
		this.body.setAttribute("aria-label",
			t("card", { cart, state: stateText(place) }));
		this.#since.title = dayTime(order.state_at);
		fill(this.body,
			h("header", null,
				this.#acts.mayMove && !moving && nextState(order.state) &&
				h("span", { class: "grip", "aria-hidden": "true",
					title: t("grip") }, "⠿"),
				h("button", {
					type: "button", class: "order-cart", "data-act": "open",
					"aria-label": t("detail", { cart }),
					onclick: () => this.#acts.open(id),
				}, cart),
				this.#since),
			h("ul", { class: "order-lines" }, ...order.lines.map((l) =>
				h("li", null, lineText(this.#names, l)))),
			h("p", { class: "order-marks" },
				order.disputed && h("span", { class: "chip bad" },
					t("disputed")),
				h("span", { class: "chip" }, originText(order.origin)),
				order.delivery && this.#delivery(order.delivery)),
			order.disputed ? h("p", { class: "order-why soft" },
				disputeText(this.#names, order.lines))
				: order.state === "cancelado" && order.reason &&
				h("p", { class: "order-why soft" },
					serverText(order.reason, this.#names)),
			failed && h("p", { class: "order-failed" }, t("failed",
				{ why: failed })),
			moving && h("p", { class: "order-moving" },
				h("span", { class: "spinner", "aria-hidden": "true" }),
				t("moving", { state: stateText(place) })),
			!moving && this.#acts.mayMove && this.#buttons());
		if (focused)
			(this.body.querySelector<HTMLElement>(
				`[data-act="${focused}"]`) ?? this.body).focus();
	}

	#delivery(id: string): HTMLElement {
		const text = t("in_delivery", { id: shortId(id) });
		return this.#acts.mayMove ? h("a", {
			class: "chip info", href: address("restock", "deliveries", id),
		}, text) : h("span", { class: "chip info" }, text);
	}

	#buttons(): HTMLElement | false {
		const { id, cart, state } = this.placed.order;
		const next = nextState(state);
		if (!next)
			return false;
		return h("footer", null,
			h("button", {
				type: "button", class: "order-move", "data-act": "move",
				"aria-label": t("move_of", { cart, state: stateText(next) }),
				onclick: () => this.#acts.move(id),
			}, t("move", { state: stateText(next) })),
			h("button", {
				type: "button", class: "icon-button", "data-act": "cancel",
				"aria-label": t("cancel_of", { cart }),
				title: t("cancel_of", { cart }),
				onclick: () => this.#acts.cancel(id),
			}, icon("close", 18)));
	}
}
