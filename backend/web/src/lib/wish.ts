// What somebody asks for once: as long as no answer came, a repeat carries the
// same key, so that the guild takes it once.

import { newKey } from "./api.js";

export interface Wish {
	/** The key of a wish with this content; another content is another
	 * wish. */
	key(content: unknown): string;
	/** An answer came: the next one is a new wish. */
	done(): void;
}

export function wish(): Wish {
	let asked: string | null = null, key = "";
	return {
		key(content) {
			const text = JSON.stringify(content);
			if (text !== asked) {
				asked = text;
				key = newKey();
			}
			return key;
		},
		done() {
			asked = null;
		},
	};
}

/** The API counts in bytes of UTF-8. */
export const byteLength = (text: string): number =>
	new TextEncoder().encode(text).length;
