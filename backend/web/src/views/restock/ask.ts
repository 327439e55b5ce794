// What is asked before an order moves: the units that can be prepared or were
// delivered; why it is cancelled.

import { dialog, formDialog } from "../../lib/dialog.js";
import { h, uniqueId } from "../../lib/dom.js";
import type { OrderLine, Restock } from "../../lib/types.js";
import { dictionary } from "../../lib/words.js";
import type { Units } from "./orders.js";
import { lineText, productName, type Names } from "./words.js";

const t = dictionary({
	prepare: "Preparar la orden de {cart}",
	prepare_all: "Todo lo pedido",
	prepare_some: "Lo que se puede preparar:",
	prepare_do: "Pasar a preparando",
	finish: "Entregado a {cart}",
	finish_all: "Todo lo preparado",
	finish_some: "Se entregó menos:",
	finish_do: "Finalizar",
	restate: "Lo que se entregó a {cart}",
	restate_do: "Decir lo entregado",
	of: "de {n}",
	none: "Si no queda nada que llevar, cancela la orden con su motivo.",
	range: "Un número entero, de 0 a {max}.",
	cancel: "Cancelar la orden de {cart}",
	cancel_text: "Se avisa a quien la pidió y al carrito. No se puede deshacer.",
	reason: "Motivo",
	cancel_do: "Cancelar la orden",
	back: "Volver",
}, {
	prepare: "Prepare the order of {cart}",
	prepare_all: "All that was asked for",
	prepare_some: "What can be prepared:",
	prepare_do: "Move to preparing",
	finish: "Delivered to {cart}",
	finish_all: "All that was prepared",
	finish_some: "Less was delivered:",
	finish_do: "Finish",
	restate: "What was delivered to {cart}",
	restate_do: "Say what was delivered",
	of: "of {n}",
	none: "If there is nothing to take, cancel the order, with the reason.",
	range: "A whole number, 0 to {max}.",
	cancel: "Cancel the order of {cart}",
	cancel_text: "Who asked for it and the cart are told. There is no way back.",
	reason: "Reason",
	cancel_do: "Cancel the order",
	back: "Back",
});

const UNITS_MAX = 1000000;
type Asked = "prepare" | "finish" | "restate";

/** What a line can come to, and what it says before anybody chose. */
function bounds(asked: Asked, line: OrderLine): [start: number | null, max: number] {
	if (asked === "prepare")
		return [line.asked, UNITS_MAX];
	return [line.delivered ?? line.prepared ?? 0, line.prepared ?? 0];
}

/** Null: it was thought over.  No lines: all of it, as the guild knows it. */
export async function askUnits(
	asked: Asked, order: Restock, names: Names,
): Promise<Units | null> {
	let answer: Units | null = null;
	const group = uniqueId("units");
	const said = h("p", { class: "form-error", role: "alert" });
	const inputs = order.lines.map((line) => unitsInput(asked, line, names));
	const some = h("input", { type: "radio", name: group, id: group + "-some" });
	const all = h("input", { type: "radio", name: group, id: group + "-all",
		checked: true });
	const allowed = () => {
		for (const { input } of inputs)
			input.disabled = asked !== "restate" && !some.checked;
		if (some.checked)
			inputs[0]?.input.focus();
	};
	const form = h("form", { method: "dialog", novalidate: true,
		onchange: allowed },
	asked !== "restate" && h("div", { class: "units-choice" }, all,
		h("label", { for: all.id }, t(`${asked}_all`),
			h("span", { class: "soft" }, order.lines
				.map((l) => lineText(names, l)).join(", ")))),
	asked !== "restate" && h("div", { class: "units-choice" }, some,
		h("label", { for: some.id }, t(`${asked}_some`))),
	h("div", { class: "units" }, ...inputs.map((i) => i.element)), said,
	h("footer", { class: "dialog-foot" },
		h("button", { type: "button", onclick: () => d.close() }, t("back")),
		h("button", { class: "primary" }, t(`${asked}_do`))));
	allowed();
	form.addEventListener("submit", (e) => {
		e.preventDefault();
		if (asked !== "restate" && !some.checked) {
			answer = {};
			d.close();
			return;
		}
		const wrong = inputs.find((i) => !i.good());
		const lines = inputs.map((i) => i.line());
		if (wrong) {
			said.textContent = t("range", { max: wrong.max });
			wrong.input.focus();
		} else if (lines.every((l) => l.units === 0)) {
			said.textContent = t("none");
		} else {
			answer = { lines };
			d.close();
		}
	});
	const d = dialog(t(asked, { cart: order.cart }), [form]);
	(asked === "restate" ? inputs[0]?.input
		: form.querySelector<HTMLElement>("button.primary"))?.focus();
	await d.closed;
	return answer;
}

function unitsInput(asked: Asked, line: OrderLine, names: Names) {
	const [start, max] = bounds(asked, line);
	const id = uniqueId("line");
	const input = h("input", {
		id, type: "number", inputmode: "numeric", min: 0, max, step: 1,
		value: start === null ? "" : String(start),
	});
	return {
		input, max,
		element: h("div", { class: "units-line" },
			h("label", { for: id }, productName(names, line.product)), input,
			h("span", { class: "soft" },
				asked !== "prepare" && t("of", { n: max }))),
		good: () => input.value !== "" && Number.isInteger(input.valueAsNumber) &&
			input.valueAsNumber >= 0 && input.valueAsNumber <= max,
		line: () => ({ product: line.product, units: input.valueAsNumber }),
	};
}

/** The reason, or null: it was thought over. */
export async function askReason(order: Restock): Promise<string | null> {
	let why: string | null = null;
	await formDialog(t("cancel", { cart: order.cart }), {
		text: t("cancel_text"), action: t("cancel_do"), danger: true,
		fields: [{ name: "reason", label: t("reason"), type: "textarea",
			required: true, maxlength: 240 }],
		act: async (values) => {
			why = (values.reason ?? "").trim() || null;
		},
	});
	return why;
}
