// How long it takes, and what came twice.

import { get } from "../../lib/api.js";
import { fill, h, setText } from "../../lib/dom.js";
import { number } from "../../lib/format.js";
import { fetched } from "../../lib/states.js";
import type { Stats } from "../../lib/types.js";
import { advice, section } from "./parts.js";
import type { Troubles } from "./troubles.js";
import { t } from "./words.js";

function figure(name: string, what: string) {
	const value = h("dd", { class: "value" });
	return {
		element: h("div", { class: "figure" },
			h("dt", { class: "name" }, name), value,
			what && h("dd", { class: "delta" }, what)),
		set(text: string | null) {
			setText(value, text ?? t("none"));
			value.title = text === null ? t("stats_null") : "";
		},
	};
}

const late = (ms: number | null): string | null =>
	ms === null ? null : ms < 1000 ? t("milliseconds", { n: number(ms) })
		: t("seconds", { n: number(ms / 1000, 1) });
const count = (n: number | null): string | null =>
	n === null ? null : number(n);

export function flowPart(troubles: Troubles, signal: AbortSignal) {
	const { element, body } = section(t("flow"));
	const f = {
		p50: figure(t("late_p50"), ""), p99: figure(t("late_p99"), ""),
		fixes: figure(t("fixes"), t("fixes_what")),
		duplicates: figure(t("duplicates"), t("duplicates_what")),
		conflicts: figure(t("conflicts"), t("conflicts_what")),
		gaps: figure(t("gaps_open"), t("gaps_open_what")),
	};
	const todo = h("div");
	const page = h("div", null,
		h("dl", { class: "figures" },
			...Object.values(f).map((x) => x.element)), todo);
	let conflict: boolean | null = null;
	const again = fetched(body, troubles.asking("flow", element,
		(stop) => get<Stats>("stats", {}, stop)), (s) => {
		f.p50.set(late(s.late_p50_ms));
		f.p99.set(late(s.late_p99_ms));
		f.fixes.set(count(s.fixes));
		f.duplicates.set(count(s.duplicates));
		f.conflicts.set(count(s.conflicts));
		f.gaps.set(count(s.gaps_open));
		const any = (s.conflicts ?? 0) > 0;
		if (any !== conflict)
			fill(todo, h("p", { class: "soft health-hint" }, t("late_do")),
				any && advice(t("conflicts_do")));
		conflict = any;
		troubles.set("flow", any ? [{
			text: t("trouble_conflicts", { n: s.conflicts! }),
			section: element,
		}] : []);
		return page;
	}, signal);
	return { element, again };
}
