// What is wrong now.  It begins with what the API says and goes on with each
// event.  Nothing moves while somebody reads: then new ones wait behind a
// button, and those that ended stay where they are until the reader is gone.

import { get } from "../../lib/api.js";
import { h, setText } from "../../lib/dom.js";
import { empty, fetched } from "../../lib/states.js";
import type { Alert } from "../../lib/types.js";
import type { Context } from "../../lib/view.js";
import { AlertList } from "./list.js";
import { t } from "./words.js";

export interface Filter {
	cart: string;
	cause: string;
}

export interface Tab {
	/** Draws into `root` until `signal` is aborted. */
	(root: HTMLElement, filter: Filter, clear: () => void, context: Context,
		signal: AbortSignal): void;
}

const READING_MS = 8000;
const TICK_MS = 10000;
const ALL = 1000;

export const passes = (a: Alert, f: Filter): boolean =>
	(!f.cart || a.cart === f.cart) && (!f.cause || a.cause === f.cause);

export function nothing(filter: Filter, clear: () => void, title: string,
	what: string): HTMLElement {
	if (!filter.cart && !filter.cause)
		return empty(title, what);
	return empty(t("none_found"), undefined,
		h("button", { type: "button", onclick: clear }, t("clear")));
}

/** Is somebody reading this list: scrolled into it, in it with the keyboard,
 * or moving the pointer over it? */
function reader(list: HTMLElement, signal: AbortSignal): () => boolean {
	let movedAt = -Infinity;
	list.addEventListener("pointermove", () => {
		movedAt = performance.now();
	}, { signal });
	return () => {
		const page = list.closest("#main");
		return (page?.scrollTop ?? 0) > 40 ||
			list.contains(document.activeElement) ||
			performance.now() - movedAt < READING_MS;
	};
}

export const openTab: Tab = (root, filter, clear, context, signal) => {
	const { live, session } = context;
	const list = new AlertList(t("list_open"),
		{ mayResolve: session.role === "admin" });
	const none = nothing(filter, clear, t("none_open"), t("none_open_what"));
	const newer = h("button", { type: "button", class: "alert-newer primary" });
	const bar = h("div", { class: "alert-bar", role: "status" }, newer);
	const page = h("div", null, bar, list.element, none);
	const reading = reader(list.element, signal);
	let open = new Map<string, Alert>();

	const settle = () => {
		list.show(open.values());
		said();
	};
	const said = () => {
		const waiting = [...open.keys()].filter((id) => !list.has(id)).length;
		newer.hidden = waiting === 0;
		setText(newer, waiting ? t("newer", { n: waiting }) : "");
		none.hidden = list.size > 0 || waiting > 0;
		list.element.hidden = list.size === 0;
	};
	newer.addEventListener("click", () => {
		settle();
		root.closest("#main")?.scrollTo({ top: 0 });
	});

	const take = (a: Alert) => {
		if (!passes(a, filter))
			return;
		const known = open.get(a.id);
		if (known && known.revision > a.revision)
			return;
		if (a.open)
			open.set(a.id, a);
		else
			open.delete(a.id);
		list.change(a);
	};
	const look = () => {
		if (reading())
			said();
		else
			settle();
	};

	// Those that came while the answer was on its way.
	let early: Alert[] | null = [];
	fetched(root, async (stop) => {
		const got = await get<{ alerts: Alert[] }>("alerts", {
			state: "open", limit: ALL, cart: filter.cart || undefined,
			cause: filter.cause || undefined,
		}, stop);
		return got.alerts;
	}, (alerts) => {
		open = new Map(alerts.map((a) => [a.id, a]));
		for (const a of early ?? [])
			take(a);
		early = null;
		settle();
		return page;
	}, signal);
	live.on("alert", ({ changed, snapshot }) => {
		if (early) {
			early.push(...changed.values());
			return;
		}
		if (snapshot)
			open = new Map([...live.alerts]
				.filter(([, a]) => passes(a, filter)));
		for (const a of changed.values())
			take(a);
		look();
	}, signal);
	const timer = setInterval(() => {
		if (early)
			return;
		look();
		list.tick();
	}, TICK_MS);
	signal.addEventListener("abort", () => clearInterval(timer));
};
