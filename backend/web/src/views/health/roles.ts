// Each role: up to date, behind, or silent.

import { fill, h, setText } from "../../lib/dom.js";
import { ago, dayTime, lasting } from "../../lib/format.js";
import { fetched } from "../../lib/states.js";
import { coded } from "../../lib/words.js";
import {
	progress, roles as ask, roleState, type Role, type Roles, type RoleState,
} from "./data.js";
import { advice, section } from "./parts.js";
import type { Trouble, Troubles } from "./troubles.js";
import { t } from "./words.js";

const KNOWN = [
	"positions", "sales", "stock", "members", "notify", "support",
] as const;
const TONES: Record<RoleState, string> = {
	good: "good", behind: "info", late: "wait", stuck: "bad", never: "bad",
	unknown: "quiet",
};
/** Less is not worth a word. */
const SAID_S = 2;

const nameOf = (role: string): string => coded(t, KNOWN, role);

function stateText(r: Role, state: RoleState): string {
	const n = r.lag_records ?? 0, s = r.lag_s ?? 0;
	switch (state) {
	case "good": return t("up_to_date");
	case "never": return t("never_began");
	case "unknown": return t("not_known");
	case "stuck": return t("no_answer", { n });
	default: return s < SAID_S ? t("behind", { n })
		: t("behind_for", { n, for: lasting(s * 1000) });
	}
}

function whatToDo(
	r: Role, state: RoleState, reached: boolean,
): string | null {
	switch (state) {
	case "stuck":
	case "never": return t("do_no_answer", { role: r.role });
	case "late": return t("do_behind", { role: r.role });
	case "unknown": return reached ? t("do_not_known") : null;
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
		set(r: Role, state: RoleState, reached: boolean) {
			element.dataset.state = state;
			chip.className = `chip ${TONES[state]}`;
			setText(chip, stateText(r, state));
			setText(applied, r.applied_at
				? t("applied", { at: ago(r.applied_at) }) : t("applied_never"));
			applied.title = r.applied_at ? dayTime(r.applied_at) : "";
			const text = whatToDo(r, state, reached);
			if (text !== said)
				fill(todo, text ? advice(text) : null);
			said = text;
		},
	};
}

/** Nobody's lag is known: that is Kafka, and one trouble. */
function away() {
	const why = h("p", { class: "soft", lang: "en" });
	const element = h("div", { class: "kafka-away" },
		h("p", { class: "state-title" }, t("kafka_away")),
		h("p", null, t("kafka_away_what")), advice(t("kafka_away_do")), why);
	return {
		element,
		set(all: Roles | null) {
			element.hidden = all?.kafka.reached ?? false;
			setText(why, all?.kafka.why ?? "");
		},
	};
}

export function rolesPart(troubles: Troubles, signal: AbortSignal) {
	const { element, body } = section(t("roles"));
	const list = h("ul", { class: "roles", role: "list" });
	const kafka = away();
	const page = h("div", null, kafka.element, list);
	const cards = new Map<string, ReturnType<typeof card>>();
	const stillFor = progress();

	const cardOf = (role: string) => {
		let one = cards.get(role);
		if (!one) {
			cards.set(role, one = card(role));
			list.append(one.element);
		}
		return one;
	};
	const draw = (all: Roles | null) => {
		const wrong: Trouble[] = [];
		const reached = all?.kafka.reached ?? false;
		kafka.set(all);
		if (!reached)
			wrong.push({ text: t("trouble_kafka"), section: element });
		for (const r of all?.roles ?? []) {
			const state = roleState(r, stillFor(r));
			cardOf(r.role).set(r, state, reached);
			// Without Kafka, that nothing is known is no news.
			if (state !== "good" && state !== "behind" &&
				(state !== "unknown" || reached))
				wrong.push({ section: element, text: t("trouble_role",
					{ role: nameOf(r.role), state: stateText(r, state) }) });
		}
		list.hidden = all === null;
		troubles.set("roles", wrong);
		return page;
	};
	return {
		element,
		again: fetched(body, troubles.asking("roles", element, ask), draw,
			signal),
	};
}
