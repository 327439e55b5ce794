// What an alert says, in words: "Sin red de 14:02 a 14:40 (38 min), se movió
// 350 m".  The cart's plate is not in them: it stands beside.

import { clockTime, dayTime, lasting, localDate, metres } from "./format.js";
import type { Alert } from "./types.js";
import { coded, dictionary } from "./words.js";

export const CAUSES = [
	"missing", "astray.zone", "astray.hours", "astray.reported", "fugitive",
	"backlog", "gap.pos", "gap.sale", "gap.stock", "sale.refused",
	"restock.dispute",
] as const satisfies readonly Alert["cause"][];

const t = dictionary({
	"missing": "Sin señal",
	"astray.zone": "Fuera de su zona",
	"astray.hours": "Se mueve fuera de horario",
	"astray.reported": "Reportado fuera de lugar",
	"fugitive": "Carrito desconocido",
	"backlog": "Datos atrasados",
	"gap.pos": "Faltan posiciones",
	"gap.sale": "Faltan ventas",
	"gap.stock": "Faltan movimientos de stock",
	"sale.refused": "Ventas sin contar",
	"restock.dispute": "Entrega en disputa",
	// A missing cart, by what is known of why.
	no_fix: "Sin posición",
	network: "Sin red",
	gateway: "Equipo reiniciado",
	power: "Sin energía",
	receiver: "Receptor sin satélites",
	unknown: "Sin señal",

	since_time: "desde las {at}",
	since_day: "desde el {at}",
	span_times: "de {from} a {to} ({for})",
	span_days: "desde el {from} hasta el {to} ({for})",
	span_day: "el {from} a {to} ({for})",
	moment_time: "a las {from}, por {for}",
	moment_day: "el {from}, por {for}",

	missing_link_lost: "Sin señal {when}: se cortó su conexión.",
	missing_stopped: "Sin señal {when}: se apagó con el día abierto.",
	missing_no_fix: "Sin posición {when}: informa, pero no sabe dónde está.",
	missing_nothing: "Sin señal {when}. No se sabe más.",
	was_network: "Sin red {when}{moved}.",
	was_gateway: "Sin señal {when}: se reinició su equipo{moved}.",
	was_power: "Sin energía {when}{moved}.",
	was_receiver: "Sin posición {when}: su receptor no veía satélites{moved}.",
	was_unknown: "Sin señal {when}{moved}.",
	moved: ", se movió {m}",
	stayed: ", no se movió",

	zone: "Fuera de su zona {when}{moved}.",
	zone_named: "Fuera de la zona «{subject}» {when}{moved}.",
	hours: "En movimiento fuera de su horario {when}{moved}.",
	reported: "Reportado fuera de lugar {n} {n|vez|veces} {when}.",
	fugitive_seen: "Un carrito que no es del gremio, reportado {n} {n|vez|veces} {when}.",
	backlog_now: "Guarda {n} {n|evento|eventos} sin enviar, el más antiguo {when}.",
	backlog_was: "Tuvo eventos sin enviar {when}.",
	gap_pos: "{n|Falta|Faltan} {n} {n|posición|posiciones} que nada explica, {when}.",
	gap_sale: "{n|Falta|Faltan} {n} {n|venta|ventas} que nada explica, {when}.",
	gap_stock: "{n|Falta|Faltan} {n} {n|movimiento|movimientos} de stock que nada explica, {when}.",
	gap_pos_was: "Faltaron posiciones {when}; el hueco se cerró.",
	gap_sale_was: "Faltaron ventas {when}; el hueco se cerró.",
	gap_stock_was: "Faltaron movimientos de stock {when}; el hueco se cerró.",
	refused: "{n} {n|venta|ventas} que no se {n|pudo|pudieron} contar, {when}.",
	refused_one: "{n} {n|venta|ventas} que no se {n|pudo|pudieron} contar, {when}; la última, el folio {subject}.",
	dispute: "Carrito y depósito dicen cantidades distintas del pedido {subject}, {when}.",
	quoted: "{text} «{note}»",

	settled: "Resuelta por {by}",
	settled_note: "Resuelta por {by}: «{note}»",
	somebody: "una persona",
	ended: "Terminó por sí sola",
}, {
	"missing": "No signal",
	"astray.zone": "Out of its zone",
	"astray.hours": "Moving outside its hours",
	"astray.reported": "Reported out of place",
	"fugitive": "Unknown cart",
	"backlog": "Data held back",
	"gap.pos": "Positions missing",
	"gap.sale": "Sales missing",
	"gap.stock": "Stock movements missing",
	"sale.refused": "Sales not counted",
	"restock.dispute": "Delivery in dispute",
	no_fix: "No position",
	network: "No network",
	gateway: "Gateway restarted",
	power: "No power",
	receiver: "Receiver saw no satellites",
	unknown: "No signal",

	since_time: "since {at}",
	since_day: "since {at}",
	span_times: "from {from} to {to} ({for})",
	span_days: "from {from} to {to} ({for})",
	span_day: "on {from} to {to} ({for})",
	moment_time: "at {from}, for {for}",
	moment_day: "on {from}, for {for}",

	missing_link_lost: "No signal {when}: its connection was lost.",
	missing_stopped: "No signal {when}: it was switched off with its day open.",
	missing_no_fix: "No position {when}: it reports, but does not know where it is.",
	missing_nothing: "No signal {when}. No more is known.",
	was_network: "No network {when}{moved}.",
	was_gateway: "No signal {when}: its gateway restarted{moved}.",
	was_power: "No power {when}{moved}.",
	was_receiver: "No position {when}: its receiver saw no satellites{moved}.",
	was_unknown: "No signal {when}{moved}.",
	moved: ", moved {m}",
	stayed: ", did not move",

	zone: "Out of its zone {when}{moved}.",
	zone_named: "Out of the zone “{subject}” {when}{moved}.",
	hours: "Moving outside its hours {when}{moved}.",
	reported: "Reported out of place {n} {n|time|times} {when}.",
	fugitive_seen: "A cart that is not the guild's, reported {n} {n|time|times} {when}.",
	backlog_now: "Keeps {n} {n|event|events} that it has not sent, the oldest {when}.",
	backlog_was: "Had events that it had not sent {when}.",
	gap_pos: "{n} {n|position is|positions are} missing and nothing explains it, {when}.",
	gap_sale: "{n} {n|sale is|sales are} missing and nothing explains it, {when}.",
	gap_stock: "{n} stock {n|movement is|movements are} missing and nothing explains it, {when}.",
	gap_pos_was: "Positions were missing {when}; the gap has closed.",
	gap_sale_was: "Sales were missing {when}; the gap has closed.",
	gap_stock_was: "Stock movements were missing {when}; the gap has closed.",
	refused: "{n} {n|sale|sales} could not be counted, {when}.",
	refused_one: "{n} {n|sale|sales} could not be counted, {when}; the last one is folio {subject}.",
	dispute: "Cart and depot say different numbers of order {subject}, {when}.",
	quoted: "{text} “{note}”",

	settled: "Resolved by {by}",
	settled_note: "Resolved by {by}: “{note}”",
	somebody: "a person",
	ended: "It ended by itself",
});

