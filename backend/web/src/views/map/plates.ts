// Some of the carts, by their plates: typed with what is known suggested.

import { fill, h, setText, uniqueId } from "../../lib/dom.js";
import { dictionary } from "../../lib/words.js";

const t = dictionary({
	add: "Agregar", remove: "Quitar {plate}",
	wrong: "Una patente tiene de 4 a 8 letras y números.",
}, {
	add: "Add", remove: "Remove {plate}",
	wrong: "A plate has 4 to 8 letters and digits.",
});

const PLATE = /^[A-Z0-9]{4,8}$/;

export function platePicker(
	label: string, hint: string, known: () => string[],
	first: readonly string[],
): { element: HTMLElement; value(): string[] } {
	const chosen = new Set(first);
	const id = uniqueId("plates");
	const chips = h("ul", { class: "zone-plates" });
	const said = h("p", { class: "field-error", role: "alert" });
	const list = h("datalist", { id: `${id}-list` });
	const input = h("input", {
		id, list: `${id}-list`, autocapitalize: "characters",
		autocomplete: "off", spellcheck: "false", maxlength: 8,
		"aria-describedby": `${id}-hint`,
		onfocus: () => fill(list, ...known().filter((p) => !chosen.has(p))
			.sort().map((p) => h("option", { value: p }))),
		onkeydown: (e: KeyboardEvent) => {
			if (e.key !== "Enter")
				return;
			e.preventDefault();
			add();
		},
	});

	function add(): void {
		const plate = input.value.trim().toUpperCase();
		if (!plate)
			return;
		setText(said, PLATE.test(plate) ? "" : t("wrong"));
		if (said.textContent)
			return;
		chosen.add(plate);
		input.value = "";
		show();
	}

	function show(): void {
		fill(chips, ...[...chosen].sort().map((plate) => h("li", null,
			h("button", {
				type: "button", class: "zone-plate",
				"aria-label": t("remove", { plate }), onclick: () => {
					chosen.delete(plate);
					show();
					input.focus();
				},
			}, plate, " ✕"))));
	}

	show();
	return {
		element: h("div", { class: "field" }, h("label", { for: id }, label),
			chips, h("div", { class: "zone-plate-add" }, input,
				h("button", { type: "button", onclick: add }, t("add"))), list,
			h("p", { class: "hint", id: `${id}-hint` }, hint), said),
		value() {
			add();
			return [...chosen].sort();
		},
	};
}
