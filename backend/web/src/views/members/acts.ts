// What an admin decides about a member: each asked as it must be, and followed
// until the guild has it.

import { get, Problem, send } from "../../lib/api.js";
import { formDialog, toast, type FormField } from "../../lib/dialog.js";
import { h } from "../../lib/dom.js";
import { plateOf } from "../../lib/registration.js";
import { aborted, reason } from "../../lib/states.js";
import type { FullMember } from "../../lib/types.js";
import { dictionary } from "../../lib/words.js";
import { nameText, serverText } from "./words.js";

const t = dictionary({
	approve: "Aprobar", reject: "Rechazar", suspend: "Suspender",
	reinstate: "Readmitir", replace: "Cambiar gateway", plate: "Cambiar patente",
	leave: "Se va del gremio",
	approve_title: "Aprobar a {name}",
	approve_text: "Entra al gremio y su carrito {plate} puede conectarse. " +
		"Se le avisa por correo.",
	reject_title: "Rechazar a {name}",
	reject_text: "No entra. Se le avisa por correo con el motivo; puede " +
		"registrarse otra vez.",
	suspend_title: "Suspender a {name}",
	suspend_text: "Su carrito {plate} queda fuera hasta que se le readmita. Lo " +
		"que venda mientras tanto espera en el carrito y se cuenta después.",
	reinstate_title: "Readmitir a {name}",
	reinstate_text: "Su carrito {plate} vuelve a entrar, con el mismo gateway.",
	replace_title: "Otro gateway para {plate}",
	replace_text: "La clave del gateway anterior termina ahora y su conexión se " +
		"corta. El nuevo entra con un código nuevo: hazlo después en «Conectar».",
	plate_title: "Otra patente para {name}",
	plate_text: "El carrito {plate} queda fuera; el nuevo entra con un código " +
		"nuevo.",
	leave_title: "{name} se va del gremio",
	leave_text: "Su carrito {plate} queda fuera y sus datos personales se borran: " +
		"nombre, RUT y correo, también de la historia. No se puede deshacer. " +
		"Quedan la patente y las ventas, sin nombre.",
	leave_sure: "Borrar sus datos y darle salida",
	reason: "Motivo (lo lee el miembro)",
	reason_free: "Motivo, si quieres (lo lee el miembro)",
	new_plate: "Patente nueva",
	plate_hint: "4 a 8 letras y números, sin espacios ni guion.",
	plate_wrong: "Así no es una patente.",
	done: "Hecho: {what}.",
	late: "Se pidió, pero todavía no se ve hecho: el sistema de miembros está " +
		"atrasado.",
}, {
	approve: "Approve", reject: "Reject", suspend: "Suspend",
	reinstate: "Reinstate", replace: "Replace gateway", plate: "Change plate",
	leave: "Leaves the guild",
	approve_title: "Approve {name}",
	approve_text: "They enter the guild and their cart {plate} may connect. " +
		"They are told by mail.",
	reject_title: "Reject {name}",
	reject_text: "They do not enter. They are told by mail, with the reason; " +
		"they may register again.",
	suspend_title: "Suspend {name}",
	suspend_text: "Their cart {plate} is kept out until they are reinstated. What " +
		"it sells meanwhile waits in the cart and is counted later.",
	reinstate_title: "Reinstate {name}",
	reinstate_text: "Their cart {plate} is let in again, with the same gateway.",
	replace_title: "Another gateway for {plate}",
	replace_text: "The password of the gateway before ends now and its connection " +
		"is cut. The new one comes in with a new code: make it with “Connect”.",
	plate_title: "Another plate for {name}",
	plate_text: "The cart {plate} is kept out; the new one comes in with a new " +
		"code.",
	leave_title: "{name} leaves the guild",
	leave_text: "Their cart {plate} is kept out and their personal data are " +
		"erased: name, RUT and mail, from the history too. There is no way back. " +
		"The plate and the sales stay, without a name.",
	leave_sure: "Erase the data and let them go",
	reason: "Reason (the member reads it)",
	reason_free: "Reason, if you like (the member reads it)",
	new_plate: "New plate",
	plate_hint: "4 to 8 letters and digits, no spaces or dash.",
	plate_wrong: "That is no plate.",
	done: "Done: {what}.",
	late: "It was asked for but does not show yet: the members' books are " +
		"behind.",
});

