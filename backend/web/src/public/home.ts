import { fill, h } from "../lib/dom.js";
import { icon, type Icon } from "../lib/icons.js";
import { dictionary } from "../lib/words.js";
import type { PublicPage } from "./main.js";

const t = dictionary({
	title: "¿Qué necesitas?",
	register: "Quiero unirme al gremio",
	register_what: "Tienes un carrito y quieres vender con nosotros.",
	report: "Vi un carrito raro",
	report_what: "Un carrito abandonado, o donde no debería estar.",
}, {
	title: "What do you need?",
	register: "I would like to join the guild",
	register_what: "You have a cart and would like to sell with us.",
	report: "I saw a strange cart",
	report_what: "A cart that was left alone, or is where it should not be.",
});

const way = (name: "register" | "report", sign: Icon): HTMLElement =>
	h("a", { class: "card way", href: `#/${name}` }, icon(sign, 30),
		h("span", null, h("strong", null, t(name)),
			h("span", { class: "soft" }, t(`${name}_what`))));

export function homePage(main: HTMLElement, { guild }: PublicPage): void {
	fill(main, h("h1", null, guild.name),
		h("p", { class: "soft lead" }, t("title")),
		way("register", "members"), way("report", "pin"));
}
