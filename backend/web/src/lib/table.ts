import { h, type Child } from "./dom.js";

/** A table whose head is read with each cell; on a phone each row is a card
 * (the column's title stands in data-title). */
export function table(
	caption: string, columns: { title: string; numeric?: boolean }[],
	rows: Child[][],
): HTMLElement {
	return h("div", { class: "table-box" },
		h("table", null,
			h("caption", { class: "unseen" }, caption),
			h("thead", null, h("tr", null, ...columns.map((c) =>
				h("th", { scope: "col", class: c.numeric ? "num" : "" },
					c.title)))),
			h("tbody", null, ...rows.map((row) =>
				h("tr", null, ...row.map((cell, i) =>
					h("td", {
						class: columns[i]?.numeric ? "num" : "",
						"data-title": columns[i]?.title,
					}, cell)))))));
}

