// Light or dark: as the system says, until somebody chooses here.

export type Theme = "light" | "dark" | "system";
const KEPT = "pregon.theme";

export function theme(): Theme {
	try {
		const kept = localStorage.getItem(KEPT);
		return kept === "light" || kept === "dark" ? kept : "system";
	} catch {
		return "system";
	}
}

export function beginTheme(): void {
	const chosen = theme();
	if (chosen === "system")
		delete document.documentElement.dataset.theme;
	else
		document.documentElement.dataset.theme = chosen;
}

export function setTheme(wanted: Theme): void {
	try {
		localStorage.setItem(KEPT, wanted);
	} catch {
		// For this page alone, then.
	}
	document.documentElement.dataset.theme = wanted;
	if (wanted === "system")
		delete document.documentElement.dataset.theme;
	themes.dispatchEvent(new Event("change"));
}

/** "change": what is drawn on a canvas takes its colours anew. */
export const themes = new EventTarget();
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () =>
	themes.dispatchEvent(new Event("change")));

export const isDark = (): boolean =>
	theme() === "dark" || (theme() === "system" &&
		matchMedia("(prefers-color-scheme: dark)").matches);

/** A colour of style/tokens.css as it is now: colour("--live"). */
export const colour = (name: string): string =>
	getComputedStyle(document.documentElement).getPropertyValue(name).trim();
