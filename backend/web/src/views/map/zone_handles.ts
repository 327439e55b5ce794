// A draft on the map: its areas, with a handle on each corner (drag it, move
// it by arrow keys, remove it) and one between two (a corner more).

import { h } from "../../lib/dom.js";
import { L } from "../../lib/map.js";
import { colour } from "../../lib/theme.js";
import { dictionary } from "../../lib/words.js";
import {
	away, ringsOf, rounded, type Area, type CircleArea, type Corner, type Ring,
} from "./geometry.js";
import type { ZoneDraft } from "./zone_draft.js";

const t = dictionary({
	corner: "Punto {n}: flechas para mover, Supr para quitar",
	middle: "Punto nuevo aquí", centre: "Centro del círculo",
	rim: "Radio del círculo", remove: "Quitar este punto",
}, {
	corner: "Corner {n}: arrows to move, Delete to remove",
	middle: "A new corner here", centre: "The circle's centre",
	rim: "The circle's radius", remove: "Remove this corner",
});

/** Of more, only those in the window have handles. */
const HANDLES = 250;
const STEP_PX = 6;

export function zoneHandles(
	map: L.Map, draft: ZoneDraft, signal: AbortSignal,
): void {
	const shapes = L.layerGroup().addTo(map);
	const handles = L.layerGroup().addTo(map);
	const me = {};

	const style = () => ({
		color: colour("--main"), weight: 3, fillOpacity: .12,
		interactive: false,
	});
	let middles: { marker: L.Marker; a: Corner; b: Corner }[] = [];
	const drawShapes = () => {
		shapes.clearLayers();
		for (const a of draft.areas)
			areaLayer(a, style()).addTo(shapes);
		for (const { marker, a, b } of middles)
			marker.setLatLng(between(a, b));
	};
	const drawAll = () => {
		middles = [];
		handles.clearLayers();
		drawShapes();
		draft.areas.forEach((a, i) => {
			if (a.kind === "circle")
				circleHandles(a);
			ringsOf(a).forEach((ring, j) => ringHandles(ring, i, j));
		});
	};

	function handle(
		at: Corner, kind: string, title: string,
		moved: (to: Corner) => void,
	): L.Marker {
		const marker = L.marker(at, {
			draggable: true, title, alt: title, autoPan: true,
			icon: L.divIcon({
				className: `zone-handle ${kind}`, iconSize: [26, 26],
			}),
		}).addTo(handles);
		const set = () => {
			const { lat, lng } = marker.getLatLng();
			moved([lat, lng]);
			drawShapes();
		};
		// The step to be undone is the whole drag.
		marker.on("dragstart", () => draft.change(() => undefined, me));
		marker.on("drag", set);
		marker.on("dragend", () => draft.goesOn(me));
		marker.getElement()?.addEventListener("keydown", (e) => {
			const [x, y] = {
				ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1],
				ArrowDown: [0, 1],
			}[e.key] ?? [];
			if (x === undefined || y === undefined)
				return;
			e.preventDefault();
			e.stopPropagation();
			const step = e.shiftKey ? 1 : STEP_PX;
			marker.setLatLng(map.containerPointToLatLng(
				map.latLngToContainerPoint(marker.getLatLng())
					.add([x * step, y * step])));
			draft.change(set, me);
		});
		return marker;
	}

	function ringHandles(ring: Ring, area: number, at: number): void {
		const inSight = ring.length <= HANDLES ? () => true
			: (c: Corner) => map.getBounds().contains(c);
		ring.forEach((corner, n) => {
			if (!inSight(corner))
				return;
			const marker = handle(corner, "corner",
				t("corner", { n: n + 1 }), (to) => {
					corner[0] = to[0];
					corner[1] = to[1];
				});
			const remove = () => {
				marker.closePopup();
				draft.removeCorner(area, at, n);
			};
			marker.bindPopup(() => h("button", {
				type: "button", onclick: remove,
			}, t("remove")), { closeButton: false });
			marker.getElement()?.addEventListener("keydown", (e) => {
				if (e.key !== "Delete")
					return;
				e.stopPropagation();
				remove();
				// The keyboard stays on the map's corners.
				(handles.getLayers()[0] as L.Marker | undefined)
					?.getElement()?.focus();
			});
			middleHandle(ring, n);
		});
	}

	function middleHandle(ring: Ring, n: number): void {
		const a = ring[n], b = ring[(n + 1) % ring.length];
		if (!a || !b)
			return;
		const marker = L.marker(between(a, b), {
			draggable: true, title: t("middle"), alt: t("middle"),
			icon: L.divIcon({
				className: "zone-handle between", iconSize: [22, 22],
			}),
		}).addTo(handles);
		const insert = () => {
			const { lat, lng } = marker.getLatLng();
			draft.change(() => ring.splice(n + 1, 0, [lat, lng]));
		};
		marker.on("click", insert).on("dragend", insert);
		middles.push({ marker, a, b });
	}

	function circleHandles(c: CircleArea): void {
		const edge = () => away(c.centre, c.radius_m, 90);
		const centre = handle(c.centre, "corner", t("centre"), (to) => {
			c.centre = to;
			rim.setLatLng(edge());
		});
		const rim = handle(edge(), "rim", t("rim"), () => {
			c.radius_m = Math.max(1, Math.round(
				map.distance(centre.getLatLng(), rim.getLatLng())));
		});
	}

	const moved = () => {
		if (draft.areas.some((a) => ringsOf(a).some((r) =>
			r.length > HANDLES)))
			drawAll();
	};
	draft.on((by) => {
		if (by !== me)
			drawAll();
	});
	map.on("moveend", moved);
	signal.addEventListener("abort", () => {
		map.off("moveend", moved);
		shapes.remove();
		handles.remove();
	});
	drawAll();
}

const between = (a: Corner, b: Corner): Corner =>
	[(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];

/** An area as Leaflet draws it. */
export function areaLayer(a: Area, style: L.PathOptions): L.Path {
	if (a.kind === "polygon")
		return L.polygon(a.rings, style);
	return a.holes.length ? L.polygon([rounded(a), ...a.holes], style)
		: L.circle(a.centre, { ...style, radius: a.radius_m });
}
