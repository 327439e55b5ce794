// What members, their states and the guild's refusals are called.

import type { FullMember } from "../../lib/types.js";
import { coded, dictionary } from "../../lib/words.js";

const t = dictionary({
	waiting: "Espera", approved: "Aprobado", suspended: "Suspendido",
	rejected: "Rechazado", left: "Se fue", refused: "No admitido",
	"rut.wrong": "El RUT no es correcto.",
	"email.wrong": "A ese correo no se puede escribir.",
	"rut.taken": "Ya hay un miembro con ese RUT.",
	"plate.taken": "Otro miembro tiene ese carrito.",
	gone: "Sin datos personales",
	is: "Está {state}: {to} puede ser solo quien está {from}.",
	plate_other: "Otro miembro tiene el carrito {plate}.",
	only_approved: "Solo entra el carrito de un miembro aprobado.",
}, {
	waiting: "Waiting", approved: "Approved", suspended: "Suspended",
	rejected: "Rejected", left: "Left", refused: "Not admitted",
	"rut.wrong": "The RUT is not right.",
	"email.wrong": "Mail cannot be sent to that address.",
	"rut.taken": "There is a member with that RUT already.",
	"plate.taken": "Another member has that cart.",
	gone: "No personal data",
	is: "The member is {state}: only one who is {from} can become {to}.",
	plate_other: "Another member has the cart {plate}.",
	only_approved: "Only the cart of an approved member may come in.",
});

const STATES = ["waiting", "approved", "suspended", "rejected", "left"] as const;
export const stateText = (m: Pick<FullMember, "state" | "refusal">): string =>
	m.refusal ? t("refused") : coded(t, STATES, m.state);
export const stateKind = (m: Pick<FullMember, "state" | "refusal">): string =>
	m.refusal ? "bad" : {
		waiting: "wait", approved: "good", suspended: "bad", rejected: "bad",
		left: "",
	}[m.state];

export const refusalText = (code: string): string => coded(t,
	["rut.wrong", "email.wrong", "rut.taken", "plate.taken"], code);

/** Whose personal data went is named by nothing. */
export const nameText = (m: FullMember): string =>
	[m.first_name, m.last_name].filter(Boolean).join(" ") || t("gone");

const word = (state = "") => coded(t, STATES, state).toLowerCase();

/** The guild's own sentences in the page's language; others stay. */
export function serverText(text: string): string {
	let m = /^the member is (\w+): only one who is (\w+) can become (\w+)$/
		.exec(text);
	if (m)
		return t("is", { state: word(m[1]), from: word(m[2]), to: word(m[3]) });
	m = /^another member has the cart (\w+)$/.exec(text);
	if (m)
		return t("plate_other", { plate: m[1] ?? "" });
	return text.startsWith("only the cart of an approved member")
		? t("only_approved") : text;
}
