// Open alerts where they are: a stranger's cart as it was reported, and what
// happened at a place where the cart is no more.

import { alertText, alertTitle } from "../../lib/alert_words.js";
import { h } from "../../lib/dom.js";
import { L, pin } from "../../lib/map.js";
import type { Alert } from "../../lib/types.js";
import { address, type Context } from "../../lib/view.js";
import { dictionary } from "../../lib/words.js";

const t = dictionary({
	all: "Ver las alertas", cart: "Ver el carrito {cart}",
	place: "Alerta: {title}",
}, {
	all: "Show the alerts", cart: "Show the cart {cart}",
	place: "Alert: {title}",
});

/** Nearer than this to its cart, the cart's own sign says it. */
const APART_PX = 34;
/** A storm of alerts must not bury the map: the list has them all. */
const MOST = 150;
const MS = 2000;

export function alertPlaces(
	map: L.Map, { live, signal }: Context, open: (plate: string) => void,
): void {
	const marks = new Map<string, { alert: Alert; marker: L.Marker }>();
	let asked = true;

	const update = () => {
		if (!asked)
			return;
		asked = false;
		const wanted = new Map([...live.alerts.values()].filter((a) =>
			isApart(map, a, live.carts.get(a.cart ?? "")?.fix))
			.slice(-MOST)
			.map((a) => [a.id, a]));
		for (const [id, { alert, marker }] of marks)
			if (wanted.get(id)?.revision !== alert.revision) {
				marker.remove();
				marks.delete(id);
			}
		for (const [id, alert] of wanted)
			if (!marks.has(id))
				marks.set(id, { alert, marker: mark(alert, open).addTo(map) });
	};
	// Whether a cart has left the place of its alert need not be known at
	// once; an alert that is new must.
	live.on("cart", () => {
		asked = true;
	}, signal);
	live.on("alert", () => {
		asked = true;
		update();
	}, signal);
	map.on("zoomend", () => {
		asked = true;
		update();
	});
	const timer = setInterval(update, MS);
	signal.addEventListener("abort", () => clearInterval(timer));
	update();
}

function isApart(
	map: L.Map, { place }: Alert,
	fix: { lat: number; lon: number } | null | undefined,
): boolean {
	return !!place && (!fix || map.project([place.lat, place.lon])
		.distanceTo(map.project([fix.lat, fix.lon])) > APART_PX);
}

function mark(alert: Alert, open: (plate: string) => void): L.Marker {
	const stranger = alert.cause === "fugitive";
	const title = t("place", { title: alertTitle(alert) });
	const marker = L.marker([alert.place?.lat ?? 0, alert.place?.lon ?? 0], {
		icon: pin(stranger ? "info" : "bad", stranger ? "?" : "!"),
		title, alt: title, riseOnHover: true,
	});
	// Its sign is all that it would be called by.
	marker.on("add", () =>
		marker.getElement()?.setAttribute("aria-label", title));
	marker.bindPopup(() => {
		const { cart } = alert;
		return h("div", { class: "fleet-popup" },
			h("h3", null, alertTitle(alert), cart ? ` · ${cart}` : ""),
			h("p", null, alertText(alert)),
			h("p", null, h("a", { href: address("alerts") }, t("all"))),
			cart ? h("button", {
				type: "button", onclick: () => {
					marker.closePopup();
					open(cart);
				},
			}, t("cart", { cart })) : null);
	});
	return marker;
}
