// What the guild says of itself.

import { get, Problem } from "../../lib/api.js";
import type { Child } from "../../lib/dom.js";
import type { components } from "../../lib/schema.js";

export type Roles = components["schemas"]["Roles"];
export type Role = Roles["roles"][number];
export type Rejected = components["schemas"]["Rejected"];

/** null: Kafka cannot be asked, so nobody knows. */
export async function ifKafka<T>(asked: Promise<T>): Promise<T | null> {
	try {
		return await asked;
	} catch (e) {
		if (e instanceof Problem && e.status === 503)
			return null;
		throw e;
	}
}

export const roles = (signal: AbortSignal): Promise<Roles | null> =>
	ifKafka(get<Roles>("roles", {}, signal));

export type RoleState =
	"good" | "behind" | "late" | "stuck" | "never" | "unknown";
/** In a busy guild something is always on its way. */
const PASSING_S = 1;
/** Behind for longer than this is no mere moment. */
const LATE_S = 30;
/** Records wait and none was applied for so long: nobody is there. */
const STUCK_MS = 15000;

/** `still_ms`: for how long it has applied nothing, as far as this page saw. */
export function roleState(r: Role, still_ms = 0): RoleState {
	if (!r.present)
		return "never";
	if (r.lag_records === null)
		return "unknown";
	if (r.lag_records === 0 || (r.lag_s !== null && r.lag_s < PASSING_S))
		return "good";
	if (still_ms >= STUCK_MS)
		return "stuck";
	return (r.lag_s ?? 0) > LATE_S ? "late" : "behind";
}

/** Sees whether a role goes on, from one look to the next. */
export function progress(): (r: Role, now?: number) => number {
	const seen = new Map<string, { next: string; at: number }>();
	return (r, now = Date.now()) => {
		const next = r.partitions.map((p) => p.next).join();
		const was = seen.get(r.role);
		if (was?.next === next && (r.lag_records ?? 0) > 0)
			return now - was.at;
		seen.set(r.role, { next, at: now });
		return 0;
	};
}

/** Draws anew only what is another thing: a selection, an open detail and the
 * focus stay. */
export function steady<T>(
	draw: (what: T) => Child | Child[],
): (what: T) => Child | Child[] {
	let was: string | null = null, drawn: Child | Child[] = null;
	return (what) => {
		const is = JSON.stringify(what);
		if (is !== was) {
			drawn = draw(what);
			was = is;
		}
		return drawn;
	};
}
