// The orders as the board shows them: the open ones are live, those that ended
// today or are disputed are kept here, and what was asked for and is not yet
// so is shown where it will be, marked as not yet true.
//
// The server's 202 says that the wish was kept; the order moves when the depot's
// role has judged it.  Until its event comes the wish hangs; when it was
// refused or nothing came of it, the card goes back and says why.

import { get, newKey, Problem, send } from "../../lib/api.js";
import { localDate } from "../../lib/format.js";
import { aborted } from "../../lib/states.js";
import type { Restock, RestockHistory } from "../../lib/types.js";
import type { Context } from "../../lib/view.js";
import { dictionary } from "../../lib/words.js";
import {
	rank, refusedText, serverText, type Names, type State,
} from "./words.js";

const t = dictionary({
	not_yet: "Se pidió, pero bodega todavía no lo confirma. Puedes pedirlo " +
		"otra vez: no se hace dos veces.",
	cancelled: "Quedó cancelada: {why}.",
	busy: "Espera: el cambio anterior de esta orden todavía no termina.",
}, {
	not_yet: "It was asked for, but the depot's books have not confirmed " +
		"it. You may ask again: it will not be done twice.",
	cancelled: "It was cancelled: {why}.",
	busy: "Wait: this order's last change is still under way.",
});

/** A wish's event is looked for after so long, then it is given up. */
const LOOK_MS = [2000, 5000, 10000, 20000];
const CLOSED_LIMIT = 500;

interface Wish {
	to: State;
	at: number;
	revision: number;
}

/** An order, and where it stands on the board. */
export interface Placed {
	order: Restock;
	place: State;
	moving: boolean;
	/** Why the last wish did not come true. */
	failed?: string;
}

export interface Units {
	lines?: { product: number; units: number }[];
}

export class Orders {
	names: Names = new Map();
	/** Those that ended today could not be read: why. */
	closedFailed: unknown = null;
	closedLoaded = false;

	#context: Context;
	#closed = new Map<string, Restock>();
	#wishes = new Map<string, Wish>();
	/** True of that revision alone: what happened since says more. */
	#failed = new Map<string, { why: string; revision: number }>();
	#told: () => void;
	#say: (text: string) => void;

	/** `told` of each change.  `say`: words that everybody must hear. */
	constructor(
		context: Context, told: () => void, say: (text: string) => void,
	) {
		this.#context = context;
		this.#told = told;
		this.#say = say;
		context.live.on("order", ({ changed }) => {
			for (const o of changed.values())
				this.#take(o);
			told();
		}, context.signal);
	}

