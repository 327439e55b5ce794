// The carts beside the map, for the keyboard and whoever does not see it: a
// list box that holds only the rows in sight, drawn anew once a second.

import { h, setText, uniqueId } from "../../lib/dom.js";
import { ago } from "../../lib/format.js";
import { empty, loading } from "../../lib/states.js";
import { dictionary } from "../../lib/words.js";
import type { Fleet, Known } from "./fleet.js";
import { glyph } from "./shapes.js";
import { before, cartHints, type CartState } from "./state.js";
import type { Filter } from "./totals.js";
import { hintName, stateName } from "./words.js";

const t = dictionary({
	carts: "Carritos", search: "Buscar patente", never: "aún sin noticias",
	last: "visto {ago}",
	nobody: "Aún no hay carritos",
	nobody_what: "Cuando un miembro aprobado conecte el equipo de su carrito, " +
		"aparecerá aquí y en el mapa.",
	none: "Ningún carrito así",
	none_what: "Cambia la búsqueda o el estado elegido arriba.",
}, {
	carts: "Carts", search: "Find a plate", never: "no news yet",
	last: "heard {ago}",
	nobody: "No carts yet",
	nobody_what: "When an approved member connects the gateway of their cart, " +
		"it appears here and on the map.",
	none: "No cart like that",
	none_what: "Change the search or the state chosen above.",
});

/** As map.css has it. */
const ROW_PX = 56;
const SPARE = 4;

interface Row {
	element: HTMLElement;
	sign: HTMLElement;
	plate: HTMLElement;
	state: HTMLElement;
	more: HTMLElement;
	shown: CartState | null;
}

export interface CartList {
	element: HTMLElement;
	update(): void;
	filter(by: Filter): void;
	/** Where the keyboard stands when it comes here. */
	focus(): void;
	/** Marks the cart that is open. */
	select(plate: string | null): void;
}

