// Members: who waits for a decision first, then everybody else.

import "./members.css";
import "./enrol.css";
import { get } from "../../lib/api.js";
import { choice } from "../../lib/choice.js";
import { fill, h, type Child } from "../../lib/dom.js";
import { keepFocus } from "../../lib/focus.js";
import { rut } from "../../lib/format.js";
import { icon } from "../../lib/icons.js";
import { readRut } from "../../lib/rut.js";
import { empty, fetched } from "../../lib/states.js";
import type { FullMember } from "../../lib/types.js";
import { every, type Context, type View } from "../../lib/view.js";
import { dictionary } from "../../lib/words.js";
import { showMember } from "./detail.js";
import { membersTable, waitingCard } from "./list.js";
import { registerMember } from "./register.js";

const t = dictionary({
	title: "Miembros", new_member: "Registrar a mano",
	which: "Qué miembros se ven",
	all: "Todos", waiting: "Esperan", approved: "Aprobados",
	suspended: "Suspendidos", rejected: "Rechazados", left: "Se fueron",
	refused: "No admitidos",
	search: "Buscar nombre, patente o RUT",
	wait_title: "Esperan una decisión", others: "Miembros del gremio",
	none: "El gremio todavía no tiene miembros",
	none_what: "Quien quiera entrar se registra en la página pública, o lo " +
		"registras tú.",
	none_waiting: "Nadie espera",
	none_waiting_what: "Quien se registre aparece aquí al momento.",
	none_here: "Ninguno en este grupo",
	none_match: "Nada coincide con «{text}» entre los que se ven",
	by_rut: "Buscar el RUT {rut} en todo el gremio",
	more: "Ver más",
	public: "Abrir la página pública",
}, {
	title: "Members", new_member: "Register by hand",
	which: "Which members are shown",
	all: "All", waiting: "Waiting", approved: "Approved",
	suspended: "Suspended", rejected: "Rejected", left: "Left",
	refused: "Not admitted",
	search: "Search a name, plate or RUT",
	wait_title: "Waiting for a decision", others: "Members of the guild",
	none: "The guild has no members yet",
	none_what: "Who would like to join registers on the public page, or you " +
		"register them.",
	none_waiting: "Nobody waits",
	none_waiting_what: "Who registers appears here at once.",
	none_here: "None in this group",
	none_match: "Nothing matches “{text}” among those shown",
	by_rut: "Look the RUT {rut} up in the whole guild",
	more: "Show more",
	public: "Open the public page",
});

const FILTERS = ["all", "waiting", "approved", "suspended", "rejected", "left",
	"refused"] as const;
type Filter = (typeof FILTERS)[number];
const PAGE = 100, WAITING_MAX = 1000, SOON_MS = 300;

interface Page {
	members: FullMember[];
	next_after: string | null;
}
interface Shown extends Page {
	waiting: FullMember[];
}

async function read(
	filter: Filter, pages: number, signal: AbortSignal,
): Promise<Shown> {
	const shown: Shown = { waiting: [], members: [], next_after: null };
	if (filter === "all" || filter === "waiting")
		shown.waiting = (await get<Page>("members",
			{ state: "waiting", limit: WAITING_MAX }, signal)).members
			// Premium first, then who has waited longest.
			.reverse().sort((a, b) => Number(b.premium) - Number(a.premium));
	let after: string | undefined;
	for (let i = 0; i < pages && filter !== "waiting"; i++) {
		const page = await get<Page>("members",
			{ state: filter, limit: PAGE, after }, signal);
		shown.members.push(...page.members.filter((m) =>
			m.state !== "waiting" || m.refusal));
		after = page.next_after ?? undefined;
		shown.next_after = page.next_after;
		if (!after)
			break;
	}
	return shown;
}

const matches = (m: FullMember, text: string): boolean =>
	[m.first_name, m.last_name, m.plate, m.rut, rut(m.rut ?? ""), m.email]
		.join(" ").toLowerCase().includes(text.toLowerCase());

export const view: View = (root, context) => {
	const { live, signal, rest } = context;
	let filter: Filter = "all", pages = 1, text = "";
	let last: Shown | null = null;
	const place = h("div", { class: "members" });
	const filters = choice(t("which"),
		FILTERS.map((value) => ({ value, text: t(value) })), filter, (wanted) => {
			filter = wanted;
			pages = 1;
			void load();
		});
	const open = (m: Pick<FullMember, "who">) =>
		void showMember(m.who, context, () => void load());
	const drawn = (shown: Shown): Child[] => {
		last = shown;
		keepFocus(list);
		return draw(shown, { filter, text, open, context,
			more: () => {
				pages++;
				void load();
			}, load: () => void load() });
	};
	const list = h("div");
	fill(place, list);
	const load = fetched(list, (s) => read(filter, pages, s), drawn, signal);
	const search = h("input", { type: "search", "aria-label": t("search"),
		placeholder: t("search"), oninput: () => {
			text = search.value.trim();
			if (last)
				fill(list, ...drawn(last) as Node[]);
		} });
	fill(root,
		h("header", { class: "view-head" }, h("h1", null, t("title")),
			h("button", { type: "button", class: "primary with-icon",
				onclick: () => void registerMember(() => void load()) },
			icon("plus", 18), t("new_member"))),
		h("div", { class: "members-head" }, filters.element, search),
		place);
	// Many may change at once: they are read together.
	let due = 0;
	live.on("member", () => {
		filters.count("waiting", [...live.members.values()]
			.filter((m) => m.state === "waiting").length);
		clearTimeout(due);
		due = window.setTimeout(() => void load(), SOON_MS);
	}, signal);
	signal.addEventListener("abort", () => clearTimeout(due));
	every(60000, () => void load(), signal);
	if (rest[0])
		open({ who: rest[0] });
};

interface Drawing {
	filter: Filter;
	text: string;
	open(m: Pick<FullMember, "who">): void;
	more(): void;
	load(): void;
	context: Context;
}

function draw(shown: Shown, d: Drawing): Child[] {
	const { filter, text, open, context } = d;
	const waiting = shown.waiting.filter((m) => matches(m, text));
	const others = shown.members.filter((m) => matches(m, text));
	const parts: Child[] = [];
	if (waiting.length > 0)
		parts.push(h("section", { class: "waiting" },
			h("h2", null, t("wait_title"), " ",
				h("span", { class: "chip wait" }, String(waiting.length))),
			h("ul", { class: "waiting-cards" }, ...waiting.map((m) =>
				waitingCard(m, open, d.load, context.signal)))));
	if (others.length > 0)
		parts.push(h("section", { class: "card" },
			filter === "all" && h("h2", null, t("others")),
			membersTable(others, open, context, d.load)));
	if (parts.length === 0)
		parts.push(nothing(shown, d));
	if (shown.next_after)
		parts.push(h("button", { type: "button", class: "members-more",
			onclick: d.more }, t("more")));
	return parts;
}

function nothing(
	shown: Shown, { filter, text, open }: Drawing,
): HTMLElement {
	const asked = readRut(text);
	if (text && shown.members.length + shown.waiting.length > 0 ||
		asked.is === "right")
		return empty(t("none_match", { text }), undefined,
			asked.is === "right" && h("button", { type: "button", onclick: () =>
				open({ who: asked.rut }) },
			t("by_rut", { rut: rut(asked.rut) })));
	if (filter === "waiting")
		return empty(t("none_waiting"), t("none_waiting_what"));
	if (filter !== "all")
		return empty(t("none_here"));
	return empty(t("none"), t("none_what"),
		h("a", { href: "/public/" }, t("public")));
}
