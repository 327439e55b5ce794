// What could not be read, and why: for admins.

import { get } from "../../lib/api.js";
import { h } from "../../lib/dom.js";
import { when } from "../../lib/format.js";
import { fetched } from "../../lib/states.js";
import { table } from "../../lib/table.js";
import { ifKafka, steady, type Rejected } from "./data.js";
import { fine, section } from "./parts.js";
import type { Troubles } from "./troubles.js";
import { t } from "./words.js";

const SHOWN = 50;

function draw(all: Rejected | null) {
	if (!all)
		return fine(t("kafka_away"), t("rejected_away"));
	if (all.rejected.length === 0)
		return all.whole ? fine(t("no_rejected"), t("no_rejected_what"))
			: h("p", { class: "soft" }, t("rejected_part"));
	return h("div", null,
		!all.whole && h("p", { class: "soft" }, t("rejected_part")),
		table(t("rejected"), [
			{ title: t("at") }, { title: t("cart") }, { title: t("topic") },
			{ title: t("reason") }, { title: t("size"), numeric: true },
			{ title: t("preview") }, { title: t("kept_at") },
		], all.rejected.map((r) => [
			when(r.at), r.cart ?? t("no_cart"),
			h("code", { title: r.origin }, r.topic),
			h("span", { lang: "en" }, r.reason), t("bytes", { n: r.bytes }),
			h("code", { class: "preview" }, r.preview),
			h("code", null, `${r.partition}/${r.offset}`),
		])));
}

export function rejectedPart(troubles: Troubles, signal: AbortSignal) {
	const { element, body } = section(t("rejected"), t("rejected_note"));
	const drawn = steady(draw);
	const again = fetched(body, troubles.asking("rejected", element, (stop) =>
		ifKafka(get<Rejected>("rejected", { limit: SHOWN }, stop))), (all) => {
		// What was refused stays in the list: it is no trouble of this
		// moment.  That Kafka is away is said already.
		troubles.set("rejected", []);
		return drawn(all);
	}, signal);
	return { element, again };
}
