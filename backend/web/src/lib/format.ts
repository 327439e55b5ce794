// Numbers, money and times as people write them, in the guild's own zone.

import { dictionary, locale } from "./words.js";

let zone: string | undefined;
/** The guild's time zone; undefined: the browser's. */
export function setZone(name?: string): void {
	zone = name;
}

const formats = new Map<string, Intl.DateTimeFormat>();
function format(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
	const key = locale() + zone + JSON.stringify(options);
	let f = formats.get(key);
	if (!f) {
		f = new Intl.DateTimeFormat(locale(), {
			hourCycle: "h23", timeZone: zone, ...options,
		});
		formats.set(key, f);
	}
	return f;
}

type Time = string | number | Date;

/** 14:02 */
export const clockTime = (t: Time): string =>
	format({ hour: "2-digit", minute: "2-digit" }).format(new Date(t));
/** 14:02:31 */
export const clockSeconds = (t: Time): string =>
	format({ hour: "2-digit", minute: "2-digit", second: "2-digit" })
		.format(new Date(t));
/** sáb 21 nov */
export const dayText = (t: Time): string =>
	format({ weekday: "short", day: "numeric", month: "short" })
		.format(new Date(t));
/** sáb 21 nov, 14:02 */
export const dayTime = (t: Time): string =>
	format({
		weekday: "short", day: "numeric", month: "short",
		hour: "2-digit", minute: "2-digit",
	}).format(new Date(t));

/** Today's as 14:02, another day's with its date. */
export function when(t: Time, now: Time = Date.now()): string {
	return localDate(t) === localDate(now) ? clockTime(t) : dayTime(t);
}

/** 2026-11-21 in the guild's zone: what the API takes as a date. */
export function localDate(t: Time = Date.now()): string {
	return new Intl.DateTimeFormat("en-CA", {
		timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit",
	}).format(new Date(t));
}

/** The date so many days later. */
export function shiftDate(date: string, days: number): string {
	const d = new Date(date + "T12:00:00Z");
	d.setUTCDate(d.getUTCDate() + days);
	return d.toISOString().slice(0, 10);
}

/** A date of the API (no zone: it is a local day) in words. */
export function dateText(date: string): string {
	return new Intl.DateTimeFormat(locale(), {
		timeZone: "UTC", weekday: "long", day: "numeric", month: "long",
	}).format(new Date(date + "T12:00:00Z"));
}

/** The instant at which the guild's day begins, as the API takes it. */
export function dayBegins(date: string): string {
	// By the zone's offset at the guess, and once more at what came out:
	// on a day that the clock changes they differ.
	let at = Date.parse(date + "T00:00:00Z");
	for (let i = 0; i < 2; i++)
		at = Date.parse(date + "T00:00:00Z") - offset(at);
	// Where midnight itself is skipped, the day begins an hour later.
	if (localDate(at) !== date)
		at += 3600000;
	return new Date(at).toISOString();
}

function offset(at: number): number {
	const p = Object.fromEntries(new Intl.DateTimeFormat("en-US", {
		timeZone: zone, hourCycle: "h23", year: "numeric",
		month: "2-digit", day: "2-digit", hour: "2-digit",
		minute: "2-digit", second: "2-digit",
	}).formatToParts(new Date(at)).map((x) => [x.type, x.value]));
	return Date.parse(`${p.year}-${p.month}-${p.day}T${p.hour}:${p.minute}:` +
		`${p.second}Z`) - Math.floor(at / 1000) * 1000;
}

const t = dictionary({
	now: "ahora", s: "hace {n} s", min: "hace {n} min", hour: "hace {n} h",
	day: "hace {n} {n|día|días}", for_s: "{n} s", for_min: "{n} min",
	for_hour: "{n} h {m} min", for_day: "{n} {n|día|días}",
}, {
	now: "now", s: "{n} s ago", min: "{n} min ago", hour: "{n} h ago",
	day: "{n} {n|day|days} ago", for_s: "{n} s", for_min: "{n} min",
	for_hour: "{n} h {m} min", for_day: "{n} {n|day|days}",
});

/** How long ago. */
export function ago(then: Time, now: number = Date.now()): string {
	const s = Math.max(0, Math.round((now - +new Date(then)) / 1000));
	if (s < 2)
		return t("now");
	if (s < 90)
		return t("s", { n: s });
	if (s < 90 * 60)
		return t("min", { n: Math.round(s / 60) });
	if (s < 36 * 3600)
		return t("hour", { n: Math.round(s / 3600) });
	return t("day", { n: Math.round(s / 86400) });
}

/** How long it was. */
export function lasting(ms: number): string {
	const s = Math.max(0, Math.round(ms / 1000));
	if (s < 90)
		return t("for_s", { n: s });
	const min = Math.round(s / 60);
	if (min < 60)
		return t("for_min", { n: min });
	if (min < 36 * 60)
		return t("for_hour", { n: Math.floor(min / 60), m: min % 60 });
	return t("for_day", { n: Math.round(min / 1440) });
}

export const number = (n: number, digits = 0): string =>
	n.toLocaleString(locale(), { maximumFractionDigits: digits });

/** Chilean pesos: $ 12.500 */
export const money = (clp: number): string =>
	new Intl.NumberFormat("es-CL", {
		style: "currency", currency: "CLP", maximumFractionDigits: 0,
	}).format(clp);

export function metres(m: number): string {
	return m < 1000 ? `${number(m)} m` : `${number(m / 1000, 1)} km`;
}

/** 12345678-5 as 12.345.678-5 */
export function rut(text: string): string {
	const [digits = "", check] = text.split("-");
	return digits.replace(/\B(?=(\d{3})+$)/g, ".") +
		(check === undefined ? "" : "-" + check);
}
