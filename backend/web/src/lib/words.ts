// Spanish, and English at a switch.  Each view has its own words beside it.

export type Language = "es" | "en";
export type Values = Record<string, string | number>;

const KEPT = "pregon.language";
const LOCALES: Record<Language, string> = { es: "es-CL", en: "en-GB" };
let current: Language = "es";

/** Before the first word: what was chosen here once, or `preferred` (the
 * guild's), or the browser's. */
export function beginLanguage(preferred?: string): void {
	const asked = remembered() ?? preferred ?? navigator.language;
	current = asked.startsWith("en") ? "en" : "es";
	document.documentElement.lang = current;
}

function remembered(): string | null {
	try {
		return localStorage.getItem(KEPT);
	} catch {
		return null; // A browser that keeps nothing.
	}
}

export function language(): Language {
	return current;
}

export function locale(): string {
	return LOCALES[current];
}

/** The page is to be drawn anew by whoever calls. */
export function setLanguage(wanted: Language): void {
	current = wanted;
	document.documentElement.lang = wanted;
	try {
		localStorage.setItem(KEPT, wanted);
	} catch {
		// It is asked again next time.
	}
}

/**
 * t = dictionary({hello: "hola {name}"}, {hello: "hello {name}"}): then
 * t("hello", {name}) in the language of the moment.  {n|one|many} chooses by
 * the number n.
 */
export function dictionary<K extends string>(
	es: Record<K, string>, en: Record<K, string>,
): (key: K, values?: Values) => string {
	return (key, values) => say((current === "es" ? es : en)[key], values);
}

const SLOT = /\{(\w+)(?:\|([^|}]*)\|([^}]*))?\}/g;

function say(text: string, values: Values = {}): string {
	return text.replace(SLOT, (_, name: string, one?: string, many?: string) => {
		const value = values[name] ?? "";
		if (one !== undefined)
			return Number(value) === 1 ? one : many ?? "";
		return typeof value === "number"
			? value.toLocaleString(locale()) : value;
	});
}

/** Words for a code of the API; one that is not known stands for itself. */
export function coded<K extends string>(
	t: (key: K) => string, known: readonly K[], code: string,
): string {
	return (known as readonly string[]).includes(code) ? t(code as K) : code;
}
