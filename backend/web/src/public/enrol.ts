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
	code: "Código", copy: "Copiar el código", copied: "Copiado",
	copy_by_hand: "Mantén apretado el código para copiarlo",
	how: "Qué hacer",
	step_network: "Enciende el carrito y conecta el teléfono a la red Wi-Fi de " +
		"su gateway.",
	step_page: "Abre la página del carrito: su dirección está en la caja del " +
		"gateway, por ejemplo http://10.42.0.1:8090. Si pide un PIN, está " +
		"junto a ella.",
	step_code: "Elige «Conectar al gremio» y pega este código.",
	step_wait: "El gateway necesita internet una vez. La directiva ve cada paso, " +
		"hasta que tu carrito aparece en el mapa.",
	command: "¿No hay página en el carrito? Quien lo instala escribe en el " +
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
	code: "Code", copy: "Copy the code", copied: "Copied",
	copy_by_hand: "Hold the code to copy it",
	how: "What to do",
	step_network: "Switch the cart on and connect the phone to its gateway's " +
		"Wi-Fi.",
	step_page: "Open the cart's page: its address is on the gateway's box, for " +
		"example http://10.42.0.1:8090. If it asks for a PIN, that is beside it.",
	step_code: "Choose “Connect to the guild” and paste this code.",
	step_wait: "The gateway needs internet once. The board sees each step, until " +
		"your cart is on the map.",
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
	fill(main, h("h1", null, t("title")),
		...(code ? withCode(code) : [withoutCode(rest[0] ?? "")]));
}

function withCode(code: string): Child[] {
	const copy = h("button", { type: "button", onclick: async () => {
		// Only secure pages may write to the clipboard.
		const done = await navigator.clipboard?.writeText(code)
			.then(() => true, () => false);
		copy.textContent = t(done ? "copied" : "copy_by_hand");
	} }, t("copy"));
	return [
		h("p", { class: "lead" }, t("lead")),
		h("section", { class: "card the-code", "aria-label": t("code") },
			h("p", { class: "letters" }, code), copy),
		h("section", { class: "card" }, h("h2", null, t("how")),
			h("ol", null,
				...(["step_network", "step_page", "step_code", "step_wait"] as const)
					.map((step) => h("li", null, t(step)))),
			h("p", { class: "soft" }, t("command")),
			h("p", null, h("code", null, `pregon-gateway --enrol ${location.href}`))),
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
