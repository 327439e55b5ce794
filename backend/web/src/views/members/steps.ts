// How far a cart is on its way onto the map, from what the guild knows of it,
// and what to do where it stops.

import type { Cart, FullMember } from "../../lib/types.js";
import { dictionary } from "../../lib/words.js";

const t = dictionary({
	code: "Código hecho", taken: "El gateway lo tomó",
	gate: "El broker lo deja entrar", connected: "Conectado",
	fix: "Primera posición en el mapa",
	expired: "El código venció sin que nadie lo tomara. Haz otro.",
	taken_now: "Escanea el código con el teléfono en la red del carrito, o " +
		"escribe la dirección en el gateway.",
	taken_slow: "Nadie lo ha tomado. ¿El gateway tiene red y llega a esta " +
		"dirección? Pruébala desde el carrito. El código sirve una vez.",
	gate_now: "El broker está abriendo la cuenta del carrito.",
	gate_slow: "El broker no confirma. Mira en Sistema si el rol «members» y el " +
		"broker andan: se intenta solo hasta que resulte.",
	connected_now: "El gateway tiene su clave y se está conectando.",
	connected_slow: "El gateway no llega al broker. ¿Tiene internet? ¿Está " +
		"encendido? Revisa que su red deje salir al puerto de MQTT, y el " +
		"registro del gateway (link.*).",
	fix_now: "Buscando satélites: la primera vez puede tardar unos minutos, " +
		"con vista al cielo.",
	fix_no_gpsd: "El gateway no encuentra gpsd: revisa que esté andando.",
	fix_silent: "El receptor GNSS no dice nada: ¿está enchufado?",
	fix_no_fix: "El receptor no ve satélites: sácalo a cielo abierto y espera " +
		"unos minutos.",
	fix_slow: "Conectado, pero sin posición todavía: sácalo a cielo abierto y " +
		"revisa el receptor.",
}, {
	code: "Code made", taken: "The gateway took it",
	gate: "The broker lets it in", connected: "Connected",
	fix: "First fix on the map",
	expired: "The code expired before anybody took it. Make another.",
	taken_now: "Scan the code with the phone on the cart's network, or type " +
		"the address at the gateway.",
	taken_slow: "Nobody has taken it. Does the gateway have a network, and does " +
		"it reach this address? Try it from the cart. The code works once.",
	gate_now: "The broker is opening the cart's account.",
	gate_slow: "The broker does not confirm. See under System whether the role " +
		"“members” and the broker run: it is tried again until it works.",
	connected_now: "The gateway has its password and is connecting.",
	connected_slow: "The gateway does not reach the broker. Does it have " +
		"internet? Is it on? See that its network lets it out to the MQTT port, " +
		"and the gateway's log (link.*).",
	fix_now: "Looking for satellites: the first time may take some minutes, " +
		"with a view of the sky.",
	fix_no_gpsd: "The gateway does not find gpsd: see that it runs.",
	fix_silent: "The GNSS receiver says nothing: is it plugged in?",
	fix_no_fix: "The receiver sees no satellites: take it into the open and " +
		"wait some minutes.",
	fix_slow: "Connected, but no place yet: take it into the open and look at " +
		"the receiver.",
});

export const STEPS = ["code", "taken", "gate", "connected", "fix"] as const;
export type StepName = (typeof STEPS)[number];
export const stepText = (name: StepName): string => t(name);

export interface Known {
	/** Of the code that is shown; null: none was made. */
	expiresAt: number | null;
	member: FullMember;
	cart: Cart | undefined;
}

const since = (at: string | null | undefined, from: number): boolean =>
	!!at && Date.parse(at) >= from;

/** The first that is not done; "" when the cart is on the map. */
export function nextStep({ expiresAt, member, cart }: Known): StepName | "" {
	const { enrolled_at: taken } = member;
	if (!taken)
		return expiresAt === null ? "code" : "taken";
	// All of these are the guild's own times, whatever this page's clock says.
	const at = Date.parse(taken);
	if (!member.gate_done)
		return "gate";
	if (!since(cart?.contact_at, at))
		return "connected";
	return since(cart?.fix?.received_at ?? cart?.fix?.at, at) ? "" : "fix";
}

/** After so long it is worth a word. */
const SLOW_MS: Record<StepName, number> = {
	code: 0, taken: 60000, gate: 10000, connected: 20000, fix: 90000,
};

/** What to do at the step, that has hung for so long. */
export function advice(step: StepName, forMs: number, known: Known): string {
	if (step === "code")
		return "";
	if (step === "taken" && known.expiresAt !== null &&
		Date.now() > known.expiresAt)
		return t("expired");
	const slow = forMs > SLOW_MS[step];
	if (step !== "fix")
		return t(`${step}_${slow ? "slow" : "now"}`);
	switch (known.cart?.fix_mode) {
	case "no_gpsd":
		return t("fix_no_gpsd");
	case "silent":
		return t("fix_silent");
	case "no_fix":
		return t(slow ? "fix_no_fix" : "fix_now");
	default:
		return t(slow ? "fix_slow" : "fix_now");
	}
}

export const isSlow = (step: StepName, forMs: number, known: Known): boolean =>
	forMs > SLOW_MS[step] || (step === "taken" && known.expiresAt !== null &&
		Date.now() > known.expiresAt);
