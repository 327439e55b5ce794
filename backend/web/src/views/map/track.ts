// A cart's track on the map: where it was heard as a line, over holes in
// dashes, and a mark for the time that is looked at.

import { L } from "../../lib/map.js";
import { clockTime } from "../../lib/format.js";
import { colour, themes } from "../../lib/theme.js";
import { isHole, lines, whereAt, type Spot } from "./track_math.js";

export class TrackLayer {
	#rim = L.polyline([], { weight: 7, interactive: false });
	#seen = L.polyline([], { weight: 3.5, interactive: false });
	#holes = L.polyline([], {
		weight: 2, dashArray: "3 7", interactive: false,
	});
	#mark = L.circleMarker([0, 0], {
		radius: 8, weight: 3, fillOpacity: 1, interactive: false,
	}).bindTooltip("", { permanent: true, direction: "top", offset: [0, -8] });
	#track: Spot[] = [];
	#marked = false;

	constructor(private readonly map: L.Map, signal: AbortSignal) {
		for (const layer of [this.#rim, this.#holes, this.#seen])
			layer.addTo(map);
		this.#colours();
		themes.addEventListener("change", () => this.#colours(), { signal });
		signal.addEventListener("abort", () => {
			for (const layer of [this.#rim, this.#holes, this.#seen,
				this.#mark])
				layer.remove();
		});
	}

	show(track: Spot[]): void {
		this.#track = track;
		const { seen, holes } = lines(track);
		this.#rim.setLatLngs(seen);
		this.#seen.setLatLngs(seen);
		this.#holes.setLatLngs(holes);
	}

	/** One that came live. */
	append(spot: Spot): void {
		const last = this.#track[this.#track.length - 1];
		if (last && last.at >= spot.at)
			return;
		this.#track.push(spot);
		if (!last || isHole(last, spot)) {
			this.show(this.#track);
			return;
		}
		for (const line of [this.#rim, this.#seen]) {
			const parts = line.getLatLngs() as L.LatLng[][];
			line.addLatLng([spot.lat, spot.lon], parts[parts.length - 1]);
		}
	}

	/** Marks where it was then; null: no time is looked at. */
	mark(at: number | null): (Spot & { unseen: boolean }) | null {
		const spot = at === null ? null : whereAt(this.#track, at);
		if (!spot) {
			this.#mark.remove();
			this.#marked = false;
			return null;
		}
		this.#mark.setLatLng([spot.lat, spot.lon]);
		if (!this.#marked)
			this.#mark.addTo(this.map);
		this.#marked = true;
		this.#mark.setTooltipContent(clockTime(at ?? spot.at));
		if (!this.map.getBounds().contains([spot.lat, spot.lon]))
			this.map.panTo([spot.lat, spot.lon]);
		return spot;
	}

	fit(): void {
		if (this.#track.length)
			this.map.fitBounds(this.#seen.getBounds(), {
				padding: [40, 40], maxZoom: 17,
			});
	}

	#colours(): void {
		this.#rim.setStyle({ color: colour("--card"), opacity: .8 });
		this.#seen.setStyle({ color: colour("--main"), opacity: .95 });
		this.#holes.setStyle({ color: colour("--soft"), opacity: .9 });
		this.#mark.setStyle({
			color: colour("--main"), fillColor: colour("--card"),
		});
	}
}
