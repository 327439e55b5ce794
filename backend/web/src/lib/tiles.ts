// What a map stands on: the plain grid, and tiles from where the guild's
// setting says.

import * as L from "leaflet";
import type { Tiles } from "./api.js";
import { h } from "./dom.js";
import { colour } from "./theme.js";
import type { TileFile } from "./tiles_file.js";

/** The layer of a setting that is not "none"; `vector` is called if its file
 * holds no images. */
export function tileLayer(tiles: Tiles, vector: () => void): L.GridLayer {
	if (tiles.kind === "pmtiles")
		return fileLayer(tiles.url, vector);
	return L.tileLayer(tiles.url, {
		className: "map-tiles", maxZoom: 20, maxNativeZoom: 19,
		// A guild whose server stands on the same machine has no other
		// origin; what it asks elsewhere says from where, as tile
		// servers want.
		referrerPolicy: "strict-origin-when-cross-origin",
	});
}

interface FileTile extends HTMLImageElement {
	gone?: AbortController;
}

/** A PMTiles file's images; what reads them is fetched when there is one. */
function fileLayer(url: string, vector: () => void): L.GridLayer {
	let opened: Promise<TileFile> | null = null;
	const open = async () => {
		const file = await (await import("./tiles_file.js")).openFile(url);
		if (file === "vector") {
			vector();
			throw new Error("no images");
		}
		// Nearer and farther than the file goes, its tiles are scaled.
		L.setOptions(layer, {
			minNativeZoom: file.minZoom, maxNativeZoom: file.maxZoom,
		});
		layer.redraw();
		return file;
	};
	const draw = async (c: L.Coords, img: FileTile, signal: AbortSignal) => {
		opened ??= open().catch((e) => {
			opened = null;
			throw e;
		});
		const blob = await (await opened).image(c, signal);
		img.hidden = !blob;
		if (!blob)
			return;
		const at = URL.createObjectURL(blob);
		img.src = at;
		await img.decode().finally(() => URL.revokeObjectURL(at));
	};
	const Layer = L.GridLayer.extend({
		createTile(c: L.Coords, done: L.DoneCallback): HTMLElement {
			const img: FileTile = h("img", { alt: "", role: "presentation" });
			const gone = img.gone = new AbortController();
			draw(c, img, gone.signal).then(() => done(undefined, img),
				(e: Error) => {
					if (!gone.signal.aborted)
						done(e, img);
				});
			return img;
		},
	});
	const layer = new (Layer as new (o: L.GridLayerOptions) => L.GridLayer)({
		className: "map-tiles", maxZoom: 20,
	});
	layer.on("tileunload", (e) => (e.tile as FileTile).gone?.abort());
	return layer;
}

/** Where the tiles come from, in the corner: its words, and the way to who
 * made them where that is known.  (The setting is text, not markup.) */
export function attribution(text: string): L.Control {
	const control = new L.Control({ position: "bottomright" });
	control.onAdd = () => {
		const words = text.replace(/<[^>]*>/g, "")
			.replaceAll("&copy;", "©").trim();
		return h("p", { class: "map-attribution" },
			/openstreetmap/i.test(words)
				? h("a", {
					href: "https://www.openstreetmap.org/copyright",
					target: "_blank", rel: "noopener",
				}, words)
				: words);
	};
	return control;
}

const STEPS = [30, 10, 5, 2, 1, .5, .2, .1, .05, .02, .01, .005, .002, .001,
	.0005, .0002, .0001];
const LINE_PX = 96;

/** Lines of latitude and longitude at round degrees, each second one named. */
export function gridLayer(): L.GridLayer {
	const Layer = L.GridLayer.extend({
		createTile(this: L.GridLayer & { _map: L.Map }, c: L.Coords) {
			const size = this.getTileSize();
			const canvas = h("canvas");
			const ratio = Math.min(2, devicePixelRatio || 1);
			canvas.width = size.x * ratio;
			canvas.height = size.y * ratio;
			const g = canvas.getContext("2d");
			if (g) {
				g.scale(ratio, ratio);
				drawGrid(g, this._map, c, size);
			}
			return canvas;
		},
	});
	return new (Layer as new (o: L.GridLayerOptions) => L.GridLayer)({
		maxZoom: 20, className: "map-grid", zIndex: 0,
	});
}

function drawGrid(
	g: CanvasRenderingContext2D, map: L.Map, c: L.Coords, size: L.Point,
): void {
	const origin = L.point(c.x * size.x, c.y * size.y);
	const nw = map.unproject(origin, c.z);
	const se = map.unproject(origin.add(size), c.z);
	const degreePx = size.x / (se.lng - nw.lng);
	const step = [...STEPS].reverse().find((s) => s * degreePx >= LINE_PX) ??
		30;
	const digits = Math.max(0, Math.ceil(-Math.log10(step) - 1e-9));
	const lines = (from: number, to: number) => {
		const all = [];
		for (let i = Math.floor(from / step); i <= Math.ceil(to / step); i++)
			all.push(i);
		return all;
	};
	const xs = lines(nw.lng, se.lng).map((i) => [i, Math.round(
		map.project([0, i * step], c.z).x - origin.x) + .5] as const);
	const ys = lines(se.lat, nw.lat).map((i) => [i, Math.round(
		map.project([i * step, 0], c.z).y - origin.y) + .5] as const);
	g.fillStyle = colour("--map");
	g.fillRect(0, 0, size.x, size.y);
	g.strokeStyle = colour("--map-line");
	g.beginPath();
	for (const [, x] of xs) {
		g.moveTo(x, 0);
		g.lineTo(x, size.y);
	}
	for (const [, y] of ys) {
		g.moveTo(0, y);
		g.lineTo(size.x, y);
	}
	g.stroke();
	g.fillStyle = colour("--soft");
	g.globalAlpha = .55;
	g.font = "10px sans-serif";
	for (const [i, x] of xs)
		for (const [j, y] of ys)
			if (i % 2 === 0 && j % 2 === 0)
				g.fillText(`${(j * step).toFixed(digits)}, ` +
					(i * step).toFixed(digits), x + 4, y - 4);
}
