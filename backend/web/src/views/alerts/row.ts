// One alert in a list, changed in place as it changes.

import { Problem, send } from "../../lib/api.js";
import {
	alertEnd, alertText, alertTitle, alertTone,
} from "../../lib/alert_words.js";
import { formDialog, toast } from "../../lib/dialog.js";
import { fill, h, setText } from "../../lib/dom.js";
import { ago, dayTime } from "../../lib/format.js";
import { icon } from "../../lib/icons.js";
import type { Alert } from "../../lib/types.js";
import { address } from "../../lib/view.js";
import { byteLength, wish } from "../../lib/wish.js";
import { t } from "./words.js";

export const NOTE_BYTES = 500;

export interface Row {
	element: HTMLElement;
	alert: Alert;
	set(alert: Alert): void;
	/** The ages, as they are now. */
	tick(): void;
}

/** `past`: in a list of what is over, so that it needs no saying. */
export function alertRow(
	first: Alert, { mayResolve = false, past = false } = {},
): Row {
	const title = h("h2", { class: "chip" });
	const place = h("span", { class: "alert-cart" });
	const age = h("time", { class: "alert-age soft" });
	const text = h("p", { class: "alert-text" });
	const end = h("p", { class: "alert-end soft" });
	const actions = h("div", { class: "alert-actions" });
	const element = h("li", { class: "alert card" },
		h("div", { class: "alert-head" }, title, place, age),
		text, end, actions);
	const row: Row = { element, alert: first, set, tick };
	let resolving = false;

	function tick(): void {
		const at = row.alert.until ?? row.alert.since;
		setText(age, ago(at));
		age.dateTime = at;
		age.title = dayTime(at);
		setText(text, alertText(row.alert));
	}

	function act(): void {
		const a = row.alert;
		const name = a.cart ?? t("no_cart");
		// Which one it is about: for who hears the buttons alone.
		const about = h("span", { class: "unseen" }, `: ${alertTitle(a)}, ${name}`);
		const button = h("button", {
			type: "button", disabled: resolving,
			onclick: async () => {
				if (!await resolveDialog(row.alert))
					return;
				resolving = row.alert.open;
				act();
				actions.querySelector("a")?.focus();
			},
		}, t(resolving ? "sent" : "resolve"), about);
		fill(actions,
			h("a", {
				class: "alert-link", href: a.cart ? address("map", a.cart)
					: address("map"),
			}, icon("pin", 18), t("on_map"),
			a.cart && h("span", { class: "unseen" }, `: ${a.cart}`)),
			mayResolve && a.open && button);
	}

	function set(a: Alert): void {
		const was = row.alert;
		row.alert = a;
		element.dataset.tone = title.dataset.tone = alertTone(a);
		element.dataset.cause = a.cause;
		title.className = `chip ${alertTone(a)}`;
		setText(title, alertTitle(a));
		setText(place, a.cart ?? "");
		setText(end, alertEnd(a) ?? "");
		end.hidden = a.open || (past && !a.settled);
		tick();
		if (!actions.firstChild || was.open !== a.open)
			act();
	}
	set(first);
	return row;
}

async function resolveDialog(a: Alert): Promise<boolean> {
	const asked = wish();
	return formDialog(t("resolve_title"), {
		text: h("div", null,
			h("p", null, h("strong", null, a.cart ?? t("no_cart")),
				" · ", alertTitle(a)),
			h("p", null, alertText(a))),
		fields: [{
			name: "note", label: t("note"), hint: t("note_hint"),
			type: "textarea", required: true, maxlength: NOTE_BYTES,
		}],
		action: t("resolve_action"),
		act: async ({ note = "" }) => {
			const body = { note: note.trim() };
			if (byteLength(body.note) > NOTE_BYTES)
				throw new Problem(422, t("too_long"), "note");
			await send("POST",
				`alerts/${encodeURIComponent(a.id)}/resolve`, body,
				{ key: asked.key(body) });
			toast(t("resolved"));
		},
	});
}
