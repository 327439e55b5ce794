// Tickets of one state, the newest first.

import { get } from "../../lib/api.js";
import { toast } from "../../lib/dialog.js";
import { fill, h, setText } from "../../lib/dom.js";
import { ago, dayTime } from "../../lib/format.js";
import { aborted, empty, fetched, reason } from "../../lib/states.js";
import type { Ticket } from "../../lib/types.js";
import { address, type Context } from "../../lib/view.js";
import { stateName, stateTone, t } from "./words.js";

export type State = Ticket["state"];

interface Page {
	tickets: Ticket[];
	next_before: string | null;
}
interface Item {
	element: HTMLElement;
	link: HTMLAnchorElement;
	set(ticket: Ticket): void;
	tick(): void;
}

const PAGE = 50;
const TICK_MS = 10000;

export const asker = (x: Ticket): string => x.cart ?? x.by ?? t("nobody");

function item(first: Ticket, choose: (id: string) => void): Item {
	const who = h("strong", { class: "ticket-who" });
	const age = h("time", { class: "soft ticket-age" });
	const text = h("span", { class: "ticket-text" });
	const chip = h("span"), replies = h("span", { class: "soft" });
	const link = h("a", {
		class: "ticket", href: address("support", first.id),
		onclick: (e: MouseEvent) => {
			if (e.ctrlKey || e.metaKey || e.shiftKey)
				return;
			e.preventDefault();
			choose(first.id);
		},
	}, who, age, text, h("span", { class: "ticket-foot" }, chip, replies));
	let ticket = first;
	const tick = () => {
		setText(age, ago(ticket.asked_at));
		age.dateTime = ticket.asked_at;
		age.title = dayTime(ticket.asked_at);
	};
	const set = (x: Ticket) => {
		ticket = x;
		setText(who, x.cart && x.by && x.by !== x.cart ? `${x.cart} · ${x.by}`
			: asker(x));
		setText(text, x.text ?? t("no_words"));
		setText(chip, stateName(x.state));
		chip.className = `chip ${stateTone(x.state)}`;
		setText(replies, x.replies ? t("replies", { n: x.replies }) : "");
		tick();
	};
	set(first);
	return { element: h("li", null, link), link, set, tick };
}

/** Draws into `root`; `mark` says which one is being read. */
export function ticketList(
	root: HTMLElement, state: State, chosen: string | null,
	choose: (id: string) => void, { live, session }: Context, signal: AbortSignal,
): { mark(id: string | null): void; has(id: string | null): boolean } {
	const items = new Map<string, Item>();
	const list = h("ol",
		{ class: "ticket-list", role: "list", "aria-label": t("list") });
	const none = session.role === "vendor"
		? empty(t("none_mine"), t("none_mine_what"))
		: empty(t(`none_${state}`), t(`none_${state}_what`));
	const more = h("button", { type: "button" }, t("more"));
	const page = h("div", null, list, none,
		h("div", { class: "ticket-more" }, more));
	let tickets = new Map<string, Ticket>(), before: string | null = null;
	let marked = chosen;

	const ask = (stop: AbortSignal) => get<Page>("tickets",
		{ state, limit: PAGE, before: before ?? undefined }, stop);
	const take = (got: Page) => {
		for (const x of got.tickets)
			if ((tickets.get(x.id)?.revision ?? -1) <= x.revision)
				tickets.set(x.id, x);
		before = got.next_before;
		more.hidden = before === null;
		draw();
	};
	const mark = (id: string | null) => {
		marked = id;
		for (const [k, { link }] of items)
			if (k === id)
				link.setAttribute("aria-current", "true");
			else
				link.removeAttribute("aria-current");
	};
	const draw = () => {
		// The one being read does not vanish when its state changes.
		const shown = (x: Ticket) => x.state === state ||
			(x.id === marked && items.has(x.id));
		const sorted = [...tickets.values()].filter(shown)
			.sort((a, b) => b.opened_at.localeCompare(a.opened_at) ||
				b.id.localeCompare(a.id));
		const ids = new Set(sorted.map((x) => x.id));
		for (const id of items.keys())
			if (!ids.has(id))
				items.delete(id);
		const elements = sorted.map((x) => {
			const one = items.get(x.id) ?? item(x, choose);
			items.set(x.id, one);
			one.set(x);
			return one.element;
		});
		if (elements.length !== list.childElementCount ||
			elements.some((e, i) => list.children[i] !== e)) {
			const had = document.activeElement;
			fill(list, ...elements);
			if (had instanceof HTMLElement && list.contains(had))
				had.focus({ preventScroll: true });
		}
		none.hidden = elements.length > 0;
		mark(marked);
	};
	more.addEventListener("click", async () => {
		more.disabled = true;
		try {
			take(await ask(signal));
		} catch (e) {
			if (!aborted(e))
				toast(reason(e), "failed");
		}
		more.disabled = false;
	});
	let begun = false;
	fetched(root, ask, (got) => {
		begun = true;
		take(got);
		return page;
	}, signal);
	live.on("ticket", ({ changed, snapshot }) => {
		if (snapshot && state !== "resolved")
			tickets = new Map(live.tickets);
		for (const x of changed.values())
			if ((tickets.get(x.id)?.revision ?? -1) <= x.revision)
				tickets.set(x.id, x);
		if (begun)
			draw();
	}, signal);
	const timer = setInterval(() => {
		for (const one of items.values())
			one.tick();
	}, TICK_MS);
	signal.addEventListener("abort", () => clearInterval(timer));
	return { mark, has: (id) => id !== null && items.has(id) };
}
