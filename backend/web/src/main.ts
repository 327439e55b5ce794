// The dashboard: who is logged in, what is live, and one view at a time.

import "./style/tokens.css";
import "./style/base.css";
import "./style/parts.css";
import "./style/shell.css";

import { session, site, type Session, type Site } from "./lib/api.js";
import { onSignedOut } from "./lib/api.js";
import { h, fill } from "./lib/dom.js";
import { setZone } from "./lib/format.js";
import { Live } from "./lib/live.js";
import { failed, loading } from "./lib/states.js";
import { beginTheme } from "./lib/theme.js";
import { beginLanguage } from "./lib/words.js";
import { logInPage } from "./login.js";
import { shell } from "./shell.js";

const app = document.getElementById("app") as HTMLElement;

/** One who is logged in, until they are not. */
function stay(guild: Site, who: Session): Promise<void> {
	const live = new Live();
	const over = new AbortController();
	live.start();
	return new Promise<void>((resolve) => {
		const leave = () => {
			over.abort();
			live.stop();
			resolve();
		};
		onSignedOut(leave, over.signal);
		shell(app, { site: guild, session: who, live }, leave, over.signal);
	});
}

async function begin(): Promise<void> {
	beginTheme();
	beginLanguage();
	fill(app, h("main", { class: "alone" }, loading()));
	let guild: Site, who: Session | null;
	try {
		[guild, who] = await Promise.all([site(), session()]);
	} catch (e) {
		fill(app, h("main", { class: "alone" },
			failed(e, () => void begin())));
		return;
	}
	beginLanguage(guild.language);
	setZone(guild.timezone);
	document.title = guild.name;
	for (;;) {
		who ??= await logInPage(app, guild);
		await stay(guild, who);
		who = null;
	}
}

void begin();
