// What a zone's areas are drawn with, and what to do next in words.

import { h, setText } from "../../lib/dom.js";
import type { L } from "../../lib/map.js";
import { dictionary } from "../../lib/words.js";
import type { Corner } from "./geometry.js";
import { draw, type Drawing, type Tool } from "./zone_draw.js";

const t = dictionary({
	polygon: "Dibujar polígono", circle: "Dibujar círculo",
	idle: "Arrastra los puntos del mapa; los claros agregan uno.",
	first: "Toca el mapa donde empieza.",
	next: "Sigue punto por punto; toca el primero para cerrar.",
	centre: "Toca el centro del círculo.", rim: "Toca hasta dónde llega.",
	undo: "Quitar el último punto", middle: "Punto en el centro del mapa",
	finish: "Cerrar el polígono", stop: "Dejar de dibujar",
	full: "No caben más áreas en esta zona.",
}, {
	polygon: "Draw a polygon", circle: "Draw a circle",
	idle: "Drag the corners on the map; the light ones add one.",
	first: "Tap the map where it begins.",
	next: "Go on corner by corner; tap the first to close it.",
	centre: "Tap the circle's middle.", rim: "Tap how far it goes.",
	undo: "Remove the last corner", middle: "A corner at the map's middle",
	finish: "Close the polygon", stop: "Stop drawing",
	full: "No more areas fit in this zone.",
});

export interface DrawTools {
	element: HTMLElement;
	/** `hole`: the number of the area that it is cut into. */
	begin(tool: Tool, hole: number | null): void;
	/** False: nothing was being drawn. */
	stop(): boolean;
	update(): void;
}

export function drawTools(
	map: L.Map,
	drawn: (points: Corner[], tool: Tool, hole: number | null) => void,
	room: () => boolean,
): DrawTools {
	let drawing: Drawing | null = null;
	const button = (does: () => void, text: string) =>
		h("button", { type: "button", onclick: does }, text);
	const polygon = button(() => begin("polygon", null), t("polygon"));
	const circle = button(() => begin("circle", null), t("circle"));
	const undo = button(() => drawing?.undo(), t("undo"));
	const middle = button(() => drawing?.addMiddle(), t("middle"));
	const finish = button(() => drawing?.finish(), t("finish"));
	const leave = button(() => void stop(), t("stop"));
	const words = h("p", { class: "hint", role: "status" });
	const idle = h("div", { class: "zone-tools" }, polygon, circle);
	const busy = h("div", { class: "zone-tools" }, middle, undo, finish, leave);

	function update(): void {
		idle.hidden = !!drawing;
		busy.hidden = !drawing;
		polygon.disabled = circle.disabled = !room();
		const n = drawing?.points.length ?? 0;
		undo.disabled = n === 0;
		finish.hidden = drawing?.tool !== "polygon";
		finish.disabled = n < 3;
		setText(words, !drawing ? t(room() ? "idle" : "full")
			: drawing.tool === "circle" ? t(n ? "rim" : "centre")
				: t(n ? "next" : "first"));
		map.getContainer().classList.toggle("cross", !!drawing);
	}

	function begin(tool: Tool, hole: number | null): void {
		stop();
		drawing = draw(map, tool, update, (points) => {
			drawing = null;
			drawn(points, tool, hole);
			update();
		});
		update();
		middle.focus();
	}

	function stop(): boolean {
		const was = drawing;
		drawing = null;
		was?.stop();
		update();
		return !!was;
	}

	update();
	return {
		element: h("div", { class: "zone-draw" }, idle, busy, words),
		begin, stop, update,
	};
}
