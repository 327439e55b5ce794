// A card taken to another column: by mouse anywhere on it, by touch at its
// grip, by keyboard with the space bar and the arrows.  What becomes of it is
// for the board to say.

import { dictionary } from "../../lib/words.js";
import { stateText, type State } from "./words.js";

const t = dictionary({
	taken: "Orden de {cart} tomada, en {state}. Flechas a los lados para " +
		"elegir dónde, espacio para soltar, Escape para dejarla.",
	over: "Sobre {state}.",
	over_no: "Sobre {state}: aquí no se puede. {why}",
	left: "La orden de {cart} queda donde estaba.",
}, {
	taken: "Order of {cart} taken, in {state}. Arrows to the sides choose " +
		"where, space drops it, Escape leaves it.",
	over: "Over {state}.",
	over_no: "Over {state}: not possible here. {why}",
	left: "The order of {cart} stays where it was.",
});

export interface Table {
	/** Holds the columns: [data-state], and in them the cards: [data-order]. */
	root: HTMLElement;
	/** What scrolls to the sides when a card comes near its edge. */
	scrolls: HTMLElement;
	/** The cart and place of the order; undefined: it stays where it is. */
	movable(id: string): { cart: string; place: State } | undefined;
	/** Why it cannot go there; "" where it is already, null: it can. */
	refuses(id: string, to: State): string | null;
	drop(id: string, to: State): void;
	open(id: string): void;
	say(text: string): void;
}

const FAR_PX = 6;
const EDGE_PX = 60;
const SCROLL_PX = 9;

const cardOf = (e: EventTarget | null): HTMLElement | null =>
	e instanceof Element ? e.closest<HTMLElement>("[data-order]") : null;
const columns = (table: Table): HTMLElement[] =>
	[...table.root.querySelectorAll<HTMLElement>("[data-state]")]
		.filter((c) => !c.hidden);
const stateOf = (column: Element | null | undefined): State | undefined =>
	(column as HTMLElement | null)?.dataset.state as State | undefined;

function mark(table: Table, id: string | null, over?: HTMLElement | null): void {
	for (const c of columns(table)) {
		const why = id && table.refuses(id, stateOf(c) as State);
		c.classList.toggle("over", c === over && why === null);
		c.classList.toggle("over-no", c === over && !!why);
		c.classList.toggle("may-drop", id !== null && why === null);
	}
}

export function carryByPointer(table: Table, signal: AbortSignal): void {
	table.root.addEventListener("pointerdown", (down) => {
		const card = cardOf(down.target);
		const grip = (down.target as Element).closest(".grip");
		const id = card?.dataset.order;
		if (!card || !id || down.button !== 0 || !table.movable(id) ||
			(down.pointerType !== "mouse" && !grip) ||
			(down.target as Element).closest("a, button, input"))
			return;
		drag(table, card, id, down, signal);
	}, { signal });
}

function drag(table: Table, card: HTMLElement, id: string, down: PointerEvent,
	signal: AbortSignal): void {
	const over = new AbortController();
	const ends = { signal: AbortSignal.any([signal, over.signal]) };
	let ghost: HTMLElement | null = null, scrolling = 0, x = 0, y = 0;
	const box = card.getBoundingClientRect();
	// Under a short column is that column, too.
	const columnAt = () => y < table.root.getBoundingClientRect().top ? undefined
		: columns(table).find((c) => {
			const b = c.getBoundingClientRect();
			return x >= b.left && x <= b.right;
		});
	const scroll = () => {
		const b = table.scrolls.getBoundingClientRect();
		if (x > b.right - EDGE_PX)
			table.scrolls.scrollLeft += SCROLL_PX;
		else if (x < b.left + EDGE_PX)
			table.scrolls.scrollLeft -= SCROLL_PX;
		scrolling = requestAnimationFrame(scroll);
	};
	const begin = () => {
		ghost = card.cloneNode(true) as HTMLElement;
		ghost.removeAttribute("id");
		ghost.removeAttribute("data-order");
		ghost.inert = true;
		ghost.classList.add("ghost");
		ghost.style.width = `${box.width}px`;
		document.body.append(ghost);
		document.body.classList.add("carrying");
		card.classList.add("carried");
		getSelection()?.removeAllRanges();
		scroll();
	};
	const end = () => {
		over.abort();
		cancelAnimationFrame(scrolling);
		ghost?.remove();
		document.body.classList.remove("carrying");
		card.classList.remove("carried");
		mark(table, null);
	};
	addEventListener("pointermove", (e) => {
		if (e.pointerId !== down.pointerId)
			return;
		x = e.clientX;
		y = e.clientY;
		if (!ghost && Math.hypot(x - down.clientX, y - down.clientY) < FAR_PX)
			return;
		if (!ghost)
			begin();
		if (ghost)
			ghost.style.transform = `translate(${box.x + x - down.clientX}px,` +
				`${box.y + y - down.clientY}px) rotate(1.5deg)`;
		mark(table, id, columnAt());
	}, ends);
	addEventListener("pointerup", (e) => {
		if (e.pointerId !== down.pointerId)
			return;
		const to = ghost ? stateOf(columnAt()) : undefined;
		end();
		if (to && table.movable(id)?.place !== to)
			table.drop(id, to);
	}, ends);
	addEventListener("pointercancel", end, ends);
	addEventListener("keydown", (e) => {
		if (e.key === "Escape")
			end();
	}, ends);
	signal.addEventListener("abort", end, { signal: over.signal });
}

