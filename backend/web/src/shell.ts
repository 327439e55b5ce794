// What stands around every view: the guild's name, the way to each view, how
// live the page is, language, theme, and the way out.

import { logOut, type Session, type Site } from "./lib/api.js";
import { fill, h, setText } from "./lib/dom.js";
import { ago } from "./lib/format.js";
import { icon } from "./lib/icons.js";
import type { Live } from "./lib/live.js";
import { failed, loading } from "./lib/states.js";
import { setTheme, isDark } from "./lib/theme.js";
import { address, type View } from "./lib/view.js";
import { dictionary, language, setLanguage } from "./lib/words.js";

const t = dictionary({
	skip: "Ir al contenido",
	views: "Vistas",
	map: "Mapa", alerts: "Alertas", sales: "Ventas", restock: "Reposición",
	members: "Miembros", support: "Ayuda", health: "Sistema",
	live: "En vivo",
	connecting: "Conectando…",
	broken: "Sin conexión, último dato {ago}",
	other: "English", dark: "Tema oscuro", light: "Tema claro",
	out: "Salir",
	nothing: "No hay nada en esta dirección.",
	home: "Ir al mapa",
	open_alerts: "{n} {n|alerta abierta|alertas abiertas}",
	open_tickets: "{n} {n|pedido de ayuda|pedidos de ayuda}",
	waiting: "{n} {n|miembro espera|miembros esperan}",
}, {
	skip: "Skip to the content",
	views: "Views",
	map: "Map", alerts: "Alerts", sales: "Sales", restock: "Restock",
	members: "Members", support: "Support", health: "System",
	live: "Live",
	connecting: "Connecting…",
	broken: "No connection, last news {ago}",
	other: "Español", dark: "Dark theme", light: "Light theme",
	out: "Log out",
	nothing: "There is nothing at this address.",
	home: "Go to the map",
	open_alerts: "{n} open {n|alert|alerts}",
	open_tickets: "{n} support {n|ticket|tickets}",
	waiting: "{n} {n|member waits|members wait}",
});

type Role = Session["role"];
interface Entry {
	name: "map" | "alerts" | "sales" | "restock" | "members" | "support" |
		"health";
	roles: Role[];
	load: () => Promise<{ view: View }>;
}

const VIEWS: Entry[] = [
	{ name: "map", roles: ["admin", "depot", "vendor"],
		load: () => import("./views/map/view.js") },
	{ name: "alerts", roles: ["admin", "depot", "vendor"],
		load: () => import("./views/alerts/view.js") },
	{ name: "sales", roles: ["admin", "depot", "vendor"],
		load: () => import("./views/sales/view.js") },
	{ name: "restock", roles: ["admin", "depot", "vendor"],
		load: () => import("./views/restock/view.js") },
	{ name: "members", roles: ["admin"],
		load: () => import("./views/members/view.js") },
	{ name: "support", roles: ["admin", "depot", "vendor"],
		load: () => import("./views/support/view.js") },
	{ name: "health", roles: ["admin", "depot"],
		load: () => import("./views/health/view.js") },
];

interface Guild {
	site: Site;
	session: Session;
	live: Live;
}

export function languageSwitch(drawn: () => void): HTMLElement {
	const other = language() === "es" ? "en" : "es";
	return h("button", {
		type: "button", class: "quiet", lang: other,
		onclick: () => {
			setLanguage(other);
			drawn();
		},
	}, t("other"));
}

/** Everything around the views, until `signal` is aborted; `leave` when
 * somebody logs out. */
export function shell(
	app: HTMLElement, guild: Guild, leave: () => void, signal: AbortSignal,
): void {
	let drawing: AbortController | null = null;
	const draw = () => {
		drawing?.abort();
		drawing = new AbortController();
		const mine = AbortSignal.any([signal, drawing.signal]);
		const main = h("main", { id: "main", tabindex: "-1" });
		const links = navigation(guild, mine);
		fill(app,
			h("a", { class: "skip", href: "#main",
				onclick: (e: Event) => {
					e.preventDefault();
					main.focus();
				} }, t("skip")),
			h("div", { class: "shell" },
				head(guild, draw, leave, mine), links.element, main));
		route(main, guild, links.mark, mine);
	};
	draw();
}

