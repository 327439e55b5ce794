// Members in rows, and those who wait as cards with what may be decided.

import { h, type Child } from "../../lib/dom.js";
import { ago, dayTime, rut, when } from "../../lib/format.js";
import { icon } from "../../lib/icons.js";
import { table } from "../../lib/table.js";
import type { FullMember } from "../../lib/types.js";
import type { Context } from "../../lib/view.js";
import { dictionary } from "../../lib/words.js";
import { actButtons } from "./acts.js";
import { enrol } from "./enrol.js";
import { nameText, refusalText, stateKind, stateText } from "./words.js";

const t = dictionary({
	members: "Miembros", name: "Nombre", plate: "Patente", state: "Estado",
	since: "Desde", acts: "Acciones",
	premium: "Premium", registered: "Se registró {ago}",
	connect: "Conectar", connect_of: "Conectar el carrito {plate}",
	more: "Más de {name}",
}, {
	members: "Members", name: "Name", plate: "Plate", state: "State",
	since: "Since", acts: "Actions",
	premium: "Premium", registered: "Registered {ago}",
	connect: "Connect", connect_of: "Connect the cart {plate}",
	more: "More about {name}",
});

type Open = (m: FullMember) => void;

export const premiumMark = (m: FullMember): Child => m.premium &&
	h("span", { class: "chip premium" }, "★ ", t("premium"));

const nameButton = (m: FullMember, open: Open): HTMLElement =>
	h("button", {
		type: "button", class: "member-name", "data-focus": `${m.who} name`,
		onclick: () => open(m),
	}, nameText(m));

export function waitingCard(
	m: FullMember, open: Open, told: () => void, signal: AbortSignal,
): HTMLElement {
	return h("li", { class: "card waiting-card", "data-who": m.who },
		h("div", null,
			nameButton(m, open), " ", premiumMark(m),
			h("p", null, h("strong", { class: "plate" }, m.plate), " · ",
				rut(m.rut ?? "")),
			h("p", { class: "soft" }, m.email),
			h("p", { class: "soft", title: dayTime(m.registered_at) },
				t("registered", { ago: ago(m.registered_at) }))),
		h("div", { class: "member-acts" },
			...actButtons(m, ["approve", "reject"], told, signal)));
}

export function membersTable(
	members: FullMember[], open: Open, context: Context, told: () => void,
): HTMLElement {
	return table(t("members"), [
		{ title: t("name") }, { title: t("plate") }, { title: t("state") },
		{ title: t("since") }, { title: t("acts") },
	], members.map((m) => [
		h("span", null, nameButton(m, open), " ", premiumMark(m)),
		h("span", { class: "plate" }, m.plate ?? "–"),
		h("span", null,
			h("span", { class: `chip ${stateKind(m)}` }, stateText(m)),
			(m.refusal ?? m.reason) && h("span", { class: "soft why" }, " ",
				m.refusal ? refusalText(m.refusal) : m.reason)),
		h("time", { datetime: m.changed_at, title: dayTime(m.changed_at) },
			when(m.changed_at)),
		h("span", { class: "member-acts" },
			m.state === "approved" && !m.refusal && h("button", {
				type: "button", class: "with-icon",
				"data-focus": `${m.who} connect`,
				"aria-label": t("connect_of", { plate: m.plate ?? "" }),
				onclick: () => void enrol(m, context).then(told),
			}, icon("qr", 18), t("connect")),
			h("button", {
				type: "button", class: "icon-button",
				"data-focus": `${m.who} more`,
				"aria-label": t("more", { name: nameText(m) }),
				title: t("more", { name: nameText(m) }),
				onclick: () => open(m),
			}, "⋯")),
	]));
}
