// The day in a few numbers, each measured against the same weekday.

import { h, fill, setText } from "../../lib/dom.js";
import { dateShort, money, number, tenths } from "./text.js";
import { busy, hourSum, sums, type DayPair, type Metric } from "./day.js";
import { t } from "./words.js";

interface Figure {
	name: string;
	value: string;
	/** In words; `better`: how it is to be seen. */
	delta: string;
	sign?: string;
	better?: boolean;
}

/** Against what was sold then until the same time of day. */
function against(
	pair: DayPair, what: Metric, moreIsBetter: boolean,
): Pick<Figure, "delta" | "sign" | "better"> {
	const day = dateShort(pair.then);
	if (pair.until === "00:00")
		return { delta: t("no_hour") };
	const until = pair.until === null ? "" : t("until", { at: pair.until });
	const now = hourSum(pair.hours, what, pair.until);
	const then = hourSum(pair.hoursThen, what, pair.until);
	if (then === 0)
		return { delta: t("nothing_then", { day, until }) };
	const percent = Math.round((now - then) / then * 100);
	if (percent === 0)
		return { delta: t("same", { day, until }) };
	const more = percent > 0;
	return {
		sign: `${more ? "▲" : "▼"} ${number(Math.abs(percent))} %`,
		delta: t(more ? "more" : "less", { day, until }),
		better: more === moreIsBetter,
	};
}

function figuresOf(pair: DayPair): Figure[] {
	const now = sums(pair.carts), then = sums(pair.cartsThen);
	const day = dateShort(pair.then);
	const whole = (n: string) => busy(then) ? t("whole_day", { n, day })
		: t("nothing_sold", { day });
	const ratio = (x: { units: number; customers: number }) =>
		x.customers ? tenths(x.units / x.customers) : "–";
	const begun = now.sales + now.voided + now.abandoned;
	const share = begun
		? t("share", { n: number(now.abandoned / begun * 100, 1) }) + "; " : "";
	const abandoned = against(pair, "abandoned", false);
	return [
		{ name: t("revenue"), value: money(now.revenue_clp),
			...against(pair, "revenue_clp", true) },
		{ name: t("sales"), value: number(now.sales),
			...against(pair, "sales", true) },
		{ name: t("units"), value: number(now.units),
			...against(pair, "units", true) },
		{ name: t(pair.carts.length > 1 ? "customers_each" : "customers"),
			value: number(now.customers),
			delta: whole(number(then.customers)) },
		{ name: t("units_per_customer"), value: ratio(now),
			delta: whole(ratio(then)) },
		{ name: t("abandoned"), value: number(now.abandoned),
			...abandoned, delta: share + (abandoned.sign
				? `${abandoned.sign} ${abandoned.delta}`
				: abandoned.delta), sign: undefined },
		{ name: t("voided"), value: number(now.voided),
			delta: whole(number(then.voided)) },
	];
}

/** Drawn once; then only what is another number changes. */
export function figures() {
	const element = h("dl",
		{ class: "figures day-figures", "aria-label": t("figures") });
	const note = h("p", { class: "soft provisional" });
	const places: { name: HTMLElement; value: HTMLElement; sign: HTMLElement;
		delta: HTMLElement; }[] = [];
	return {
		element: h("div", null, element, note),
		set(pair: DayPair) {
			const all = figuresOf(pair);
			if (places.length === 0)
				fill(element, ...all.map(() => {
					const p = {
						name: h("dt", { class: "name" }),
						value: h("dd", { class: "value" }),
						sign: h("strong", { class: "sign" }),
						delta: h("span"),
					};
					places.push(p);
					return h("div", { class: "figure" }, p.name, p.value,
						h("dd", { class: "delta" }, p.sign, " ", p.delta));
				}));
			for (const [i, f] of all.entries()) {
				const p = places[i]!;
				setText(p.name, f.name);
				setText(p.value, f.value);
				setText(p.sign, f.sign ?? "");
				setText(p.delta, f.delta);
				p.sign.className = f.better === undefined ? "sign"
					: `sign ${f.better ? "good" : "bad"}`;
			}
			const { provisional } = sums(pair.carts);
			note.hidden = provisional === 0;
			setText(note, provisional ? t("provisional", { n: provisional }) : "");
		},
	};
}
