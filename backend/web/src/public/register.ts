import { fill, h } from "../lib/dom.js";
import { registrationForm, type Registration } from "../lib/registration.js";
import { dictionary } from "../lib/words.js";
import type { PublicPage } from "./main.js";

const t = dictionary({
	title: "Unirse al gremio",
	lead: "Con estos datos pides entrar. Nadie más que la directiva los ve, y se " +
		"borran si te vas.",
	done: "Recibimos tu registro, {name}",
	next: "Qué pasa ahora",
	next_basic: "La directiva revisa tus datos y decide. Suele tardar un día.",
	next_premium: "Revisamos tus datos de inmediato: si están bien, entras ahora.",
	next_mail: "Te escribimos a {email} con lo que se decida. Si no llega, mira " +
		"en los correos no deseados.",
	next_cart: "Cuando te aprueben, la directiva te da un código para conectar tu " +
		"carrito {plate}.",
	again: "Registrar a otra persona",
}, {
	title: "Join the guild",
	lead: "With these data you ask to join. Nobody but the board sees them, and " +
		"they are erased if you leave.",
	done: "We have your registration, {name}",
	next: "What happens now",
	next_basic: "The board looks at your data and decides. It usually takes a day.",
	next_premium: "We look at your data at once: if they are right, you are in now.",
	next_mail: "We write to {email} what was decided. If nothing comes, look among " +
		"the unwanted mail.",
	next_cart: "When you are approved, the board gives you a code to connect your " +
		"cart {plate}.",
	again: "Register another person",
});

export function registerPage(main: HTMLElement, page: PublicPage): void {
	const form = registrationForm({ self: true }, (r) => thanks(main, r, page));
	form.classList.add("card");
	fill(main, h("h1", null, t("title")), h("p", { class: "lead" }, t("lead")), form);
}

function thanks(main: HTMLElement, r: Registration, page: PublicPage): void {
	const heading = h("h1", { tabindex: "-1" }, t("done", { name: r.first_name }));
	fill(main, h("div", { class: "card thanks" },
		heading,
		h("h2", null, t("next")),
		h("ol", null,
			h("li", null, t(r.premium ? "next_premium" : "next_basic")),
			h("li", null, t("next_mail", { email: r.email })),
			h("li", null, t("next_cart", { plate: r.plate }))),
		h("button", { type: "button", onclick: () =>
			registerPage(main, page) }, t("again"))));
	heading.focus();
}
