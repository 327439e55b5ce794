// The signs as small pictures made once: a frame only copies them.

import { colour } from "../../lib/theme.js";
import { HEADING, SHAPES } from "./shapes.js";
import type { CartState } from "./state.js";

/** Near: the sign, 22 px wide.  Far: its outline alone. */
export type Size = "near" | "far";
const PX: Record<Size, number> = { near: 22, far: 11 };
/** Around the sign, for the heading and the rim. */
const ROOM = 1.6;
const HEADINGS = 24;

export class Sprites {
	readonly #made = new Map<string, HTMLCanvasElement>();
	readonly ratio = Math.min(2, devicePixelRatio || 1);

	/** Colours are another theme's. */
	forget(): void {
		this.#made.clear();
	}

	/** The width on the page of what get() gives. */
	width(size: Size): number {
		return PX[size] * ROOM;
	}

	/** `course` in degrees, null: it stands; `old`: in grey, whatever it
	 * was. */
	get(
		state: CartState, size: Size, course: number | null, old: boolean,
	): HTMLCanvasElement {
		const turn = course === null || state !== "live" || size === "far"
			? -1 : Math.round(course / 360 * HEADINGS) % HEADINGS;
		const key = `${state} ${size} ${turn} ${old}`;
		let made = this.#made.get(key);
		if (!made)
			this.#made.set(key, made = this.#make(state, size, turn, old));
		return made;
	}

	#make(
		state: CartState, size: Size, turn: number, old: boolean,
	): HTMLCanvasElement {
		const shape = SHAPES[state];
		const canvas = document.createElement("canvas");
		const px = Math.ceil(this.width(size) * this.ratio);
		canvas.width = canvas.height = px;
		const g = canvas.getContext("2d");
		if (!g)
			return canvas;
		const ink = colour(old ? "--quiet" : shape.colour);
		const ground = colour(old ? "--quiet-soft" : "--card");
		const hollow = old || shape.hollow;
		g.translate(px / 2, px / 2);
		g.scale(px / 24 / ROOM, px / 24 / ROOM);
		g.lineJoin = g.lineCap = "round";
		if (turn >= 0) {
			g.save();
			g.rotate(turn / HEADINGS * 2 * Math.PI);
			g.translate(-12, -12);
			stroke(g, HEADING, ground, 3);
			g.fillStyle = ink;
			g.fill(new Path2D(HEADING));
			g.restore();
		}
		g.translate(-12, -12);
		const outline = new Path2D(shape.outline);
		g.lineWidth = hollow ? 6 : 3.5;
		g.strokeStyle = ground;
		g.stroke(outline);
		g.fillStyle = hollow ? ground : ink;
		g.fill(outline);
		if (hollow)
			stroke(g, shape.outline, ink, 3);
		if (shape.sign && size === "near")
			stroke(g, shape.sign, hollow ? ink : ground, 2.6);
		return canvas;
	}
}

function stroke(
	g: CanvasRenderingContext2D, path: string, style: string, width: number,
): void {
	g.lineWidth = width;
	g.strokeStyle = style;
	g.stroke(new Path2D(path));
}
