// A strange cart: where it is, and what was seen.

import { Problem, send } from "../lib/api.js";
import { field, showErrors } from "../lib/dialog.js";
import { fill, h } from "../lib/dom.js";
import { tooMany } from "../lib/registration.js";
import { byteLength, wish } from "../lib/wish.js";
import { dictionary } from "../lib/words.js";
import type { PublicPage } from "./main.js";
import { placePart } from "./place.js";

const t = dictionary({
	title: "Avisar de un carrito raro",
	lead: "Un carrito abandonado, que se mueve a deshora o está donde no debe. " +
		"No pedimos quién eres.",
	note: "¿Qué viste?",
	note_hint: "Patente, color, qué pasaba. Si quieres.",
	note_long: "Es demasiado largo: acórtalo un poco.",
	send: "Enviar el aviso", sending: "Enviando…",
	no_place: "Falta el lugar: da tu ubicación o márcalo en el mapa.",
	too_many: "Desde aquí ya llegaron varios avisos. Intenta de nuevo {when}.",
	done: "Gracias: el aviso llegó",
	done_what: "Si coincide con un carrito del gremio cerca de ese lugar, su " +
		"alerta se abre ahora y alguien irá a ver.",
	danger: "Si hay peligro, llama a Carabineros: 133.",
	again: "Enviar otro aviso",
}, {
	title: "Report a strange cart",
	lead: "A cart that was left alone, moves at odd hours, or is where it should " +
		"not be. We do not ask who you are.",
	note: "What did you see?",
	note_hint: "Plate, colour, what happened. If you like.",
	note_long: "It is too long: make it a little shorter.",
	send: "Send the report", sending: "Sending…",
	no_place: "The place is missing: give yours, or mark it on the map.",
	too_many: "Several reports came from here already. Try again {when}.",
	done: "Thank you: the report arrived",
	done_what: "If it matches a cart of the guild near that place, its alert opens " +
		"now and somebody will go and see.",
	danger: "If there is danger, call the police: 133.",
	again: "Send another report",
});

/** In bytes, as the guild counts. */
const NOTE_MAX = 500;

export function reportPage(main: HTMLElement, page: PublicPage): void {
	const said = h("p", { class: "form-error", role: "alert" });
	const submit = h("button", { class: "primary big" }, t("send"));
	const place = placePart(page);
	const wanted = wish();
	const form = h("form", { class: "card report", novalidate: true },
		place.element,
		field({ name: "note", label: t("note"), hint: t("note_hint"),
			type: "textarea", maxlength: NOTE_MAX }),
		said, submit);
	form.addEventListener("submit", async (e) => {
		e.preventDefault();
		if (submit.disabled)
			return;
		const note = String(new FormData(form).get("note")).trim();
		const at = place.at();
		said.textContent = "";
		if (!at) {
			said.textContent = t("no_place");
			place.focus();
			return;
		}
		const body = { ...at, ...(note ? { note } : {}) };
		submit.disabled = true;
		submit.textContent = t("sending");
		try {
			if (byteLength(note) > NOTE_MAX)
				throw new Problem(422, "", undefined,
					[{ field: "note", detail: t("note_long") }]);
			await send("POST", "strange-carts", body,
				{ key: wanted.key(body) });
			thanks(main, page);
		} catch (why) {
			said.textContent = showErrors(form,
				why instanceof Problem && why.status === 429
					? tooMany(why, (values) => t("too_many", values)) : why);
		}
		submit.disabled = false;
		submit.textContent = t("send");
	});
	fill(main, h("h1", null, t("title")), h("p", { class: "lead" }, t("lead")), form);
}

function thanks(main: HTMLElement, page: PublicPage): void {
	const heading = h("h1", { tabindex: "-1" }, t("done"));
	fill(main, h("div", { class: "card thanks" }, heading,
		h("p", null, t("done_what")), h("p", null, t("danger")),
		h("button", { type: "button", onclick: () => reportPage(main, page) },
			t("again"))));
	heading.focus();
}
