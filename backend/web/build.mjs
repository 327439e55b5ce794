// node build.mjs FOLDER: the dashboard, as pregon-api serves it (web.root).
//
// Each page's code is split: what a view needs is fetched when it is opened.
// Names carry a hash of what is within, so that browsers may keep them; each
// text file stands there a second time, compressed.
import * as esbuild from "esbuild";
import { promises as fs } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import zlib from "node:zlib";

export const here = path.dirname(fileURLToPath(import.meta.url));
const gzip = promisify(zlib.gzip);
const TEXT = /\.(js|css|html|svg|json|webmanifest)$/;

export const PAGES = {
	"index.html": "src/main.ts",
	"public/index.html": "src/public/main.ts",
};

export const options = {
	absWorkingDir: here,
	entryPoints: Object.values(PAGES),
	bundle: true,
	splitting: true,
	format: "esm",
	target: ["chrome110", "firefox115", "safari16"],
	entryNames: "assets/[dir]/[name]-[hash]",
	chunkNames: "assets/[name]-[hash]",
	assetNames: "assets/[name]-[hash]",
	outbase: "src",
	publicPath: "/",
	loader: { ".svg": "file", ".png": "file" },
	minify: true,
	metafile: true,
	charset: "utf8",
	legalComments: "linked",
	logLevel: "warning",
	write: true,
};

// What the entry needs at once: its own code, its styles and all that it
// imports without waiting.
function needs(metafile, outdir, entry) {
	const found = Object.entries(metafile.outputs)
		.find(([, o]) => o.entryPoint === entry);
	const url = (name) => "/" + path.relative(outdir,
		path.resolve(here, name)).split(path.sep).join("/");
	const seen = new Set();
	const walk = (name) => {
		for (const i of metafile.outputs[name]?.imports ?? [])
			if (i.kind === "import-statement" && !seen.has(i.path)) {
				seen.add(i.path);
				walk(i.path);
			}
	};
	walk(found[0]);
	return {
		script: url(found[0]),
		style: found[1].cssBundle && url(found[1].cssBundle),
		preload: [...seen].map(url),
	};
}

export async function pages(metafile, outdir) {
	for (const [page, entry] of Object.entries(PAGES)) {
		const { script, style, preload } = needs(metafile, outdir, entry);
		const head = [
			style && `<link rel="stylesheet" href="${style}">`,
			...preload.map((p) =>
				`<link rel="modulepreload" href="${p}">`),
			`<script type="module" src="${script}"></script>`,
		].filter(Boolean).join("\n");
		const html = await fs.readFile(path.join(here, page), "utf8");
		if (!html.includes("<!-- assets -->"))
			throw new Error(`${page}: no <!-- assets -->`);
		const to = path.join(outdir, page);
		await fs.mkdir(path.dirname(to), { recursive: true });
		await fs.writeFile(to, html.replace("<!-- assets -->", head));
	}
	await fs.cp(path.join(here, "static"), outdir, { recursive: true });
}

async function files(dir) {
	const found = [];
	for (const e of await fs.readdir(dir, { withFileTypes: true })) {
		const at = path.join(dir, e.name);
		found.push(...(e.isDirectory() ? await files(at) : [at]));
	}
	return found;
}

// What two pages share may be styles alone; the script of it is empty then,
// and not worth a request.
async function dropEmpty(metafile, outdir) {
	const empty = Object.entries(metafile.outputs)
		.filter(([name, o]) => name.endsWith(".js") && !o.entryPoint &&
			o.bytes === 0)
		.map(([name]) => name);
	for (const name of empty) {
		await fs.rm(path.resolve(here, name));
		delete metafile.outputs[name];
	}
	const gone = empty.map((name) => path.basename(name));
	for (const name of (await files(outdir)).filter((n) => n.endsWith(".js"))) {
		const before = await fs.readFile(name, "utf8");
		const text = before.replace(/import"[^"]*\/([^"/]+)";/g,
			(all, chunk) => (gone.includes(chunk) ? "" : all));
		if (text !== before)
			await fs.writeFile(name, text);
	}
	for (const o of Object.values(metafile.outputs))
		o.imports = o.imports.filter((i) => !empty.includes(i.path));
}

async function build(outdir) {
	await fs.rm(outdir, { recursive: true, force: true });
	const { metafile } = await esbuild.build({ ...options, outdir });
	await dropEmpty(metafile, outdir);
	await pages(metafile, outdir);
	for (const name of (await files(outdir)).filter((n) => TEXT.test(n)))
		await fs.writeFile(name + ".gz",
			await gzip(await fs.readFile(name), { level: 9 }));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
	if (process.argv.length !== 3) {
		console.error("usage: node build.mjs FOLDER");
		process.exit(2);
	}
	await build(path.resolve(process.argv[2]));
}
