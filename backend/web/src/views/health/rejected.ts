// What could not be read, and why: for admins.

import { get } from "../../lib/api.js";
import { h } from "../../lib/dom.js";
import { when } from "../../lib/format.js";
import { fetched } from "../../lib/states.js";
import { table } from "../../lib/table.js";
import { steady, type Rejected } from "./data.js";
import { fine, section } from "./parts.js";
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

export function rejectedPart(signal: AbortSignal) {
	const { element, body } = section(t("rejected"), t("rejected_note"));
	const drawn = steady(draw);
	const again = fetched(body, (stop) => get<{ rejected: Rejected[] }>(
		"rejected", { limit: SHOWN }, stop), (x) => drawn(x.rejected), signal);
	return { element, again };
}
