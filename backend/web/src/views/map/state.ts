// What a cart counts as, from what the guild knows of it.  Nothing here knows
// of a page.

import type { Alert, Cart } from "../../lib/types.js";

/** The most urgent first. */
export const STATES = [
	"missing", "astray", "silent", "no_fix", "live", "resting",
] as const;
export type CartState = (typeof STATES)[number];

export const HINTS = [
	"poor_fix", "old_fix", "battery", "backlog", "gaps",
] as const;
export type Hint = (typeof HINTS)[number];

/** Of a street: farther off, the cart may stand in the next one. */
const POOR_M = 50;
/** A cart that stands tells its place each minute. */
const OLD_MS = 5 * 60000;
const NEW_MS = 90000;
const BATTERY_PERCENT = 20;
/** A minute of fixes and a sale or two travel together: that is no backlog. */
const BACKLOG = 30;

const FIXING = ["2d", "3d"];

/** `causes`: of the alerts that are open for this cart. */
export function cartState(
	cart: Cart, causes: ReadonlySet<string>, now: number,
): CartState {
	if (cart.missing || causes.has("missing"))
		return "missing";
	for (const cause of causes)
		if (cause.startsWith("astray"))
			return "astray";
	if (!cart.day_open)
		return "resting";
	if (!cart.live)
		return "silent";
	return hasFix(cart, now) ? "live" : "no_fix";
}

/** The mode is that of its last status: a fix may have come since. */
export function hasFix({ fix, fix_mode }: Cart, now: number): boolean {
	const at = fix?.at ?? fix?.received_at;
	return !!at && (fix_mode === null || FIXING.includes(fix_mode) ||
		now - Date.parse(at) < NEW_MS);
}

/** What else is to be known of it, at the time `now`. */
export function cartHints(cart: Cart, now: number): Hint[] {
	const hints: Hint[] = [];
	const { fix } = cart;
	const at = fix?.at ?? fix?.received_at;
	if (fix && (fix.accuracy_m ?? 0) > POOR_M)
		hints.push("poor_fix");
	if (cart.live && at && now - Date.parse(at) > OLD_MS)
		hints.push("old_fix");
	if (cart.battery_percent !== null &&
	    cart.battery_percent <= BATTERY_PERCENT)
		hints.push("battery");
	if (cart.backlog >= BACKLOG)
		hints.push("backlog");
	if (cart.missing_events > 0)
		hints.push("gaps");
	return hints;
}

export type Counts = Record<CartState, number> & { all: number };

export function noCounts(): Counts {
	return { missing: 0, astray: 0, silent: 0, no_fix: 0, live: 0, resting: 0,
		all: 0 };
}

/** The causes of open alerts by cart. */
export function openCauses(alerts: Iterable<Alert>): Map<string, Set<string>> {
	const by = new Map<string, Set<string>>();
	for (const a of alerts) {
		if (!a.cart || !a.open)
			continue;
		const causes = by.get(a.cart);
		if (causes)
			causes.add(a.cause);
		else
			by.set(a.cart, new Set([a.cause]));
	}
	return by;
}

/** By urgency, then plate. */
export function before(
	a: { state: CartState; plate: string },
	b: { state: CartState; plate: string },
): number {
	const rank = STATES.indexOf(a.state) - STATES.indexOf(b.state);
	return rank || (a.plate < b.plate ? -1 : a.plate > b.plate ? 1 : 0);
}