export function cartList(
	fleet: Fleet, open: (plate: string) => void,
	hover: (plate: string | null) => void, signal: AbortSignal,
): CartList {
	const id = uniqueId("carts");
	const search = h("input", {
		type: "search", placeholder: t("search"), "aria-label": t("search"),
		autocapitalize: "characters", spellcheck: "false",
		oninput: () => {
			box.scrollTop = 0;
			sort();
			draw();
		},
	});
	const space = h("div", { class: "cart-space", role: "presentation" });
	const box = h("div", { class: "cart-box", tabindex: "0", role: "listbox",
		"aria-label": t("carts") }, space);
	const none = h("div", { hidden: true });
	const element = h("div", { class: "cart-list" },
		h("div", { class: "cart-search" }, search), box, none);

	const rows: Row[] = [];
	let shown: Known[] = [];
	let by: Filter = "all", chosen: string | null = null;
	let active: string | null = null, turn = -1;

	function sort(): void {
		const text = search.value.trim().toUpperCase();
		shown = [...fleet.known.values()].filter((k) =>
			(by === "all" || k.state === by) &&
			(!text || k.plate.includes(text))).sort(before);
		space.style.height = `${shown.length * ROW_PX}px`;
		box.hidden = shown.length === 0;
		none.hidden = shown.length !== 0;
		const which = fleet.known.size ? "none" : fleet.old ? "loading"
			: "nobody";
		if (!none.hidden && none.dataset.which !== which) {
			none.dataset.which = which;
			none.replaceChildren(which === "loading" ? loading()
				: empty(t(which), t(`${which}_what`)));
		}
		turn = fleet.turn;
	}

	function draw(): void {
		const first = Math.max(0,
			Math.floor(box.scrollTop / ROW_PX) - SPARE);
		const count = Math.min(shown.length - first,
			Math.ceil(box.clientHeight / ROW_PX) + 2 * SPARE);
		const now = Date.now();
		for (let i = 0; i < Math.max(count, rows.length); i++) {
			const known = i < count ? shown[first + i] : undefined;
			const row = rows[i] ??= makeRow(space);
			row.element.hidden = !known;
			if (known)
				say(row, known, first + i, now);
		}
		const at = shown.findIndex((k) => k.plate === active);
		if (at >= first && at < first + count)
			box.setAttribute("aria-activedescendant", `${id}-${at - first}`);
		else
			box.removeAttribute("aria-activedescendant");
	}

	function say(row: Row, k: Known, at: number, now: number): void {
		const { element: e } = row;
		e.id = `${id}-${rows.indexOf(row)}`;
		e.dataset.plate = k.plate;
		e.style.transform = `translateY(${at * ROW_PX}px)`;
		e.setAttribute("aria-posinset", String(at + 1));
		e.setAttribute("aria-setsize", String(shown.length));
		e.setAttribute("aria-selected", String(k.plate === chosen));
		e.classList.toggle("active", k.plate === active);
		if (row.shown !== k.state) {
			row.shown = k.state;
			row.sign.replaceChildren(glyph(k.state));
			row.state.dataset.state = k.state;
		}
		setText(row.plate, k.plate);
		setText(row.state, stateName(k.state, fleet.old));
		setText(row.more, [
			k.cart.contact_at ? t("last", { ago: ago(k.cart.contact_at, now) })
				: t("never"),
			...cartHints(k.cart, now).map(hintName),
		].join(" · "));
	}

	function go(to: number): void {
		const at = Math.max(0, Math.min(shown.length - 1, to));
		active = shown[at]?.plate ?? null;
		const top = at * ROW_PX;
		if (top < box.scrollTop)
			box.scrollTop = top;
		else if (top + ROW_PX > box.scrollTop + box.clientHeight)
			box.scrollTop = top + ROW_PX - box.clientHeight;
		draw();
		hover(active);
	}

	box.addEventListener("keydown", (e) => {
		const at = shown.findIndex((k) => k.plate === active);
		const page = Math.max(1, Math.floor(box.clientHeight / ROW_PX) - 1);
		const to = {
			ArrowDown: at + 1, ArrowUp: at < 0 ? 0 : at - 1, Home: 0,
			End: shown.length - 1, PageDown: at + page, PageUp: at - page,
		}[e.key];
		if (to !== undefined) {
			e.preventDefault();
			go(to);
		} else if ((e.key === "Enter" || e.key === " ") && active) {
			e.preventDefault();
			open(active);
		}
	});
	box.addEventListener("focus", () => {
		if (!shown.some((k) => k.plate === active))
			go(Math.floor(box.scrollTop / ROW_PX));
	});
	box.addEventListener("blur", () => hover(null));
	const plateAt = (e: Event) => (e.target as Element)
		.closest<HTMLElement>("[data-plate]")?.dataset.plate ?? null;
	box.addEventListener("click", (e) => {
		const plate = plateAt(e);
		if (plate) {
			active = plate;
			open(plate);
		}
	});
	box.addEventListener("pointerover", (e) => hover(plateAt(e)));
	box.addEventListener("pointerleave", () => hover(null));
	box.addEventListener("scroll", draw, { passive: true });
	const size = new ResizeObserver(draw);
	size.observe(box);
	signal.addEventListener("abort", () => size.disconnect());

	sort();
	return {
		element,
		update() {
			if (turn !== fleet.turn)
				sort();
			draw();
		},
		filter(wanted) {
			by = wanted;
			box.scrollTop = 0;
			sort();
			draw();
		},
		focus: () => (box.hidden ? search : box).focus(),
		select(plate) {
			chosen = plate;
			draw();
		},
	};
}

function makeRow(into: HTMLElement): Row {
	const row: Row = {
		element: h("div", { class: "cart-row", role: "option" }),
		sign: h("span", { class: "cart-sign" }),
		plate: h("b", { class: "cart-plate" }),
		state: h("span", { class: "cart-state" }),
		more: h("span", { class: "cart-more soft" }),
		shown: null,
	};
	row.element.append(row.sign, row.plate, " ", row.state, " ", row.more);
	into.append(row.element);
	return row;
}
