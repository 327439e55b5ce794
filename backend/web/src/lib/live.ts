// What is live: GET /api/v1/events, kept as it stands at the moment.
//
// The browser reconnects by itself and names the last event that it has; the
// server goes on from there or begins anew with a snapshot.  Listeners are
// told once a frame, however many events came.

import type { Alert, Cart, Member, Restock, Ticket } from "./types.js";

export type LiveState = "connecting" | "live" | "broken";

interface Kinds {
	cart: Cart;
	alert: Alert;
	order: Restock;
	ticket: Ticket;
	member: Member;
}
export type Kind = keyof Kinds;

interface Snapshot {
	carts: Cart[];
	alerts: Alert[];
	orders: Restock[];
	tickets?: Ticket[];
	members?: Member[];
}

const KEYS: { [K in Kind]: (thing: Kinds[K]) => string } = {
	cart: (c) => c.cart,
	alert: (a) => a.id,
	order: (o) => o.id,
	ticket: (x) => x.id,
	member: (m) => m.who,
};
/** What is over leaves the tables with the event that says so. */
const OVER: { [K in Kind]?: (thing: Kinds[K]) => boolean } = {
	alert: (a) => !a.open,
	order: (o) => o.state === "finalizado" || o.state === "cancelado",
	ticket: (x) => x.state === "resolved",
};
// The server writes something every 15 s; a connection that is silent for
// longer is dead, whatever the browser believes.
const SILENT_MS = 40000;
const AGAIN_MS = 3000;

export interface Change<K extends Kind> {
	kind: K;
	/** Those that are new or different since the last time; after a
	 * snapshot all of them. */
	changed: Map<string, Kinds[K]>;
	snapshot: boolean;
}

export class Live {
	readonly carts = new Map<string, Cart>();
	readonly alerts = new Map<string, Alert>();
	readonly orders = new Map<string, Restock>();
	readonly tickets = new Map<string, Ticket>();
	readonly members = new Map<string, Member>();
	state: LiveState = "connecting";
	/** When something was heard last. */
	heardAt = 0;

	#source: EventSource | null = null;
	#listeners = new Map<Kind, Set<(c: Change<never>) => void>>();
	#stateListeners = new Set<() => void>();
	#pending = new Map<Kind, Map<string, unknown>>();
	#snapshot = new Set<Kind>();
	#asked = false;
	#watch = 0;

	start(): void {
		this.#open();
		this.#watch = window.setInterval(() => {
			if (Date.now() - this.heardAt > SILENT_MS)
				this.#open();
		}, AGAIN_MS);
	}

	stop(): void {
		clearInterval(this.#watch);
		this.#source?.close();
		this.#source = null;
	}

	/** Told of each change until `signal` is aborted. */
	on<K extends Kind>(
		kind: K, does: (change: Change<K>) => void, signal: AbortSignal,
	): void {
		const all = this.#listeners.get(kind) ?? new Set();
		this.#listeners.set(kind, all);
		all.add(does as (c: Change<never>) => void);
		signal.addEventListener("abort", () =>
			all.delete(does as (c: Change<never>) => void));
	}

	onState(does: () => void, signal: AbortSignal): void {
		this.#stateListeners.add(does);
		signal.addEventListener("abort", () =>
			this.#stateListeners.delete(does));
	}

	table<K extends Kind>(kind: K): Map<string, Kinds[K]> {
		const tables = {
			cart: this.carts, alert: this.alerts, order: this.orders,
			ticket: this.tickets, member: this.members,
		};
		return tables[kind] as unknown as Map<string, Kinds[K]>;
	}

	#open(): void {
		this.#source?.close();
		this.heardAt = Date.now();
		this.#say("connecting");
		const source = new EventSource("/api/v1/events");
		this.#source = source;
		const hear = (does: (data: never) => void) => (e: Event) => {
			this.heardAt = Date.now();
			this.#say("live");
			does(JSON.parse((e as MessageEvent<string>).data) as never);
		};
		source.onopen = () => {
			this.heardAt = Date.now();
			this.#say("live");
		};
		source.onerror = () => this.#say("broken");
		source.addEventListener("beat", hear(() => undefined));
		source.addEventListener("snapshot",
			hear((s: Snapshot) => this.#begin(s)));
		for (const kind of Object.keys(KEYS) as Kind[])
			source.addEventListener(kind,
				hear((thing: Kinds[typeof kind]) =>
					this.#take(kind, thing)));
	}

	#begin(s: Snapshot): void {
		const all: { [K in Kind]: Kinds[K][] } = {
			cart: s.carts, alert: s.alerts, order: s.orders,
			ticket: s.tickets ?? [], member: s.members ?? [],
		};
		for (const kind of Object.keys(all) as Kind[]) {
			this.table(kind).clear();
			this.#snapshot.add(kind);
			this.#pending.delete(kind);
			for (const thing of all[kind])
				this.#take(kind, thing);
		}
		this.#ask();
	}

	#take<K extends Kind>(kind: K, thing: Kinds[K]): void {
		const id = KEYS[kind](thing);
		if (OVER[kind]?.(thing))
			this.table(kind).delete(id);
		else
			this.table(kind).set(id, thing);
		let pending = this.#pending.get(kind);
		if (!pending)
			this.#pending.set(kind, pending = new Map());
		pending.set(id, thing);
		this.#ask();
	}

	// A page that is not seen gets no frames, but wants to be right when
	// it is seen again: then its first frame tells all.
	#ask(): void {
		if (this.#asked)
			return;
		this.#asked = true;
		requestAnimationFrame(() => {
			this.#asked = false;
			this.#tell();
		});
	}

	#tell(): void {
		const pending = this.#pending, snapshot = this.#snapshot;
		this.#pending = new Map();
		this.#snapshot = new Set();
		for (const kind of new Set([...pending.keys(), ...snapshot])) {
			const change = {
				kind, changed: pending.get(kind) ?? new Map(),
				snapshot: snapshot.has(kind),
			};
			for (const does of this.#listeners.get(kind) ?? [])
				does(change as never);
		}
	}

	#say(state: LiveState): void {
		if (state === this.state)
			return;
		this.state = state;
		for (const does of this.#stateListeners)
			does();
	}
}
