/**
 * What is drawn anew within `root` after this call keeps the focus: it goes to
 * what then has the same data-focus as what had it.
 */
export function keepFocus(root: HTMLElement): void {
	const key = root.contains(document.activeElement)
		? document.activeElement?.closest<HTMLElement>("[data-focus]")
			?.dataset.focus : undefined;
	if (key !== undefined)
		queueMicrotask(() => {
			if (!root.contains(document.activeElement))
				root.querySelector<HTMLElement>(
					`[data-focus="${CSS.escape(key)}"]`)
					?.focus({ preventScroll: true });
		});
}
