// Where it is: the browser's own place, asked for with its reason, or a tap on
// the map.  The map's code comes when it is wanted.

import { fill, h, setText } from "../lib/dom.js";
import { metres } from "../lib/format.js";
import { icon } from "../lib/icons.js";
import { failed, loading } from "../lib/states.js";
import { dictionary } from "../lib/words.js";
import type { PublicPage } from "./main.js";

const t = dictionary({
	legend: "¿Dónde está?",
	why: "Con el lugar buscamos qué carrito del gremio es. Se guarda solo con " +
		"este aviso.",
	mine: "Usar mi ubicación", asking: "Buscando tu ubicación…",
	on_map: "Marcarlo en el mapa",
	insecure: "Tu navegador da la ubicación solo a páginas seguras (https), y " +
		"esta llegó por http: márcalo en el mapa.",
	denied: "No diste permiso para la ubicación. Márcalo en el mapa, o cambia el " +
		"permiso en tu navegador.",
	unavailable: "Tu ubicación no se puede saber ahora. Márcalo en el mapa.",
	here: "Lugar: {lat}, {lon} ({accuracy})",
	exact: "marcado en el mapa", near: "a unos {m}",
	none: "Todavía sin lugar.",
	map: "Mapa: toca donde está el carrito",
	map_hint: "Toca el mapa donde está el carrito. Con teclado: muévelo con las " +
		"flechas y pon el punto al centro.",
	centre: "Poner el punto al centro",
}, {
	legend: "Where is it?",
	why: "By the place we find which cart of the guild it is. It is kept with " +
		"this report alone.",
	mine: "Use my place", asking: "Looking for your place…",
	on_map: "Mark it on the map",
	insecure: "Your browser gives your place to secure pages (https) only, and " +
		"this one came by http: mark it on the map.",
	denied: "You did not allow your place. Mark it on the map, or change that in " +
		"your browser.",
	unavailable: "Your place cannot be known now. Mark it on the map.",
	here: "Place: {lat}, {lon} ({accuracy})",
	exact: "marked on the map", near: "within {m}",
	none: "No place yet.",
	map: "Map: tap where the cart is",
	map_hint: "Tap the map where the cart is. By keyboard: move it with the " +
		"arrows and put the mark at its centre.",
	centre: "Put the mark at the centre",
});

export interface At {
	lat: number;
	lon: number;
}
const ASK_MS = 15000;

export function placePart({ guild, signal }: PublicPage) {
	let at: At | null = null;
	let mark: ((at: At) => void) | null = null;
	const secure = isSecureContext && "geolocation" in navigator;
	const where = h("p", { class: "place-now", role: "status" }, t("none"));
	const note = h("p", { class: "hint" }, secure ? "" : t("insecure"));
	const mapBox = h("div", { class: "place-map", hidden: true });
	const set = (to: At, accuracy: string) => {
		at = { lat: round(to.lat), lon: round(to.lon) };
		setText(where, t("here", { lat: at.lat.toFixed(5),
			lon: at.lon.toFixed(5), accuracy }));
		where.classList.add("known");
		mark?.(at);
	};
	const mine = h("button", { type: "button", class: "with-icon",
		onclick: () => {
			mine.disabled = true;
			setText(note, t("asking"));
			navigator.geolocation.getCurrentPosition(({ coords }) => {
				mine.disabled = false;
				setText(note, "");
				set({ lat: coords.latitude, lon: coords.longitude },
					t("near", { m: metres(coords.accuracy) }));
			}, (e) => {
				mine.disabled = false;
				setText(note, t(e.code === e.PERMISSION_DENIED
					? "denied" : "unavailable"));
			}, { enableHighAccuracy: true, timeout: ASK_MS, maximumAge: 30000 });
		} }, icon("pin", 20), t("mine"));
	mine.hidden = !secure;
	const show = h("button", { type: "button", class: "with-icon",
		"aria-expanded": "false", onclick: async () => {
			show.setAttribute("aria-expanded", "true");
			show.hidden = true;
			mapBox.hidden = false;
			fill(mapBox, loading());
			try {
				mark = await drawMap(mapBox, guild, signal, (to) =>
					set(to, t("exact")));
				if (at)
					mark(at);
			} catch (e) {
				show.hidden = false;
				fill(mapBox, failed(e));
			}
		} }, icon("map", 20), t("on_map"));
	return {
		element: h("fieldset", { class: "place" }, h("legend", null, t("legend")),
			h("p", { class: "soft" }, t("why")),
			h("div", { class: "place-ways" }, mine, show), note, mapBox, where),
		at: () => at,
		focus: () => (secure ? mine : show.hidden
			? mapBox.querySelector<HTMLElement>("button, [tabindex]") : show)
			?.focus(),
	};
}

/** As exact as the guild keeps it: 0.1 m. */
const round = (x: number): number => Math.round(x * 1e6) / 1e6;

async function drawMap(
	box: HTMLElement, guild: PublicPage["guild"], signal: AbortSignal,
	marked: (at: At) => void,
): Promise<(at: At) => void> {
	const { baseMap, L, pin } = await import("../lib/map.js");
	const place = h("div", { class: "map-place" });
	fill(box, h("p", { class: "hint" }, t("map_hint")), place,
		h("button", { type: "button", onclick: () => choose(map.getCenter()) },
			t("centre")));
	const map = baseMap(place, { tiles: guild.tiles, label: t("map"), signal });
	const marker = L.marker(map.getCenter(),
		{ icon: pin("bad"), interactive: false, keyboard: false });
	const choose = (to: L.LatLng) => {
		const { lat, lng } = to.wrap();
		marked({ lat, lon: lng });
	};
	map.on("click", (e) => choose(e.latlng));
	return ({ lat, lon }) => {
		marker.setLatLng([lat, lon]).addTo(map);
		if (!map.getBounds().contains([lat, lon]) || map.getZoom() < 15)
			map.setView([lat, lon], Math.max(map.getZoom(), 16));
	};
}
