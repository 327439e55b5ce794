// Plates beside their signs, each where no other stands yet.

import { colour } from "../../lib/theme.js";

const HEIGHT = 14;
const CHAR_PX = 7.4;

export class Labels {
	#boxes: { x: number; y: number; w: number }[] = [];

	begin(g: CanvasRenderingContext2D): void {
		this.#boxes.length = 0;
		g.font = "650 12px system-ui, sans-serif";
		g.textBaseline = "middle";
		g.lineJoin = "round";
		g.lineWidth = 3.5;
		g.strokeStyle = colour("--card");
		g.fillStyle = colour("--ink");
	}

	put(g: CanvasRenderingContext2D, text: string, x: number, y: number): void {
		const w = text.length * CHAR_PX;
		const left = x + 16;
		for (const b of this.#boxes)
			if (Math.abs(b.y - y) < HEIGHT && left < b.x + b.w &&
			    b.x < left + w)
				return;
		this.#boxes.push({ x: left, y, w });
		g.strokeText(text, left, y);
		g.fillText(text, left, y);
	}
}
