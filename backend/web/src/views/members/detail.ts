// One member: who it is, the cart, and what may be decided.

import { get, Problem } from "../../lib/api.js";
import { dialog } from "../../lib/dialog.js";
import { h, type Child } from "../../lib/dom.js";
import { keepFocus } from "../../lib/focus.js";
import { dayTime, rut } from "../../lib/format.js";
import { icon } from "../../lib/icons.js";
import { fetched } from "../../lib/states.js";
import type { FullMember } from "../../lib/types.js";
import { address, replaceAddress, type Context } from "../../lib/view.js";
import { dictionary } from "../../lib/words.js";
import { actButtons, actsOf } from "./acts.js";
import { enrol } from "./enrol.js";
import { premiumMark } from "./list.js";
import { nameText, refusalText, stateKind, stateText } from "./words.js";

const t = dictionary({
	title: "Miembro",
	rut: "RUT", email: "Correo", plate: "Carrito", language: "Idioma",
	registered: "Se registró", changed: "En este estado desde", by: "Decidió",
	rules: "las reglas del gremio", reason: "Motivo",
	refusal: "Por qué no se admitió",
	gateway: "Gateway", es: "español", en: "inglés",
	never: "Ninguno entró todavía", in_broker: "el broker lo conoce",
	not_in_broker: "el broker aún no lo conoce",
	taken: "código tomado {when}", not_taken: "su código no se ha tomado",
	on_map: "Ver en el mapa",
	connect: "Conectar el carrito",
	nobody: "No hay ningún miembro así en el gremio.",
}, {
	title: "Member",
	rut: "RUT", email: "Mail", plate: "Cart", language: "Language",
	registered: "Registered", changed: "In this state since", by: "Decided by",
	rules: "the guild's rules", reason: "Reason",
	refusal: "Why they were not admitted",
	gateway: "Gateway", es: "Spanish", en: "English",
	never: "None was ever let in", in_broker: "the broker knows it",
	not_in_broker: "the broker does not know it yet",
	taken: "code taken {when}", not_taken: "its code was not taken",
	on_map: "See on the map",
	connect: "Connect the cart",
	nobody: "There is no such member in the guild.",
});

/** `who`: or a RUT. */
export async function showMember(
	who: string, context: Context, changed: () => void,
): Promise<void> {
	const { live, signal } = context;
	const over = new AbortController();
	const both = AbortSignal.any([signal, over.signal]);
	const root = h("div", { class: "member-detail" });
	const d = dialog(t("title"), [root]);
	const load = fetched(root, async (s) => {
		const m = await get<FullMember>(
			`members/${encodeURIComponent(who)}`, {}, s).catch((e: unknown) => {
			throw e instanceof Problem && e.status === 404
				? new Error(t("nobody")) : e;
		});
		// Who was found by RUT is named without it from here on.
		who = m.who;
		replaceAddress("members", who);
		return m;
	}, (m) => {
		keepFocus(root);
		return draw(m, context, () => {
			void load();
			changed();
		}, both);
	}, both);
	live.on("member", ({ changed: those, snapshot }) => {
		if (snapshot || those.has(who))
			void load();
	}, both);
	signal.addEventListener("abort", d.close, { signal: over.signal });
	await d.closed;
	over.abort();
	if (!signal.aborted)
		replaceAddress("members");
}

const pair = (name: string, ...what: Child[]): HTMLElement =>
	h("div", null, h("dt", null, name), h("dd", null, ...what));

function draw(
	m: FullMember, context: Context, told: () => void, signal: AbortSignal,
): Child[] {
	return [
		h("p", { class: "member-head" },
			h("strong", null, nameText(m)), premiumMark(m),
			h("span", { class: `chip ${stateKind(m)}` }, stateText(m))),
		h("dl", { class: "facts" }, ...facts(m)),
		m.state === "approved" && !m.refusal &&
		h("button", { type: "button", class: "primary big with-icon",
			"data-focus": "connect", onclick: () => void enrol(m, context).then(told) },
		icon("qr"), t("connect")),
		h("div", { class: "member-acts" },
			...actButtons(m, actsOf(m), told, signal)),
	];
}

function facts(m: FullMember): Child[] {
	return [
		m.rut && pair(t("rut"), rut(m.rut)),
		m.email && pair(t("email"), h("a", { href: `mailto:${m.email}` }, m.email)),
		m.language && pair(t("language"),
			t(m.language === "en" ? "en" : "es")),
		m.plate && pair(t("plate"), h("span", { class: "plate" }, m.plate), " ",
			m.state !== "waiting" &&
			h("a", { href: address("map", m.plate) }, t("on_map"))),
		pair(t("registered"), dayTime(m.registered_at)),
		pair(t("changed"), dayTime(m.changed_at)),
		(m.by || m.state !== "waiting") &&
		pair(t("by"), m.by ?? t("rules")),
		m.refusal ? pair(t("refusal"), refusalText(m.refusal))
			: m.reason && pair(t("reason"), m.reason),
		m.state !== "left" && !m.refusal && pair(t("gateway"), gateway(m)),
	];
}

function gateway(m: FullMember): string {
	if (m.enrolment === 0)
		return t("never");
	return [
		t(m.gate_done ? "in_broker" : "not_in_broker"),
		m.enrolled_at ? t("taken", { when: dayTime(m.enrolled_at) })
			: t("not_taken"),
	].join(" · ");
}
