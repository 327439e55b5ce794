// The page's elements, made by hand: no string ever becomes markup.

export type Child = Node | string | number | null | undefined | false;
type Handler = (event: never) => unknown;
export type Attributes = {
	[name: string]: string | number | boolean | null | undefined | Handler;
};

/**
 * An element.  `on…` names a listener ("onclick"), true is an empty attribute,
 * null, undefined and false leave it out; `value` and `checked` are properties.
 */
export function h<K extends keyof HTMLElementTagNameMap>(
	tag: K, attributes?: Attributes | null, ...children: Child[]
): HTMLElementTagNameMap[K] {
	const e = document.createElement(tag);
	decorate(e, attributes);
	e.append(...nodes(children));
	return e;
}

const SVG = "http://www.w3.org/2000/svg";
export function svg(
	tag: string, attributes?: Attributes | null, ...children: Child[]
): SVGElement {
	const e = document.createElementNS(SVG, tag) as SVGElement;
	decorate(e, attributes);
	e.append(...nodes(children));
	return e;
}

function decorate(e: Element, attributes?: Attributes | null): void {
	for (const [name, value] of Object.entries(attributes ?? {})) {
		if (value === null || value === undefined || value === false)
			continue;
		if (typeof value === "function")
			e.addEventListener(name.slice(2), value as EventListener);
		else if (name === "value" || name === "checked")
			(e as unknown as Record<string, unknown>)[name] = value;
		else
			e.setAttribute(name, value === true ? "" : String(value));
	}
}

function nodes(children: Child[]): (Node | string)[] {
	return children
		.filter((c) => c !== null && c !== undefined && c !== false)
		.map((c) => (c instanceof Node ? c : String(c)));
}

/** What was within makes room for these. */
export function fill(parent: Element, ...children: Child[]): void {
	parent.replaceChildren(...nodes(children));
}

/** Sets the text only if it is another: no layout, no screen reader, for
 * nothing. */
export function setText(node: Node, text: string): void {
	if (node.textContent !== text)
		node.textContent = text;
}

let last = 0;
/** An id of this page: for labels and what they are of. */
export function uniqueId(prefix = "id"): string {
	return `${prefix}-${++last}`;
}

/** One call a frame, however often it was asked for; none once `signal` is
 * aborted. */
export function onFrame(work: () => void, signal?: AbortSignal): () => void {
	let asked = false;
	return () => {
		if (asked)
			return;
		asked = true;
		requestAnimationFrame(() => {
			asked = false;
			if (!signal?.aborted)
				work();
		});
	};
}
