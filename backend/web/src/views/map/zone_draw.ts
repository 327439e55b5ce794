// Drawing on the map, point by point: by clicks and taps, or where the map's
// middle is.

import { L } from "../../lib/map.js";
import { colour } from "../../lib/theme.js";
import type { Corner } from "./geometry.js";

export type Tool = "polygon" | "circle";

export interface Drawing {
	readonly tool: Tool;
	readonly points: readonly Corner[];
	/** The map's middle, as if it were clicked. */
	addMiddle(): void;
	undo(): void;
	/** A polygon of three points or more. */
	finish(): void;
	/** Nothing is left of it. */
	stop(): void;
}

const SAME_PX = 6;

/** `done` with the corners, or for a circle its middle and a place of its
 * rim; `changed` after each point. */
export function draw(
	map: L.Map, tool: Tool, changed: () => void,
	done: (points: Corner[]) => void,
): Drawing {
	const points: Corner[] = [];
	const style = { color: colour("--main"), weight: 3, interactive: false };
	const line = L.polyline([], style).addTo(map);
	const rubber = L.polyline([], { ...style, weight: 2, dashArray: "4 6" })
		.addTo(map);
	const circle = L.circle([0, 0], { ...style, radius: 1, fillOpacity: .08 });
	const dots = L.layerGroup().addTo(map);
	const zoomed = map.doubleClickZoom.enabled();
	map.doubleClickZoom.disable();
	map.getContainer().classList.add("drawing");

	function show(): void {
		line.setLatLngs(tool === "polygon" ? points : []);
		rubber.setLatLngs([]);
		dots.clearLayers();
		for (const p of points)
			L.circleMarker(p, {
				...style, radius: 5, fillOpacity: 1,
				fillColor: colour("--card"),
			}).addTo(dots);
		changed();
	}

	function near(a: L.Point, b: Corner | undefined): boolean {
		return !!b && map.latLngToContainerPoint(b).distanceTo(a) < SAME_PX * 2;
	}

	function add(at: L.LatLng): void {
		const pixel = map.latLngToContainerPoint(at);
		if (tool === "polygon" && points.length > 2 &&
		    near(pixel, points[0])) {
			finish();
			return;
		}
		if (near(pixel, points[points.length - 1]))
			return;
		points.push([at.lat, at.lng]);
		show();
		if (tool === "circle" && points.length === 2)
			finish();
	}

	function finish(): void {
		if (points.length < (tool === "polygon" ? 3 : 2))
			return;
		stop();
		done(points);
	}

	function stop(): void {
		map.off("click", click).off("dblclick", finish)
			.off("mousemove", follow);
		for (const layer of [line, rubber, circle, dots])
			layer.remove();
		if (zoomed)
			map.doubleClickZoom.enable();
		map.getContainer().classList.remove("drawing");
	}

	const click = (e: L.LeafletMouseEvent) => add(e.latlng);
	const follow = (e: L.LeafletMouseEvent) => {
		const last = points[points.length - 1];
		if (!last)
			return;
		if (tool === "circle")
			circle.setLatLng(last).setRadius(Math.max(1,
				map.distance(last, e.latlng))).addTo(map);
		rubber.setLatLngs([last, e.latlng]);
	};
	map.on("click", click).on("dblclick", finish).on("mousemove", follow);
	return {
		tool, points, finish, stop,
		addMiddle: () => add(map.getCenter()),
		undo() {
			points.pop();
			circle.remove();
			show();
		},
	};
}
