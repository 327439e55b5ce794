// Where somebody looked last, for the next time.

import type { L } from "../../lib/map.js";

const KEPT = "pregon.map";

/** False: nothing is remembered. */
export function recall(map: L.Map): boolean {
	try {
		const [lat, lng, zoom] = JSON.parse(
			localStorage.getItem(KEPT) ?? "[]") as unknown[];
		if (typeof lat !== "number" || typeof lng !== "number" ||
		    typeof zoom !== "number" || Math.abs(lat) > 85)
			return false;
		map.setView([lat, lng], zoom, { animate: false });
		return true;
	} catch {
		return false;
	}
}

/** Keeps what somebody chose themselves: not what the page showed them. */
export function remember(map: L.Map, signal: AbortSignal): void {
	let touched = false;
	for (const kind of ["pointerdown", "wheel", "keydown"])
		map.getContainer().addEventListener(kind, () => {
			touched = true;
		}, { signal, passive: true });
	map.on("moveend", () => {
		if (!touched)
			return;
		const { lat, lng } = map.getCenter();
		try {
			localStorage.setItem(KEPT, JSON.stringify([
				+lat.toFixed(5), +lng.toFixed(5), map.getZoom(),
			]));
		} catch {
			// It begins at the fleet again, then.
		}
	});
}
