// A code that lets a cart in, seen by a phone that scanned it: what to do with
// it.  The code is the gateway's to take; this page takes nothing.

import { fill, h, type Child } from "../lib/dom.js";
import { empty } from "../lib/states.js";
import { dictionary } from "../lib/words.js";
import type { PublicPage } from "./main.js";

const t = dictionary({
	title: "Conectar tu carrito",
	lead: "Con este código tu carrito entra al gremio. Sirve una sola vez: no lo " +
		"compartas.",
	code: "Código", copy: "Copiar la dirección", copied: "Copiada",
	copy_by_hand: "Mantén apretada la dirección de abajo para copiarla",
	how: "Qué hacer",
	step_copy: "Copia la dirección de esta página: lleva el código.",
	step_page: "Con el carrito encendido, conecta el teléfono a su red Wi-Fi y " +
		"abre la página del carrito. Su dirección y su PIN están en la caja " +
		"del gateway.",
	step_code: "Elige «Conectar» y pega ahí lo que copiaste.",
	step_wait: "El gateway necesita internet una vez. La página del carrito y la " +
		"directiva ven cada paso, hasta que está en el mapa.",
	command: "¿El carrito no tiene página? Quien lo instala escribe en el " +
		"gateway:",
	trouble: "¿El código venció o ya se usó? Pide otro a la directiva.",
	none: "Falta el código",
	none_what: "Escanea el código QR que te muestra la directiva, o escríbelo:",
	go: "Seguir",
	wrong: "Un código tiene 16 letras y números, en grupos de cuatro.",
}, {
	title: "Connect your cart",
	lead: "With this code your cart comes into the guild. It works once: do not " +
		"share it.",
	code: "Code", copy: "Copy the address", copied: "Copied",
	copy_by_hand: "Hold the address below to copy it",
	how: "What to do",
	step_copy: "Copy the address of this page: the code is in it.",
	step_page: "With the cart switched on, connect the phone to its Wi-Fi and " +
		"open the cart's page. Its address and its PIN are on the gateway's box.",
	step_code: "Choose “Connect” and paste there what you copied.",
	step_wait: "The gateway needs internet once. The cart's page and the board " +
		"see each step, until it is on the map.",
	command: "The cart has no page? Who installs it types at the gateway:",
	trouble: "Did the code expire, or was it used? Ask the board for another.",
	none: "The code is missing",
	none_what: "Scan the QR code that the board shows you, or type it:",
	go: "Go on",
	wrong: "A code has 16 letters and digits, in groups of four.",
});

/** As it is written, whatever was typed (lib/enrol_code.h); "": it is none. */
function readCode(text: string): string {
	const plain = text.toUpperCase().replace(/[-.\s]/g, "")
		.replace(/[IL]/g, "1").replace(/O/g, "0");
	return /^[0-9A-HJKMNP-TV-Z]{16}$/.test(plain)
		? (plain.match(/.{4}/g) ?? []).join("-") : "";
}

export function enrolPage(main: HTMLElement, { rest }: PublicPage): void {
	const code = readCode(rest[0] ?? "");
	// The key of these pages, for a gateway that knows no other of the guild's.
	const pin = /^[\w-]{43}$/.test(rest[1] ?? "") ? `/${rest[1]}` : "";
	fill(main, h("h1", null, t("title")),
		...(code ? withCode(code, pin) : [withoutCode(rest[0] ?? "")]));
}

function withCode(code: string, pin: string): Child[] {
	const url = `${location.origin}${location.pathname}#/enrol/${code}${pin}`;
	const copy = h("button", { type: "button", class: "primary",
		onclick: async () => {
			// Only secure pages may write to the clipboard.
			const done = await navigator.clipboard?.writeText(url)
				.then(() => true, () => false);
			copy.textContent = t(done ? "copied" : "copy_by_hand");
		} }, t("copy"));
	return [
		h("p", { class: "lead" }, t("lead")),
		h("section", { class: "card the-code", "aria-label": t("code") },
			h("p", { class: "letters" }, code), copy,
			h("code", { class: "whole" }, url)),
		h("section", { class: "card" }, h("h2", null, t("how")),
			h("ol", null,
				...(["step_copy", "step_page", "step_code", "step_wait"] as const)
					.map((step) => h("li", null, t(step)))),
			h("p", { class: "soft" }, t("command")),
			h("p", null, h("code", null, `pregon-gateway --enrol ${url}`))),
		h("p", { class: "soft" }, t("trouble")),
	];
}

function withoutCode(given: string): HTMLElement {
	const error = h("p", { class: "field-error", id: "code-error", role: "alert" },
		given ? t("wrong") : "");
	const input = h("input", { "aria-label": t("code"), value: given,
		"aria-describedby": "code-error", maxlength: 40, autocomplete: "off",
		autocapitalize: "characters", spellcheck: "false" });
	const form = h("form", { class: "code-form" }, input,
		h("button", { class: "primary" }, t("go")), error);
	form.addEventListener("submit", (e) => {
		e.preventDefault();
		const code = readCode(input.value);
		error.textContent = code ? "" : t("wrong");
		if (code)
			location.hash = `#/enrol/${code}`;
		else
			input.focus();
	});
	return h("div", { class: "card" }, empty(t("none"), t("none_what"), form));
}
