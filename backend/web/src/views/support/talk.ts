// One ticket: who asked, where they were, what was said, and the reply.

import { get, Problem } from "../../lib/api.js";
import { fill, h, setText } from "../../lib/dom.js";
import { dayTime, lasting, when } from "../../lib/format.js";
import { icon } from "../../lib/icons.js";
import { empty, fetched } from "../../lib/states.js";
import type { Ticket, TicketHistory } from "../../lib/types.js";
import { address, type Context } from "../../lib/view.js";
import { asker } from "./list.js";
import { replyForm } from "./reply.js";
import { stateName, stateTone, t } from "./words.js";

type Word = TicketHistory["history"][number];
const SOON_MS = 700, SOON_TIMES = 20;
// A fix younger than this is where they were.
const FRESH_S = 60;

/** A new ticket is answered 202 before its role has it: then it is asked for
 * again for some seconds. */
async function askFor(id: string, isNew: boolean, signal: AbortSignal) {
	for (let i = 0; ; i++)
		try {
			return await get<TicketHistory>(
				`tickets/${encodeURIComponent(id)}`, {}, signal);
		} catch (e) {
			if (!(e instanceof Problem) || e.status !== 404)
				throw e;
			if (!isNew || i === SOON_TIMES || signal.aborted)
				return null;
			await new Promise((r) => setTimeout(r, SOON_MS));
		}
}

function message(word: Word, first: Ticket): HTMLElement {
	const guild = word.act !== "open";
	const by = word.by ?? (guild ? t("by_you") : asker(first));
	return h("li", { class: `message ${guild ? "ours" : "theirs"}`,
		"data-act": word.act },
	h("p", { class: "message-head soft" },
		h("strong", null, word.act === "resolve"
			? t("resolved_with", { by }) : by), " ",
		h("time", { datetime: word.at, title: dayTime(word.at) },
			when(word.at))),
	h("p", { class: "message-text" }, word.text ?? t("no_words")),
	word.refused && h("p", { class: "chip bad" },
		t("not_taken", { why: word.reason ?? "" })));
}

function place(x: Ticket): HTMLElement | false {
	if (!x.place)
		return false;
	const { lat, lon, age_s: age } = x.place;
	const at = `${lat.toFixed(5)}, ${lon.toFixed(5)}`;
	return h("p", null, age < FRESH_S ? t("at_place", { place: at })
		: t("at_place_age", { place: at, age: lasting(age * 1000) }));
}

function facts(x: Ticket): HTMLElement {
	const late = Date.parse(x.opened_at) - Date.parse(x.asked_at) > 60000;
	return h("div", { class: "talk-facts soft" },
		h("p", null, late ? t("asked_heard", {
			at: dayTime(x.asked_at), heard: dayTime(x.opened_at),
		}) : t("asked", { at: dayTime(x.asked_at) })),
		place(x),
		x.mail && h("p", null, t("mail_too", { mail: x.mail })),
		x.cart && h("p", null, h("a",
			{ class: "download", href: address("map", x.cart) },
			icon("pin", 18), t("on_map", { cart: x.cart }))));
}

function earlier(x: Ticket, signal: AbortSignal): HTMLElement | false {
	if (!x.cart)
		return false;
	const box = h("div");
	let asked = false;
	const details = h("details", { class: "talk-earlier" },
		h("summary", null, t("earlier", { cart: x.cart })), box);
	details.addEventListener("toggle", () => {
		if (asked || !details.open)
			return;
		asked = true;
		fetched(box, (stop) => get<{ tickets: Ticket[] }>("tickets",
			{ cart: x.cart!, limit: 20 }, stop), ({ tickets }) => {
			const others = tickets.filter((o) => o.id !== x.id);
			return others.length === 0
				? h("p", { class: "soft" }, t("no_earlier"))
				: h("ul", null, ...others.map((o) => h("li", null,
					h("a", { href: address("support", o.id) },
						o.text ?? t("no_words")), " ",
					h("span", { class: "soft" }, dayTime(o.asked_at), ", ",
						stateName(o.state).toLowerCase()))));
		}, signal);
	}, { signal });
	return details;
}

