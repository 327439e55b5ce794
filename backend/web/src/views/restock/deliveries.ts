// Deliveries: orders that travel together.  A list, and the one that is open
// beside it.

import { get } from "../../lib/api.js";
import { choice } from "../../lib/choice.js";
import { fill, h } from "../../lib/dom.js";
import { ago, dayTime } from "../../lib/format.js";
import { icon } from "../../lib/icons.js";
import { empty, fetched } from "../../lib/states.js";
import type { Delivery } from "../../lib/types.js";
import { address, every, type Context } from "../../lib/view.js";
import { dictionary } from "../../lib/words.js";
import { showDelivery } from "./delivery.js";
import { shortId } from "./card.js";
import { stateText } from "./words.js";

const t = dictionary({
	open: "Abiertas", all: "Todas",
	which: "Qué entregas se ven",
	list: "Entregas",
	stops: "{n} {n|parada|paradas}",
	none_open: "No hay entregas abiertas",
	none: "Todavía no hay entregas",
	none_what: "Una entrega se arma sola cuando hay órdenes que van juntas, " +
		"o cuando la primera ya esperó bastante.",
	choose: "Elige una entrega",
	more: "Ver más antiguas", back: "Todas las entregas",
}, {
	open: "Open", all: "All",
	which: "Which deliveries are shown",
	list: "Deliveries",
	stops: "{n} {n|stop|stops}",
	none_open: "No delivery is open",
	none: "There are no deliveries yet",
	none_what: "A delivery is made by itself when there are orders that travel " +
		"together, or when the first has waited long enough.",
	choose: "Choose a delivery",
	more: "Show older ones", back: "All deliveries",
});

interface Page {
	deliveries: Delivery[];
	next_before: string | null;
}
const PAGE = 50;

export function deliveriesView(root: HTMLElement, context: Context): void {
	const { signal, live, rest } = context;
	const chosen = rest[1];
	let state: "open" | "all" = "open", pages = 1;
	const list = h("div", { class: "delivery-list" });
	const detail = h("div", { class: "delivery-detail" });
	const which = choice(t("which"), [
		{ value: "open", text: t("open") }, { value: "all", text: t("all") },
	] as const, state, (wanted) => {
		state = wanted;
		pages = 1;
		void load();
	});
	// On a phone there is place for one of the two.
	fill(root, h("div", { class: chosen ? "deliveries chosen" : "deliveries" },
		h("section", { "aria-label": t("list") }, which.element, list),
		h("a", { class: "back", href: address("restock", "deliveries") },
			icon("left", 18), t("back")),
		detail));
	const load = fetched<Page>(list, (s) => readPages(state, pages, s),
		(page) => drawList(page, state, chosen, () => {
			pages++;
			void load();
		}), signal);
	// Whatever happens to an order may be news of its delivery.
	let due = 0;
	live.on("order", () => {
		clearTimeout(due);
		due = window.setTimeout(() => void load(), 400);
	}, signal);
	signal.addEventListener("abort", () => clearTimeout(due));
	every(30000, () => void load(), signal);
	if (chosen)
		showDelivery(detail, chosen, context);
	else
		fill(detail, empty(t("choose")));
}

async function readPages(
	state: string, pages: number, signal: AbortSignal,
): Promise<Page> {
	const all: Delivery[] = [];
	let before: string | undefined;
	for (let i = 0; i < pages; i++) {
		const page = await get<Page>("deliveries",
			{ state, limit: PAGE, before }, signal);
		all.push(...page.deliveries);
		before = page.next_before ?? undefined;
		if (!before)
			break;
	}
	return { deliveries: all, next_before: before ?? null };
}

function drawList(
	page: Page, state: string, chosen: string | undefined, more: () => void,
) {
	if (page.deliveries.length === 0)
		return empty(t(state === "open" ? "none_open" : "none"), t("none_what"));
	return [
		h("ul", null, ...page.deliveries.map((d) => h("li", null,
			h("a", {
				href: address("restock", "deliveries", d.id),
				"aria-current": d.id === chosen ? "true" : null,
			},
			h("strong", null, shortId(d.id)),
			h("span", { class: `chip ${d.state === "entregando" ? "info"
				: d.state === "preparando" ? "wait" : ""}` },
			stateText(d.state)),
			h("span", { class: "soft", title: dayTime(d.opened_at) },
				`${t("stops", { n: d.stops.length })} · ${ago(d.opened_at)}`))))),
		page.next_before && h("button", { type: "button", onclick: more },
			t("more")),
	];
}
