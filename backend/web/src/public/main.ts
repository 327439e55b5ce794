// The page for everybody: join the guild, report a strange cart, and what to
// do with a code that lets a cart in.  It shares the dashboard's parts and
// nothing of its views; the map is fetched when somebody wants it.

import "../style/tokens.css";
import "../style/base.css";
import "../style/parts.css";
import "./public.css";

import { site, type Site } from "../lib/api.js";
import { fill, h } from "../lib/dom.js";
import { setZone } from "../lib/format.js";
import { failed, loading } from "../lib/states.js";
import { beginTheme } from "../lib/theme.js";
import {
	beginLanguage, dictionary, language, setLanguage,
} from "../lib/words.js";
import { enrolPage } from "./enrol.js";
import { homePage } from "./home.js";
import { registerPage } from "./register.js";
import { reportPage } from "./report.js";

const t = dictionary({
	skip: "Ir al contenido",
	home: "Inicio", register: "Unirse",
	report: "Avisar de un carrito", enrol: "Conectar un carrito",
	pages: "Páginas", other: "English", log_in: "Entrar al panel",
}, {
	skip: "Skip to the content",
	home: "Start", register: "Join",
	report: "Report a cart", enrol: "Connect a cart",
	pages: "Pages", other: "Español", log_in: "Log in to the dashboard",
});

export interface PublicPage {
	guild: Site;
	rest: string[];
	signal: AbortSignal;
}
const PAGES = {
	home: homePage, register: registerPage, report: reportPage,
	enrol: enrolPage,
} as const;
type Name = keyof typeof PAGES;
const LINKS: Name[] = ["home", "register", "report"];

const app = document.getElementById("app") as HTMLElement;
let drawing = new AbortController();

function where(): { name: Name; rest: string[] } {
	const [name = "home", ...rest] = location.hash.replace(/^#\/?/, "")
		.split("/").filter(Boolean).map(decodeURIComponent);
	return name in PAGES ? { name: name as Name, rest } : { name: "home", rest };
}

function head(guild: Site, name: Name): HTMLElement {
	const other = language() === "es" ? "en" : "es";
	return h("header", { class: "public-head" },
		h("a", { class: "public-brand", href: "#/" },
			h("img", { src: "/icon.svg", alt: "", width: 36, height: 36 }),
			h("span", null, guild.name)),
		h("button", { type: "button", class: "quiet", lang: other,
			onclick: () => {
				setLanguage(other);
				draw(guild);
			} }, t("other")),
		h("nav", { "aria-label": t("pages") }, ...LINKS.map((link) => h("a", {
			href: link === "home" ? "#/" : `#/${link}`,
			"aria-current": link === name ? "page" : null,
		}, t(link)))));
}

/** `moved`: somebody followed a link, so the content is what they want. */
function draw(guild: Site, moved = false): void {
	drawing.abort();
	drawing = new AbortController();
	const { name, rest } = where();
	const main = h("main", { class: "public-main", id: "main", tabindex: "-1" });
	document.title = `${t(name)} · ${guild.name}`;
	fill(app,
		h("a", { class: "skip", href: "#main", onclick: (e: Event) => {
			e.preventDefault();
			main.focus();
		} }, t("skip")),
		head(guild, name), main,
		h("footer", { class: "public-foot" },
			h("a", { href: "/" }, t("log_in"))));
	PAGES[name](main, { guild, rest, signal: drawing.signal });
	if (moved) {
		scrollTo(0, 0);
		main.focus({ preventScroll: true });
	}
}

async function begin(): Promise<void> {
	beginTheme();
	beginLanguage();
	fill(app, h("main", { class: "public-main" }, loading()));
	try {
		const guild = await site();
		beginLanguage(guild.language);
		setZone(guild.timezone);
		addEventListener("hashchange", () => draw(guild, true));
		draw(guild);
	} catch (e) {
		fill(app, h("main", { class: "public-main" },
			failed(e, () => void begin())));
	}
}

void begin();
