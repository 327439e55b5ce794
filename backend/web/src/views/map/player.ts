// Plays a day: a button, a time line for hand and keyboard, how fast.

import { h, fill, setText } from "../../lib/dom.js";
import { clockSeconds, metres, number } from "../../lib/format.js";
import { icon } from "../../lib/icons.js";
import { dictionary } from "../../lib/words.js";
import type { TrackLayer } from "./track.js";

const t = dictionary({
	play: "Reproducir", pause: "Pausa", time: "Hora del recorrido",
	speed: "Velocidad", times: "{n} veces más rápido", parked: "detenido",
	speed_kmh: "{n} km/h", accuracy: "± {m}", unseen: "sin noticias entonces",
}, {
	play: "Play", pause: "Pause", time: "Time of the track",
	speed: "Speed", times: "{n} times as fast", parked: "standing",
	speed_kmh: "{n} km/h", accuracy: "± {m}", unseen: "not heard then",
});

const SPEEDS = [30, 120, 600];
/** Of the time line, for a key. */
const STEP_S = 15;

export interface Player {
	element: HTMLElement;
	/** The time line's ends, ms since 1970. */
	range(from: number, to: number): void;
	seek(at: number): void;
}

/** `more` stands beside how fast it plays. */
export function player(
	track: TrackLayer, more: HTMLElement, signal: AbortSignal,
): Player {
	let from = 0, at = 0, playing = false, last = 0;
	const button = h("button", {
		type: "button", class: "icon-button", onclick: () => play(!playing),
	});
	const line = h("input", {
		type: "range", min: "0", step: String(STEP_S), "aria-label": t("time"),
		oninput: () => {
			play(false);
			show(from + Number(line.value) * 1000);
		},
	});
	const speed = h("select", { "aria-label": t("speed") },
		...SPEEDS.map((n) => h("option", {
			value: n, selected: n === 120, title: t("times", { n }),
		}, `× ${n}`)));
	const time = h("output", { class: "num" });
	const words = h("p", { class: "cart-player-words soft" });
	const element = h("div", { class: "cart-player" },
		h("div", { class: "cart-player-line" }, button, line, time),
		h("div", { class: "cart-player-line" }, speed, more), words);

	function sign(): void {
		const text = t(playing ? "pause" : "play");
		button.setAttribute("aria-label", text);
		button.title = text;
		fill(button, icon(playing ? "pause" : "play"));
	}

	function show(when: number): void {
		at = when;
		const spot = track.mark(at);
		setText(time, clockSeconds(at));
		line.setAttribute("aria-valuetext", clockSeconds(at));
		setText(words, !spot ? "" : spot.unseen ? t("unseen") : [
			spot.parked ? t("parked")
				: t("speed_kmh", { n: number(spot.speed_kmh, 1) }),
			spot.accuracy_m === null ? ""
				: t("accuracy", { m: metres(spot.accuracy_m) }),
		].filter(Boolean).join(" · "));
	}

	function frame(now: number): void {
		if (!playing || signal.aborted)
			return;
		const end = from + Number(line.max) * 1000;
		// A page that was hidden goes on where it was.
		const next = at + Math.min(100, now - last) * Number(speed.value);
		last = now;
		show(Math.min(end, next));
		line.value = String((at - from) / 1000);
		if (at >= end)
			play(false);
		else
			requestAnimationFrame(frame);
	}

	function play(wanted: boolean): void {
		if (wanted === playing)
			return;
		playing = wanted;
		sign();
		if (!playing)
			return;
		if (at >= from + Number(line.max) * 1000)
			at = from;
		last = performance.now();
		requestAnimationFrame(frame);
	}

	sign();
	return {
		element,
		range(begin, end) {
			from = begin;
			line.max = String(Math.max(1, Math.ceil((end - begin) / 1000)));
			at ||= end;
			line.value = String((at - from) / 1000);
			setText(time, clockSeconds(at));
		},
		seek(when) {
			play(false);
			show(when);
			line.value = String((at - from) / 1000);
		},
	};
}
