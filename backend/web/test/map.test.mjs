// node --test backend/web/test: what a cart counts as, where it was, and what
// a zone is made of; no page is needed for these.
import assert from "node:assert/strict";
import { promises as fs } from "node:fs";
import os from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import * as esbuild from "esbuild";

const MODULES = ["state", "motion", "track_math", "geometry", "zone_draft"];
const src = fileURLToPath(new URL("../src/views/map/", import.meta.url));
const out = await fs.mkdtemp(path.join(os.tmpdir(), "pregon-web-test-"));
after(() => fs.rm(out, { recursive: true }));
await esbuild.build({
	entryPoints: MODULES.map((m) => path.join(src, m + ".ts")),
	outdir: out, format: "esm", outExtension: { ".js": ".mjs" },
});
const [state, motion, track, geometry, draft] = await Promise.all(
	MODULES.map((m) => import(pathToFileURL(path.join(out, m + ".mjs")))));

const NOW = Date.parse("2026-11-21T15:00:00.000Z");
const before = (s) => new Date(NOW - s * 1000).toISOString();
const cart = (more = {}) => ({
	cart: "AB1234", live: true, missing: false, contact_at: before(2),
	state: "online", fix_mode: "3d", day_open: true, backlog: 0,
	battery_percent: 80, missing_events: 0,
	fix: {
		at: before(5), received_at: before(4), lat: -33.45, lon: -70.66,
		speed_kmh: 4, course_deg: 90, accuracy_m: 5, parked: false,
		system_time: false, two_d: false,
	},
	...more,
});
const counts = (more, ...causes) =>
	state.cartState(cart(more), new Set(causes), NOW);

test("a cart that is heard and knows its place is live", () => {
	assert.equal(counts({}), "live");
});

test("a missing cart is missing, whatever else is wrong with it", () => {
	assert.equal(counts({ missing: true, live: false }, "astray.zone"),
		"missing");
	assert.equal(counts({}, "missing", "astray.hours"), "missing");
});

test("a cart out of its zone is astray though its day is closed", () => {
	assert.equal(counts({ day_open: false }, "astray.hours"), "astray");
	assert.equal(counts({}, "backlog", "astray.reported"), "astray");
	assert.equal(counts({}, "backlog", "gap.sale"), "live");
});

test("a cart with its day closed rests, heard or not", () => {
	assert.equal(counts({ day_open: false }), "resting");
	assert.equal(counts({ day_open: false, live: false }), "resting");
});

test("a cart that is not heard is never live", () => {
	assert.equal(counts({ live: false }), "silent");
});

test("a mode without fix counts unless a fix has come since", () => {
	const old = { ...cart().fix, at: before(600) };
	assert.equal(counts({ fix: null }), "no_fix");
	assert.equal(counts({ fix_mode: "no_fix", fix: old }), "no_fix");
	assert.equal(counts({ fix_mode: "no_fix" }), "live");
	assert.equal(counts({ fix_mode: null, fix: old }), "live");
});

test("hints name what is poor, and nothing of a cart that is well", () => {
	assert.deepEqual(state.cartHints(cart(), NOW), []);
	assert.deepEqual(state.cartHints(cart({
		battery_percent: 7, backlog: 200, missing_events: 1,
		fix: { ...cart().fix, accuracy_m: 140, at: before(900) },
	}), NOW), ["poor_fix", "old_fix", "battery", "backlog", "gaps"]);
});

test("the list begins with what needs somebody", () => {
	const rows = [["B", "live"], ["C", "missing"], ["A", "live"],
		["D", "astray"]].map(([plate, s]) => ({ plate, state: s }));
	assert.equal(rows.sort(state.before).map((r) => r.plate).join(""), "CDAB");
});

test("a cart glides from fix to fix and arrives", () => {
	const m = new motion.Motion({ x: 1, y: 1 });
	m.move({ x: 1.001, y: 1 }, 1000, 1e-6);
	const half = m.where(1000 + motion.GLIDE_MS / 2);
	assert.ok(half.x > 1 && half.x < 1.001);
	assert.ok(m.gliding(1001) > 0);
	assert.deepEqual(m.where(1000 + motion.GLIDE_MS), { x: 1.001, y: 1 });
	assert.equal(m.gliding(1000 + motion.GLIDE_MS), 0);
});

