// All carts on one canvas over the map: drawn anew when something changed, a
// frame at most, only what is within the window.

import { L } from "../../lib/map.js";
import { colour } from "../../lib/theme.js";
import type { Cart } from "../../lib/types.js";
import type { Known } from "./fleet.js";
import { Labels } from "./labels.js";
import { Motion } from "./motion.js";
import { Sprites, type Size } from "./sprites.js";
import { STATES, type CartState } from "./state.js";

interface Mark {
	plate: string;
	state: CartState;
	motion: Motion;
	course: number | null;
	accuracy: number | null;
	/** Where it was drawn, in the window. */
	x: number;
	y: number;
}

/** More than that within the window are dots, and glide at half the pace. */
const MANY = 250;
const LABELS = 80;
const FRAME_MS = 30;
const EARTH_M = 40075016;
const MOVING_KMH = 1;

/** Animations of the map, which Leaflet's own renderers use too. */
interface Inner {
	_latLngToNewLayerPoint(
		place: L.LatLng, zoom: number, center: L.LatLng): L.Point;
}

export class CartLayer extends L.Layer {
	#canvas = document.createElement("canvas");
	#marks = new Map<string, Mark>();
	#drawn: Mark[][] = STATES.map(() => []);
	#sprites = new Sprites();
	#labels = new Labels();
	#selected: string | null = null;
	#hovered: string | null = null;
	#old = false;
	#frame = 0;
	#at = 0;
	#zooming = false;
	#corner: L.LatLng | null = null;
	#zoom = 0;
	readonly #still =
		matchMedia("(prefers-reduced-motion: reduce)").matches;

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

	/** `all`: there are no others. */
	take(carts: Known[], all: boolean, old: boolean): void {
		if (all)
			this.#marks.clear();
		this.#old = old;
		const now = performance.now();
		// Under a pixel or so nobody sees a glide.
		const nearest = 1.5 / 2 ** this.#zoom;
		for (const { plate, cart, state } of carts)
			this.#place(plate, cart, state, now, nearest);
		this.redraw();
	}

	#place(
		plate: string, cart: Cart, state: CartState, now: number,
		nearest: number,
	): void {
		const { fix } = cart;
		if (!fix) {
			this.#marks.delete(plate);
			return;
		}
		const place = L.CRS.EPSG3857.latLngToPoint(
			L.latLng(fix.lat, fix.lon), 0);
		let mark = this.#marks.get(plate);
		if (!mark) {
			mark = { plate, state, motion: new Motion(place), course: null,
				accuracy: null, x: -1e6, y: -1e6 };
			this.#marks.set(plate, mark);
		} else {
			mark.motion.move(place, now, this.#still ? Infinity : nearest);
		}
		mark.state = state;
		mark.course = fix.parked || fix.speed_kmh < MOVING_KMH
			? null : fix.course_deg;
		mark.accuracy = fix.accuracy_m;
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

	/** The cart drawn nearest to a place in the window, at most `reach` px
	 * away; of those as near the most urgent. */
	nearest(at: L.Point, reach: number): string | null {
		let best: string | null = null, least = reach * reach;
		for (const marks of this.#drawn)
			for (const { plate, x, y } of marks) {
				const d = (x - at.x) ** 2 + (y - at.y) ** 2;
				if (d < least) {
					best = plate;
					least = d;
				}
			}
		return best;
	}

	redraw(): void {
		this.#frame ||= requestAnimationFrame((at) => {
			this.#frame = 0;
			if (!this._map || this.#zooming)
				return;
			// Of many, half the frames are enough to glide in.
			if (at - this.#at < FRAME_MS &&
			    this.#marks.size > MANY) {
				this.redraw();
				return;
			}
			this.#at = at;
			if (this.#draw(this._map))
				this.redraw();
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

	/** True: something still glides. */
	#draw(map: L.Map): boolean {
		const g = this.#begin(map);
		if (!g)
			return false;
		const { x: width, y: height } = map.getSize();
		const moving = this.#within(map, width, height);
		const many = this.#drawn.reduce((n, d) => n + d.length, 0);
		const size: Size = many > MANY ? "far" : "near";
		for (let i = STATES.length - 1; i >= 0; i--)
			for (const mark of this.#drawn[i] ?? [])
				// What needs somebody is a sign however many there are.
				this.#sign(g, mark, i < 2 ? "near" : size);
		this.#chosen(g);
		this.#names(g, many <= LABELS);
		return moving;
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

	/** Sorts out what is in the window; true: some of it glides. */
	#within(map: L.Map, width: number, height: number): boolean {
		const origin = map.getPixelBounds().getTopLeft();
		const scale = 2 ** map.getZoom();
		const now = performance.now();
		let moving = false;
		for (const d of this.#drawn)
			d.length = 0;
		for (const mark of this.#marks.values()) {
			const { x, y } = mark.motion.where(now);
			mark.x = x * scale - origin.x;
			mark.y = y * scale - origin.y;
			if (mark.x < -40 || mark.y < -40 ||
			    mark.x > width + 40 || mark.y > height + 40)
				continue;
			this.#drawn[STATES.indexOf(mark.state)]?.push(mark);
			moving ||= mark.motion.moving(now);
		}
		return moving;
	}

	#sign(g: CanvasRenderingContext2D, mark: Mark, size: Size): void {
		const w = this.#sprites.width(size);
		g.drawImage(this.#sprites.get(mark.state, size, mark.course, this.#old),
			mark.x - w / 2, mark.y - w / 2, w, w);
	}

	/** The one that is chosen: a ring, and how exact its place is. */
	#chosen(g: CanvasRenderingContext2D): void {
		for (const plate of [this.#hovered, this.#selected]) {
			const mark = plate && this.#marks.get(plate);
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
		for (const plate of [this.#selected, this.#hovered]) {
			const mark = plate && this.#marks.get(plate);
			if (mark)
				this.#labels.put(g, mark.plate, mark.x, mark.y);
		}
		if (all)
			for (const marks of this.#drawn)
				for (const { plate, x, y } of marks)
					if (plate !== this.#selected &&
					    plate !== this.#hovered)
						this.#labels.put(g, plate, x, y);
	}
}