export function carryByKeys(table: Table, signal: AbortSignal): void {
	let taken: { id: string; cart: string; at: number } | null = null;
	const put = () => {
		taken = null;
		mark(table, null);
		for (const c of table.root.querySelectorAll(".carried"))
			c.classList.remove("carried");
	};
	const leave = () => {
		if (!taken)
			return;
		table.say(t("left", { cart: taken.cart }));
		put();
	};
	const take = (card: HTMLElement, id: string) => {
		const order = table.movable(id);
		if (!order)
			return;
		const at = columns(table).findIndex((c) => stateOf(c) === order.place);
		taken = { id, cart: order.cart, at };
		card.classList.add("carried");
		mark(table, id);
		table.say(t("taken",
			{ cart: order.cart, state: stateText(order.place) }));
	};
	const shift = (by: number) => {
		const all = columns(table);
		const column = taken && all[taken.at + by];
		if (!taken || !column)
			return;
		taken.at += by;
		mark(table, taken.id, column);
		column.scrollIntoView({ block: "nearest", inline: "nearest" });
		const state = stateText(stateOf(column) ?? "");
		const why = table.refuses(taken.id, stateOf(column) as State);
		table.say(why ? t("over_no", { state, why }) : t("over", { state }));
	};
	const release = () => {
		const to = taken && stateOf(columns(table)[taken.at]);
		const id = taken?.id;
		if (!id || !to || table.movable(id)?.place === to) {
			leave();
			return;
		}
		put();
		table.drop(id, to);
	};
	table.root.addEventListener("keydown", (e) => {
		const card = cardOf(e.target);
		const id = card?.dataset.order;
		if (!card || !id || e.target !== card || e.ctrlKey || e.metaKey ||
			e.altKey)
			return;
		const act = taken ? {
			ArrowLeft: () => shift(-1), ArrowRight: () => shift(1),
			" ": release, Enter: release, Escape: leave,
		}[e.key] : {
			ArrowUp: () => walk(table, card, 0, -1),
			ArrowDown: () => walk(table, card, 0, 1),
			ArrowLeft: () => walk(table, card, -1, 0),
			ArrowRight: () => walk(table, card, 1, 0),
			" ": () => take(card, id), Enter: () => table.open(id),
		}[e.key];
		if (!act)
			return;
		e.preventDefault();
		act();
	}, { signal });
	table.root.addEventListener("focusout", (e) => {
		if (taken && cardOf(e.target)?.dataset.order === taken.id)
			leave();
	}, { signal });
}

/** The focus goes to the next card up or down, or of the next column that has
 * one. */
function walk(table: Table, card: HTMLElement, across: number, down: number): void {
	const cards = (column: HTMLElement) =>
		[...column.querySelectorAll<HTMLElement>("[data-order]")];
	const all = columns(table);
	const column = card.closest<HTMLElement>("[data-state]");
	if (!column)
		return;
	const row = cards(column).indexOf(card);
	if (down !== 0) {
		cards(column)[row + down]?.focus();
		return;
	}
	for (let i = all.indexOf(column) + across; all[i]; i += across) {
		const there = cards(all[i] as HTMLElement);
		if (there.length > 0) {
			there[Math.min(row, there.length - 1)]?.focus();
			return;
		}
	}
}
