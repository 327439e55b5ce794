// A day's sales beside those of the same weekday a week before.

import { get } from "../../lib/api.js";
import { clockTime, localDate, shiftDate } from "../../lib/format.js";
import type { Daily, Hourly } from "../../lib/types.js";

export type CartDay = Daily["carts"][number];

export type Hour = Hourly["hours"][number];

export interface Sums {
	sales: number;
	units: number;
	revenue_clp: number;
	customers: number;
	abandoned: number;
	voided: number;
	provisional: number;
}

export interface DayPair {
	date: string;
	then: string;
	carts: CartDay[];
	cartsThen: CartDay[];
	hours: Hour[];
	hoursThen: Hour[];
	/** Today: only hours before this one, by the clock, are compared; null:
	 * the days are over. */
	until: string | null;
}

const HOUR_MS = 3600000;

/** @throws Problem, AbortError */
export async function dayPair(
	date: string, cart: string | undefined, signal: AbortSignal,
): Promise<DayPair> {
	const then = shiftDate(date, -7);
	const daily = (d: string) =>
		get<Daily>("sales/daily", { date: d, cart }, signal);
	const hourly = (d: string) =>
		get<Hourly>("sales/hourly", { date: d, cart }, signal);
	const [a, b, c, d] = await Promise.all([
		daily(date), daily(then), hourly(date), hourly(then)]);
	return {
		date, then, carts: a.carts, cartsThen: b.carts,
		hours: c.hours, hoursThen: d.hours,
		until: date === localDate() ? currentHour(c.hours) : null,
	};
}

function currentHour(hours: readonly Hour[]): string {
	const now = Date.now();
	const current = hours.find((x) => {
		const from = Date.parse(x.from);
		return from <= now && now < from + HOUR_MS;
	});
	return clockTime(current?.from ?? now);
}

export function sums(carts: readonly CartDay[]): Sums {
	const all: Sums = {
		sales: 0, units: 0, revenue_clp: 0, customers: 0, abandoned: 0,
		voided: 0, provisional: 0,
	};
	for (const c of carts)
		for (const k of Object.keys(all) as (keyof Sums)[])
			all[k] += c[k];
	return all;
}

export type Metric = "revenue_clp" | "sales" | "units" | "abandoned";

/** What the hours say, of those that both days may be measured by. */
export function hourSum(
	hours: readonly Hour[], what: Metric, until: string | null,
): number {
	return hours
		.filter((x) => until === null || clockTime(x.from) < until)
		.reduce((n, x) => n + x[what], 0);
}

/** Did anything happen at all? */
export const busy = (x: Pick<Sums, "sales" | "abandoned"> & { voided?: number },
): boolean => x.sales + x.abandoned + (x.voided ?? 0) > 0;
