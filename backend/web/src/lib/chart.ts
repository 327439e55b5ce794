// Bars beside each other's shadow: some numbers, and those they are measured
// against.  uPlot draws; the colours are the theme's, and a table has the same
// numbers for whoever does not see the picture.

import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import "./chart.css";

import { fill, h, setText } from "./dom.js";
import { table } from "./table.js";
import { colour, themes } from "./theme.js";
import { dictionary } from "./words.js";

export interface ChartSeries {
	name: string;
	/** "bar": what is shown; "behind": what it is measured against. */
	style: "bar" | "behind";
	/** null: not known (yet). */
	values: readonly (number | null)[];
}

export interface ChartData {
	/** What it shows, in a sentence. */
	caption: string;
	/** Of the labels: the table's first column. */
	unit: string;
	labels: readonly string[];
	series: readonly ChartSeries[];
	/** A value in words; `axis` where there is little room. */
	format: (value: number) => string;
	axis?: (value: number) => string;
}

export interface Chart {
	element: HTMLElement;
	set(data: ChartData): void;
}

const t = dictionary({
	table: "Los mismos números en una tabla",
	picture: "{caption} La tabla que sigue tiene los números.",
}, {
	table: "The same numbers as a table",
	picture: "{caption} The table that follows has the numbers.",
});

const HEIGHT = 260;
const WIDEST_BAR = 60;

function paint(style: ChartSeries["style"]): Partial<uPlot.Series> {
	return style === "bar" ? {
		fill: () => colour("--main"), stroke: () => colour("--main"),
		width: 0,
		paths: uPlot.paths.bars!({ size: [.5, WIDEST_BAR * .6], radius: .15 }),
	} : {
		fill: () => colour("--quiet-soft"), stroke: () => colour("--quiet"),
		width: 1.5,
		paths: uPlot.paths.bars!({ size: [.85, WIDEST_BAR], radius: .1 }),
	};
}

function options(
	data: () => ChartData, width: number, pointed: (i: number | null) => void,
): uPlot.Options {
	const axis: uPlot.Axis = {
		stroke: () => colour("--soft"), font: "12px system-ui, sans-serif",
		ticks: { show: false },
		grid: { stroke: () => colour("--line"), width: 1 },
	};
	return {
		width, height: HEIGHT, padding: [10, 8, 0, 0],
		legend: { show: false },
		cursor: { y: false, drag: { x: false, y: false },
			points: { show: false } },
		scales: {
			x: { time: false,
				range: () => [-.5, data().labels.length - .5] },
			y: { range: (_u, _min, max) => [0, Math.max(max * 1.08, 1)] },
		},
		axes: [{
			...axis, grid: { show: false }, space: 42, size: 30,
			incrs: [1, 2, 3, 4, 6, 12],
			values: (_u, at) => at.map((i) => data().labels[i] ?? ""),
		}, {
			...axis, size: 56,
			values: (_u, at) => at.map((v) =>
				v % 1 ? "" : (data().axis ?? data().format)(v)),
		}],
		series: [{}, ...data().series.map(({ name, style }) =>
			({ label: name, points: { show: false }, ...paint(style) }))],
		hooks: { setCursor: [(u) => pointed(u.cursor.idx ?? null)] },
	};
}

/** Fills its place's width until `signal` is aborted. */
export function chart(signal: AbortSignal): Chart {
	const legend = h("p", { class: "chart-legend" });
	const box = h("div", { class: "chart-box", role: "img" });
	const rows = h("div");
	const details = h("details", { class: "chart-table" },
		h("summary", null, t("table")), rows);
	const element = h("figure", { class: "chart" }, legend, box, details);
	let data: ChartData | null = null;
	let plot: uPlot | null = null;

	const columns = (): uPlot.AlignedData => [
		data!.labels.map((_, i) => i),
		// A bar of no height would still have its outline.
		...data!.series.map((s) => s.values.map((v) => v || null)),
	];
	const draw = () => {
		plot?.destroy();
		plot = null;
		if (data && box.clientWidth > 0)
			plot = new uPlot(options(() => data!, box.clientWidth, point),
				columns(), box);
	};
	const point = (i: number | null) => {
		const label = i === null ? undefined : data?.labels[i];
		for (const [n, value] of [...legend.querySelectorAll(".value")]
			.entries()) {
			const v = i === null ? null : data?.series[n]?.values[i];
			setText(value, v === null || v === undefined ? ""
				: data!.format(v));
		}
		const at = legend.querySelector(".chart-at");
		if (at)
			setText(at, label ?? "");
	};
	const tabulate = () => {
		if (!data || !details.open)
			return;
		const { series, labels, format } = data;
		fill(rows, table(data.caption,
			[{ title: data.unit },
				...series.map((s) => ({ title: s.name, numeric: true }))],
			labels.map((label, i) => [label, ...series.map((s) => {
				const v = s.values[i];
				return v === null || v === undefined ? "–" : format(v);
			})])));
	};
	const set = (next: ChartData) => {
		const same = data?.series.map((s) => s.name + s.style).join("\n") ===
			next.series.map((s) => s.name + s.style).join("\n");
		data = next;
		box.setAttribute("aria-label", t("picture", { caption: next.caption }));
		if (!same)
			fill(legend, ...next.series.map((s) =>
				h("span", { class: `key ${s.style}` }, s.name, " ",
					h("strong", { class: "value" }))),
			h("span", { class: "chart-at soft" }));
		if (same && plot)
			plot.setData(columns());
		else
			draw();
		point(plot?.cursor.idx ?? null);
		tabulate();
	};

	details.addEventListener("toggle", tabulate, { signal });
	themes.addEventListener("change", () => plot?.redraw(false), { signal });
	const sizes = new ResizeObserver(() => {
		if (!plot)
			draw();
		else if (plot.width !== box.clientWidth && box.clientWidth > 0)
			plot.setSize({ width: box.clientWidth, height: HEIGHT });
	});
	sizes.observe(box);
	signal.addEventListener("abort", () => {
		sizes.disconnect();
		plot?.destroy();
		plot = null;
	});
	return { element, set };
}
