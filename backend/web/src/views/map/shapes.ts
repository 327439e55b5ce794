// A state's sign: the same on the map's canvas and beside words.  On a grid
// of 24, the cart's place in its middle.

import { svg } from "../../lib/dom.js";
import type { CartState } from "./state.js";

interface Shape {
	outline: string;
	/** Drawn over it, as strokes. */
	sign?: string;
	colour: string;
	hollow?: boolean;
}

const ROUND = "M12 4a8 8 0 1 0 0 16a8 8 0 0 0 0-16z";

export const SHAPES: Record<CartState, Shape> = {
	live: { outline: ROUND, colour: "--good" },
	missing: {
		outline: "M12 1.5 22.5 12 12 22.5 1.5 12z",
		sign: "M8.8 8.8l6.4 6.4M15.2 8.8l-6.4 6.4", colour: "--bad",
	},
	astray: {
		outline: "M12 2 22.8 20.5H1.2z", sign: "M12 9v5M12 17v.3",
		colour: "--wait",
	},
	silent: { outline: ROUND, colour: "--quiet", hollow: true },
	no_fix: {
		outline: ROUND, sign: "M7 17 17 7", colour: "--info", hollow: true,
	},
	resting: {
		outline: "M7 5h10a2 2 0 0 1 2 2v10a2 2 0 0 1-2 2H7a2 2 0 0 1-2-2V7a2 " +
			"2 0 0 1 2-2z",
		sign: "M10 9v6M14 9v6", colour: "--quiet",
	},
};

/** Where it goes: laid before ROUND, pointing north. */
export const HEADING = "M12-5 18 4.9a9.3 9.3 0 0 0-12 0z";

export function glyph(state: CartState, size = 18): SVGElement {
	const { outline, sign, hollow } = SHAPES[state];
	return svg("svg", {
		class: `cart-glyph ${state}${hollow ? " hollow" : ""}`,
		width: size, height: size, viewBox: "0 0 24 24",
		"aria-hidden": "true", focusable: "false",
	},
	svg("path", { class: "outline", d: outline }),
	sign ? svg("path", { class: "sign", d: sign }) : null);
}
