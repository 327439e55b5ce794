// Support: tickets and what is said about them, side by side; on a phone one
// after the other.  Its address: #/support, #/support/ID.

import "./support.css";

import { choice } from "../../lib/choice.js";
import { fill, h } from "../../lib/dom.js";
import { icon } from "../../lib/icons.js";
import { empty } from "../../lib/states.js";
import { address, type View } from "../../lib/view.js";
import { createTicket } from "./create.js";
import { ticketList, type State } from "./list.js";
import { talk } from "./talk.js";
import { t } from "./words.js";

// As it was chosen, while the page stands.
let state: State = "open";

export const view: View = (root, context) => {
	const { session, signal, rest, live } = context;
	let chosen: string | null = rest[0] ?? null;
	const lists = h("div"), reading = h("div", { class: "support-talk" });
	let listing: AbortController | null = null;
	let talking: AbortController | null = null;
	let list: ReturnType<typeof ticketList> | null = null;

	const showList = () => {
		listing?.abort();
		listing = new AbortController();
		const place = h("div");
		fill(lists, place);
		list = ticketList(place, state, chosen, (id) => choose(id), context,
			AbortSignal.any([signal, listing.signal]));
	};
	const showTalk = (isNew = false) => {
		talking?.abort();
		talking = new AbortController();
		root.classList.toggle("talking", chosen !== null);
		const place = h("div");
		fill(reading, place);
		if (chosen === null)
			fill(place, empty(t("choose"), t("choose_what")));
		else
			talk(place, { id: chosen, isNew, opened }, context,
				AbortSignal.any([signal, talking.signal]));
	};
	// The list is the one that it stands in.
	const opened = (x: { state: State }) => {
		if (state === x.state || list?.has(chosen))
			return;
		state = x.state;
		states.set(state);
		showList();
	};
	// A step of its own: a phone's "back" leads to the list again.
	const choose = (id: string, isNew = false) => {
		if (id !== chosen)
			history.pushState(null, "", address("support", id));
		chosen = id;
		list?.mark(id);
		showTalk(isNew);
	};
	const staff = session.role === "admin" || session.role === "depot";
	const states = choice(t("which"), [
		{ value: "open", text: t("open") },
		{ value: "in_progress", text: t("in_progress") },
		{ value: "resolved", text: t("resolved") },
	] as const, state, (wanted: State) => {
		state = wanted;
		showList();
	});
	const count = () => {
		for (const s of ["open", "in_progress"] as const)
			states.count(s, [...live.tickets.values()]
				.filter((x) => x.state === s).length);
	};
	live.on("ticket", count, signal);
	count();
	root.classList.add("support");
	fill(root,
		h("header", { class: "view-head" }, h("h1", null, t("title")),
			h("button", {
				type: "button", class: "add",
				onclick: async () => {
					const id = await createTicket(staff);
					if (id)
						choose(id, true);
				},
			}, icon("plus", 18), t("add")),
			states.element),
		h("div", { class: "support-split" },
			h("section", { class: "support-list", "aria-label": t("list") },
				lists),
			reading));
	showList();
	showTalk();
};
