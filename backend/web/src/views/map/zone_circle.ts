// A circle by its measures: so many metres round the map's middle or a cart,
// with no hand on the map.

import { h } from "../../lib/dom.js";
import type { L } from "../../lib/map.js";
import { dictionary } from "../../lib/words.js";
import type { Fleet } from "./fleet.js";
import { RADIUS_MAX_M, type Corner } from "./geometry.js";

const t = dictionary({
	title: "Un círculo por su medida", radius: "Radio en metros",
	around: "Alrededor de", middle: "el centro del mapa",
	add: "Agregar el círculo",
}, {
	title: "A circle by its measure", radius: "Radius in metres",
	around: "Around", middle: "the middle of the map",
	add: "Add the circle",
});

export function around(
	map: L.Map, fleet: Fleet, made: (centre: Corner, radius_m: number) => void,
): HTMLElement {
	const radius = h("input", {
		type: "number", min: 1, max: RADIUS_MAX_M, step: 1, value: 300,
	});
	const where = h("select", null, h("option", { value: "" }, t("middle")));
	where.append(...[...fleet.known.values()].filter((k) => k.cart.fix)
		.map((k) => k.plate).sort()
		.map((plate) => h("option", { value: plate }, plate)));
	return h("details", { class: "zone-circle" },
		h("summary", null, t("title")),
		h("label", null, t("radius"), radius),
		h("label", null, t("around"), where),
		h("button", {
			type: "button", onclick: () => {
				if (!radius.value || !radius.reportValidity())
					return;
				const fix = fleet.known.get(where.value)?.cart.fix;
				const { lat, lng } = map.getCenter();
				made(fix ? [fix.lat, fix.lon] : [lat, lng],
					Number(radius.value));
			},
		}, t("add")));
}
