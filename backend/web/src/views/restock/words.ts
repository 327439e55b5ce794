// What orders and deliveries are called, and what the guild says of them.

import type { OrderLine, Product, Restock } from "../../lib/types.js";
import { get, Problem } from "../../lib/api.js";
import { reason } from "../../lib/states.js";
import { coded, dictionary, type Values } from "../../lib/words.js";
import { number } from "../../lib/format.js";

export type State = Restock["state"];
/** The way of an order; `cancelado` is beside it. */
export const WAY = ["recibido", "preparando", "entregando", "finalizado"] as const;

export const nextState = (state: State): State | undefined =>
	state === "cancelado" ? undefined
		: WAY[WAY.indexOf(state) + 1];
/** cancelado comes after all of them. */
export const rank = (state: State): number =>
	state === "cancelado" ? WAY.length : WAY.indexOf(state);

const t = dictionary({
	recibido: "Recibido", preparando: "Preparando",
	entregando: "Entregando", finalizado: "Finalizado",
	cancelado: "Cancelado",
	finalizada: "Finalizada", cancelada: "Cancelada",
	level: "Por nivel bajo", manual: "A mano",
	product: "Producto {code}",
	only_product: "Producto",
	line: "{units} × {name}",
	line_target: "{name}: hasta su nivel meta",
	line_delivered: "{delivered} de {units} × {name}",
	timer: "el reloj", stock: "el sistema",
	comes_first: "Está en {at}: primero pasa por {next}.",
	was_cancelled: "Fue cancelada ({why}): haz una nueva orden.",
	nothing_needed: "ya no hace falta nada",
	open_already: "{name} ya está en la orden abierta {id}",
	counted: "{name}: se entregaron {delivered}, el carrito anotó {booked}",
	too_many: "{name}: solo se prepararon {prepared}.",
	fixed: "Las unidades se fijaron al prepararla.",
	said: "Bodega ya dijo lo que entregó.",
	nothing: "Ninguna unidad de nada: cancela la orden, con el motivo.",
	delivered_stays: "Está finalizada: lo entregado queda así.",
}, {
	recibido: "Received", preparando: "Preparing",
	entregando: "On its way", finalizado: "Finished",
	cancelado: "Cancelled",
	finalizada: "Finished", cancelada: "Cancelled",
	level: "Low level", manual: "By hand",
	product: "Product {code}",
	only_product: "Product",
	line: "{units} × {name}",
	line_target: "{name}: up to its target",
	line_delivered: "{delivered} of {units} × {name}",
	timer: "the timer", stock: "the system",
	comes_first: "It is {at}: {next} comes first.",
	was_cancelled: "It was cancelled ({why}): make a new order.",
	nothing_needed: "nothing is needed any more",
	open_already: "{name} is in the open order {id} already",
	counted: "{name}: {delivered} delivered, the cart booked {booked}",
	too_many: "{name}: only {prepared} were prepared.",
	fixed: "Its units were fixed when it was prepared.",
	said: "The depot has said already what it delivered.",
	nothing: "No units of anything: cancel the order, with a reason.",
	delivered_stays: "It is finished: what was delivered stays so.",
});

const STATES = ["recibido", "preparando", "entregando", "finalizado",
	"cancelado", "finalizada", "cancelada"] as const;
export const stateText = (state: string): string => coded(t, STATES, state);
export const originText = (origin: string): string =>
	coded(t, ["level", "manual"], origin);
export const byText = (by: string | null): string =>
	by === null ? "" : coded(t, ["timer", "stock"], by);

/** The catalogue's names, by code. */
export type Names = Map<number, string>;

/** Without a catalogue (or when it cannot be read) there are none: codes
 * stand for themselves, so an order is never kept from sight. */
export async function productNames(signal: AbortSignal): Promise<Names> {
	try {
		const { products } = await get<{ products: Product[] }>(
			"products", {}, signal);
		return new Map(products.map((p) => [p.code, p.name]));
	} catch {
		return new Map();
	}
}

export function productName(names: Names, code: number): string {
	return names.get(code) ??
		(code === 0 ? t("only_product") : t("product", { code: String(code) }));
}

/** What is known of the line at this moment, in a few words. */
export function lineText(names: Names, line: OrderLine): string {
	const name = productName(names, line.product);
	const units = line.prepared ?? line.asked;
	if (line.delivered !== null)
		return line.prepared !== null && line.delivered !== line.prepared
			? t("line_delivered", { name, units: line.prepared,
				delivered: line.delivered })
			: t("line", { name, units: line.delivered });
	return units === null
		? t("line_target", { name }) : t("line", { name, units });
}

/** Of an order's history; 0 units were asked for: up to the target. */
export const changeText = (
	names: Names, product: number, units: number,
): string => lineText(names, { product, asked: units || null, prepared: null,
	delivered: null, booked: null });

/** The guild's own sentences, in the page's language; a person's words stay
 * as they were written. */
const SAID: [RegExp, (m: string[], names: Names) => string][] = [
	[/^it is (\w+): (\w+) comes first$/, (m) => say("comes_first",
		{ at: stateText(m[1] ?? ""), next: stateText(m[2] ?? "") })],
	[/^it was cancelled \((.*)\): make a new order$/, (m, names) =>
		say("was_cancelled", { why: serverText(m[1] ?? "", names) })],
	[/^nothing is needed any more$/, () => say("nothing_needed")],
	[/^product (\d+) is in the open order (\S+)$/, (m, names) =>
		say("open_already", { id: m[2] ?? "", name: named(m[1], names) })],
	[/^product (\d+): (\d+) delivered, (-?\d+) booked$/, (m, names) =>
		say("counted", { name: named(m[1], names),
			delivered: number(Number(m[2])), booked: number(Number(m[3])) })],
	[/^product (\d+): \d+ units delivered, but only (\d+) were prepared$/,
		(m, names) => say("too_many", { name: named(m[1], names),
			prepared: number(Number(m[2])) })],
	[/^its units were fixed when it was prepared$/, () => say("fixed")],
	[/^the depot has said already what it delivered$/, () => say("said")],
	[/^no units of anything: /, () => say("nothing")],
	[/^it is finalizado: what was delivered/, () => say("delivered_stays")],
];

function say(key: Parameters<typeof t>[0], values?: Values): string {
	return t(key, values);
}

const named = (code: string | undefined, names: Names): string =>
	productName(names, Number(code));

/** Where cart and depot say different numbers. */
export const disputeText = (names: Names, lines: OrderLine[]): string =>
	lines.filter((l) => (l.booked ?? 0) !== (l.delivered ?? 0)).map((l) =>
		t("counted", { name: productName(names, l.product),
			delivered: l.delivered ?? 0, booked: l.booked ?? 0 })).join("; ");

/** Why a wish was refused. */
export const refusedText = (e: unknown, names: Names): string =>
	e instanceof Problem && e.status === 409
		? serverText(e.detail, names) : reason(e);

export function serverText(text: string, names: Names): string {
	return text.split("; ").map((part) => {
		for (const [pattern, words] of SAID) {
			const m = pattern.exec(part);
			if (m)
				return words(m, names);
		}
		return part;
	}).join("; ");
}
