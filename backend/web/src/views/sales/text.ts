import { number } from "../../lib/format.js";
import { locale } from "../../lib/words.js";

export { dateText, money, number } from "../../lib/format.js";

/** A date of the API, short: sáb 14 nov. */
export const dateShort = (date: string): string =>
	new Intl.DateTimeFormat(locale(), {
		timeZone: "UTC", weekday: "short", day: "numeric", month: "short",
	}).format(new Date(date + "T12:00:00Z")).replace(",", "");

/** Pesos where there is little room: $ 12,5 mil is $12,5k. */
export const moneyShort = (clp: number): string =>
	clp >= 1e6 ? `$${number(clp / 1e6, 1)}M`
		: clp >= 1000 ? `$${number(clp / 1000, 1)}k` : `$${number(clp)}`;

/** 4,0: under each other in a column. */
export const tenths = (n: number): string =>
	n.toLocaleString(locale(),
		{ minimumFractionDigits: 1, maximumFractionDigits: 1 });
