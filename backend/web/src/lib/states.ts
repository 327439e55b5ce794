// Empty, loading, error: what happened, and what to do.

import { Problem } from "./api.js";
import { fill, h, type Child } from "./dom.js";
import { dictionary } from "./words.js";

const t = dictionary({
	loading: "Cargando…",
	again: "Intentar de nuevo",
	failed: "No se pudo mostrar",
	forbidden: "Tu cuenta no permite ver esto.",
	stale: "Lo que se ve es de antes: {why}",
	p401: "La sesión terminó: entra de nuevo.",
	p404: "Eso ya no está en el servidor.",
	p409: "No se puede en el estado en que está: {detail}",
	p422: "El servidor no lo aceptó: {detail}",
	p429: "Demasiadas veces seguidas. Intenta de nuevo en {s} s.",
	p503: "Una parte del sistema no responde ahora. Intenta en un momento.",
	p500: "Algo falló en el servidor ({status}). Quien lo opera lo ve en su registro.",
}, {
	loading: "Loading…",
	again: "Try again",
	failed: "It could not be shown",
	forbidden: "Your account does not allow this.",
	stale: "What you see is from before: {why}",
	p401: "The session is over: log in again.",
	p404: "That is not on the server any more.",
	p409: "Not in the state that it is in: {detail}",
	p422: "The server did not accept it: {detail}",
	p429: "Too many times in a row. Try again in {s} s.",
	p503: "A part of the system does not answer now. Try again in a moment.",
	p500: "Something failed in the server ({status}). Its operator finds it in the log.",
});

const RETRY_S = 60;

export function loading(): HTMLElement {
	return h("div", { class: "state loading", role: "status" },
		h("span", { class: "spinner", "aria-hidden": "true" }), t("loading"));
}

/** Nothing is there: why that is, and what to do. */
export function empty(title: string, what?: string, ...more: Child[]): HTMLElement {
	return h("div", { class: "state empty" },
		h("p", { class: "state-title" }, title),
		what && h("p", null, what), ...more);
}

/** The server's own words are English, for programs and operators. */
function problem({ status, detail, retryAfter }: Problem): string {
	switch (status) {
	case 401: return t("p401");
	case 403: return t("forbidden");
	case 404: return t("p404");
	case 409: return t("p409", { detail });
	case 400: case 413: case 422: return t("p422", { detail });
	case 429: return t("p429", { s: retryAfter ?? RETRY_S });
	case 503: return t("p503");
	}
	return status >= 500 ? t("p500", { status }) : detail;
}

/** Why, in words for people. */
export function reason(e: unknown): string {
	if (e instanceof Problem)
		return problem(e);
	return e instanceof Error ? e.message : String(e);
}

export function failed(e: unknown, again?: () => void): HTMLElement {
	return h("div", { class: "state failed", role: "alert" },
		h("p", { class: "state-title" }, t("failed")),
		h("p", null, reason(e)),
		again && h("button", { type: "button", onclick: again }, t("again")));
}

export const aborted = (e: unknown): boolean =>
	e instanceof DOMException && e.name === "AbortError";

/**
 * A part of the page that is fetched: loading, then `draw` of what came, or
 * the error with a button.  Returns what fetches it again, quietly: what is
 * there stays until the new is, and if that fails, stays with a word on top.
 */
export function fetched<T>(
	root: HTMLElement, fetch: (signal: AbortSignal) => Promise<T>,
	draw: (what: T) => Child | Child[], signal: AbortSignal,
): () => Promise<void> {
	// An answer counts unless a later one came before it: answers slower
	// than one asks again would else never be seen.
	let shown = false, turn = 0, settled = 0, said: string | null = null;
	const old = (mine: number) => {
		if (mine < settled || signal.aborted)
			return true;
		settled = mine;
		return false;
	};
	const warning = h("p", { class: "stale", role: "status", hidden: true });
	const load = async (quietly: boolean) => {
		const mine = ++turn;
		if (!shown && !(quietly && root.firstChild)) {
			fill(root, loading());
			said = null;
		}
		try {
			const what = await fetch(signal);
			if (old(mine))
				return;
			const drawn = draw(what);
			warning.hidden = true;
			const all = [warning, ...(Array.isArray(drawn) ? drawn : [drawn])];
			// What is there already stays, with the focus in it.
			if (all.length !== root.childNodes.length ||
				all.some((x, i) => x !== root.childNodes[i]))
				fill(root, ...all);
			shown = true;
		} catch (e) {
			if (aborted(e) || old(mine))
				return;
			if (shown) {
				warning.textContent = t("stale", { why: reason(e) });
				warning.hidden = false;
			} else if (reason(e) !== said) {
				said = reason(e);
				fill(root, failed(e, () => void load(false)));
			}
		}
	};
	void load(false);
	return () => load(true);
}
