// Who comes often: for admins, since it names people.

import { get, url } from "../../lib/api.js";
import { h } from "../../lib/dom.js";
import { when } from "../../lib/format.js";
import { icon } from "../../lib/icons.js";
import { empty, fetched } from "../../lib/states.js";
import { table } from "../../lib/table.js";
import type { Customers } from "../../lib/types.js";
import { t } from "./office_words.js";
import { dateShort, number } from "./text.js";

const SHOWN = 20;

export function customers(signal: AbortSignal): HTMLElement {
	const place = h("div");
	fetched(place, (stop) => get<Customers>("customers",
		{ frequent: true, limit: SHOWN }, stop), (all) => {
		if (all.customers.length === 0)
			return empty(t("no_customers"),
				t("no_customers_what", { visits: all.frequent_visits }));
		return [
			h("p", { class: "soft section-what" }, t("customers_what", {
				visits: all.frequent_visits,
				from: dateShort(all.from), to: dateShort(all.to),
			})),
			table(t("customers"), [
				{ title: t("customer") }, { title: t("contact") },
				{ title: t("visits"), numeric: true }, { title: t("last") },
			], all.customers.map((c) => [
				c.customer ?? h("span", { class: "soft" }, t("nameless")),
				c.contact ?? "–", number(c.visits),
				c.last_at ? `${when(c.last_at)}, ${c.last_cart ?? "–"}` : "–",
			])),
		];
	}, signal);
	return h("section", { class: "card" },
		h("div", { class: "section-head" },
			h("h2", null, t("customers")),
			h("a", {
				class: "download", download: "customers.csv",
				href: url("customers",
					{ frequent: true, format: "csv", limit: 10000 }),
			}, icon("download", 18), t("customers_csv"))),
		place);
}
