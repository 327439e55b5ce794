// Logging in with a token: the session is a cookie that no script reads.

import { logIn, Problem, type Session, type Site } from "./lib/api.js";
import { field, showErrors } from "./lib/dialog.js";
import { fill, h } from "./lib/dom.js";
import { dictionary } from "./lib/words.js";
import { languageSwitch } from "./shell.js";

const t = dictionary({
	title: "Entrar al panel",
	token: "Clave de acceso",
	hint: "La que te dio quien administra el gremio (pregonctl token).",
	enter: "Entrar",
	entering: "Entrando…",
	unknown: "Esa clave no es de este gremio, o ya no vale.",
	join: "¿Quieres ser parte del gremio, o viste un carrito raro?",
	public: "Ir a la página pública",
}, {
	title: "Log in to the dashboard",
	token: "Access token",
	hint: "The one that the guild's admin gave you (pregonctl token).",
	enter: "Log in",
	entering: "Logging in…",
	unknown: "That token is not of this guild, or is not valid any more.",
	join: "Would you like to join the guild, or did you see a strange cart?",
	public: "Go to the public page",
});

/** A token handed over in the address (#token=…, which no server sees) fills
 * the field; the button is still to be pressed, so that no link logs anybody
 * in. */
function givenToken(): string {
	const given = /^#token=(.+)$/.exec(location.hash)?.[1] ?? "";
	if (given)
		history.replaceState(null, "", location.pathname);
	return decodeURIComponent(given);
}

/** Stays until somebody is logged in. */
export function logInPage(app: HTMLElement, guild: Site): Promise<Session> {
	const given = givenToken();
	return new Promise((resolve) => {
		const draw = () => {
			const said = h("p", { class: "form-error", role: "alert" });
			const enter = h("button", { class: "primary big" }, t("enter"));
			const form = h("form", { class: "card" },
				h("h2", null, t("title")),
				field({
					name: "token", label: t("token"), hint: t("hint"),
					type: "password", required: true, maxlength: 200,
					value: given,
					attributes: { autocomplete: "current-password",
						spellcheck: "false" },
				}), said, enter);
			form.addEventListener("submit", async (e) => {
				e.preventDefault();
				enter.disabled = true;
				enter.textContent = t("entering");
				said.textContent = "";
				try {
					const token = new FormData(form).get("token");
					resolve(await logIn(String(token).trim()));
				} catch (why) {
					said.textContent =
						why instanceof Problem && why.status === 401
							? t("unknown") : showErrors(form, why);
					enter.disabled = false;
					enter.textContent = t("enter");
				}
			});
			fill(app, h("main", { class: "alone" },
				h("header", { class: "alone-head" },
					h("img", { src: "/icon.svg", alt: "", width: 56, height: 56 }),
					h("h1", null, guild.name)),
				form,
				h("p", { class: "soft" }, t("join"), " ",
					h("a", { href: "/public/" }, t("public"))),
				languageSwitch(draw)));
			(given ? enter : form.querySelector("input"))?.focus();
		};
		draw();
	});
}
