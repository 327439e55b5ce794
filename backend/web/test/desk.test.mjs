// node --test backend/web/test: an alert in words, a day against another, a
// wish and its key, a role's state; no page is needed for these.
import assert from "node:assert/strict";
import { webcrypto } from "node:crypto";
import { promises as fs } from "node:fs";
import os from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import * as esbuild from "esbuild";

const src = fileURLToPath(new URL("../src/", import.meta.url));
const out = await fs.mkdtemp(path.join(os.tmpdir(), "pregon-web-test-"));
after(() => fs.rm(out, { recursive: true }));
// One bundle: the language and the zone are the same for all.
await esbuild.build({
	stdin: {
		resolveDir: src,
		contents: ["lib/alert_words", "lib/format", "lib/words", "lib/wish",
			"views/sales/day", "views/health/data"]
			.map((m) => `export * from "./${m}.ts";`).join("\n"),
	},
	bundle: true, format: "esm", outfile: path.join(out, "desk.mjs"),
});
// Node.js 18 has none by itself.
globalThis.crypto ??= webcrypto;
globalThis.document = { documentElement: { lang: "" } };
const desk = await import(pathToFileURL(path.join(out, "desk.mjs")));
desk.setZone("America/Santiago");

// Half past three in the afternoon, in Santiago.
Date.now = () => Date.parse("2026-11-20T18:30:00Z");
const at = (clock, day = 20) => `2026-11-${day}T${clock}:00.000Z`;
const alert = (more) => ({
	id: "x", cart: "AB1234", cause: "missing", open: true,
	since: at("17:02"), until: null, opened_at: at("17:03"),
	changed_at: at("17:03"), revision: 0, known: "link_lost", why: "unknown",
	moved_m: null, place: null, count: 0, subject: null, settled: false,
	by: null, note: null, ...more,
});
const over = { open: false, until: at("17:40") };
// Some versions of Unicode's data have a comma after a day's name.
const plain = (text) => text.replace(/(mié|Wed),/, "$1");
const says = (more, es, en) => {
	desk.setLanguage("es");
	assert.equal(plain(desk.alertText(alert(more))), plain(es));
	desk.setLanguage("en");
	assert.equal(plain(desk.alertText(alert(more))), en);
	desk.setLanguage("es");
};

test("a missing cart is told with what is known", () => {
	says({}, "Sin señal desde las 14:02: se cortó su conexión.",
		"No signal since 14:02: its connection was lost.");
	says({ known: "no_fix" },
		"Sin posición desde las 14:02: informa, pero no sabe dónde está.",
		"No position since 14:02: it reports, but does not know where it is.");
});

test("a mended verdict says from when to when, why, and how far", () => {
	says({ ...over, why: "network", moved_m: 350 },
		"Sin red de 14:02 a 14:40 (38 min), se movió 350 m.",
		"No network from 14:02 to 14:40 (38 min), moved 350 m.");
	says({ ...over, why: "power", moved_m: 0 },
		"Sin energía de 14:02 a 14:40 (38 min), no se movió.",
		"No power from 14:02 to 14:40 (38 min), did not move.");
	says({ ...over, why: "unknown" },
		"Sin señal de 14:02 a 14:40 (38 min).",
		"No signal from 14:02 to 14:40 (38 min).");
});

test("another day is named, and a moment has no two times", () => {
	says({ ...over, since: at("17:02", 18), until: at("17:40", 18),
		why: "network" },
	"Sin red el mié, 18 nov, 14:02 a 14:40 (38 min).",
	"No network on Wed 18 Nov, 14:02 to 14:40 (38 min).");
	says({ ...over, until: "2026-11-20T17:02:27.000Z", why: "network" },
		"Sin red a las 14:02, por 27 s.", "No network at 14:02, for 27 s.");
});

