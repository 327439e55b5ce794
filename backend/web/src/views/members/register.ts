// A member registered by hand: the guild judges it as any other registration.

import { dialog, toast } from "../../lib/dialog.js";
import { h } from "../../lib/dom.js";
import { registrationForm } from "../../lib/registration.js";
import { dictionary } from "../../lib/words.js";

const t = dictionary({
	title: "Registrar un miembro",
	text: "Como si se registrara en la página pública: se le avisa por correo. " +
		"Luego se aprueba aquí.",
	done: "{name} quedó registrado: aparece en un momento.",
}, {
	title: "Register a member",
	text: "As if they registered on the public page: they are told by mail. " +
		"Then they are approved here.",
	done: "{name} is registered: they appear in a moment.",
});

export async function registerMember(told: () => void): Promise<void> {
	const form = registrationForm({ self: false }, (r) => {
		toast(t("done", { name: `${r.first_name} ${r.last_name}` }));
		d.close();
		told();
	});
	const d = dialog(t("title"),
		[h("p", { class: "dialog-text" }, t("text")), form]);
	form.querySelector("input")?.focus();
	await d.closed;
}