const WHYS = ["network", "gateway", "power", "receiver"] as const;
const KNOWN = ["link_lost", "stopped", "no_fix"] as const;

function oneOf<K extends string>(
	all: readonly K[], code: string | null,
): K | undefined {
	return all.find((k) => k === code);
}

export const causeName = (cause: string): string => coded(t, CAUSES, cause);

/** A few words: what is wrong, or was. */
export function alertTitle(a: Alert): string {
	if (a.cause !== "missing")
		return causeName(a.cause);
	const why = oneOf(WHYS, a.why);
	return why ? t(why) : t(a.known === "no_fix" ? "no_fix" : "missing");
}

/** How much it matters: a class of .chip. */
export function alertTone(a: Alert): "bad" | "wait" | "quiet" {
	if (!a.open)
		return "quiet";
	return a.cause === "backlog" || a.cause.startsWith("gap.") ||
		a.cause === "restock.dispute" ? "wait" : "bad";
}

/** "desde las 14:02", or once it is over "de 14:02 a 14:40 (38 min)". */
export function alertWhen(a: Alert): string {
	const today = localDate();
	const from = localDate(a.since);
	if (!a.until)
		return from === today ? t("since_time", { at: clockTime(a.since) })
			: t("since_day", { at: dayTime(a.since) });
	const values = {
		from: from === today ? clockTime(a.since) : dayTime(a.since),
		to: clockTime(a.until),
		for: lasting(Date.parse(a.until) - Date.parse(a.since)),
	};
	if (dayTime(a.since) === dayTime(a.until))
		return t(from === today ? "moment_time" : "moment_day", values);
	if (localDate(a.until) === from)
		return t(from === today ? "span_times" : "span_day", values);
	return t("span_days", {
		...values, from: dayTime(a.since), to: dayTime(a.until),
	});
}

function moved(a: Alert): string {
	if (a.moved_m === null)
		return "";
	return a.moved_m === 0 ? t("stayed") : t("moved", { m: metres(a.moved_m) });
}

function missing(a: Alert): string {
	const why = oneOf(WHYS, a.why);
	const values = { when: alertWhen(a), moved: moved(a) };
	if (a.until || why)
		return t(`was_${why ?? "unknown"}`, values);
	return t(`missing_${oneOf(KNOWN, a.known) ?? "nothing"}`, values);
}

function gap(a: Alert, stream: "pos" | "sale" | "stock"): string {
	const values = { n: a.count, when: alertWhen(a) };
	return a.until ? t(`gap_${stream}_was`, values)
		: t(`gap_${stream}`, values);
}

function sentence(a: Alert): string {
	const values = {
		n: a.count, when: alertWhen(a), moved: moved(a),
		subject: a.subject ?? "",
	};
	switch (a.cause) {
	case "missing": return missing(a);
	case "astray.zone": return t(a.subject ? "zone_named" : "zone", values);
	case "astray.hours": return t("hours", values);
	case "astray.reported": return t("reported", values);
	case "fugitive": return t("fugitive_seen", values);
	case "backlog": return t(a.until ? "backlog_was" : "backlog_now", values);
	case "gap.pos": return gap(a, "pos");
	case "gap.sale": return gap(a, "sale");
	case "gap.stock": return gap(a, "stock");
	case "sale.refused":
		return t(a.subject ? "refused_one" : "refused", values);
	case "restock.dispute": return t("dispute", values);
	default: return causeName(a.cause);
	}
}

/** A sentence of its own: what, since or from when to when, what is known,
 * how far it moved; and what a passer-by or the guild noted. */
export function alertText(a: Alert): string {
	const text = sentence(a);
	// Once a person has settled it, the note is theirs: see alertEnd.
	return a.note && !a.settled ? t("quoted", { text, note: a.note }) : text;
}

/** How it came to its end; null: it is open. */
export function alertEnd(a: Alert): string | null {
	if (a.open)
		return null;
	if (!a.settled)
		return t("ended");
	const by = a.by ?? t("somebody");
	return a.note ? t("settled_note", { by, note: a.note })
		: t("settled", { by });
}
