// A day of a cart: its track on the map, played again if wanted; how far it
// went, and where it stopped.

import { get } from "../../lib/api.js";
import { fill, h } from "../../lib/dom.js";
import {
	clockTime, dayBegins, lasting, localDate, metres, shiftDate,
} from "../../lib/format.js";
import { icon } from "../../lib/icons.js";
import type { L } from "../../lib/map.js";
import { aborted, failed, loading } from "../../lib/states.js";
import type { Cart, Day, Track } from "../../lib/types.js";
import { every } from "../../lib/view.js";
import { dictionary } from "../../lib/words.js";
import { player } from "./player.js";
import { TrackLayer } from "./track.js";
import { spots } from "./track_math.js";

const t = dictionary({
	title: "Recorrido", day: "Día", before: "Día anterior",
	after: "Día siguiente", fit: "Ver todo el recorrido",
	none: "Sin posiciones este día.",
	sum: "{far} · {moving} en movimiento · {n} {n|posición|posiciones}",
	unseen: "{far} de ellos sin noticias",
	stops: "Paradas", stop: "{from} – {to}", now: "ahora",
}, {
	title: "Track", day: "Day", before: "The day before",
	after: "The day after", fit: "Show the whole track",
	none: "No positions on this day.",
	sum: "{far} · {moving} moving · {n} {n|position|positions}",
	unseen: "{far} of them not heard",
	stops: "Stops", stop: "{from} – {to}", now: "now",
});

const DAY_MS = 60000;

export interface DayPart {
	element: HTMLElement;
	/** The cart's latest. */
	take(cart: Cart): void;
}

export function dayPart(
	plate: string, map: L.Map, signal: AbortSignal,
): DayPart {
	let date = localDate();
	let turn = new AbortController();
	let take: (cart: Cart) => void = () => undefined;
	const picker: HTMLInputElement = h("input", {
		type: "date", value: date, max: date, "aria-label": t("day"),
		onchange: () => show(picker.value || localDate()),
	});
	const arrow = (by: -1 | 1) => h("button", {
		type: "button", class: "icon-button",
		"aria-label": t(by < 0 ? "before" : "after"),
		onclick: () => show(shiftDate(date, by)),
	}, icon(by < 0 ? "left" : "right"));
	const after = arrow(1);
	const body = h("div", { class: "cart-day-body" });
	const element = h("section", { class: "cart-part" },
		h("h3", null, t("title")),
		h("div", { class: "cart-day" }, arrow(-1), picker, after), body);
	signal.addEventListener("abort", () => turn.abort());

	function show(wanted: string): void {
		const today = localDate();
		date = wanted > today ? today : wanted;
		picker.max = today;
		picker.value = date;
		after.disabled = date >= today;
		turn.abort();
		turn = new AbortController();
		take = () => undefined;
		void draw(date, date === today, turn.signal);
	}

	async function draw(
		day: string, isToday: boolean, mine: AbortSignal,
	): Promise<void> {
		fill(body, loading());
		const path = `carts/${encodeURIComponent(plate)}`;
		try {
			const from = dayBegins(day), to = dayBegins(shiftDate(day, 1));
			const track = spots(await get<Track>(`${path}/track`,
				{ from, to }, mine));
			const layer = new TrackLayer(map, mine);
			layer.show(track);
			const play = player(layer, h("button", {
				type: "button", onclick: () => layer.fit(),
			}, t("fit")), mine);
			const line = h("div", { hidden: track.length < 2 }, play.element);
			const none = h("p", { class: "soft", hidden: track.length > 0 },
				t("none"));
			const sums = h("div");
			fill(body, sums, none, line);
			const first = track[0], last = track[track.length - 1];
			if (first && last)
				play.range(first.at, last.at);
			if (!isToday && track.length > 1)
				layer.fit();
			const words = () => get<Day>(`${path}/days`, { date: day }, mine)
				.then((d) => fill(sums, ...dayWords(d, play.seek)))
				.catch(() => undefined);
			if (isToday) {
				every(DAY_MS, words, mine);
				take = (cart) => follow(cart, layer, track, () => {
					line.hidden = track.length < 2;
					none.hidden = true;
					play.range(track[0]?.at ?? 0,
						track[track.length - 1]?.at ?? 0);
				});
			} else {
				void words();
			}
		} catch (e) {
			if (!aborted(e) && !mine.aborted)
				fill(body, failed(e, () => show(day)));
		}
	}

	show(date);
	return { element, take: (cart) => take(cart) };
}

function follow(
	cart: Cart, layer: TrackLayer, track: { at: number }[], grew: () => void,
): void {
	const { fix } = cart;
	if (!fix?.at)
		return;
	const had = track.length;
	layer.append({
		at: Date.parse(fix.at), lat: fix.lat, lon: fix.lon,
		speed_kmh: fix.speed_kmh, accuracy_m: fix.accuracy_m,
		parked: fix.parked,
	});
	if (track.length > had)
		grew();
}

function dayWords(d: Day, seek: (at: number) => void): HTMLElement[] {
	if (!d.fixes)
		return [];
	const stops = d.legs.filter((l) => l.kind === "stop");
	const parts: HTMLElement[] = [h("p", null, t("sum", {
		far: metres(d.distance_m), moving: lasting(d.moving_s * 1000),
		n: d.fixes,
	}), d.unseen_m ? `, ${t("unseen", { far: metres(d.unseen_m) })}` : "")];
	if (stops.length)
		parts.push(h("h4", null, `${t("stops")} (${stops.length})`),
			h("ol", { class: "cart-stops" }, ...stops.map((s) => h("li", null,
				h("button", {
					type: "button", onclick: () => seek(Date.parse(s.from)),
				}, t("stop", {
					from: clockTime(s.from),
					to: s.open ? t("now") : clockTime(s.to),
				}), h("span", { class: "soft" }, lasting(
					Date.parse(s.to) - Date.parse(s.from))))))));
	return parts;
}
