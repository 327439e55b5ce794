// PREGON_API=http://127.0.0.1:8080 node dev.mjs [PORT]: the dashboard as it is
// being written: built anew at each change, with the API of a running guild.
import * as esbuild from "esbuild";
import { promises as fs } from "node:fs";
import http from "node:http";
import os from "node:os";
import path from "node:path";
import { options, pages } from "./build.mjs";

const api = new URL(process.env.PREGON_API ?? "http://127.0.0.1:8080");
const port = Number(process.argv[2] ?? 5173);
const outdir = await fs.mkdtemp(path.join(os.tmpdir(), "pregon-web-"));
const TYPES = {
	".html": "text/html; charset=utf-8", ".js": "text/javascript",
	".css": "text/css", ".svg": "image/svg+xml", ".png": "image/png",
};

const watching = await esbuild.context({
	...options, outdir, minify: false, sourcemap: true,
	entryNames: "assets/[dir]/[name]",
	plugins: [{
		name: "pages",
		setup: (b) => b.onEnd(async ({ metafile }) => {
			if (metafile)
				await pages(metafile, outdir);
		}),
	}],
});
await watching.watch();

function forward(request, response) {
	const asked = http.request({
		host: api.hostname, port: api.port, method: request.method,
		path: request.url, headers: request.headers,
	}, (answer) => {
		response.writeHead(answer.statusCode, answer.headers);
		answer.pipe(response);
	});
	asked.on("error", (e) => {
		response.writeHead(502).end(String(e));
	});
	response.on("close", () => asked.destroy());
	request.pipe(asked);
}

http.createServer(async (request, response) => {
	const { pathname } = new URL(request.url, "http://localhost");
	if (/^\/(api|metrics|healthz)/.test(pathname))
		return forward(request, response);
	const name = path.join(outdir, path.normalize(
		pathname.endsWith("/") ? pathname + "index.html" : pathname));
	try {
		const bytes = await fs.readFile(name);
		response.writeHead(200, {
			"Content-Type": TYPES[path.extname(name)] ??
				"application/octet-stream",
			"Cache-Control": "no-store",
		}).end(bytes);
	} catch {
		response.writeHead(404).end();
	}
	return undefined;
}).listen(port, "127.0.0.1", () =>
	console.log(`http://127.0.0.1:${port}/ with the API at ${api}`));
