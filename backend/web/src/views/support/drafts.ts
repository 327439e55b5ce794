// What somebody is writing, for each ticket: it survives that the page is
// drawn anew, and a reload.

import { wish, type Wish } from "../../lib/wish.js";

const KEPT = "pregon.draft.";
const wishes = new Map<string, Wish>();
const tries = new Map<string, { key: string; words: number }>();

export function draft(id: string): string {
	try {
		return sessionStorage.getItem(KEPT + id) ?? "";
	} catch {
		return memory.get(id) ?? "";
	}
}

const memory = new Map<string, string>();

export function keepDraft(id: string, text: string): void {
	memory.set(id, text);
	try {
		if (text)
			sessionStorage.setItem(KEPT + id, text);
		else
			sessionStorage.removeItem(KEPT + id);
	} catch {
		// While the page stands, then.
	}
}

/** Of the reply that is under way: it keeps its key until an answer came. */
export function wishOf(id: string): Wish {
	const w = wishes.get(id) ?? wish();
	wishes.set(id, w);
	return w;
}

/** How many words the ticket had when the wish with this key was first sent:
 * an answer that was lost may have been to a word that stands there since. */
export function wordsBefore(id: string, key: string, words: number): number {
	const was = tries.get(id);
	if (was?.key === key)
		return was.words;
	tries.set(id, { key, words });
	return words;
}
