// A delivery's stops on a small map, numbered, with the way between them.

import type * as L from "leaflet";
import { h } from "../../lib/dom.js";
import { failed } from "../../lib/states.js";
import type { DeliveryDetail } from "../../lib/types.js";
import { colour, themes } from "../../lib/theme.js";
import type { Context } from "../../lib/view.js";
import { dictionary } from "../../lib/words.js";

const t = dictionary({
	label: "Mapa de las paradas",
	nowhere: "No se conoce el lugar de ninguna parada.",
}, {
	label: "Map of the stops",
	nowhere: "The place of no stop is known.",
});

type Stops = DeliveryDetail["stops"];

/** The map's code is fetched when the first stops are drawn. */
export function stopsMap(
	box: HTMLElement, { site, signal }: Context,
): (stops: Stops) => Promise<void> {
	let draw: ((stops: Stops) => void) | null = null;
	const begin = async () => {
		const { baseMap, L, pin } = await import("../../lib/map.js");
		if (signal.aborted)
			return;
		const place = h("div", { class: "map-place" });
		box.replaceChildren(place);
		const map = baseMap(place, { tiles: site.tiles, label: t("label"), signal });
		const layer = L.layerGroup().addTo(map);
		let fitted = "";
		// Whoever has looked around is not moved, unless the stops have.
		const fit = (points: L.LatLng[]) => requestAnimationFrame(() => {
			const all = points.join(" ");
			if (signal.aborted || all === fitted)
				return;
			fitted = all;
			map.invalidateSize({ animate: false });
			map.fitBounds(L.latLngBounds(points),
				{ padding: [45, 45], maxZoom: 16, animate: false });
		});
		draw = (stops) => {
			layer.clearLayers();
			const known = stops.flatMap((s, i) =>
				s.lat === null || s.lon === null ? []
					: [{ at: L.latLng(s.lat, s.lon), s, n: i + 1 }]);
			box.classList.toggle("nowhere", known.length === 0);
			box.dataset.nowhere = t("nowhere");
			if (known.length === 0)
				return;
			L.polyline(known.map((k) => k.at), { color: colour("--main"),
				weight: 3, dashArray: "6 6", interactive: false }).addTo(layer);
			for (const { at, s, n } of known)
				L.marker(at, { icon: pin(s.state === "finalizado" ? "good"
					: s.state === "cancelado" ? "bad" : "main", String(n)),
				keyboard: false, alt: `${n}: ${s.cart}`, title: s.cart,
				interactive: false }).addTo(layer);
			fit(known.map((k) => k.at));
		};
	};
	let last: Stops = [];
	themes.addEventListener("change", () => draw?.(last), { signal });
	return async (stops) => {
		last = stops;
		try {
			if (!draw)
				await begin();
			draw?.(last);
		} catch (e) {
			box.replaceChildren(failed(e));
		}
	};
}
