// Numbers of events that never came, and why.

import { get } from "../../lib/api.js";
import { h } from "../../lib/dom.js";
import { number, when } from "../../lib/format.js";
import { fetched } from "../../lib/states.js";
import { table } from "../../lib/table.js";
import type { Gaps } from "../../lib/types.js";
import { address } from "../../lib/view.js";
import { steady } from "./data.js";
import { cell, fine, section } from "./parts.js";
import type { Troubles } from "./troubles.js";
import { t } from "./words.js";

type Gap = Gaps["gaps"][number];
const SHOWN = 50;

const open = (g: Gap): boolean => g.reason === "unexplained";

function span({ from, to }: Gap): string {
	if (!from || !to)
		return from || to ? when((from ?? to)!) : t("not_known_when");
	return when(from) === when(to) ? when(from)
		: t("from_to", { from: when(from), to: when(to) });
}

function draw(gaps: Gap[]) {
	if (gaps.length === 0)
		return fine(t("no_gaps"), t("no_gaps_what"));
	const sorted = [...gaps].sort((a, b) => Number(open(b)) - Number(open(a)) ||
		(b.noticed_at ?? "").localeCompare(a.noticed_at ?? ""));
	return h("div", null,
		table(t("gaps"), [
			{ title: t("cart") }, { title: t("gap_what") },
			{ title: t("gap_when") }, { title: t("noticed") },
			{ title: t("gap_why") }, { title: t("what_to_do") },
		], sorted.slice(0, SHOWN).map((g) => [
			h("a", { href: address("map", g.cart) }, g.cart),
			t(`n_${g.stream}`, { n: g.events }),
			h("span", { class: "span" }, span(g)),
			g.noticed_at ? when(g.noticed_at) : t("not_known_when"),
			h("span", { class: `chip ${open(g) ? "wait" : "quiet"}` },
				t(g.reason)),
			cell(t(`${g.reason}_do`)),
		])),
		gaps.length > SHOWN && h("p", { class: "soft" },
			t("only_some", { shown: SHOWN, n: number(gaps.length) })));
}

export function gapsPart(troubles: Troubles, signal: AbortSignal) {
	const { element, body } = section(t("gaps"), t("gaps_note"));
	const drawn = steady(draw);
	const again = fetched(body, troubles.asking("gaps", element,
		(stop) => get<Gaps>("gaps", {}, stop)), ({ gaps }) => {
		const n = gaps.filter(open).length;
		troubles.set("gaps", n ? [
			{ text: t("trouble_gaps", { n }), section: element }] : []);
		return drawn(gaps);
	}, signal);
	return { element, again };
}
