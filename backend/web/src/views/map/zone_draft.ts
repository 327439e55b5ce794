// A zone while it is edited, with each step kept to be undone.  Nothing here
// knows of a page.

import type { Area } from "./geometry.js";

export class ZoneDraft {
	areas: Area[];
	readonly #first: string;
	readonly #past: string[] = [];
	readonly #listeners = new Set<(by: unknown) => void>();

	constructor(areas: readonly Area[]) {
		this.#first = JSON.stringify(areas);
		this.areas = JSON.parse(this.#first) as Area[];
	}

	/** `does` is told who changed it, and may be whoever did. */
	on(does: (by: unknown) => void): void {
		this.#listeners.add(does);
	}

	change(work: (areas: Area[]) => void, by?: unknown): void {
		this.#past.push(JSON.stringify(this.areas));
		work(this.areas);
		this.#tell(by);
	}

	/** What change() began goes on: no step of its own. */
	goesOn(by: unknown): void {
		this.#tell(by);
	}

	get undoable(): boolean {
		return this.#past.length > 0;
	}

	get changed(): boolean {
		return JSON.stringify(this.areas) !== this.#first;
	}

	undo(): void {
		const last = this.#past.pop();
		if (last === undefined)
			return;
		this.areas = JSON.parse(last) as Area[];
		this.#tell(undefined);
	}

	/** A ring keeps three corners at least: of less, an outline's area goes
	 * with it, a hole alone. */
	removeCorner(area: number, ring: number, corner: number): void {
		this.change((areas) => {
			const a = areas[area];
			const rings = a?.kind === "polygon" ? a.rings : a?.holes;
			const r = rings?.[ring];
			if (!a || !rings || !r)
				return;
			if (r.length > 3)
				r.splice(corner, 1);
			else if (a.kind === "polygon" && ring === 0)
				areas.splice(area, 1);
			else
				rings.splice(ring, 1);
		});
	}

	#tell(by: unknown): void {
		for (const does of this.#listeners)
			does(by);
	}
}
