// All carts on one canvas over the map: drawn anew when a change is to be
// seen, a frame at most, only what is within the window.

import { L } from "../../lib/map.js";
import { colour } from "../../lib/theme.js";
import type { Known } from "./fleet.js";
import { Labels } from "./labels.js";
import { MANY, Marks, type Mark } from "./marks.js";
import { Sprites, type Size } from "./sprites.js";
import { STATES } from "./state.js";

/** More than that have no plates beside them. */
const LABELS = 80;
/** Frames are not cheap: no more than a glide is worth, and of many carts
 * fewer. */
const FRAME_MS = 40;
const FRAME_MS_PER_CART = .12;
const EARTH_M = 40075016;
/** What needs somebody is a sign, however many carts there are. */
const URGENT = 2;

/** Animations of the map, which Leaflet's own renderers use too. */
interface Inner {
	_latLngToNewLayerPoint(
		place: L.LatLng, zoom: number, center: L.LatLng): L.Point;
}

export class CartLayer extends L.Layer {
	#canvas = document.createElement("canvas");
	#marks = new Marks();
	#sprites = new Sprites();
	#labels = new Labels();
	#selected: string | null = null;
	#hovered: string | null = null;
	#old = false;
	#frame = 0;
	#at = 0;
	#zooming = false;
	/** ms until the next frame of a glide. */
	#pace = 0;
	/** As it was drawn last. */
	#corner: L.LatLng | null = null;
	#zoom = 0;

