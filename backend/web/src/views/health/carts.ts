// Carts that keep what the guild does not have yet.

import { fill, h } from "../../lib/dom.js";
import { ago, clockTime, number, when } from "../../lib/format.js";
import { table } from "../../lib/table.js";
import type { Cart } from "../../lib/types.js";
import { address, type Context } from "../../lib/view.js";
import { steady } from "./data.js";
import { cell, fine, section } from "./parts.js";
import type { Troubles } from "./troubles.js";
import { t } from "./words.js";

/** One that is heard and keeps fewer is in the midst of handing them in. */
const PASSING = 20;
const SHOWN = 50;

interface Held {
	cart: string;
	backlog: number;
	live: boolean;
	heard: string;
	/** Of its oldest event, where an alert says so. */
	since: string | null;
}

function held(context: Context): Held[] {
	const since = new Map<string, string>();
	for (const a of context.live.alerts.values())
		if (a.cause === "backlog" && a.cart)
			since.set(a.cart, a.since);
	const keeps = (c: Cart) => c.backlog > PASSING || since.has(c.cart) ||
		(!c.live && c.backlog > 0);
	return [...context.live.carts.values()].filter(keeps)
		.map((c) => ({
			cart: c.cart, backlog: c.backlog, live: c.live,
			heard: c.contact_at
				? c.live ? ago(c.contact_at) : when(c.contact_at) : t("never"),
			since: since.get(c.cart) ?? null,
		}))
		.sort((a, b) => Number(b.since !== null) - Number(a.since !== null) ||
			b.backlog - a.backlog);
}

const todo = (x: Held): string =>
	t(!x.live ? "do_silent" : x.since ? "do_old" : "do_draining");

function draw(all: Held[]): HTMLElement {
	if (all.length === 0)
		return fine(t("no_carts"), t("no_carts_what"));
	return h("div", null,
		table(t("carts"), [
			{ title: t("cart") }, { title: t("waiting"), numeric: true },
			{ title: t("oldest") }, { title: t("heard") },
			{ title: t("what_to_do") },
		], all.slice(0, SHOWN).map((x) => [
			h("a", { href: address("map", x.cart) }, x.cart),
			t("events", { n: x.backlog }),
			x.since ? when(x.since) : t("oldest_young"),
			x.heard, cell(todo(x)),
		])),
		all.length > SHOWN && h("p", { class: "soft" },
			t("only_some", { shown: SHOWN, n: number(all.length) })));
}

export function cartsPart(context: Context, troubles: Troubles) {
	const { element, body } = section(t("carts"), t("carts_note"));
	const drawn = steady(draw);
	const again = () => {
		const all = held(context);
		const next = drawn(all) as HTMLElement;
		if (body.firstChild !== next)
			fill(body, next);
		const old = all.filter((x) => x.since).length;
		const uncounted = [...context.live.alerts.values()]
			.filter((a) => a.cause === "sale.refused").length;
		troubles.set("carts", [
			...(uncounted ? [{ text: t("trouble_refused", { n: uncounted }),
				section: element }] : []),
			...(old ? [{ text: t("trouble_carts", { n: old }),
				section: element }] : []),
			...(context.live.state === "broken" ? [{
				text: `${t("trouble_live")} (${
					clockTime(context.live.heardAt)})`,
				section: element,
			}] : []),
		]);
	};
	context.live.onState(again, context.signal);
	return { element, again };
}
