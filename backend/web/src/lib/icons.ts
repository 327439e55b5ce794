// The page's own signs, as strokes on a grid of 24: they take the text's
// colour and mean nothing to a screen reader (the words beside them do).

import { svg } from "./dom.js";

const PATHS = {
	map: "M9 4 3 6v14l6-2 6 2 6-2V4l-6 2-6-2zM9 4v14M15 6v14",
	alerts: "M12 3a6 6 0 0 0-6 6v4l-2 4h16l-2-4V9a6 6 0 0 0-6-6zM10 20a2 2 0 0 0 4 0",
	sales: "M4 20V4M4 20h16M8 16v-5M12 16V8M16 16v-7M20 16v-3",
	restock: "M3 8l9-5 9 5v9l-9 5-9-5V8zM3 8l9 5 9-5M12 13v9",
	members: "M9 11a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM2 21a7 7 0 0 1 14 0M16 4a4 4 0 0 1 0 7M18 15a6 6 0 0 1 4 6",
	support: "M4 5h16v11H9l-5 4V5zM8 9h8M8 12h5",
	health: "M3 12h4l3-7 4 14 3-7h4",
	sun: "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM12 2v3M12 19v3M2 12h3M19 12h3M5 5l2 2M17 17l2 2M5 19l2-2M17 7l2-2",
	moon: "M20 14A8 8 0 0 1 10 4a8 8 0 1 0 10 10z",
	out: "M10 4H5v16h5M14 8l4 4-4 4M18 12H9",
	close: "M6 6l12 12M18 6L6 18",
	plus: "M12 5v14M5 12h14",
	edit: "M4 20l1-5L16 4l4 4L9 19l-5 1z",
	trash: "M4 7h16M9 7V4h6v3M6 7l1 13h10l1-13",
	download: "M12 4v11M7 11l5 5 5-5M5 20h14",
	play: "M7 4l12 8-12 8V4z",
	pause: "M8 5v14M16 5v14",
	left: "M15 5l-7 7 7 7",
	right: "M9 5l7 7-7 7",
	search: "M11 4a7 7 0 1 0 0 14 7 7 0 0 0 0-14zM16 16l4 4",
	pin: "M12 21s7-6 7-11a7 7 0 1 0-14 0c0 5 7 11 7 11zM12 12a2 2 0 1 0 0-4 2 2 0 0 0 0 4z",
	check: "M5 13l4 4L19 7",
	qr: "M4 4h6v6H4zM14 4h6v6h-6zM4 14h6v6H4zM14 14h2v2h-2zM18 18h2v2h-2zM18 14h2M14 18v2",
} as const;
export type Icon = keyof typeof PATHS;

export function icon(name: Icon, size = 22): SVGElement {
	return svg("svg", {
		class: "icon", width: size, height: size, viewBox: "0 0 24 24",
		fill: "none", stroke: "currentColor", "stroke-width": 1.8,
		"stroke-linecap": "round", "stroke-linejoin": "round",
		"aria-hidden": "true", focusable: "false",
	}, svg("path", { d: PATHS[name] }));
}
