// The map: carts live, what they are doing, where they may be.

import "./map.css";
import "./side.css";
import "./panel.css";
import { fill, h, setText } from "../../lib/dom.js";
import { ago } from "../../lib/format.js";
import { baseMap, L } from "../../lib/map.js";
import { themes } from "../../lib/theme.js";
import { every, replaceAddress, type View } from "../../lib/view.js";
import { dictionary } from "../../lib/words.js";
import { Fleet } from "./fleet.js";
import { CartLayer } from "./layer.js";
import { cartList } from "./list.js";
import { cartPanel } from "./panel.js";
import { alertPlaces } from "./places.js";
import { recall, remember } from "./remember.js";
import { side } from "./side.js";
import { totals } from "./totals.js";
import { zonesPart } from "./zones.js";

const t = dictionary({
	title: "Mapa del gremio", map: "Mapa de los carritos",
	all: "Ver todos",
	old: "Sin conexión con el gremio. Último dato: {ago}.",
}, {
	title: "Map of the guild", map: "Map of the carts",
	all: "Show all",
	old: "No connection to the guild. Last news: {ago}.",
});

const REACH_PX = 20;
const STREET = 16;
/** A guild is of a city and what lies around it. */
const GUILD_M = 100000;

export const view: View = (root, context) => {
	const { live, session, site, rest, signal } = context;
	const fleet = new Fleet(live, signal);
	const place = h("div", { class: "fleet-map" });
	const old = h("p", { class: "fleet-old", role: "status" });
	const seeAll = h("button", { type: "button", class: "fleet-all",
		hidden: session.role === "vendor" }, t("all"));
	const beside = side();
	const list = cartList(fleet, (plate) => select(plate, true),
		(plate) => carts.hover(plate), signal);
	const sums = totals(context, fleet, (f) => {
		beside.tab("carts");
		list.filter(f);
	});
	root.classList.add("map-view");
	fill(root, h("h1", { class: "unseen" }, t("title")), sums.element,
		h("div", { class: "fleet-place" }, place, old, seeAll),
		beside.element);

	const map = baseMap(place, { tiles: site.tiles, label: t("map"), signal });
	const carts = new CartLayer().addTo(map);
	const zones = zonesPart(context, map, fleet, beside,
		() => open && select(null, false));
	alertPlaces(map, context, (plate) => select(plate, false));
	beside.add("carts", list.element);
	beside.add("zones", zones.element);

	let known = recall(map);
	remember(map, signal);
	const fit = (which: (all: L.LatLng[]) => L.LatLng[]) => {
		const places = which([...fleet.known.values()].flatMap(
			({ cart: { fix } }) => fix ? [L.latLng(fix.lat, fix.lon)] : []));
		if (!places.length)
			return;
		known = true;
		map.fitBounds(L.latLngBounds(places),
			{ padding: [50, 50], maxZoom: STREET, animate: false });
	};
	seeAll.onclick = () => fit((all) => all);

	const centre = (plate: string, nearer: boolean) => {
		const fix = fleet.known.get(plate)?.cart.fix;
		if (!fix)
			return;
		known = true;
		map.setView([fix.lat, fix.lon],
			nearer ? Math.max(map.getZoom(), STREET) : map.getZoom());
	};
	let chosen: string | null = null;
	let open: AbortController | null = null;
	function select(plate: string | null, nearer: boolean): void {
		if (plate === chosen && open) {
			if (plate && nearer)
				centre(plate, true);
			return;
		}
		open?.abort();
		chosen = plate;
		carts.select(plate);
		list.select(plate);
		if (plate === null) {
			open = null;
			replaceAddress("map");
			beside.detail(null);
			list.focus();
			return;
		}
		open = new AbortController();
		replaceAddress("map", plate);
		if (nearer)
			centre(plate, true);
		beside.detail(cartPanel(context, plate, {
			fleet, map, centre: () => centre(plate, true),
			close: () => select(null, false),
		}, AbortSignal.any([signal, open.signal])));
	}

	const show = () => {
		if (!known)
			fit(together);
		setText(old, fleet.old && live.state === "broken"
			? t("old", { ago: ago(live.heardAt) }) : "");
		root.classList.toggle("old", fleet.old);
		sums.update();
		list.update();
	};
	fleet.on((changed, all) => {
		carts.take(changed, all, fleet.old);
		if (all || !changed.length)
			show();
	}, signal);
	carts.take([...fleet.known.values()], true, fleet.old);
	every(1000, show, signal);
	themes.addEventListener("change", () => carts.recolour(), { signal });

	const under = (e: L.LeafletMouseEvent) =>
		carts.nearest(e.containerPoint, REACH_PX);
	map.on("click", (e) => {
		const plate = zones.busy() ? null : under(e);
		if (plate)
			select(plate, false);
	});
	map.on("mousemove", (e) => {
		const plate = zones.busy() ? null : under(e);
		carts.hover(plate);
		place.classList.toggle("on-cart", !!plate);
	});

	const asked = rest[0] ?? (session.role === "vendor" ? session.cart : null);
	if (asked) {
		select(asked, true);
		// It may come with the first events only.
		let waits = !fleet.known.get(asked)?.cart.fix;
		fleet.on(() => {
			if (!waits || !fleet.known.get(asked)?.cart.fix)
				return;
			waits = false;
			if (chosen === asked)
				centre(asked, true);
		}, signal);
	}
};

/** Those where most are: one that is a country away must not make dots of
 * the others. */
function together(all: L.LatLng[]): L.LatLng[] {
	const middle = (values: number[]) =>
		values.sort((a, b) => a - b)[values.length >> 1] ?? 0;
	const centre = L.latLng(middle(all.map((p) => p.lat)),
		middle(all.map((p) => p.lng)));
	const near = all.filter((p) => p.distanceTo(centre) < GUILD_M);
	return near.length * 2 > all.length ? near : all;
}