test("what is too small to see, and a jump, are no glide", () => {
	const m = new motion.Motion({ x: 1, y: 1 });
	m.move({ x: 1.001, y: 1 }, 1000, .01);
	assert.deepEqual(m.where(1000), { x: 1.001, y: 1 });
	m.move({ x: 9, y: 9 }, 2000, .01);
	assert.deepEqual(m.where(2000), { x: 9, y: 9 });
});

const spot = (s, lat, lon = -70.66) => ({
	at: s * 1000, lat, lon, speed_kmh: 4, accuracy_m: 5, parked: false,
});

test("a track is cut where the cart was not heard and was elsewhere after",
	() => {
		const { seen, holes } = track.lines([spot(0, -33.45),
			spot(60, -33.451), spot(1000, -33.46), spot(1060, -33.461),
			spot(5000, -33.461)]);
		assert.deepEqual(seen.map((line) => line.length), [2, 3]);
		assert.deepEqual(holes, [[[-33.451, -70.66], [-33.46, -70.66]]]);
	});

test("between two fixes it was between them, in a hole where it was last",
	() => {
		const all = [spot(0, -33.45), spot(60, -33.452), spot(1000, -33.46)];
		assert.equal(track.whereAt(all, -1), null);
		assert.ok(Math.abs(track.whereAt(all, 30000).lat + 33.451) < 1e-9);
		const hole = track.whereAt(all, 500000);
		assert.equal(hole.lat, -33.452);
		assert.ok(hole.unseen);
		assert.equal(track.whereAt(all, 9e9).lat, -33.46);
	});

const square = [[-70.7, -33.5], [-70.6, -33.5], [-70.6, -33.4], [-70.7, -33.4],
	[-70.7, -33.5]];
const hole = [[-70.68, -33.48], [-70.62, -33.48], [-70.62, -33.42],
	[-70.68, -33.48]];

test("each geometry of the API comes back as it was", () => {
	const circle = { type: "Circle", center: [-70.66, -33.45], radius_m: 300 };
	const polygon = { type: "Polygon", coordinates: [square, hole] };
	for (const g of [circle, { ...circle, holes: [hole] }, polygon,
		{ type: "GeometryCollection", geometries: [polygon, circle] }])
		assert.deepEqual(geometry.toGeometry(geometry.toAreas(g)), g);
	assert.deepEqual(geometry.toGeometry(geometry.toAreas(
		{ type: "MultiPolygon", coordinates: [[square, hole], [square]] })),
	{ type: "GeometryCollection", geometries: [polygon,
		{ type: "Polygon", coordinates: [square] }] });
});

test("a place so many metres away is that far away", () => {
	const here = [-33.45, -70.66];
	for (const degrees of [0, 45, 90, 200]) {
		const [lat, lon] = geometry.away(here, 1000, degrees);
		assert.ok(Math.abs(track.apart({ lat: here[0], lon: here[1] },
			{ lat, lon }) - 1000) < 2);
	}
});

test("each step of an edit is undone, the last first", () => {
	const areas = geometry.toAreas({ type: "Polygon",
		coordinates: [square, hole] });
	const d = new draft.ZoneDraft(areas);
	assert.ok(!d.changed && !d.undoable);
	d.removeCorner(0, 0, 1);
	d.removeCorner(0, 1, 0);
	assert.deepEqual(d.areas[0].rings.map((r) => r.length), [3]);
	d.removeCorner(0, 0, 0);
	assert.deepEqual(d.areas, []);
	d.undo();
	d.undo();
	assert.deepEqual(d.areas[0].rings.map((r) => r.length), [3, 3]);
	d.undo();
	assert.deepEqual(d.areas, areas);
	assert.ok(!d.changed && !d.undoable);
});
