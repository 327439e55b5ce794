// A draft's areas as words and numbers: for the keyboard, and whoever knows
// the coordinates.

import { fill, h } from "../../lib/dom.js";
import { metres } from "../../lib/format.js";
import { icon } from "../../lib/icons.js";
import { dictionary } from "../../lib/words.js";
import {
	cornerCount, RADIUS_MAX_M, ringsOf, type Area, type CircleArea,
	type Corner, type Ring,
} from "./geometry.js";
import type { ZoneDraft } from "./zone_draft.js";

const t = dictionary({
	polygon: "Polígono, {n} puntos", circle: "Círculo de {m}",
	holes: "{n} {n|hueco|huecos}", remove: "Quitar {what}",
	hole: "Abrir un hueco", corners: "Puntos", hole_n: "Hueco {n}",
	lat: "Latitud", lon: "Longitud", nth: "{what} del punto {n}",
	corner: "punto {n}", radius: "Radio (m)",
	many: "Son {n} puntos: se mueven en el mapa.",
	none: "Todavía no tiene ninguna área. Dibuja una.",
}, {
	polygon: "Polygon, {n} corners", circle: "Circle of {m}",
	holes: "{n} {n|hole|holes}", remove: "Remove {what}",
	hole: "Cut a hole", corners: "Corners", hole_n: "Hole {n}",
	lat: "Latitude", lon: "Longitude", nth: "{what} of corner {n}",
	corner: "corner {n}", radius: "Radius (m)",
	many: "There are {n} corners: they move on the map.",
	none: "It has no area yet. Draw one.",
});

/** More rows than this nobody types. */
const ROWS = 60;

export function areaName(a: Area): string {
	const holes = a.kind === "polygon" ? a.rings.length - 1 : a.holes.length;
	return [a.kind === "polygon"
		? t("polygon", { n: a.rings[0]?.length ?? 0 })
		: t("circle", { m: metres(a.radius_m) }),
	holes ? t("holes", { n: holes }) : ""].filter(Boolean).join(", ");
}

/** `hole` when one is to be cut into the area of that number. */
export function zoneAreas(
	draft: ZoneDraft, hole: (area: number) => void,
): HTMLElement {
	const root = h("ul", { class: "zone-areas" });
	const me = {};
	const opened = new Set<number>();

	const show = () => {
		if (!draft.areas.length) {
			fill(root, h("li", { class: "soft" }, t("none")));
			return;
		}
		fill(root, ...draft.areas.map((a, i) => {
			const more = h("details", {
				open: opened.has(i), ontoggle: () => {
					if (more.open)
						opened.add(i);
					else
						opened.delete(i);
				},
			}, h("summary", null, t("corners")), ...numbers(a, i));
			return h("li", { class: "zone-area" },
				h("div", { class: "zone-area-head" },
					h("b", null, areaName(a)),
					h("button", {
						type: "button", class: "quiet",
						onclick: () => hole(i),
					}, t("hole")),
					h("button", {
						type: "button", class: "icon-button",
						"aria-label": t("remove", { what: areaName(a) }),
						onclick: () => draft.change((all) =>
							void all.splice(i, 1)),
					}, icon("trash", 18))), more);
		}));
	};

	function numbers(a: Area, area: number): HTMLElement[] {
		const n = cornerCount(a);
		return [
			a.kind === "circle" ? circleNumbers(a) : null,
			...n > ROWS ? [h("p", { class: "soft" }, t("many", { n }))]
				: ringsOf(a).flatMap((ring, at) =>
					ringNumbers(a, area, ring, at)),
		].filter((e) => e !== null);
	}

	function circleNumbers(c: CircleArea): HTMLElement {
		return h("div", { class: "zone-numbers" },
			coordinate(t("lat"), c.centre[0], 90, (v) => c.centre[0] = v),
			coordinate(t("lon"), c.centre[1], 180, (v) => c.centre[1] = v),
			input(t("radius"), c.radius_m, 1, RADIUS_MAX_M, "1",
				(v) => c.radius_m = v));
	}

	function ringNumbers(
		a: Area, area: number, ring: Ring, at: number,
	): HTMLElement[] {
		const hole = a.kind === "polygon" ? at : at + 1;
		const title = hole ? [h("h4", null, t("hole_n", { n: hole }))] : [];
		return [...title, ...ring.map((corner: Corner, i) =>
			h("div", { class: "zone-numbers" },
				coordinate(t("nth", { what: t("lat"), n: i + 1 }),
					corner[0], 90, (v) => corner[0] = v),
				coordinate(t("nth", { what: t("lon"), n: i + 1 }),
					corner[1], 180, (v) => corner[1] = v),
				h("button", {
					type: "button", class: "icon-button",
					"aria-label": t("remove",
						{ what: t("corner", { n: i + 1 }) }),
					onclick: () => draft.removeCorner(area, at, i),
				}, icon("trash", 18))))];
	}

	const coordinate = (
		label: string, value: number, most: number, set: (v: number) => void,
	) => input(label, +value.toFixed(6), -most, most, "any", set);

	function input(
		label: string, value: number, min: number, max: number, step: string,
		set: (v: number) => void,
	): HTMLElement {
		const e = h("input", {
			type: "number", value, min, max, step, "aria-label": label,
			title: label, onchange: () => {
				if (e.value && e.checkValidity())
					draft.change(() => set(Number(e.value)), me);
			},
		});
		return e;
	}

	draft.on((by) => {
		if (by !== me)
			show();
	});
	show();
	return root;
}
