// The form of one who would like to be of the guild: the same for a stranger
// on the public page and for an admin who fills it in for somebody.

import { Problem, send } from "./api.js";
import { field, showErrors } from "./dialog.js";
import { h, setText } from "./dom.js";
import { lasting, clockTime, rut as dotted } from "./format.js";
import { readRut } from "./rut.js";
import { wish } from "./wish.js";
import { dictionary, language } from "./words.js";

const t = dictionary({
	first_name: "Nombre", last_name: "Apellido", rut: "RUT",
	rut_hint: "Con o sin puntos: 12.345.678-5",
	rut_right: "RUT correcto: {rut}",
	rut_wrong: "El dígito final no corresponde: revisa los números.",
	rut_form: "Un RUT tiene hasta 8 números y un dígito o K al final.",
	email: "Correo", email_hint: "Ahí llega lo que se decida.",
	email_wrong: "Un correo como nombre@ejemplo.cl",
	plate: "Patente del carrito",
	plate_hint: "4 a 8 letras y números, sin espacios ni guion.",
	plate_wrong: "Así no es una patente: faltan o sobran letras o números.",
	name_wrong: "Escríbelo, en 80 letras o menos.",
	premium: "Membresía premium",
	premium_hint: "Se atiende primero y entra al momento si los datos están bien.",
	language: "Idioma de los correos", es: "Español", en: "English",
	send: "Registrarse", send_for: "Registrar", sending: "Enviando…",
	too_many: "Desde aquí se hicieron demasiados registros. Intenta de nuevo {when}.",
	soon: "en {wait}", later: "a las {time} (en {wait})",
}, {
	first_name: "First name", last_name: "Last name", rut: "RUT",
	rut_hint: "With or without dots: 12.345.678-5",
	rut_right: "The RUT is right: {rut}",
	rut_wrong: "The last digit does not match: check the numbers.",
	rut_form: "A RUT has up to 8 digits, and a digit or K at its end.",
	email: "E-mail", email_hint: "What is decided is sent there.",
	email_wrong: "An e-mail address like name@example.cl",
	plate: "The cart's plate",
	plate_hint: "4 to 8 letters and digits, no spaces or dash.",
	plate_wrong: "That is no plate: it has too few or too many characters.",
	name_wrong: "Write it, in 80 letters or fewer.",
	premium: "Premium membership",
	premium_hint: "Looked at first, and in at once if the data are in order.",
	language: "Language of the e-mails", es: "Español", en: "English",
	send: "Register", send_for: "Register", sending: "Sending…",
	too_many: "Too many registrations came from here. Try again {when}.",
	soon: "in {wait}", later: "at {time} (in {wait})",
});

export interface Registration {
	first_name: string;
	last_name: string;
	rut: string;
	email: string;
	plate: string;
	premium: boolean;
	language: string;
}

/** A plate as people write it: abcd-12 is ABCD12. */
export const plateOf = (text: string): string =>
	text.replace(/[\s.·-]/g, "").toUpperCase();

/** "Too many", with when there may be more. */
export function tooMany(
	e: Problem, words: (values: { when: string }) => string,
): Error {
	const ms = (e.retryAfter ?? 60) * 1000, wait = lasting(ms);
	return new Error(words({ when: ms < 60000 ? t("soon", { wait })
		: t("later", { wait, time: clockTime(Date.now() + ms) }) }));
}

