// A QR code as a drawing, black on white with its quiet zone whatever the
// page's theme is: a scanner reads nothing else.

import { svg } from "../../lib/dom.js";

/** Modules of white around it (ISO/IEC 18004). */
const QUIET = 4;

export function qrDrawing(
	{ size, rows }: { size: number; rows: string[] }, label: string,
): SVGElement {
	// Each run of black modules of a row is one rectangle.
	const path = rows.flatMap((row, y) =>
		[...row.matchAll(/1+/g)].map((run) =>
			`M${run.index + QUIET} ${y + QUIET}h${run[0].length}v1H${
				run.index + QUIET}z`)).join("");
	const all = size + 2 * QUIET;
	return svg("svg", {
		class: "qr", viewBox: `0 0 ${all} ${all}`, role: "img",
		"aria-label": label, "shape-rendering": "crispEdges",
	},
	svg("rect", { width: all, height: all, fill: "#fff" }),
	svg("path", { d: path, fill: "#000" }));
}
