// A cart's state in words, here and in the list, the panel and the totals.

import { dictionary } from "../../lib/words.js";
import type { CartState, Hint } from "./state.js";

export const t = dictionary({
	missing: "Perdido", astray: "Fuera de lugar", silent: "Sin contacto",
	no_fix: "Sin posición", live: "En vivo", resting: "En descanso",
	was_live: "Estaba en vivo",
	poor_fix: "posición imprecisa", old_fix: "posición antigua",
	battery: "batería baja", backlog: "datos atrasados", gaps: "faltan datos",
}, {
	missing: "Missing", astray: "Astray", silent: "No contact",
	no_fix: "No position", live: "Live", resting: "Resting",
	was_live: "Was live",
	poor_fix: "poor fix", old_fix: "old fix",
	battery: "battery low", backlog: "data held back", gaps: "data missing",
});

/** `old`: it was so when it was heard last, and may not be now. */
export const stateName = (state: CartState, old = false): string =>
	t(old && state === "live" ? "was_live" : state);
export const hintName = (hint: Hint): string => t(hint);

/** The look of a chip that says it. */
export const TONES: Record<CartState, string> = {
	missing: "bad", astray: "wait", silent: "", no_fix: "info", live: "good",
	resting: "",
};
