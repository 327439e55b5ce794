import { fill, h, type Child } from "./dom.js";

export interface Option<K extends string> {
	value: K;
	text: string;
	/** Said beside the text: how many there are. */
	count?: number;
}

/** One of a few, as buttons in a row; `set` changes what is chosen or said
 * without telling `picked`. */
export function choice<K extends string>(
	label: string, options: readonly Option<K>[], chosen: K,
	picked: (value: K) => void,
): { element: HTMLElement; set(value: K): void; count(value: K, n: number): void } {
	const counts = new Map<K, HTMLElement>();
	const buttons = new Map<K, HTMLButtonElement>();
	const set = (value: K) => {
		for (const [k, b] of buttons)
			b.setAttribute("aria-pressed", String(k === value));
	};
	const count = (value: K, n: number) => {
		const place = counts.get(value);
		if (place)
			fill(place, ...(n ? [" ", numberOf(n)] as Child[] : []));
	};
	for (const { value, text, count: n } of options) {
		const place = h("span", { class: "choice-count" });
		counts.set(value, place);
		buttons.set(value, h("button", {
			type: "button", onclick: () => {
				set(value);
				picked(value);
			},
		}, text, place));
		count(value, n ?? 0);
	}
	set(chosen);
	return {
		element: h("div", { class: "choice", role: "group", "aria-label": label },
			...buttons.values()),
		set, count,
	};
}

const numberOf = (n: number): string => n > 999 ? "999+" : String(n);
