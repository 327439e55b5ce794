// node driver.mjs CHROMIUM: a browser that is driven by JSON lines.
//
// Each line on standard input is a call of a method of playwright's API, each
// line on standard output what became of it:
//
//	{"id": 1, "on": 0, "path": "newContext", "with": [{"locale": "es-CL"}]}
//	{"id": 1, "value": {"$": 1}}
//
// What is no plain value stays here and is named by a number, {"$": 1}; 0 is
// the browser.  {"$function": "source"} and {"$regexp": ["source", "flags"]}
// are what JSON lacks.  "drop" lists numbers that are not asked for again.
// {"id": 2, "on": 1, "journal": true} answers with what a context's pages did
// since: requests with their bytes on the wire, errors, words of the console.
// The browser ends with the standard input.

import { chromium } from "playwright-core";
import readline from "node:readline";

const FLAGS = [
	"--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
	"--disable-background-networking", "--disable-component-update",
	"--disable-sync", "--enable-precise-memory-info",
	"--js-flags=--expose-gc",
];

const things = new Map();
const journals = new WeakMap();
let last = 0;

const browser = await chromium.launch({
	executablePath: process.argv[2], args: FLAGS, handleSIGINT: false,
});
things.set(0, browser);
browser.on("disconnected", () => process.exit(1));

function named(thing) {
	things.set(++last, thing);
	return { $: last };
}

function meant(value) {
	if (Array.isArray(value))
		return value.map(meant);
	if (value === null || typeof value !== "object")
		return value;
	if ("$" in value)
		return things.get(value.$);
	if ("$function" in value)
		return (0, eval)(`(${value.$function})`);
	if ("$regexp" in value)
		return new RegExp(...value.$regexp);
	return Object.fromEntries(
		Object.entries(value).map(([k, v]) => [k, meant(v)]));
}

function told(value) {
	if (Buffer.isBuffer(value))
		return { $bytes: value.toString("base64") };
	if (Array.isArray(value))
		return value.map(told);
	if (value === null || typeof value !== "object")
		return value;
	if (Object.getPrototypeOf(value) === Object.prototype)
		return Object.fromEntries(
			Object.entries(value).map(([k, v]) => [k, told(v)]));
	return named(value);
}

function keepJournal(context) {
	const journal = { requests: [], errors: [], console: [] };
	journals.set(context, journal);
	context.on("weberror", (e) =>
		journal.errors.push(String(e.error()?.stack ?? e.error())));
	context.on("console", (m) =>
		journal.console.push({ type: m.type(), text: m.text() }));
	const over = async (request) => {
		const row = { url: request.url(), method: request.method(),
			failure: request.failure()?.errorText ?? null };
		journal.requests.push(row);
		try {
			const sizes = await request.sizes();
			row.bytes = sizes.responseBodySize;
			row.status = (await request.response())?.status() ?? null;
		} catch {
			// It was broken off, or its page is closed.
		}
	};
	context.on("requestfinished", over);
	context.on("requestfailed", over);
}

async function call({ on, path, with: args = [], drop = [], journal }) {
	for (const number of drop)
		things.delete(number);
	const thing = things.get(on);
	if (journal)
		return journals.get(thing);
	const names = path.split(".");
	const method = names.pop();
	const owner = names.reduce((t, name) => t[name], thing);
	const result = await owner[method](...args.map(meant));
	if (path === "newContext")
		keepJournal(result);
	return told(result);
}

function answer(line) {
	process.stdout.write(JSON.stringify(line) + "\n");
}

const lines = readline.createInterface({ input: process.stdin });
lines.on("line", async (line) => {
	const request = JSON.parse(line);
	try {
		answer({ id: request.id, value: await call(request) });
	} catch (e) {
		answer({ id: request.id, error: String(e?.message ?? e) });
	}
});
lines.on("close", async () => {
	browser.removeAllListeners("disconnected");
	await browser.close();
	process.exit(0);
});
answer({ id: 0, value: browser.version() });
