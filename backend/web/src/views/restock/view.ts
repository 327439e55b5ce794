// Restock: the board of orders, and the deliveries that they travel in.

import "./restock.css";
import "./deliveries.css";
import { fill, h } from "../../lib/dom.js";
import { address, type View } from "../../lib/view.js";
import { dictionary } from "../../lib/words.js";
import { Board } from "./board.js";
import { deliveriesView } from "./deliveries.js";

const t = dictionary({
	title: "Reposición", parts: "Partes de reposición",
	board: "Tablero", deliveries: "Entregas",
}, {
	title: "Restock", parts: "Parts of restock",
	board: "Board", deliveries: "Deliveries",
});

export const view: View = (root, context) => {
	const { session, rest } = context;
	// Deliveries are the depot's: a vendor sees the own cart's orders alone.
	const may = session.role !== "vendor";
	const part = may && rest[0] === "deliveries" ? "deliveries" : "board";
	const place = h("div", { class: `restock-${part}` });
	const link = (to: "board" | "deliveries", where: string) => h("a", {
		href: where, "aria-current": to === part ? "page" : null,
	}, t(to));
	fill(root,
		h("header", { class: "view-head" }, h("h1", null, t("title")),
			may && h("nav", { class: "parts", "aria-label": t("parts") },
				link("board", address("restock")),
				link("deliveries", address("restock", "deliveries")))),
		place);
	if (part === "deliveries")
		deliveriesView(place, context);
	else
		new Board(place, context);
};
