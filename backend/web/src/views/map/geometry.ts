// A zone's geometry as the API has it, and as it is edited: areas, rings that
// do not repeat their first corner, latitude first.  Nothing here knows of a
// page.

import type { Zone } from "../../lib/types.js";

export type Corner = [lat: number, lon: number];
export type Ring = Corner[];
export interface PolygonArea {
	kind: "polygon";
	/** The outline, then its holes. */
	rings: Ring[];
}
export interface CircleArea {
	kind: "circle";
	centre: Corner;
	radius_m: number;
	holes: Ring[];
}
export type Area = PolygonArea | CircleArea;
type Geometry = Zone["geometry"];
type Position = number[];

/** What the API takes at most. */
export const AREAS_MAX = 16;
export const RADIUS_MAX_M = 100000;

const open = (ring: Position[]): Ring =>
	ring.slice(0, -1).map(([lon = 0, lat = 0]): Corner => [lat, lon]);

const round = (n: number): number => Math.round(n * 1e6) / 1e6;
const position = ([lat, lon]: Corner): Position => [round(lon), round(lat)];
const closed = (ring: Ring): Position[] =>
	[...ring, ...ring.slice(0, 1)].map(position);

export function toAreas(g: Geometry): Area[] {
	switch (g.type) {
	case "Polygon":
		return [{ kind: "polygon", rings: g.coordinates.map(open) }];
	case "MultiPolygon":
		return g.coordinates.map((rings) =>
			({ kind: "polygon", rings: rings.map(open) }));
	case "Circle": {
		const [lon = 0, lat = 0] = g.center;
		return [{
			kind: "circle", centre: [lat, lon], radius_m: g.radius_m,
			holes: (g.holes ?? []).map(open),
		}];
	}
	case "GeometryCollection":
		return g.geometries.flatMap(toAreas);
	}
}

/** `areas` is not empty. */
export function toGeometry(areas: readonly Area[]): Geometry {
	const each = areas.map((a) => a.kind === "polygon" ? {
		type: "Polygon" as const, coordinates: a.rings.map(closed),
	} : {
		type: "Circle" as const, center: position(a.centre),
		radius_m: Math.min(RADIUS_MAX_M, Math.max(1, Math.round(a.radius_m))),
		...(a.holes.length ? { holes: a.holes.map(closed) } : {}),
	});
	const [only] = each;
	return (each.length === 1 && only ? only
		: { type: "GeometryCollection", geometries: each }) as Geometry;
}

const EARTH_M = 6371008.8;
const RAD = Math.PI / 180;

/** The place so many metres away, clockwise from north. */
export function away([lat, lon]: Corner, m: number, degrees: number): Corner {
	const north = m * Math.cos(degrees * RAD), east = m * Math.sin(degrees * RAD);
	return [lat + north / EARTH_M / RAD,
		lon + east / EARTH_M / RAD / Math.cos(lat * RAD)];
}

/** A circle with holes, as corners: maps draw holes in polygons only. */
export const rounded = (c: CircleArea): Ring =>
	Array.from({ length: 72 }, (_, i) => away(c.centre, c.radius_m, i * 5));

/** What an area's extent is made of. */
export const outline = (a: Area): Ring =>
	a.kind === "polygon" ? a.rings[0] ?? [] : rounded(a);

export const ringsOf = (a: Area): Ring[] =>
	a.kind === "polygon" ? a.rings : a.holes;

export const cornerCount = (a: Area): number =>
	ringsOf(a).reduce((n, r) => n + r.length, 0);
