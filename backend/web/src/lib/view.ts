// What a view is: a part of the page with an address of its own.

import type { Live } from "./live.js";
import type { Session, Site } from "./api.js";

export interface Context {
	/** What is live, for all views. */
	live: Live;
	session: Session;
	site: Site;
	/** What stands in the address behind the view's name: #/map/ABC123 is
	 * ["ABC123"]. */
	rest: string[];
	/** Aborted when the view is left: listeners, timers and requests end
	 * with it. */
	signal: AbortSignal;
}

/** Draws the view into `root`, which is empty, and keeps it true. */
export type View = (root: HTMLElement, context: Context) => void | Promise<void>;

/** The address of a view. */
export const address = (view: string, ...rest: string[]): string =>
	"#/" + [view, ...rest].map(encodeURIComponent).join("/");

/** The address changes and the view stays: what it shows was chosen in it. */
export function replaceAddress(view: string, ...rest: string[]): void {
	history.replaceState(null, "", address(view, ...rest));
}

/** Calls `work` now and each so many ms until `signal` is aborted; not while
 * the page is hidden, but at once when it is seen again. */
export function every(
	ms: number, work: () => unknown, signal: AbortSignal,
): void {
	let at = 0;
	const turn = () => {
		if (signal.aborted || document.hidden || Date.now() - at < ms - 50)
			return;
		at = Date.now();
		work();
	};
	const timer = setInterval(turn, ms);
	document.addEventListener("visibilitychange", turn, { signal });
	signal.addEventListener("abort", () => clearInterval(timer));
	turn();
}