	onAdd(map: L.Map): this {
		const pane = map.getPane("carts") ?? map.createPane("carts");
		pane.classList.add("fleet-canvas-pane");
		this.#canvas.className = "fleet-canvas leaflet-zoom-animated";
		this.#canvas.setAttribute("aria-hidden", "true");
		pane.append(this.#canvas);
		this.redraw();
		return this;
	}

	onRemove(): this {
		cancelAnimationFrame(this.#frame);
		this.#frame = 0;
		this.#canvas.remove();
		return this;
	}

	getEvents(): Record<string, L.LeafletEventHandlerFn> {
		return {
			move: () => this.redraw(),
			resize: () => this.redraw(),
			viewreset: () => this.redraw(),
			zoomanim: (e) => this.#follow(e as L.ZoomAnimEvent),
			zoomend: () => {
				this.#zooming = false;
				this.redraw();
			},
		};
	}

	/** `all`: there are no others; `old`: nothing of it is live. */
	take(carts: Known[], all: boolean, old: boolean): void {
		const differs = this.#marks.take(carts, all) || old !== this.#old;
		this.#old = old;
		if (differs)
			this.#again(FRAME_MS);
	}

	select(plate: string | null): void {
		this.#selected = plate;
		this.redraw();
	}

	hover(plate: string | null): void {
		if (plate === this.#hovered)
			return;
		this.#hovered = plate;
		this.redraw();
	}

	/** The colours are others now. */
	recolour(): void {
		this.#sprites.forget();
		this.redraw();
	}

	/** The cart at a place in the window, at most `reach` px away. */
	nearest(at: L.Point, reach: number): string | null {
		return this.#marks.nearest(at, reach);
	}

	/** At once: a hand waits for it. */
	redraw(): void {
		this.#again(0);
	}

	/** At least `pace` ms after the last frame. */
	#again(pace: number): void {
		this.#pace = this.#frame ? Math.min(this.#pace, pace) : pace;
		this.#frame ||= requestAnimationFrame((at) => {
			this.#frame = 0;
			if (!this._map || this.#zooming)
				return;
			if (at - this.#at < Math.max(this.#pace,
				this.#marks.count * FRAME_MS_PER_CART)) {
				this.#again(this.#pace);
				return;
			}
			this.#at = at;
			const next = this.#draw(this._map);
			if (next !== null)
				this.#again(Math.max(FRAME_MS, next));
		});
	}

	#follow({ zoom, center }: L.ZoomAnimEvent): void {
		if (!this.#corner)
			return;
		this.#zooming = true;
		const map = this._map;
		L.DomUtil.setTransform(this.#canvas,
			(map as unknown as Inner)._latLngToNewLayerPoint(
				this.#corner, zoom, center),
			map.getZoomScale(zoom, this.#zoom));
	}

	/** ms until the next frame; null: nothing glides. */
	#draw(map: L.Map): number | null {
		const g = this.#begin(map);
		if (!g)
			return null;
		const marks = this.#marks;
		const next = marks.sort(map);
		const size: Size = marks.count > MANY ? "far" : "near";
		for (let i = STATES.length - 1; i >= 0; i--)
			for (const mark of marks.drawn[i] ?? [])
				this.#sign(g, mark, i < URGENT ? "near" : size);
		this.#chosen(g);
		this.#names(g, marks.count <= LABELS);
		return next;
	}

	#begin(map: L.Map): CanvasRenderingContext2D | null {
		const { x: width, y: height } = map.getSize();
		const { ratio } = this.#sprites;
		const canvas = this.#canvas;
		if (canvas.width !== Math.round(width * ratio) ||
		    canvas.height !== Math.round(height * ratio)) {
			canvas.width = Math.round(width * ratio);
			canvas.height = Math.round(height * ratio);
			canvas.style.width = `${width}px`;
			canvas.style.height = `${height}px`;
		}
		L.DomUtil.setPosition(canvas, map.containerPointToLayerPoint([0, 0]));
		this.#corner = map.containerPointToLatLng([0, 0]);
		this.#zoom = map.getZoom();
		const g = canvas.getContext("2d");
		g?.setTransform(ratio, 0, 0, ratio, 0, 0);
		g?.clearRect(0, 0, width, height);
		return g;
	}

	#sign(g: CanvasRenderingContext2D, mark: Mark, size: Size): void {
		const w = this.#sprites.width(size);
		g.drawImage(this.#sprites.get(mark.state, size, mark.course, this.#old),
			mark.x - w / 2, mark.y - w / 2, w, w);
	}

	/** The one that is chosen: a ring, and how exact its place is. */
	#chosen(g: CanvasRenderingContext2D): void {
		for (const plate of [this.#hovered, this.#selected]) {
			const mark = this.#marks.get(plate);
			if (!mark)
				continue;
			g.strokeStyle = colour("--main");
			g.lineWidth = plate === this.#selected ? 3 : 1.5;
			if (plate === this.#selected && mark.accuracy)
				this.#accuracy(g, mark, mark.accuracy);
			this.#sign(g, mark, "near");
			g.beginPath();
			g.arc(mark.x, mark.y, 17, 0, 2 * Math.PI);
			g.stroke();
		}
	}

	#accuracy(g: CanvasRenderingContext2D, mark: Mark, m: number): void {
		const lat = this._map.containerPointToLatLng([mark.x, mark.y]).lat;
		const px = m / (EARTH_M * Math.cos(lat * Math.PI / 180) / 256 /
			2 ** this.#zoom);
		if (px < 18 || px > 4000)
			return;
		g.save();
		g.fillStyle = g.strokeStyle;
		g.beginPath();
		g.arc(mark.x, mark.y, px, 0, 2 * Math.PI);
		g.globalAlpha = .1;
		g.fill();
		g.globalAlpha = .5;
		g.lineWidth = 1;
		g.stroke();
		g.restore();
	}

	#names(g: CanvasRenderingContext2D, all: boolean): void {
		this.#labels.begin(g);
		const first = [this.#selected, this.#hovered];
		for (const plate of new Set(first)) {
			const mark = this.#marks.get(plate);
			if (mark)
				this.#labels.put(g, mark.plate, mark.x, mark.y);
		}
		for (const { plate, x, y } of all ? this.#marks.drawn.flat() : [])
			if (!first.includes(plate))
				this.#labels.put(g, plate, x, y);
	}
}
