// Health: is what the guild sees true and of this moment, and if not, what is
// to be done?

import "./health.css";

import { h, fill } from "../../lib/dom.js";
import { every, type View } from "../../lib/view.js";
import { cartsPart } from "./carts.js";
import { flowPart } from "./flow.js";
import { gapsPart } from "./gaps.js";
import { rejectedPart } from "./rejected.js";
import { rolesPart } from "./roles.js";
import { troubles } from "./troubles.js";
import { t } from "./words.js";

const AGAIN_MS = 5000;

export const view: View = (root, context) => {
	const { session, signal } = context;
	const admin = session.role === "admin";
	const sum = troubles(["roles", "flow", "carts", "gaps",
		...(admin ? ["rejected"] as const : [])]);
	const roles = rolesPart(sum, signal), carts = cartsPart(context, sum);
	const gaps = gapsPart(sum, signal), flow = flowPart(sum, signal);
	const rejected = admin ? rejectedPart(sum, signal) : null;
	fill(root,
		h("header", { class: "view-head" }, h("h1", null, t("title"))),
		h("div", { class: "health" }, sum.element, roles.element,
			flow.element, carts.element, gaps.element, rejected?.element));
	// What has just been asked for need not be asked again.
	let first = true;
	every(AGAIN_MS, () => {
		carts.again();
		if (!first)
			for (const part of [roles, flow, gaps, rejected])
				void part?.again();
		first = false;
	}, signal);
};
