// A new ticket: a vendor's for their own cart, the staff's for any or none.

import { Problem, send } from "../../lib/api.js";
import { formDialog, toast, type FormField } from "../../lib/dialog.js";
import { byteLength, wish } from "../../lib/wish.js";
import { TEXT_BYTES } from "./reply.js";
import { t } from "./words.js";

const forStaff = (): FormField[] => [
	{ name: "cart", label: t("new_cart"), hint: t("new_cart_hint"),
		maxlength: 8, attributes: { pattern: "[A-Za-z0-9]{4,8}",
			autocapitalize: "characters", autocomplete: "off" } },
	{ name: "name", label: t("new_name"), maxlength: 80 },
	{ name: "mail", label: t("new_mail"), hint: t("new_mail_hint"),
		type: "email", maxlength: 115 },
];

/** The new ticket's id; null: they thought better of it. */
export async function createTicket(staff: boolean): Promise<string | null> {
	const asked = wish();
	let made: string | null = null;
	await formDialog(t("new_title"), {
		fields: [
			{ name: "text", label: t("new_text"), type: "textarea",
				required: true },
			...(staff ? forStaff() : []),
		],
		action: t("new_action"),
		act: async (values) => {
			const body = Object.fromEntries(Object.entries(values)
				.map(([k, v]) => [k, v.trim()] as const)
				.filter(([, v]) => v)
				.map(([k, v]) => [k, k === "cart" ? v.toUpperCase() : v]));
			if (byteLength(body.text ?? "") > TEXT_BYTES)
				throw new Problem(422, t("too_long_field"), "text");
			const done = await send<{ id: string }>("POST", "tickets", body,
				{ key: asked.key(body) });
			made = done.id;
			toast(t("new_done"));
		},
	});
	return made;
}
