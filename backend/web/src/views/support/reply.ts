// The reply under a conversation, and its end with a note.

import { Problem, send } from "../../lib/api.js";
import { formDialog, toast } from "../../lib/dialog.js";
import { h, setText, uniqueId } from "../../lib/dom.js";
import { reason } from "../../lib/states.js";
import type { Ticket } from "../../lib/types.js";
import { byteLength, wish } from "../../lib/wish.js";
import { draft, keepDraft, wishOf, wordsBefore } from "./drafts.js";
import { t } from "./words.js";

export const TEXT_BYTES = 500;
const WARN_BYTES = 100;

export interface Replying {
	/** How many words the ticket has, as shown. */
	words(): number;
	/** The reply was taken; it comes after so many of them. */
	taken(text: string, after: number): void;
	/** The end was taken. */
	settled(): void;
}

export function replyForm(
	id: string, { words, taken, settled }: Replying, signal: AbortSignal,
) {
	const field = uniqueId("reply");
	const path = `tickets/${encodeURIComponent(id)}`;
	const text = h("textarea", {
		id: field, rows: 3, value: draft(id),
		"aria-describedby": `${field}-hint ${field}-left`,
	});
	const hint = h("p", { class: "hint", id: `${field}-hint` });
	const left = h("p", { class: "hint", id: `${field}-left` });
	const said = h("p", { class: "form-error", role: "alert" });
	const submit = h("button", { class: "primary" }, t("reply"));
	const settle = h("button", { type: "button" }, t("resolve"));
	const form = h("form", { class: "reply" },
		h("label", { for: field }, t("answer")), text, hint, left, said,
		h("div", { class: "reply-foot" }, settle, submit));
	let sending = false;

	const look = () => {
		const room = TEXT_BYTES - byteLength(text.value.trim());
		setText(left, room < 0 ? t("too_long", { n: -room })
			: room < WARN_BYTES ? t("left", { n: room }) : "");
		left.className = room < 0 ? "field-error" : "hint";
		submit.disabled = sending || room < 0 || !text.value.trim();
	};
	text.addEventListener("input", () => {
		keepDraft(id, text.value);
		look();
	});
	text.addEventListener("keydown", (e) => {
		if (e.key === "Enter" && (e.ctrlKey || e.metaKey)) {
			e.preventDefault();
			form.requestSubmit(submit);
		}
	});
	form.addEventListener("submit", async (e) => {
		e.preventDefault();
		const body = { text: text.value.trim() };
		if (sending || submit.disabled)
			return;
		const key = wishOf(id).key(body);
		const after = wordsBefore(id, key, words());
		sending = true;
		look();
		setText(submit, t("sending"));
		said.textContent = "";
		try {
			await send("POST", `${path}/reply`, body, { key });
			wishOf(id).done();
			// They may have gone on writing.
			if (text.value.trim() === body.text)
				text.value = "";
			keepDraft(id, text.value);
			setText(submit, t("reply"));
			if (!signal.aborted)
				taken(body.text, after);
		} catch (why) {
			if (why instanceof Problem && why.status >= 400 && why.status < 500)
				wishOf(id).done();
			said.textContent = t("not_sent", { why: reason(why) });
			setText(submit, t("send_again"));
		}
		sending = false;
		look();
	});
	settle.addEventListener("click", async () => {
		const asked = wish();
		await formDialog(t("resolve_title"), {
			text: t("resolve_text"),
			fields: [{ name: "note", label: t("note"), type: "textarea",
				required: true, value: text.value.trim() }],
			action: t("resolve_action"),
			act: async ({ note = "" }) => {
				const body = { note: note.trim() };
				if (byteLength(body.note) > TEXT_BYTES)
					throw new Problem(422, t("too_long_field"), "note");
				await send("POST", `${path}/resolve`, body,
					{ key: asked.key(body) });
				text.value = "";
				keepDraft(id, "");
				toast(t("resolve_done"));
				settled();
			},
		});
		look();
	});
	look();
	return {
		element: form,
		about(x: Ticket) {
			setText(hint, x.cart ? t("answer_hint", { cart: x.cart })
				: t("answer_hint_none"));
		},
	};
}