export type Act = "approve" | "reject" | "suspend" | "reinstate" | "replace" |
	"plate" | "leave";

/** What may be decided in each state. */
const ACTS: Record<FullMember["state"], Act[]> = {
	waiting: ["approve", "reject", "plate", "leave"],
	approved: ["suspend", "replace", "plate", "leave"],
	suspended: ["reinstate", "replace", "plate", "leave"],
	rejected: ["leave"],
	left: [],
};
export const actsOf = (m: FullMember): Act[] => (m.refusal ? [] : ACTS[m.state]);
export const actText = (act: Act): string => t(act);

const FIELDS: Partial<Record<Act, FormField["required"]>> = {
	reject: true, suspend: true, approve: undefined, plate: false, leave: false,
};
const LATE_MS = 15000, LOOK_MS = 500;

function fields(act: Act): FormField[] {
	const all: FormField[] = [];
	if (act === "plate")
		all.push({ name: "plate", label: t("new_plate"), required: true,
			hint: t("plate_hint"), maxlength: 10, attributes: {
				autocapitalize: "characters", autocomplete: "off",
				spellcheck: "false" } });
	const needed = FIELDS[act];
	if (needed !== undefined)
		all.push({ name: "reason", type: "textarea", required: needed,
			label: t(needed ? "reason" : "reason_free"), maxlength: 240 });
	return all;
}

/** Asks, and does it.  `told` when the member is seen as decided. */
export async function decide(
	act: Act, m: FullMember, told: (m: FullMember) => void, signal: AbortSignal,
): Promise<void> {
	const values = { name: nameText(m), plate: m.plate ?? "" };
	const asked = await formDialog(t(`${act}_title`, values), {
		text: t(`${act}_text`, values),
		fields: fields(act),
		action: act === "leave" ? t("leave_sure") : t(act),
		danger: ["leave", "suspend", "reject", "replace"].includes(act),
		act: async (given) => {
			const why = given.reason?.trim();
			const body = {
				...(why ? { reason: why } : {}),
				...(act === "plate" ? { plate: plateOf(given.plate ?? "") } : {}),
			};
			try {
				await send("POST",
					`members/${encodeURIComponent(m.who)}/${act}`, body);
			} catch (e) {
				if (!(e instanceof Problem))
					throw e;
				if (e.status === 409)
					throw new Error(serverText(e.detail));
				// The guild's words of fields are English.
				throw new Problem(e.status, e.detail, e.field,
					e.errors.map((x) => (x.field === "plate"
						? { ...x, detail: t("plate_wrong") } : x)));
			}
		},
	});
	if (asked)
		await follow(act, m, told, signal);
}

const so = (act: Act, before: FullMember, now: FullMember): boolean =>
	act === "replace" ? now.enrolment !== before.enrolment
		: act === "plate" ? now.plate !== before.plate
			: now.state !== before.state;

/** The wish is kept; the role decides a moment later. */
async function follow(
	act: Act, before: FullMember, told: (m: FullMember) => void,
	signal: AbortSignal,
): Promise<void> {
	for (const until = Date.now() + LATE_MS; Date.now() < until;) {
		await new Promise((r) => setTimeout(r, LOOK_MS));
		if (signal.aborted)
			return;
		try {
			const now = await get<FullMember>(
				`members/${encodeURIComponent(before.who)}`, {}, signal);
			if (so(act, before, now)) {
				told(now);
				toast(t("done", { what: t(act).toLowerCase() }));
				return;
			}
		} catch (e) {
			if (aborted(e))
				return;
			toast(reason(e), "failed");
			return;
		}
	}
	toast(t("late"), "failed");
}

/** Buttons for some of what may be decided. */
export function actButtons(
	m: FullMember, acts: Act[], told: (m: FullMember) => void,
	signal: AbortSignal,
): HTMLButtonElement[] {
	return acts.map((act) => h("button", {
		type: "button", "data-act": act, "data-focus": `${m.who} ${act}`,
		class: act === "approve" || act === "reinstate" ? "primary"
			: act === "leave" ? "act-danger" : "",
		onclick: () => void decide(act, m, told, signal),
	}, t(act)));
}
