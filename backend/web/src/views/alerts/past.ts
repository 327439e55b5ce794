// What was wrong: a page at a time, the newest first.

import { get } from "../../lib/api.js";
import { toast } from "../../lib/dialog.js";
import { h, setText } from "../../lib/dom.js";
import { aborted, fetched, reason } from "../../lib/states.js";
import type { Alert } from "../../lib/types.js";
import { AlertList } from "./list.js";
import { nothing, type Tab } from "./open.js";
import { t } from "./words.js";

const PAGE = 40;

interface Page {
	alerts: Alert[];
	next_before: string | null;
}

export const pastTab: Tab = (root, filter, clear, context, signal) => {
	const list = new AlertList(t("list_past"), { past: true });
	const more = h("button", { type: "button" }, t("more"));
	const last = h("p", { class: "soft", role: "status" });
	let before: string | null = null;

	const ask = (stop: AbortSignal) => get<Page>("alerts", {
		state: "resolved", limit: PAGE, before: before ?? undefined,
		cart: filter.cart || undefined, cause: filter.cause || undefined,
	}, stop);
	const take = (page: Page) => {
		list.append(page.alerts);
		before = page.next_before;
		more.hidden = before === null;
		setText(last, before === null ? t("last") : "");
	};
	more.addEventListener("click", async () => {
		const had = list.size;
		more.disabled = true;
		try {
			take(await ask(signal));
		} catch (e) {
			if (!aborted(e))
				toast(reason(e), "failed");
		}
		more.disabled = false;
		(list.element.children[had] as HTMLElement | undefined)
			?.querySelector("a")?.focus();
	});

	fetched(root, ask, (page) => {
		take(page);
		if (list.size === 0)
			return nothing(filter, clear, t("none_past"),
				t("none_past_what"));
		return h("div", null, list.element,
			h("div", { class: "alert-more" }, more, last));
	}, signal);
	// A verdict may still be mended: "moved 350 m".
	context.live.on("alert", ({ changed }) => {
		for (const a of changed.values())
			if (!a.open)
				list.change(a);
	}, signal);
};
