// Dialogs, and words that pass: the browser's own <dialog>, and a live region.

import { reason } from "./states.js";
import { Problem } from "./api.js";
import { h, uniqueId, type Child } from "./dom.js";
import { dictionary } from "./words.js";

const t = dictionary(
	{ close: "Cerrar", cancel: "Cancelar", sending: "Enviando…" },
	{ close: "Close", cancel: "Cancel", sending: "Sending…" });

export interface Dialog {
	element: HTMLDialogElement;
	body: HTMLElement;
	/** Resolves when it is closed, however that came. */
	closed: Promise<void>;
	close(): void;
}

/** Opens at once; focus goes back to where it was when it is closed. */
export function dialog(
	title: string, content: Child[] = [], { wide = false } = {},
): Dialog {
	const id = uniqueId("dialog");
	const body = h("div", { class: "dialog-body" }, ...content);
	const element: HTMLDialogElement = h("dialog", {
		class: wide ? "wide" : "", "aria-labelledby": id,
	},
	h("header", { class: "dialog-head" },
		h("h2", { id }, title),
		h("button", {
			type: "button", class: "icon-button", "aria-label": t("close"),
			onclick: () => element.close(),
		}, "✕")),
	body);
	const before = document.activeElement as HTMLElement | null;
	const closed = new Promise<void>((resolve) =>
		element.addEventListener("close", () => {
			if (region && element.contains(region))
				inFront().append(region);
			element.remove();
			if (before?.isConnected)
				before.focus();
			resolve();
		}));
	document.body.append(element);
	element.showModal();
	return { element, body, closed, close: () => element.close() };
}

export interface FormField {
	name: string;
	label: string;
	hint?: string;
	/** An <input> type, "textarea", or "select" with `options`. */
	type?: string;
	options?: [value: string, text: string][];
	value?: string;
	required?: boolean;
	maxlength?: number;
	attributes?: Record<string, string>;
}

/** A label, its control, its hint and the place of its error. */
export function field(f: FormField): HTMLElement {
	const id = uniqueId("field");
	const common = {
		id, name: f.name, required: f.required ?? false,
		maxlength: f.maxlength, value: f.value,
		"aria-describedby": `${id}-hint ${id}-error`, ...f.attributes,
	};
	const control = f.type === "textarea"
		? h("textarea", { rows: 3, ...common })
		: f.type === "select"
			? h("select", common, ...(f.options ?? []).map(([value, text]) =>
				h("option", { value, selected: value === f.value }, text)))
			: h("input", { type: f.type ?? "text", ...common });
	return h("div", { class: f.type === "checkbox" ? "field check" : "field" },
		h("label", { for: id }, f.label), control,
		h("p", { class: "hint", id: `${id}-hint` }, f.hint ?? ""),
		h("p", { class: "field-error", id: `${id}-error`, role: "alert" }));
}

/** Each error of the problem beside its field; what has none: the text to be
 * said for all. */
export function showErrors(form: HTMLFormElement, e: unknown): string {
	clearErrors(form);
	const errors = e instanceof Problem
		? e.errors.length || !e.field ? e.errors
			: [{ field: e.field, detail: e.detail }]
		: [];
	let unplaced = errors.length ? "" : reason(e);
	for (const { field: name, detail } of errors) {
		const control = form.elements.namedItem(name);
		if (!(control instanceof HTMLElement)) {
			unplaced += `${unplaced && " "}${name}: ${detail}`;
			continue;
		}
		control.setAttribute("aria-invalid", "true");
		const place = document.getElementById(control.id + "-error");
		if (place)
			place.textContent = detail;
	}
	form.querySelector<HTMLElement>("[aria-invalid=true]")?.focus();
	return unplaced;
}

export function clearErrors(form: HTMLFormElement): void {
	for (const e of form.querySelectorAll("[aria-invalid]"))
		e.removeAttribute("aria-invalid");
	for (const e of form.querySelectorAll(".field-error"))
		e.textContent = "";
}

/**
 * Asks for some fields and acts: the dialog stays until `act` has worked, and
 * says why where it has not.  True: it was done.
 */
export async function formDialog(
	title: string, { text, fields = [], action, danger = false, act }: {
		text?: Child; fields?: FormField[]; action: string; danger?: boolean;
		act: (values: Record<string, string>) => Promise<unknown>;
	},
): Promise<boolean> {
	let done = false;
	const said = h("p", { class: "form-error", role: "alert" });
	const submit = h("button",
		{ class: danger ? "danger" : "primary" }, action);
	const form = h("form", { method: "dialog", novalidate: false },
		text && h("div", { class: "dialog-text" }, text),
		...fields.map(field), said,
		h("footer", { class: "dialog-foot" },
			h("button", { type: "button", onclick: () => d.close() },
				t("cancel")),
			submit));
	form.addEventListener("submit", async (e) => {
		e.preventDefault();
		if (submit.disabled)
			return;
		submit.disabled = true;
		submit.textContent = t("sending");
		said.textContent = "";
		try {
			await act(Object.fromEntries([...new FormData(form)]
				.map(([k, v]) => [k, String(v)])));
			done = true;
			d.close();
		} catch (why) {
			said.textContent = showErrors(form, why);
		}
		submit.disabled = false;
		submit.textContent = action;
	});
	const d = dialog(title, [form]);
	form.querySelector<HTMLElement>("input, textarea, select")?.focus();
	await d.closed;
	return done;
}

const TOAST_MS = 6000;
let region: HTMLElement | null = null;

/** What stands behind an open dialog is dimmed, and not read. */
function inFront(): HTMLElement {
	return [...document.querySelectorAll<HTMLElement>("dialog[open]")].at(-1) ??
		document.body;
}

/** Words that pass, said to screen readers too. */
export function toast(text: string, kind: "done" | "failed" = "done"): void {
	region ??= h("div",
		{ class: "toasts", role: "status", "aria-live": "polite" });
	const place = inFront();
	if (region.parentNode !== place)
		place.append(region);
	const line = h("p", { class: `toast ${kind}` }, text);
	region.append(line);
	setTimeout(() => line.remove(), TOAST_MS);
}

/** Does it and says what became of it; the button waits meanwhile.  True: it
 * worked. */
export async function doing(
	button: HTMLButtonElement, act: () => Promise<unknown>, done: string,
): Promise<boolean> {
	button.disabled = true;
	try {
		await act();
		toast(done);
		return true;
	} catch (e) {
		toast(reason(e), "failed");
		return false;
	} finally {
		button.disabled = false;
	}
}