function head(
	{ site, session, live }: Guild, draw: () => void, leave: () => void,
	signal: AbortSignal,
): HTMLElement {
	const themeButton = h("button", {
		type: "button", class: "icon-button",
		onclick: () => {
			setTheme(isDark() ? "light" : "dark");
			mark();
		},
	});
	const mark = () => {
		const text = t(isDark() ? "light" : "dark");
		themeButton.setAttribute("aria-label", text);
		themeButton.title = text;
		fill(themeButton, icon(isDark() ? "sun" : "moon"));
	};
	mark();
	return h("header", { class: "top" },
		h("a", { class: "brand", href: address("map") },
			h("img", { src: "/icon.svg", alt: "", width: 30, height: 30 }),
			h("span", null, site.name)),
		pulse(live, signal),
		h("div", { class: "top-right" },
			h("span", { class: "who soft" }, session.name),
			languageSwitch(draw), themeButton,
			h("button", {
				type: "button", class: "icon-button",
				"aria-label": t("out"), title: t("out"),
				onclick: async () => {
					await logOut().catch(() => undefined);
					leave();
				},
			}, icon("out"))));
}

/** How live the page is: it never looks better than it is. */
function pulse(live: Live, signal: AbortSignal): HTMLElement {
	const dot = h("span", { class: "dot", "aria-hidden": "true" });
	const text = h("span");
	const element = h("p", { class: "pulse", role: "status" }, dot, text);
	const say = () => {
		element.dataset.state = live.state;
		setText(text, live.state === "broken"
			? t("broken", { ago: ago(live.heardAt) }) : t(live.state));
	};
	live.onState(say, signal);
	const timer = setInterval(say, 10000);
	signal.addEventListener("abort", () => clearInterval(timer));
	say();
	return element;
}

function navigation(guild: Guild, signal: AbortSignal) {
	const { live, session } = guild;
	const links = new Map<string, HTMLAnchorElement>();
	const badges = new Map<string, HTMLElement>();
	for (const { name, roles } of VIEWS) {
		if (!roles.includes(session.role))
			continue;
		const badge = h("span", { class: "badge", hidden: true });
		badges.set(name, badge);
		links.set(name, h("a", { href: address(name) },
			icon(name), h("span", { class: "label" }, t(name)), badge));
	}
	const count = (
		name: string, n: number,
		words: "open_alerts" | "open_tickets" | "waiting",
	) => {
		const badge = badges.get(name);
		if (!badge)
			return;
		badge.hidden = n === 0;
		badge.title = t(words, { n });
		fill(badge, h("span", { "aria-hidden": "true" },
			n > 99 ? "99+" : String(n)),
		h("span", { class: "unseen" }, t(words, { n })));
	};
	live.on("alert", () =>
		count("alerts", live.alerts.size, "open_alerts"), signal);
	live.on("ticket", () =>
		count("support", live.tickets.size, "open_tickets"), signal);
	live.on("member", () => count("members", [...live.members.values()]
		.filter((m) => m.state === "waiting").length, "waiting"), signal);
	count("alerts", live.alerts.size, "open_alerts");
	count("support", live.tickets.size, "open_tickets");
	return {
		element: h("nav", { class: "views", "aria-label": t("views") },
			...links.values()),
		mark(current: string) {
			for (const [name, link] of links)
				if (name === current)
					link.setAttribute("aria-current", "page");
				else
					link.removeAttribute("aria-current");
		},
	};
}

function route(
	main: HTMLElement, guild: Guild, mark: (name: string) => void,
	signal: AbortSignal,
): void {
	let showing: AbortController | null = null;
	let first = true;
	const show = async () => {
		const [name = "map", ...rest] = location.hash.replace(/^#\/?/, "")
			.split("/").filter(Boolean).map(decodeURIComponent);
		showing?.abort();
		const mine = showing = new AbortController();
		const both = AbortSignal.any([signal, mine.signal]);
		const entry = VIEWS.find((v) =>
			v.name === name && v.roles.includes(guild.session.role));
		mark(name);
		main.className = `view view-${name}`;
		if (!entry) {
			fill(main, h("div", { class: "state empty" },
				h("p", { class: "state-title" }, t("nothing")),
				h("a", { href: address("map") }, t("home"))));
			return;
		}
		document.title = `${t(entry.name)} · ${guild.site.name}`;
		fill(main, loading());
		try {
			const { view } = await entry.load();
			if (both.aborted)
				return;
			// The view is the page: its own place, drawn from nothing.
			const root = h("div", { class: "view-root" });
			fill(main, root);
			await view(root, { ...guild, rest, signal: both });
			if (!first)
				main.focus({ preventScroll: true });
			first = false;
		} catch (e) {
			if (!both.aborted)
				fill(main, failed(e, () => void show()));
		}
	};
	addEventListener("hashchange", () => void show(), { signal });
	signal.addEventListener("abort", () => showing?.abort());
	void show();
}