test("one is one, and several are several", () => {
	says({ cause: "gap.sale", count: 1 },
		"Falta 1 venta que nada explica, desde las 14:02.",
		"1 sale is missing and nothing explains it, since 14:02.");
	says({ cause: "backlog", count: 1200 },
		"Guarda 1.200 eventos sin enviar, el más antiguo desde las 14:02.",
		"Keeps 1,200 events that it has not sent, the oldest since 14:02.");
});

test("a passer-by's words are quoted, a person's end is not theirs", () => {
	says({ cause: "astray.reported", count: 2, note: "Bloquea el paso" },
		"Reportado fuera de lugar 2 veces desde las 14:02. «Bloquea el paso»",
		"Reported out of place 2 times since 14:02. “Bloquea el paso”");
	const settled = alert({ ...over, settled: true, by: "Eva", note: "Hablado" });
	assert.ok(!desk.alertText(settled).includes("Hablado"));
	assert.equal(desk.alertEnd(settled), "Resuelta por Eva: «Hablado»");
	assert.equal(desk.alertEnd(alert({})), null);
});

test("each cause has a title and a sentence in both languages", () => {
	for (const language of ["es", "en"]) {
		desk.setLanguage(language);
		for (const cause of desk.CAUSES)
			for (const more of [{}, over]) {
				const a = alert({ cause, count: 3, subject: "Centro", ...more });
				assert.notEqual(desk.alertTitle(a), cause);
				assert.match(desk.alertText(a), /^[^{}|]{10,}\.$/);
			}
	}
	desk.setLanguage("es");
});

const hour = (clock, n) => ({
	from: at(clock), sales: n, units: 2 * n, revenue_clp: 1000 * n, abandoned: 0,
});

test("today is measured by the hours that are over", () => {
	// 13:00, 14:00 and 15:00 in Santiago.
	const hours = [hour("16:00", 5), hour("17:00", 7), hour("18:00", 9)];
	assert.equal(desk.hourSum(hours, "sales", "15:00"), 12);
	assert.equal(desk.hourSum(hours, "revenue_clp", null), 21000);
	assert.equal(desk.hourSum(hours, "units", "00:00"), 0);
});

test("a retry has the same key until an answer came", () => {
	const wish = desk.wish();
	const first = wish.key({ text: "voy" });
	assert.match(first, /^[0-9a-f]{32}$/);
	assert.equal(wish.key({ text: "voy" }), first);
	assert.notEqual(wish.key({ text: "no voy" }), first);
	const third = wish.key({ text: "voy" });
	wish.done();
	assert.notEqual(wish.key({ text: "voy" }), third);
	assert.equal(desk.byteLength("ñandú"), 7);
});

test("a role is up to date, behind, late, silent or not known", () => {
	const role = (more) => ({
		role: "sales", present: true, applied_at: null, lag_records: 0,
		lag_s: 0, ...more,
		partitions: [{ topic: "topic_ventas", partition: 0, end: 9,
			next: more.next ?? 9 }],
	});
	const state = (more, still) => desk.roleState(role(more), still);
	assert.equal(state({}), "good");
	assert.equal(state({ lag_records: 2, lag_s: 0.4 }), "good");
	assert.equal(state({ lag_records: 12, lag_s: 1.5 }), "behind");
	assert.equal(state({ lag_records: 12, lag_s: 95 }), "late");
	assert.equal(state({ lag_records: 12, lag_s: 95 }, 20000), "stuck");
	assert.equal(state({ lag_records: null, lag_s: null }), "unknown");
	assert.equal(state({ present: false, lag_records: null }), "never");

	const still = desk.progress();
	assert.equal(still(role({ lag_records: 2, next: 7 }), 1000), 0);
	assert.equal(still(role({ lag_records: 3, next: 7 }), 6000), 5000);
	assert.equal(still(role({ lag_records: 2, next: 8 }), 11000), 0);
	assert.equal(still(role({}), 16000), 0);
	assert.equal(still(role({ lag_records: 0 }), 21000), 0);
});
