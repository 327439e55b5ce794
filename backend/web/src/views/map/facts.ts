// What a cart said last, in words that keep their age.

import { h, setText } from "../../lib/dom.js";
import { ago, clockSeconds, metres, number, when } from "../../lib/format.js";
import { dictionary } from "../../lib/words.js";
import type { Known } from "./fleet.js";
import { cartHints, hasFix } from "./state.js";
import { hintName } from "./words.js";

const t = dictionary({
	fix: "Última posición", accuracy: "Precisión", speed: "Velocidad",
	backlog: "Sin enviar", battery: "Batería", contact: "Visto",
	gaps: "Faltan", version: "Equipo", day: "Día",
	fix_at: "{at}, {ago}", none: "ninguna aún", unknown: "no se sabe",
	metres: "± {m}", parked: "detenido", kmh: "{n} km/h",
	events: "{n} {n|dato|datos}", nothing: "nada", percent: "{n} %",
	no_battery: "no informa", opened: "abierto", closed: "cerrado",
	no_fix: "ahora sin satélites", system_time: "hora del equipo",
}, {
	fix: "Last fix", accuracy: "Accuracy", speed: "Speed",
	backlog: "Not sent yet", battery: "Battery", contact: "Heard",
	gaps: "Missing", version: "Gateway", day: "Day",
	fix_at: "{at}, {ago}", none: "none yet", unknown: "not known",
	metres: "± {m}", parked: "standing", kmh: "{n} km/h",
	events: "{n} {n|event|events}", nothing: "nothing", percent: "{n} %",
	no_battery: "does not tell", opened: "open", closed: "closed",
	no_fix: "no satellites now", system_time: "gateway's clock",
});

const NAMES = ["fix", "accuracy", "speed", "contact", "day", "backlog",
	"battery", "gaps", "version"] as const;
type Name = (typeof NAMES)[number];

export function facts(): { element: HTMLElement; say(k: Known): void } {
	const values = new Map<Name, HTMLElement>();
	const element = h("dl", { class: "cart-facts" });
	for (const name of NAMES) {
		const value = h("dd", { class: "num" });
		values.set(name, value);
		element.append(h("div", { class: `cart-fact ${name}` },
			h("dt", null, t(name)), value));
	}
	const hints = h("p", { class: "cart-hints" });
	return {
		element: h("div", null, hints, element),
		say(k) {
			const now = Date.now();
			for (const name of NAMES) {
				const value = values.get(name);
				if (value)
					setText(value, says(name, k, now));
			}
			const words = cartHints(k.cart, now).map(hintName).join(", ");
			setText(hints, words);
			hints.hidden = !words;
		},
	};
}

function says(name: Name, { cart }: Known, now: number): string {
	const { fix } = cart;
	switch (name) {
	case "fix": {
		const at = fix?.at ?? fix?.received_at;
		if (!at)
			return t("none");
		return [t("fix_at", { at: sameDay(at, now), ago: ago(at, now) }),
			cart.live && !hasFix(cart, now) ? t("no_fix") : "",
			fix?.system_time ? t("system_time") : "",
		].filter(Boolean).join(" · ");
	}
	case "accuracy":
		return fix?.accuracy_m === null || !fix ? t("unknown")
			: t("metres", { m: metres(fix.accuracy_m) });
	case "speed":
		return !fix ? t("unknown") : fix.parked ? t("parked")
			: t("kmh", { n: number(fix.speed_kmh, 1) });
	case "contact":
		return cart.contact_at ? ago(cart.contact_at, now) : t("unknown");
	case "day":
		return t(cart.day_open ? "opened" : "closed");
	case "backlog":
		return cart.backlog ? t("events", { n: cart.backlog })
			: t("nothing");
	case "battery":
		return cart.battery_percent === null ? t("no_battery")
			: t("percent", { n: cart.battery_percent });
	case "gaps":
		return cart.missing_events ? t("events", { n: cart.missing_events })
			: t("nothing");
	case "version":
		return cart.version;
	}
}

const sameDay = (at: string, now: number): string =>
	now - Date.parse(at) < 12 * 3600000 ? clockSeconds(at) : when(at, now);
