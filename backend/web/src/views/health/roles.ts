// Each role: up to date, behind, or silent.

import { fill, h, setText } from "../../lib/dom.js";
import { ago, dayTime, lasting } from "../../lib/format.js";
import { fetched } from "../../lib/states.js";
import { coded } from "../../lib/words.js";
import { roles as ask, roleState, type Role, type RoleState } from "./data.js";
import { advice, section } from "./parts.js";
import type { Trouble, Troubles } from "./troubles.js";
import { t } from "./words.js";

const KNOWN = [
	"positions", "sales", "stock", "members", "notify", "support",
] as const;
const TONES: Record<RoleState, string> = {
	good: "good", behind: "info", late: "wait", gone: "bad", unknown: "quiet",
};

/** Less is not worth a word. */
const SAID_S = 2;

const nameOf = (role: string): string => coded(t, KNOWN, role);

function stateText(r: Role, state: RoleState): string {
	const n = r.lag_records ?? 0;
	switch (state) {
	case "good": return t("up_to_date");
	case "gone": return t("no_answer");
	case "unknown": return t("not_known");
	default: {
		const s = r.lag_s ?? 0;
		return s < SAID_S ? t("behind", { n })
			: t("behind_for", { n, for: lasting(s * 1000) });
	}
	}
}

function whatToDo(r: Role, state: RoleState): string | null {
	switch (state) {
	case "gone": return t("do_no_answer", { role: r.role });
	case "late": return t("do_behind", { role: r.role });
	case "unknown": return t("do_not_known");
	default: return null;
	}
}

function card(role: string) {
	const chip = h("span"), applied = h("p", { class: "soft applied" });
	const todo = h("div");
	const known = KNOWN.find((k) => k === role);
	const element = h("li", { class: "role" },
		h("div", { class: "role-head" }, h("h3", null, nameOf(role)), chip),
		known && h("p", { class: "soft" }, t(`${known}_what`)),
		applied, todo);
	let said: string | null = null;
	return {
		element,
		set(r: Role) {
			const state = roleState(r);
			element.dataset.state = state;
			chip.className = `chip ${TONES[state]}`;
			setText(chip, stateText(r, state));
			setText(applied, r.applied_at
				? t("applied", { at: ago(r.applied_at) }) : t("applied_never"));
			applied.title = r.applied_at ? dayTime(r.applied_at) : "";
			const text = whatToDo(r, state);
			if (text !== said)
				fill(todo, text ? advice(text) : null);
			said = text;
		},
	};
}

function troublesOf(
	all: readonly Role[] | null, where: HTMLElement,
): Trouble[] {
	// Nobody's lag is known: that is Kafka, and one trouble.
	if (!all || (all.length > 0 && all.every((r) => r.lag_records === null)))
		return [{ text: t("trouble_kafka"), section: where }];
	return all.map((r) => ({ r, state: roleState(r) }))
		.filter(({ state }) => state !== "good" && state !== "behind")
		.map(({ r, state }) => ({
			section: where,
			text: t("trouble_role",
				{ role: nameOf(r.role), state: stateText(r, state) }),
		}));
}

export function rolesPart(troubles: Troubles, signal: AbortSignal) {
	const { element, body } = section(t("roles"));
	const list = h("ul", { class: "roles", role: "list" });
	const away = h("div", { class: "kafka-away" },
		h("p", { class: "state-title" }, t("kafka_away")),
		h("p", null, t("kafka_away_what")), advice(t("kafka_away_do")));
	const page = h("div", null, away, list);
	const cards = new Map<string, ReturnType<typeof card>>();
	const again = fetched(body, troubles.asking("roles", element, ask), (all) => {
		troubles.set("roles", troublesOf(all, element));
		away.hidden = !(all === null || (all.length > 0 &&
			all.every((r) => r.lag_records === null)));
		for (const r of all ?? []) {
			let one = cards.get(r.role);
			if (!one) {
				cards.set(r.role, one = card(r.role));
				list.append(one.element);
			}
			one.set(r);
		}
		list.hidden = all === null;
		return page;
	}, signal);
	return { element, again };
}
