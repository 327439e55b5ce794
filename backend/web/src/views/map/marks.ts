// Where each cart's sign stands in the window, and which of them a change can
// be seen of.

import { L } from "../../lib/map.js";
import type { Cart } from "../../lib/types.js";
import type { Known } from "./fleet.js";
import { GLIDE_MS, Motion, type Point } from "./motion.js";
import { STATES, type CartState } from "./state.js";

export interface Mark {
	readonly plate: string;
	state: CartState;
	motion: Motion;
	/** Degrees; null: it stands. */
	course: number | null;
	/** m */
	accuracy: number | null;
	/** Where it was drawn, in the window. */
	x: number;
	y: number;
}

/** More than that within the window are dots. */
export const MANY = 250;
/** A cart that moved less than that since it was drawn stays there. */
const SEEN_PX = .75;
/** Less is not worth a glide. */
const GLIDE_PX = 1.5;
/** Around the window, for signs of which a part is within. */
const ROOM_PX = 40;
const MOVING_KMH = 1;
const NOWHERE = -1e6;

export class Marks {
	/** Those within the window when it was sorted last, by their state's
	 * urgency. */
	readonly drawn: Mark[][] = STATES.map(() => []);
	count = 0;
	readonly #all = new Map<string, Mark>();
	readonly #still =
		matchMedia("(prefers-reduced-motion: reduce)").matches;
	#scale = 1;
	#origin: Point = { x: 0, y: 0 };
	#size: Point = { x: 0, y: 0 };

	get(plate: string | null): Mark | undefined {
		return plate === null ? undefined : this.#all.get(plate);
	}

	/** `all`: there are no others.  True: some change is to be seen. */
	take(carts: Known[], all: boolean): boolean {
		let differs = all;
		if (all)
			this.#all.clear();
		const now = performance.now();
		for (const { plate, cart, state } of carts)
			differs = this.#place(plate, cart, state, now) || differs;
		return differs;
	}

	#place(
		plate: string, cart: Cart, state: CartState, now: number,
	): boolean {
		const { fix } = cart;
		if (!fix)
			return this.#all.delete(plate);
		const place = L.CRS.EPSG3857.latLngToPoint(
			L.latLng(fix.lat, fix.lon), 0);
		let mark = this.#all.get(plate);
		if (!mark) {
			mark = { plate, state, motion: new Motion(place), course: null,
				accuracy: null, x: NOWHERE, y: NOWHERE };
			this.#all.set(plate, mark);
		} else {
			// Of dots nobody sees a glide.
			mark.motion.move(place, now, this.#still || this.count > MANY
				? Infinity : GLIDE_PX / this.#scale);
		}
		const course = fix.parked || fix.speed_kmh < MOVING_KMH
			? null : fix.course_deg;
		const turned = course !== mark.course && this.count <= MANY;
		const other = state !== mark.state || mark.x === NOWHERE;
		mark.state = state;
		mark.course = course;
		mark.accuracy = fix.accuracy_m;
		const { x, y } = this.#spot(place);
		return other || ((this.#inside(x, y) || this.#inside(mark.x, mark.y)) &&
			(turned || Math.abs(x - mark.x) > SEEN_PX ||
			Math.abs(y - mark.y) > SEEN_PX));
	}

	/** Sorts out what is in the window as it is now; how many ms later the
	 * next frame is worth drawing, null: nothing glides. */
	sort(map: L.Map): number | null {
		this.#scale = 2 ** map.getZoom();
		this.#origin = map.getPixelBounds().getTopLeft();
		this.#size = map.getSize();
		const now = performance.now();
		let far = 0;
		for (const d of this.drawn)
			d.length = 0;
		this.count = 0;
		for (const mark of this.#all.values()) {
			({ x: mark.x, y: mark.y } =
				this.#spot(mark.motion.where(now)));
			if (!this.#inside(mark.x, mark.y))
				continue;
			this.count++;
			this.drawn[STATES.indexOf(mark.state)]?.push(mark);
			far = Math.max(far, mark.motion.gliding(now));
		}
		return far ? GLIDE_MS * SEEN_PX / (far * this.#scale) : null;
	}

	/** The cart drawn nearest to a place in the window, at most `reach` px
	 * away; of those as near the most urgent. */
	nearest(at: Point, reach: number): string | null {
		let best: string | null = null, least = reach * reach;
		for (const marks of this.drawn)
			for (const { plate, x, y } of marks) {
				const d = (x - at.x) ** 2 + (y - at.y) ** 2;
				if (d < least) {
					best = plate;
					least = d;
				}
			}
		return best;
	}

	#spot({ x, y }: Point): Point {
		return {
			x: x * this.#scale - this.#origin.x,
			y: y * this.#scale - this.#origin.y,
		};
	}

	#inside(x: number, y: number): boolean {
		return x > -ROOM_PX && y > -ROOM_PX && x < this.#size.x + ROOM_PX &&
			y < this.#size.y + ROOM_PX;
	}
}
