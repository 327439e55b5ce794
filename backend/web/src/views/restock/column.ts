// A column of the board: the orders of one state, as many as are looked at.

import { fill, h, setText, uniqueId } from "../../lib/dom.js";
import { failed, loading } from "../../lib/states.js";
import { dictionary } from "../../lib/words.js";
import type { Board } from "./board.js";
import type { Card } from "./card.js";
import type { Placed } from "./orders.js";
import { rank, stateText, type State } from "./words.js";

const t = dictionary({
	more: "Ver {n} más", today: "de hoy",
}, {
	more: "Show {n} more", today: "today's",
});

const SHOWN = 40;

/** What is at its end is read newest first, but first what is not agreed on;
 * what waits oldest first. */
function inOrder(place: State, a: Placed, b: Placed): number {
	if (a.order.disputed !== b.order.disputed)
		return a.order.disputed ? -1 : 1;
	const older = Date.parse(a.order.state_at) - Date.parse(b.order.state_at) ||
		(a.order.id < b.order.id ? -1 : 1);
	return rank(place) >= rank("finalizado") ? -older : older;
}

export class Column {
	readonly element: HTMLElement;
	readonly list = h("ul", { class: "cards" });
	shown = SHOWN;
	#state: State;
	#count = h("span", { class: "count" });
	#foot = h("div", { class: "column-foot" });
	#cards = new Map<string, Card>();

	constructor(state: State) {
		this.#state = state;
		const id = uniqueId("column");
		this.element = h("section", {
			class: "column", "data-state": state, "aria-labelledby": id,
		},
		h("h2", { id }, stateText(state), " ", this.#count,
			rank(state) >= rank("finalizado") &&
			h("span", { class: "soft" }, " ", t("today"))),
		this.list, this.#foot);
	}

	draw(placed: Placed[], board: Board): void {
		placed.sort((a, b) => inOrder(this.#state, a, b));
		setText(this.#count, String(placed.length));
		const wanted = placed.slice(0, this.shown);
		const elements: HTMLElement[] = [];
		const before = this.#cards;
		this.#cards = new Map();
		for (const p of wanted) {
			const card = board.card(p);
			this.#cards.set(p.order.id, card);
			elements.push(card.element);
		}
		for (const [id, card] of before)
			if (!this.#cards.has(id) && card.element.parentNode === this.list)
				card.element.remove();
		// Only what stands elsewhere is put anew: a node that is moved loses
		// the focus and the place that it was scrolled to.
		elements.forEach((e, i) => {
			if (this.list.children[i] !== e)
				this.list.insertBefore(e, this.list.children[i] ?? null);
		});
		this.#draw(placed.length - wanted.length, placed.length === 0, board);
	}

	#draw(left: number, none: boolean, board: Board): void {
		const { orders } = board;
		const ended = rank(this.#state) >= rank("finalizado");
		this.list.hidden = none;
		if (ended && orders.closedFailed)
			fill(this.#foot, failed(orders.closedFailed,
				() => void orders.loadClosed()));
		else if (ended && !orders.closedLoaded)
			fill(this.#foot, loading());
		else if (none)
			fill(this.#foot, board.nothing(this.#state));
		else if (left > 0)
			fill(this.#foot, h("button", { type: "button", onclick: () => {
				this.shown += SHOWN;
				board.draw();
			} }, t("more", { n: left })));
		else
			fill(this.#foot);
	}
}
