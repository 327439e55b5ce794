// What the guild says of itself.

import { get, Problem } from "../../lib/api.js";
import type { Child } from "../../lib/dom.js";

export interface Role {
	role: string;
	present: boolean;
	/** Of the last record that it applied. */
	applied_at: string | null;
	/** null: Kafka does not say. */
	lag_records: number | null;
	lag_s: number | null;
}

export interface Rejected {
	at: string;
	reason: string;
	topic: string;
	cart: string | null;
	bytes: number;
	preview: string;
}

/** null: Kafka cannot be reached, so nobody knows. */
export async function roles(signal: AbortSignal): Promise<Role[] | null> {
	try {
		return (await get<{ roles: Role[] }>("roles", {}, signal)).roles;
	} catch (e) {
		if (e instanceof Problem && e.status === 503)
			return null;
		throw e;
	}
}

export type RoleState = "good" | "behind" | "late" | "gone" | "unknown";
/** Behind for longer than this is no mere moment. */
const LATE_S = 30;

export function roleState(r: Role): RoleState {
	if (!r.present)
		return "gone";
	if (r.lag_records === null)
		return "unknown";
	if (r.lag_records === 0)
		return "good";
	return (r.lag_s ?? 0) > LATE_S ? "late" : "behind";
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