/** `self`: of whoever fills it in.  `done`: the guild has it. */
export function registrationForm(
	{ self }: { self: boolean }, done: (r: Registration) => void,
): HTMLFormElement {
	const said = h("p", { class: "form-error", role: "alert" });
	const submit = h("button", { class: "primary big" },
		t(self ? "send" : "send_for"));
	const wanted = wish();
	const fill = (token: string) => (self ? token : "off");
	const form = h("form", { class: "registration", novalidate: true },
	h("div", { class: "two" },
		field({ name: "first_name", label: t("first_name"), required: true,
			maxlength: 80,
			attributes: { autocomplete: fill("given-name") } }),
		field({ name: "last_name", label: t("last_name"), required: true,
			maxlength: 80,
			attributes: { autocomplete: fill("family-name") } })),
	rutField(),
	field({ name: "email", label: t("email"), type: "email", required: true,
		hint: t("email_hint"), maxlength: 115,
		attributes: { autocomplete: fill("email"), inputmode: "email" } }),
	plateField(),
	field({ name: "premium", label: t("premium"), type: "checkbox",
		hint: t("premium_hint") }),
	field({ name: "language", label: t("language"), type: "select",
		value: language(), options: [["es", t("es")], ["en", t("en")]] }),
	said, submit);
	form.addEventListener("submit", async (e) => {
		e.preventDefault();
		if (submit.disabled)
			return;
		submit.disabled = true;
		submit.textContent = t("sending");
		setText(said, "");
		try {
			const r = read(form);
			await send("POST", "members", r, { key: wanted.key(r) });
			done(r);
		} catch (why) {
			said.textContent = showErrors(form, inWords(why));
		}
		submit.disabled = false;
		submit.textContent = t(self ? "send" : "send_for");
	});
	return form;
}

function rutField(): HTMLElement {
	const place = field({ name: "rut", label: t("rut"), required: true,
		hint: t("rut_hint"), maxlength: 14, attributes: {
			autocomplete: "off", autocapitalize: "characters",
			spellcheck: "false" } });
	const input = place.querySelector("input") as HTMLInputElement;
	const hint = place.querySelector(".hint") as HTMLElement;
	const error = place.querySelector(".field-error") as HTMLElement;
	const judge = (left: boolean) => {
		const r = readRut(input.value);
		const wrong = r.is === "form" || r.is === "wrong" ||
			(left && r.is === "short" && input.value !== "");
		input.toggleAttribute("aria-invalid", false);
		if (wrong)
			input.setAttribute("aria-invalid", "true");
		setText(error, wrong ? t(r.is === "form" ? "rut_form" : "rut_wrong") : "");
		setText(hint, r.is === "right"
			? "✓ " + t("rut_right", { rut: dotted(r.rut) }) : t("rut_hint"));
		hint.classList.toggle("right", r.is === "right");
		if (left && r.is === "right")
			input.value = dotted(r.rut);
	};
	input.addEventListener("input", () => judge(false));
	input.addEventListener("blur", () => judge(true));
	return place;
}

function plateField(): HTMLElement {
	const place = field({ name: "plate", label: t("plate"), required: true,
		hint: t("plate_hint"), maxlength: 12, attributes: {
			autocomplete: "off", autocapitalize: "characters",
			spellcheck: "false" } });
	const input = place.querySelector("input") as HTMLInputElement;
	input.addEventListener("blur", () => {
		input.value = plateOf(input.value);
	});
	return place;
}

function read(form: HTMLFormElement): Registration {
	const given = new FormData(form);
	const text = (name: string) => String(given.get(name) ?? "").trim();
	const r = readRut(text("rut"));
	const it: Registration = {
		first_name: text("first_name"), last_name: text("last_name"),
		rut: r.is === "right" ? r.rut : text("rut"),
		email: text("email"), plate: plateOf(text("plate")),
		premium: given.has("premium"), language: text("language"),
	};
	// What is plainly wrong need not be asked; the guild judges all else.
	const wrong = [
		...(["first_name", "last_name"] as const).filter((f) => !it[f]),
		...(r.is === "right" ? [] : ["rut"]),
		...(/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(it.email) ? [] : ["email"]),
		...(/^[A-Z0-9]{4,8}$/.test(it.plate) ? [] : ["plate"]),
	];
	if (wrong.length > 0)
		throw new Problem(422, "", undefined,
			wrong.map((name) => ({ field: name, detail: "" })));
	return it;
}

/** The guild's words of fields are English: these are in the page's. */
function inWords(e: unknown): unknown {
	if (!(e instanceof Problem))
		return e;
	if (e.status === 429)
		return tooMany(e, (values) => t("too_many", values));
	const errors = e.errors.length > 0 || !e.field ? e.errors
		: [{ field: e.field, detail: e.detail }];
	return new Problem(e.status, e.detail, undefined, errors.map((x) => ({
		field: x.field,
		detail: x.field === "rut" ? t("rut_wrong")
			: x.field === "email" ? t("email_wrong")
				: x.field === "plate" ? t("plate_wrong")
					: x.field.endsWith("_name") ? t("name_wrong") : x.detail,
	})));
}
