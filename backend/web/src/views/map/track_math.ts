// A day's track as lines, and where the cart was at a time of it.  Nothing
// here knows of a page.

import type { Track } from "../../lib/types.js";

export interface Spot {
	/** ms since 1970 */
	at: number;
	lat: number;
	lon: number;
	speed_kmh: number;
	accuracy_m: number | null;
	parked: boolean;
}

/** A cart tells its place each minute at least: after so long it was not
 * heard. */
export const HOLE_MS = 3 * 60000;
/** Less apart than that, nothing was missed that a line could show. */
const HOLE_M = 60;

export const spots = (track: Track): Spot[] => track.points.map((p) => ({
	at: Date.parse(p.at), lat: p.lat, lon: p.lon, speed_kmh: p.speed_kmh,
	accuracy_m: p.accuracy_m, parked: p.parked,
}));

type Place = [lat: number, lon: number];

export function apart(
	a: { lat: number; lon: number }, b: { lat: number; lon: number },
): number {
	const rad = Math.PI / 180, m = 6371000 * rad;
	return Math.hypot((a.lat - b.lat) * m,
		(a.lon - b.lon) * m * Math.cos((a.lat + b.lat) / 2 * rad));
}

export const isHole = (a: Spot, b: Spot): boolean =>
	b.at - a.at > HOLE_MS && apart(a, b) > HOLE_M;

/** `seen`: lines along which it was heard; `holes`: from where it was last
 * heard to where it was heard again. */
export function lines(track: readonly Spot[]): {
	seen: Place[][]; holes: Place[][];
} {
	const seen: Place[][] = [], holes: Place[][] = [];
	track.forEach((spot, i) => {
		const place: Place = [spot.lat, spot.lon];
		const last = track[i - 1];
		if (!last || isHole(last, spot)) {
			if (last)
				holes.push([[last.lat, last.lon], place]);
			seen.push([place]);
		} else {
			seen[seen.length - 1]?.push(place);
		}
	});
	return { seen, holes };
}

/** Where it was at `at`; null before the first.  `unseen`: in a hole, then
 * it is shown where it was heard last. */
export function whereAt(
	track: readonly Spot[], at: number,
): (Spot & { unseen: boolean }) | null {
	let low = 0, high = track.length;
	while (low < high) {
		const middle = (low + high) >> 1;
		if ((track[middle]?.at ?? Infinity) <= at)
			low = middle + 1;
		else
			high = middle;
	}
	const a = track[low - 1], b = track[low];
	if (!a)
		return null;
	if (!b)
		return { ...a, unseen: false };
	if (isHole(a, b))
		return { ...a, unseen: at > a.at };
	const done = b.at === a.at ? 0 : (at - a.at) / (b.at - a.at);
	return {
		...a, at, lat: a.lat + (b.lat - a.lat) * done,
		lon: a.lon + (b.lon - a.lon) * done, unseen: false,
	};
}
