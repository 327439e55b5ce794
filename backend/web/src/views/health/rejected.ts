// What could not be read, and why: for admins.

import { get } from "../../lib/api.js";
import { h } from "../../lib/dom.js";
import { when } from "../../lib/format.js";
import { fetched } from "../../lib/states.js";
import { table } from "../../lib/table.js";
import { steady, type Rejected } from "./data.js";
import { fine, section } from "./parts.js";
import type { Troubles } from "./troubles.js";
import { t } from "./words.js";

const SHOWN = 50;

function draw(all: Rejected[]) {
	if (all.length === 0)
		return fine(t("no_rejected"), t("no_rejected_what"));
	return table(t("rejected"), [
		{ title: t("at") }, { title: t("cart") }, { title: t("topic") },
		{ title: t("reason") }, { title: t("size"), numeric: true },
		{ title: t("preview") },
	], all.map((r) => [
		when(r.at), r.cart ?? t("no_cart"), h("code", null, r.topic),
		h("span", { lang: "en" }, r.reason), t("bytes", { n: r.bytes }),
		h("code", { class: "preview" }, r.preview),
	]));
}

export function rejectedPart(troubles: Troubles, signal: AbortSignal) {
	const { element, body } = section(t("rejected"), t("rejected_note"));
	const drawn = steady(draw);
	const again = fetched(body, troubles.asking("rejected", element,
		(stop) => get<{ rejected: Rejected[] }>("rejected",
			{ limit: SHOWN }, stop)), ({ rejected }) => {
		// What was refused stays in the list for ever: it is no trouble of
		// this moment.
		troubles.set("rejected", []);
		return drawn(rejected);
	}, signal);
	return { element, again };
}
