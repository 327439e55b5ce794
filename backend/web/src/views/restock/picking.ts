// What to take from the shelves for a delivery, and for whom: also on paper.

import { h } from "../../lib/dom.js";
import { dayTime, number } from "../../lib/format.js";
import { table } from "../../lib/table.js";
import type { DeliveryDetail } from "../../lib/types.js";
import { dictionary } from "../../lib/words.js";
import { shortId } from "./card.js";
import { lineText, productName, stateText, type Names } from "./words.js";

const t = dictionary({
	title: "Lista para sacar",
	of: "Entrega {id} · {when}",
	product: "Producto", units: "Unidades", taken: "Sacado",
	not_fixed: "y lo de {n} {n|orden|órdenes} sin preparar",
	nothing: "Nada que sacar todavía: prepara las órdenes primero.",
	drive: "Reparto",
	stop: "Parada", cart: "Carrito", what: "Qué lleva",
	signed: "Recibe",
}, {
	title: "Picking list",
	of: "Delivery {id} · {when}",
	product: "Product", units: "Units", taken: "Taken",
	not_fixed: "and that of {n} {n|order|orders} not prepared yet",
	nothing: "Nothing to take yet: prepare the orders first.",
	drive: "The drive",
	stop: "Stop", cart: "Cart", what: "What it gets",
	signed: "Received by",
});

const box = () => h("span", { class: "tick-box", "aria-hidden": "true" });

export function pickingSheet(d: DeliveryDetail, names: Names): HTMLElement {
	const orders = new Map(d.orders.map((o) => [o.id, o]));
	return h("section", { class: "picking card" },
		h("h3", null, t("title")),
		h("p", { class: "on-paper" }, t("of",
			{ id: shortId(d.id), when: dayTime(d.opened_at) })),
		d.picking.length === 0
			? h("p", { class: "soft" }, t("nothing"))
			: table(t("title"), [
				{ title: t("product") }, { title: t("units"), numeric: true },
				{ title: t("taken") },
			], d.picking.map((p) => [
				p.name ?? productName(names, p.product),
				h("span", null, h("strong", null, number(p.units)),
					p.orders_not_fixed > 0 && h("span", { class: "soft" },
						" " + t("not_fixed", { n: p.orders_not_fixed }))),
				box(),
			])),
		h("div", { class: "on-paper" },
			h("h3", null, t("drive")),
			table(t("drive"), [
				{ title: t("stop"), numeric: true }, { title: t("cart") },
				{ title: t("what") }, { title: t("signed") },
			], d.stops.filter((s) => s.state !== "cancelado").map((s, i) => [
				String(i + 1), s.cart,
				(orders.get(s.order)?.lines ?? [])
					.map((l) => lineText(names, l)).join(", ") ||
					stateText(s.state ?? ""),
				h("span", { class: "sign" }),
			]))));
}
