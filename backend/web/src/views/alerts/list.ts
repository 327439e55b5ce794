// Alerts newest first, each row kept while it stands: what is read does not
// move, what has the focus keeps it.

import { h } from "../../lib/dom.js";
import type { Alert } from "../../lib/types.js";
import { alertRow, type Row } from "./row.js";

const newestFirst = (a: Alert, b: Alert): number =>
	b.opened_at.localeCompare(a.opened_at) || b.id.localeCompare(a.id);

export class AlertList {
	readonly element: HTMLElement;
	readonly #rows = new Map<string, Row>();
	readonly #kind: { mayResolve?: boolean; past?: boolean };

	constructor(
		label: string, kind: { mayResolve?: boolean; past?: boolean },
	) {
		// role: Safari forgets that a list without bullets is one.
		this.element = h("ol",
			{ class: "alert-list", role: "list", "aria-label": label });
		this.#kind = kind;
	}

	get size(): number {
		return this.#rows.size;
	}

	has(id: string): boolean {
		return this.#rows.has(id);
	}

	/** False: it is not in the list. */
	change(a: Alert): boolean {
		const row = this.#rows.get(a.id);
		if (row && a.revision >= row.alert.revision)
			row.set(a);
		return row !== undefined;
	}

	/** At the end, in the order given: a further page. */
	append(alerts: readonly Alert[]): void {
		for (const a of alerts)
			if (!this.change(a))
				this.element.append(this.#add(a).element);
	}

	/** These and no others, in their order. */
	show(alerts: Iterable<Alert>): void {
		const wanted = [...alerts].sort(newestFirst);
		const ids = new Set(wanted.map((a) => a.id));
		for (const [id, row] of this.#rows)
			if (!ids.has(id)) {
				row.element.remove();
				this.#rows.delete(id);
			}
		let at = this.element.firstElementChild;
		for (const a of wanted) {
			const row = this.#rows.get(a.id) ?? this.#add(a);
			this.change(a);
			if (row.element === at)
				at = at.nextElementSibling;
			else
				this.element.insertBefore(row.element, at);
		}
	}

	tick(): void {
		for (const row of this.#rows.values())
			row.tick();
	}

	#add(a: Alert): Row {
		const row = alertRow(a, this.#kind);
		this.#rows.set(a.id, row);
		return row;
	}
}
