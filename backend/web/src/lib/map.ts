// A map to stand things on: tiles where the guild has some and they can be
// reached, a plain grid under them always, in the page's own colours.

import * as L from "leaflet";
import "leaflet/dist/leaflet.css";
import "./map.css";
import type { Tiles } from "./api.js";
import { fill, h, svg } from "./dom.js";
import { isDark, themes } from "./theme.js";
import { attribution, gridLayer, tileLayer } from "./tiles.js";
import { dictionary } from "./words.js";

export { L };

const t = dictionary({
	closer: "Acercar", farther: "Alejar", close: "Cerrar",
	unreachable: "No se alcanza el mapa de calles.",
	vector: "El mapa de calles es un archivo de vectores; aquí solo se " +
		"dibujan imágenes.",
}, {
	closer: "Zoom in", farther: "Zoom out", close: "Close",
	unreachable: "The map of streets cannot be reached.",
	vector: "The map of streets is a file of vectors; only images are drawn " +
		"here.",
});

/** Where a map looks before it knows better: Santiago. */
const SOMEWHERE: L.LatLngExpression = [-33.4489, -70.6693];
const AGAIN_MS = 30000;
/** So many tiles in a row that did not come are no chance. */
const FAILED = 3;

export interface BaseMap {
	tiles: Tiles;
	/** What the map shows, for those who do not see it. */
	label: string;
	/** Aborted: the map is gone. */
	signal: AbortSignal;
}

/** A map that fills `element`, which has a height. */
export function baseMap(
	element: HTMLElement, { tiles, label, signal }: BaseMap,
): L.Map {
	const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
	element.classList.add("base-map");
	element.setAttribute("role", "region");
	element.setAttribute("aria-label", label);
	const map = L.map(element, {
		center: SOMEWHERE, zoom: 12, minZoom: 2, maxZoom: 20,
		preferCanvas: true, zoomControl: false, attributionControl: false,
		zoomAnimation: !still, fadeAnimation: !still,
		markerZoomAnimation: !still,
	});
	L.control.zoom({
		zoomInTitle: t("closer"), zoomOutTitle: t("farther"),
	}).addTo(map);
	L.control.scale({ imperial: false, position: "bottomleft" }).addTo(map);
	const grid = gridLayer().addTo(map);
	addTiles(map, element, tiles, signal);

	const recolour = () => {
		element.classList.toggle("dark", isDark());
		grid.redraw();
	};
	element.classList.toggle("dark", isDark());
	themes.addEventListener("change", recolour, { signal });
	map.on("popupopen", ({ popup }) => popup.getElement()
		?.querySelector(".leaflet-popup-close-button")
		?.setAttribute("aria-label", t("close")));
	const size = new ResizeObserver(() => map.invalidateSize());
	size.observe(element);
	signal.addEventListener("abort", () => {
		size.disconnect();
		map.remove();
	});
	return map;
}

function addTiles(
	map: L.Map, element: HTMLElement, tiles: Tiles, signal: AbortSignal,
): void {
	if (tiles.kind === "none" || !tiles.url)
		return;
	const notice = h("p", { class: "map-notice", role: "status" });
	element.append(notice);
	const say = (text: string) => {
		if (notice.textContent !== text)
			fill(notice, text);
	};
	let failed = 0, useless = false;
	const layer = tileLayer(tiles, () => {
		useless = true;
		say(t("vector"));
	});
	layer.on("tileload", () => {
		failed = 0;
		say("");
	});
	layer.on("tileerror", () => {
		if (++failed >= FAILED && !useless)
			say(t("unreachable"));
	});
	const again = () => {
		if (failed >= FAILED && !useless && !document.hidden)
			layer.redraw();
	};
	const timer = setInterval(again, AGAIN_MS);
	addEventListener("online", again, { signal });
	signal.addEventListener("abort", () => clearInterval(timer));
	layer.addTo(map);
	attribution(tiles.attribution).addTo(map);
}

/** A pin of the page's own; `kind` chooses its colour: a token's name, as
 * "main", "bad", "wait", "good", "info". */
export function pin(kind = "main", text = ""): L.DivIcon {
	return L.divIcon({
		className: `map-pin ${kind}`, iconSize: [30, 38], iconAnchor: [15, 37],
		popupAnchor: [0, -32],
		html: h("span", null,
			svg("svg", { viewBox: "0 0 30 38", "aria-hidden": "true" },
				svg("path", { d: "M15 37S2 23 2 14a13 13 0 0 1 26 0c0 9-13 " +
					"23-13 23z" }),
				text ? null : svg("circle", { cx: 15, cy: 14, r: 4.5 })),
			h("b", null, text)),
	});
}