export interface Opening {
	id: string;
	/** It was made a moment ago. */
	isNew: boolean;
	/** Told once, when it is there. */
	opened(ticket: Ticket): void;
}

/** Draws the conversation into `root` and keeps it true. */
export function talk(
	root: HTMLElement, { id, isNew, opened }: Opening,
	{ live, session }: Context, signal: AbortSignal,
): void {
	const staff = session.role === "admin" || session.role === "depot";
	const title = h("h2", { tabindex: "-1" }), chip = h("span");
	const messages = h("ol", { class: "messages", role: "list" });
	const log = h("div", { class: "talk-log", role: "log", tabindex: "0",
		"aria-label": t("conversation") }, messages);
	const foot = h("div", { class: "talk-foot" });
	const about = h("div", { class: "talk-about" });
	const page = h("article", { class: "talk card" },
		h("header", { class: "talk-head" },
			h("a", { class: "talk-back", href: address("support"),
				"aria-label": t("back"), title: t("back") }, icon("left")),
			title, chip),
		about, log, foot);
	const form = staff ? replyForm(id, {
		words: () => shown.length,
		taken: (...x) => pending(...x),
		settled: () => void follow(),
	}, signal) : null;
	let shown: Word[] = [], revision = -1;
	let sent: HTMLElement[] = [];

	// What was taken stands there before its role has noted it.
	const pending = (text: string, after: number) => {
		if (shown.slice(after).some((w) => w.text === text))
			return;
		const line = h("li", { class: "message ours pending" },
			h("p", { class: "message-head soft" }, t("pending")),
			h("p", { class: "message-text" }, text));
		line.dataset.text = text;
		sent.push(line);
		messages.append(line);
		end();
		void follow();
	};
	// An event tells it as well; but who did it need not wait for that.
	const follow = async () => {
		const was = revision;
		for (let i = 0; i < SOON_TIMES && revision === was; i++) {
			await new Promise((r) => setTimeout(r, SOON_MS));
			if (signal.aborted)
				return;
			if (revision === was)
				await again();
		}
	};
	const end = () => {
		log.scrollTop = log.scrollHeight;
	};
	const draw = (x: TicketHistory) => {
		if (revision === -1) {
			opened(x);
			fill(about, facts(x), earlier(x, signal));
			setText(title, x.cart && x.by && x.by !== x.cart
				? `${x.cart} · ${x.by}` : asker(x));
		}
		revision = x.revision;
		setText(chip, stateName(x.state));
		chip.className = `chip ${stateTone(x.state)}`;
		for (const word of x.history.slice(shown.length)) {
			const was = sent.find((s) => s.dataset.text === word.text);
			sent = sent.filter((s) => s !== was);
			was?.remove();
			messages.insertBefore(message(word, x), sent[0] ?? null);
		}
		if (x.history.length > shown.length)
			requestAnimationFrame(end);
		shown = x.history;
		foots(x);
	};
	const foots = (x: TicketHistory) => {
		const over = x.state === "resolved";
		if (form && !over) {
			form.about(x);
			if (form.element.parentNode !== foot)
				fill(foot, form.element);
		} else {
			fill(foot, h("p", { class: "soft" },
				t(over ? "is_resolved" : "only_staff")));
		}
	};
	const again = fetched(root, (stop) => askFor(id, isNew, stop), (x) => {
		if (!x)
			return empty(t("gone"), t("gone_what"),
				h("a", { href: address("support") }, t("back")));
		draw(x);
		return page;
	}, signal);
	live.on("ticket", ({ changed, snapshot }) => {
		const x = changed.get(id);
		if (snapshot || (x && x.revision > revision))
			void again();
	}, signal);
}
