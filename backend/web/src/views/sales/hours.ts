// The day by the hour, against the same weekday.

import { chart } from "../../lib/chart.js";
import { choice } from "../../lib/choice.js";
import { h } from "../../lib/dom.js";
import { clockTime } from "../../lib/format.js";
import { busy, type DayPair, type Hour, type Metric } from "./day.js";
import { dateShort, dateText, money, moneyShort, number } from "./text.js";
import { t } from "./words.js";

type Shown = Exclude<Metric, "abandoned">;
const NAMES = { revenue_clp: "revenue", sales: "sales", units: "units" } as const;
/** Shown even where nothing was sold. */
const FIRST = 9, LAST = 20;
let kept: Shown = "revenue_clp";

/** By the clock on the wall: an hour that comes twice stands twice. */
function keys(hours: readonly Hour[]): string[] {
	const seen = new Map<string, number>();
	return hours.map((x) => {
		const at = clockTime(x.from), n = seen.get(at) ?? 0;
		seen.set(at, n + 1);
		return n ? `${at}+${n}` : at;
	});
}

function range(pair: DayPair, then: readonly (Hour | undefined)[]) {
	let first = FIRST, last = LAST;
	for (const [i, x] of pair.hours.entries())
		if (busy(x) || (then[i] && busy(then[i]))) {
			first = Math.min(first, i);
			last = Math.max(last, i);
		}
	return { first, last: Math.min(last, pair.hours.length - 1) };
}

export function hours(signal: AbortSignal) {
	const drawing = chart(signal);
	let pair: DayPair | null = null;
	const draw = () => {
		if (!pair)
			return;
		const { hours: now, date, then } = pair;
		const byKey = new Map(keys(pair.hoursThen)
			.map((k, i) => [k, pair!.hoursThen[i]!]));
		const before = keys(now).map((k) => byKey.get(k));
		const { first, last } = range(pair, before);
		const cut = <T>(all: readonly T[]) => all.slice(first, last + 1);
		const comes = (x: Hour) => Date.parse(x.from) > Date.now();
		drawing.set({
			caption: t("caption", { what: t(NAMES[kept]),
				day: dateText(date), then: dateText(then) }),
			unit: t("hour"),
			labels: cut(now.map((x) => clockTime(x.from))),
			series: [
				{ name: dateShort(then), style: "behind",
					values: cut(before.map((x) => x?.[kept] ?? null)) },
				{ name: dateShort(date), style: "bar",
					values: cut(now.map((x) => comes(x) ? null : x[kept])) },
			],
			format: kept === "revenue_clp" ? money : number,
			axis: kept === "revenue_clp" ? moneyShort : number,
		});
	};
	const metric = choice(t("metric"), (Object.keys(NAMES) as Shown[])
		.map((value) => ({ value, text: t(NAMES[value]) })), kept, (value) => {
		kept = value;
		draw();
	});
	return {
		element: h("section", { class: "card" },
			h("div", { class: "section-head" },
				h("h2", null, t("per_hour")), metric.element),
			drawing.element),
		set(next: DayPair) {
			pair = next;
			draw();
		},
	};
}
