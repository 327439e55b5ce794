// The books of closed days, to download: the last edition of each, and behind
// a button each cart's and the earlier editions.

import { get, url } from "../../lib/api.js";
import { dialog, toast } from "../../lib/dialog.js";
import { fill, h } from "../../lib/dom.js";
import { dateText, dayTime, money, number } from "../../lib/format.js";
import { icon } from "../../lib/icons.js";
import { aborted, empty, fetched, reason } from "../../lib/states.js";
import { table } from "../../lib/table.js";
import type { Book, Books } from "../../lib/types.js";
import { t } from "./office_words.js";
import { dateShort } from "./text.js";

type Edition = Books["books"][number];
const DAYS = 14;

const csv = (date: string, edition: number, cart?: string): string =>
	url("books", { date, edition, cart, format: "csv" });
const fileName = (date: string, edition: number, cart?: string): string =>
	`${["book", date, edition, cart].filter(Boolean).join("-")}.csv`;

/** What the eye sees by where it stands. */
const unseen = (text?: string): HTMLElement | undefined =>
	text ? h("span", { class: "unseen" }, `: ${text}`) : undefined;

function download(b: Edition, text: string, label?: string): HTMLElement {
	return h("a", {
		class: "download", href: csv(b.date, b.edition),
		download: fileName(b.date, b.edition),
	}, icon("download", 18), text, unseen(label));
}

function days(books: readonly Edition[]): Map<string, Edition[]> {
	const all = new Map<string, Edition[]>();
	for (const b of books)
		all.set(b.date, [...all.get(b.date) ?? [], b]);
	for (const editions of all.values())
		editions.sort((a, b) => b.edition - a.edition);
	return all;
}

function openBook(editions: Edition[], signal: AbortSignal): void {
	const [latest, ...older] = editions;
	if (!latest)
		return;
	const place = h("div");
	const d = dialog(t("book_of", { day: dateText(latest.date) }), [
		place,
		older.length > 0 && h("h3", null, t("editions")),
		older.length > 0 && h("ul", { class: "editions" }, ...older.map((b) =>
			h("li", null, download(b, t("older_edition",
				{ n: b.edition, made: b.made_at ? dayTime(b.made_at) : "–" }))))),
	], { wide: true });
	const over = new AbortController();
	void d.closed.then(() => over.abort());
	fetched(place, (stop) => get<Book>("books",
		{ date: latest.date, edition: latest.edition }, stop),
	(book) => table(t("carts"), [
		{ title: t("cart") }, { title: t("revenue"), numeric: true },
		{ title: t("sales"), numeric: true }, { title: t("download") },
	], book.carts.map((c) => [c.cart, money(c.revenue_clp), number(c.sales),
		h("a", {
			class: "download", href: csv(book.date, book.edition, c.cart),
			download: fileName(book.date, book.edition, c.cart),
		}, icon("download", 18), t("csv"), unseen(t("csv_cart",
			{ cart: c.cart, day: dateText(book.date) })))])),
	AbortSignal.any([signal, over.signal]));
}

function row(editions: Edition[], signal: AbortSignal) {
	const b = editions[0]!;
	return [
		dateShort(b.date),
		b.edition > 1
			? h("span", { class: "chip wait",
				title: b.made_at ? dayTime(b.made_at) : "" },
			t("corrected", { n: b.edition }))
			: t("first_edition"),
		money(b.revenue_clp), number(b.sales),
		h("span", { class: "book-links" },
			download(b, t("csv"),
				t("csv_of", { day: dateText(b.date), n: b.edition })),
			h("button", {
				type: "button", class: "quiet small",
				onclick: () => openBook(editions, signal),
			}, t("each_short"),
			unseen(`${t("each")}, ${dateText(b.date)}`))),
	];
}

export function books(signal: AbortSignal): HTMLElement {
	const place = h("div"), rows = h("div");
	const more = h("button", { type: "button" }, t("more"));
	let all: Edition[] = [], before: string | null = null;

	const ask = (stop: AbortSignal) => get<Books>("books",
		{ limit: DAYS, before: before ?? undefined }, stop);
	const take = (page: Books) => {
		all = [...all, ...page.books];
		before = page.next_before;
		more.hidden = before === null;
		fill(rows, table(t("books"), [
			{ title: t("day") }, { title: t("edition") },
			{ title: t("revenue"), numeric: true },
			{ title: t("sales"), numeric: true }, { title: t("download") },
		], [...days(all).values()].map((e) => row(e, signal))));
	};
	more.addEventListener("click", async () => {
		more.disabled = true;
		try {
			take(await ask(signal));
		} catch (e) {
			if (!aborted(e))
				toast(reason(e), "failed");
		}
		more.disabled = false;
	});
	fetched(place, ask, (page) => {
		take(page);
		return all.length ? [rows, more]
			: empty(t("no_books"), t("no_books_what"));
	}, signal);
	return h("section", { class: "card" },
		h("div", { class: "section-head" }, h("h2", null, t("books"))),
		h("p", { class: "soft section-what" }, t("books_what")),
		place);
}
