// A cart's place on the world (Mercator's, 256 wide) between two fixes: it
// glides for a moment instead of jumping.  Nothing here knows of a page.

export interface Point {
	x: number;
	y: number;
}

/** Shorter than the time between fixes: the place is never far from true. */
export const GLIDE_MS = 900;
/** Some 3 km at the equator: farther is a jump, and shown as one. */
const FAR = 256 / 12000;

export class Motion {
	#from: Point;
	#to: Point;
	#at = -Infinity;

	constructor(place: Point) {
		this.#from = this.#to = place;
	}

	/** It is at `place` now; `nearest`: less than that is not worth a
	 * glide. */
	move(place: Point, now: number, nearest: number): void {
		const here = this.where(now);
		const far = Math.max(Math.abs(place.x - here.x),
			Math.abs(place.y - here.y));
		this.#from = here;
		this.#to = place;
		this.#at = far < nearest || far > FAR ? -Infinity : now;
	}

	/** How far the glide goes that is under way; 0: none is. */
	gliding(now: number): number {
		return now - this.#at >= GLIDE_MS ? 0 : Math.max(
			Math.abs(this.#to.x - this.#from.x),
			Math.abs(this.#to.y - this.#from.y));
	}

	where(now: number): Point {
		const done = (now - this.#at) / GLIDE_MS;
		if (done >= 1)
			return this.#to;
		const eased = done <= 0 ? 0 : done * (2 - done);
		return {
			x: this.#from.x + (this.#to.x - this.#from.x) * eased,
			y: this.#from.y + (this.#to.y - this.#from.y) * eased,
		};
	}
}
