// A new order by hand: which cart, how much of what, who is told.

import { Problem, send, type Session } from "../../lib/api.js";
import { dialog, field, showErrors, toast } from "../../lib/dialog.js";
import { h, uniqueId } from "../../lib/dom.js";
import type { Live } from "../../lib/live.js";
import { icon } from "../../lib/icons.js";
import { wish } from "../../lib/wish.js";
import { dictionary } from "../../lib/words.js";
import { productName, type Names } from "./words.js";

const t = dictionary({
	title: "Nueva orden de reposición",
	cart: "Patente del carrito",
	product: "Producto", units: "Unidades",
	add: "Otro producto", remove: "Quitar {name}",
	mail: "Avisar cada cambio a este correo (si quieres)",
	action: "Hacer la orden", sending: "Enviando…", cancel: "Volver",
	done: "Orden hecha para {cart}: llega al tablero en un momento.",
	lines: "Qué falta",
	cart_wrong: "Una patente tiene 4 a 8 letras y números.",
	mail_wrong: "Un correo, como nombre@ejemplo.cl",
	units_wrong: "Un número entero, 1 o más.",
	product_wrong: "Cada producto una vez.",
}, {
	title: "New restock order",
	cart: "The cart's plate",
	product: "Product", units: "Units",
	add: "Another product", remove: "Remove {name}",
	mail: "Tell each change to this mail (if you like)",
	action: "Make the order", sending: "Sending…", cancel: "Back",
	done: "Order made for {cart}: it comes to the board in a moment.",
	lines: "What is needed",
	cart_wrong: "A plate has 4 to 8 letters and digits.",
	mail_wrong: "One e-mail address, like name@example.cl",
	units_wrong: "A whole number, 1 or more.",
	product_wrong: "Each product once.",
});

const LINES_MAX = 64;

function productInput(names: Names, name: string, id: string, code: number) {
	return names.size > 0
		? h("select", { id, name }, ...[...names].map(([c, text]) =>
			h("option", { value: c, selected: c === code }, text)))
		: h("input", { id, name, type: "number", min: 0, max: 65535,
			required: true, value: String(code) });
}

/** The lines of the order: each product once. */
function linesPart(names: Names) {
	const rows = h("div", { class: "new-lines" });
	const add = h("button", { type: "button", class: "quiet", onclick: () =>
		more(true) }, icon("plus", 18), " ", t("add"));
	// Fields are named as the API names what is wrong: lines[2].units.
	const number = () => [...rows.children].forEach((row, i) => {
		for (const c of row.querySelectorAll<HTMLInputElement>("[data-of]"))
			c.name = `lines[${i}].${c.dataset.of}`;
	});
	const used = () => [...rows.querySelectorAll<HTMLInputElement>(
		"[data-of=product]")].map((e) => Number(e.value));
	const more = (focus: boolean) => {
		const taken = used();
		const free = names.size > 0
			? [...names.keys()].find((c) => !taken.includes(c))
			: taken.length === 0 ? 0 : Math.max(...taken) + 1;
		if (free === undefined || taken.length >= LINES_MAX)
			return;
		const p = uniqueId("product"), u = uniqueId("units");
		const product = productInput(names, "", p, free);
		product.dataset.of = "product";
		const units = h("input", { id: u, type: "number", min: 1,
			max: 1000000, step: 1, required: true, inputmode: "numeric",
			"data-of": "units", "aria-describedby": u + "-error" });
		const row = h("div", { class: "new-line" },
			h("div", null, h("label", { for: p }, t("product")), product),
			h("div", null, h("label", { for: u }, t("units")), units),
			h("button", { type: "button", class: "icon-button",
				"aria-label": t("remove", { name: productName(names, free) }),
				onclick: () => {
					row.remove();
					number();
					show();
				} }, icon("close", 18)),
			h("p", { class: "field-error", id: p + "-error", role: "alert" }),
			h("p", { class: "field-error", id: u + "-error", role: "alert" }));
		rows.append(row);
		number();
		show();
		if (focus)
			product.focus();
	};
	const show = () => {
		const n = rows.children.length;
		add.hidden = n >= LINES_MAX || (names.size > 0 && n >= names.size);
		for (const b of rows.querySelectorAll<HTMLElement>(".icon-button"))
			b.hidden = n === 1;
	};
	more(false);
	return {
		element: h("fieldset", null, h("legend", null, t("lines")), rows, add),
		lines: () => [...rows.children].map((row) => Object.fromEntries(
			[...row.querySelectorAll<HTMLInputElement>("[data-of]")].map(
				(e) => [e.dataset.of, Number(e.value)]))),
	};
}

/** The guild's words of fields are English: these are in the page's. */
function inWords(e: unknown): unknown {
	return e instanceof Problem && e.errors.length > 0
		? new Problem(e.status, e.detail, undefined, e.errors.map((x) => ({
			field: x.field,
			detail: x.field === "cart" ? t("cart_wrong")
				: x.field === "mail" ? t("mail_wrong")
					: x.field.endsWith(".units") ? t("units_wrong")
						: x.field.endsWith(".product") ? t("product_wrong")
							: x.detail,
		}))) : e;
}

export async function newOrder(
	session: Session, live: Live, names: Names, cart = session.cart ?? "",
): Promise<void> {
	const said = h("p", { class: "form-error", role: "alert" });
	const submit = h("button", { class: "primary" }, t("action"));
	const lines = linesPart(names);
	const carts = uniqueId("carts");
	const wanted = wish();
	const form = h("form", { method: "dialog" },
	h("datalist", { id: carts }, ...[...live.carts.keys()].sort()
		.map((c) => h("option", { value: c }))),
	field({
		name: "cart", label: t("cart"), required: true, value: cart,
		maxlength: 8,
		attributes: {
			list: carts, autocomplete: "off", autocapitalize: "characters",
			pattern: "[A-Za-z0-9]{4,8}", spellcheck: "false",
			...(session.role === "vendor" ? { readonly: "" } : {}),
		},
	}),
	lines.element,
	field({ name: "mail", label: t("mail"), type: "email", maxlength: 80,
		attributes: { autocomplete: "email" } }),
	said,
	h("footer", { class: "dialog-foot" },
		h("button", { type: "button", onclick: () => d.close() }, t("cancel")),
		submit));
	form.addEventListener("submit", async (e) => {
		e.preventDefault();
		const values = new FormData(form);
		const plate = String(values.get("cart")).trim().toUpperCase();
		const mail = String(values.get("mail")).trim();
		submit.disabled = true;
		submit.textContent = t("sending");
		said.textContent = "";
		try {
			const order = { cart: plate, lines: lines.lines(),
				...(mail ? { mail } : {}) };
			await send("POST", "restocks", order, { key: wanted.key(order) });
			toast(t("done", { cart: plate }));
			d.close();
		} catch (why) {
			said.textContent = showErrors(form, inWords(why));
		}
		submit.disabled = false;
		submit.textContent = t("action");
	});
	const d = dialog(t("title"), [form]);
	form.querySelector<HTMLElement>(cart
		? "[data-of=units]" : "[name=cart]")?.focus();
	await d.closed;
}