	/** What ended today, and whatever cart and depot do not agree on. */
	async loadClosed(): Promise<void> {
		try {
			const [disputed, ...ended] = await Promise.all(
				(["disputed", "finalizado", "cancelado"] as const).map(
					(state) => get<{ restocks: Restock[] }>("restocks",
						{ state, limit: CLOSED_LIMIT },
						this.#context.signal)));
			const still = new Set(disputed?.restocks.map((o) => o.id));
			for (const o of this.#closed.values())
				if (o.disputed && !still.has(o.id))
					this.#closed.delete(o.id);
			for (const o of [disputed, ...ended].flatMap((x) =>
				x?.restocks ?? []))
				this.#take(o);
			this.closedFailed = null;
		} catch (e) {
			if (aborted(e))
				return;
			this.closedFailed = e;
		}
		this.closedLoaded = true;
		this.#told();
	}

	* all(): Iterable<Placed> {
		const today = localDate();
		for (const o of this.#context.live.orders.values())
			yield this.#placed(o);
		for (const o of this.#closed.values())
			if (!this.#context.live.orders.has(o.id) &&
				(o.disputed || localDate(o.state_at) === today))
				yield this.#placed(o);
	}

	get(id: string): Placed | undefined {
		const o = this.#context.live.orders.get(id) ?? this.#closed.get(id);
		return o && this.#placed(o);
	}

	#placed(order: Restock): Placed {
		const wish = this.#wishes.get(order.id);
		const failed = this.#failed.get(order.id);
		return {
			order, place: wish?.to ?? order.state, moving: !!wish,
			failed: failed && failed.revision >= order.revision
				? failed.why : undefined,
		};
	}

	#take(o: Restock): void {
		const known = this.#closed.get(o.id);
		if (rank(o.state) >= rank("finalizado") &&
			(!known || known.revision <= o.revision))
			this.#closed.set(o.id, o);
		const wish = this.#wishes.get(o.id);
		if (!wish || rank(o.state) < rank(wish.to))
			return;
		this.#wishes.delete(o.id);
		if (o.state === "cancelado" && wish.to !== "cancelado")
			this.#fail(o.id, t("cancelled",
				{ why: serverText(o.reason ?? "", this.names) }));
	}

	#fail(id: string, why: string): void {
		this.#wishes.delete(id);
		const { order } = this.get(id) ?? {};
		this.#failed.set(id, { why, revision: order?.revision ?? 0 });
		const cart = order?.cart;
		this.#say(cart ? `${cart}: ${why}` : why);
		this.#told();
	}

	/** To the state after the one that it is in; resolves when the wish was
	 * kept or refused. */
	move(order: Restock, to: State, units: Units = {}): Promise<boolean> {
		return this.#wish(order, to, "advance", { to, ...units });
	}

	cancel(order: Restock, why: string): Promise<boolean> {
		return this.#wish(order, "cancelado", "cancel", { reason: why });
	}

	async #wish(
		order: Restock, to: State, act: string, body: unknown,
	): Promise<boolean> {
		const { id } = order;
		if (this.#wishes.has(id)) {
			this.#say(t("busy"));
			return false;
		}
		this.#failed.delete(id);
		const wish = { to, at: Date.now(), revision: order.revision };
		this.#wishes.set(id, wish);
		this.#told();
		try {
			await this.#send(`restocks/${encodeURIComponent(id)}/${act}`, body);
		} catch (e) {
			if (this.#wishes.get(id) === wish && !aborted(e))
				this.#fail(id, refusedText(e, this.names));
			return false;
		}
		this.#follow(id, wish, 0);
		return true;
	}

	// What did not arrive, or waited in vain, is asked once more: by its key
	// it is the same wish.
	async #send(path: string, body: unknown): Promise<void> {
		const key = newKey();
		try {
			await send("POST", path, body, { key });
		} catch (e) {
			if (!(e instanceof Problem) || (e.status !== 0 && e.status !== 503))
				throw e;
			await send("POST", path, body, { key });
		}
	}

	#follow(id: string, wish: Wish, turn: number): void {
		const wait = LOOK_MS[turn];
		const timer = setTimeout(async () => {
			if (this.#wishes.get(id) !== wish)
				return;
			const seen = await this.#look(id);
			if (this.#wishes.get(id) !== wish)
				return;
			const no = seen?.history.find((c) => c.refused &&
				Date.parse(c.at) >= wish.at - 2000);
			if (no)
				this.#fail(id, serverText(no.reason ?? t("not_yet"),
					this.names));
			else if (turn + 1 < LOOK_MS.length)
				this.#follow(id, wish, turn + 1);
			else
				this.#fail(id, t("not_yet"));
		}, wait);
		this.#context.signal.addEventListener("abort",
			() => clearTimeout(timer));
	}

	async #look(id: string): Promise<RestockHistory | undefined> {
		try {
			const seen = await get<RestockHistory>(
				`restocks/${encodeURIComponent(id)}`, {},
				this.#context.signal);
			this.#take(seen);
			const { orders } = this.#context.live;
			if (rank(seen.state) >= rank("finalizado"))
				orders.delete(id);
			else if (orders.has(id))
				orders.set(id, seen);
			this.#told();
			return seen;
		} catch {
			return undefined;
		}
	}
}
