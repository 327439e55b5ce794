// Where carts may be: the zones on the map and in a list; admins change them.

import { get } from "../../lib/api.js";
import { fill, h } from "../../lib/dom.js";
import { icon } from "../../lib/icons.js";
import { L } from "../../lib/map.js";
import { aborted, empty, failed, loading } from "../../lib/states.js";
import { colour, themes } from "../../lib/theme.js";
import type { Zone } from "../../lib/types.js";
import { every, type Context } from "../../lib/view.js";
import { dictionary } from "../../lib/words.js";
import type { Fleet } from "./fleet.js";
import { outline, toAreas } from "./geometry.js";
import type { Side } from "./side.js";
import { areaName } from "./zone_areas.js";
import { zoneForm, type Saved } from "./zone_form.js";
import { areaLayer } from "./zone_handles.js";

const t = dictionary({
	fresh: "Zona nueva", edit: "Cambiar {name}", for_all: "para todos",
	carts: "{n} carritos",
	none: "Aún no hay zonas",
	none_what: "Una zona dice por dónde pueden andar los carritos: quien sale " +
		"de la suya queda fuera de lugar.",
}, {
	fresh: "New zone", edit: "Change {name}", for_all: "for all",
	carts: "{n} carts",
	none: "No zones yet",
	none_what: "A zone says where carts may go: one that leaves its own is " +
		"astray.",
});

const AGAIN_MS = 30000;
const SEEN_MS = 400;
const SEEN_TRIES = 25;
/** A zone smaller than this on the page is not named there. */
const NAMED_PX = 70;

export interface ZonesPart {
	element: HTMLElement;
	/** One is edited: clicks on the map are for it. */
	busy(): boolean;
}

/** `free` makes the lists be seen, whatever stands over them. */
export function zonesPart(
	{ session, signal }: Context, map: L.Map, fleet: Fleet, beside: Side,
	free: () => void,
): ZonesPart {
	const mayEdit = session.role === "admin";
	const layers = L.layerGroup().addTo(map);
	const list = h("ul", { class: "zone-list" });
	const state = h("div");
	let zones: Zone[] = [], drawn = "", editing = false;
	let chosen: string | null = null;
	let loaded = false;

	const load = async () => {
		if (!loaded)
			fill(state, loading());
		try {
			({ zones } = await get<{ zones: Zone[] }>("zones", {}, signal));
			loaded = true;
			show();
		} catch (e) {
			// What is shown stays: zones change seldom.
			if (!loaded && !aborted(e))
				fill(state, failed(e, () => void load()));
		}
	};

	function show(): void {
		const now = zones.map((z) => `${z.id} ${z.revision}`).join();
		if (now !== drawn || !loaded) {
			drawn = now;
			fill(list, ...zones.map(line));
			fill(state, zones.length ? null : empty(t("none"), t("none_what")));
		}
		paint();
	}

	function paint(): void {
		layers.clearLayers();
		for (const zone of zones) {
			if (editing && zone.id === chosen)
				continue;
			for (const a of toAreas(zone.geometry))
				areaLayer(a, {
					color: colour("--info"), fillOpacity: .07,
					weight: zone.id === chosen ? 4 : 2, interactive: false,
				}).addTo(layers);
			name(zone, bounds(zone));
		}
	}

	/** A click on it finds the zone in the list. */
	function name(zone: Zone, within: L.LatLngBounds): void {
		const px = map.project(within.getNorthEast()).x -
			map.project(within.getSouthWest()).x;
		if (px >= NAMED_PX || zone.id === chosen)
			L.tooltip({
				permanent: true, direction: "top", className: "zone-name",
				interactive: !editing,
			}).setLatLng([within.getNorth(), within.getCenter().lng])
				.setContent(h("span", { onclick: () => find(zone) },
					zone.name)).addTo(layers);
	}

	function line(zone: Zone): HTMLElement {
		const { carts } = zone;
		return h("li", null,
			h("button", {
				type: "button", class: "zone-line", onclick: () => look(zone),
			}, h("b", null, zone.name),
			h("span", { class: "soft" }, carts.length === 0 ? t("for_all")
				: carts.length > 4 ? t("carts", { n: carts.length })
					: carts.join(", ")),
			h("span", { class: "soft" },
				toAreas(zone.geometry).map(areaName).join("; "))),
			mayEdit && h("button", {
				type: "button", class: "icon-button",
				"aria-label": t("edit", { name: zone.name }),
				title: t("edit", { name: zone.name }),
				onclick: () => edit(zone),
			}, icon("edit", 18)));
	}

	function find(zone: Zone): void {
		if (editing)
			return;
		chosen = zone.id;
		free();
		beside.tab("zones");
		list.querySelectorAll<HTMLElement>(".zone-line")[zones.indexOf(zone)]
			?.focus();
		paint();
	}

	function look(zone: Zone): void {
		chosen = zone.id;
		paint();
		map.fitBounds(bounds(zone), { padding: [60, 60], maxZoom: 18 });
	}

	function edit(zone: Zone | null): void {
		if (zone)
			look(zone);
		editing = true;
		chosen = zone?.id ?? null;
		paint();
		beside.detail(zoneForm(map, fleet, zone, (saved) => {
			editing = false;
			chosen = saved?.id ?? null;
			paint();
			beside.detail(null);
			fresh.focus();
			if (saved?.changed)
				void until(saved, zone?.revision ?? 0);
		}, signal));
	}

	/** The guild has it; until it is read back, a moment passes. */
	async function until({ id, removed }: Saved, was: number): Promise<void> {
		for (let i = 0; i < SEEN_TRIES && !signal.aborted; i++) {
			await load();
			const found = zones.find((z) => z.id === id);
			if (removed ? !found : found && found.revision > was)
				return;
			await new Promise((done) => setTimeout(done, SEEN_MS));
		}
	}

	const fresh = h("button", {
		type: "button", class: "primary", onclick: () => edit(null),
	}, t("fresh"));
	every(AGAIN_MS, load, signal);
	map.on("zoomend", paint);
	themes.addEventListener("change", paint, { signal });
	return {
		element: h("div", { class: "zone-part" },
			mayEdit && h("div", { class: "zone-head" }, fresh), list, state),
		busy: () => editing,
	};
}

const bounds = (zone: Zone): L.LatLngBounds =>
	L.latLngBounds(toAreas(zone.geometry).flatMap(outline));
