// The carts and what each counts as, kept as the events come.

import type { Live } from "../../lib/live.js";
import type { Cart } from "../../lib/types.js";
import {
	cartState, noCounts, openCauses, type CartState, type Counts,
} from "./state.js";

export interface Known {
	readonly plate: string;
	cart: Cart;
	state: CartState;
}

const NONE: ReadonlySet<string> = new Set();

export class Fleet {
	readonly known = new Map<string, Known>();
	readonly counts: Counts = noCounts();
	/** Grows with each change: what was drawn at another turn is old. */
	turn = 0;

	#causes = new Map<string, Set<string>>();
	#listeners = new Set<(changed: Known[], all: boolean) => void>();

	constructor(private readonly live: Live, signal: AbortSignal) {
		this.#all();
		live.on("cart", ({ changed, snapshot }) => {
			if (snapshot)
				this.#all();
			else
				this.#tell([...changed.values()].map((c) =>
					this.#take(c)), false);
		}, signal);
		live.on("alert", ({ changed, snapshot }) => {
			this.#causes = openCauses(live.alerts.values());
			const carts = snapshot ? live.carts.keys()
				: new Set([...changed.values()].map((a) => a.cart ?? ""));
			const touched = [];
			for (const plate of carts) {
				const cart = live.carts.get(plate);
				if (cart)
					touched.push(this.#take(cart));
			}
			this.#tell(touched, false);
		}, signal);
		live.onState(() => this.#tell([], false), signal);
	}

	/** What is shown is from before: nothing of it may look live. */
	get old(): boolean {
		return this.live.state !== "live";
	}

	/** Told at most once a frame; `all`: what is not in `known` is gone. */
	on(
		does: (changed: Known[], all: boolean) => void, signal: AbortSignal,
	): void {
		this.#listeners.add(does);
		signal.addEventListener("abort", () => this.#listeners.delete(does));
	}

	#all(): void {
		this.#causes = openCauses(this.live.alerts.values());
		this.known.clear();
		Object.assign(this.counts, noCounts());
		this.#tell([...this.live.carts.values()].map((c) =>
			this.#take(c)), true);
	}

	#take(cart: Cart): Known {
		const state = cartState(cart,
			this.#causes.get(cart.cart) ?? NONE, Date.now());
		const known = this.known.get(cart.cart);
		if (known) {
			this.counts[known.state]--;
			this.counts[state]++;
			known.cart = cart;
			known.state = state;
			return known;
		}
		const fresh = { plate: cart.cart, cart, state };
		this.known.set(cart.cart, fresh);
		this.counts[state]++;
		this.counts.all++;
		return fresh;
	}

	#tell(changed: Known[], all: boolean): void {
		this.turn++;
		for (const does of this.#listeners)
			does(changed, all);
	}
}
