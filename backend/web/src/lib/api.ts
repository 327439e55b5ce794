// The guild's API (openapi.json): JSON, problems (RFC 9457), a session by
// cookie.

import { dictionary } from "./words.js";

export interface FieldError {
	field: string;
	detail: string;
}

const t = dictionary({
	unreachable: "No hay conexión con el servidor del gremio.",
	broken: "El servidor respondió algo que no se entiende ({status}).",
	refused: "El servidor no lo aceptó ({status}).",
}, {
	unreachable: "The guild's server cannot be reached.",
	broken: "The server answered something that makes no sense ({status}).",
	refused: "The server did not accept it ({status}).",
});

/** Why it did not work; status 0: the server was not reached. */
export class Problem extends Error {
	constructor(
		readonly status: number, readonly detail: string,
		readonly field?: string, readonly errors: FieldError[] = [],
		readonly retryAfter?: number,
	) {
		super(detail);
	}
}

export interface Session {
	id: string;
	name: string;
	role: "admin" | "depot" | "vendor" | "public";
	cart: string | null;
	expires_at: string | null;
	csrf: string | null;
}

let csrf: string | null = null;
const left = new EventTarget();

/** Called when a request was refused because nobody is logged in any more. */
export function onSignedOut(does: () => void, signal?: AbortSignal): void {
	left.addEventListener("out", does, { signal });
}

export type Query = Record<string, string | number | boolean | undefined>;

export function url(path: string, query: Query = {}): string {
	const q = new URLSearchParams();
	for (const [k, v] of Object.entries(query))
		if (v !== undefined)
			q.set(k, String(v));
	const text = q.toString();
	return `/api/v1/${path}${text && "?" + text}`;
}

/** @throws Problem; AbortError when `signal` is aborted. */
export async function get<T>(
	path: string, query?: Query, signal?: AbortSignal,
): Promise<T> {
	return answer<T>(await ask(url(path, query), { signal }));
}

export interface Sending {
	/** The same for a repeat of the same wish; made here if it is not given. */
	key?: string;
	signal?: AbortSignal;
}

/** A write: it was taken (202, Kafka has it) when this returns.
 * @throws Problem */
export async function send<T>(
	method: "POST" | "PUT" | "DELETE", path: string, body?: unknown,
	{ key = newKey(), signal }: Sending = {},
): Promise<T> {
	const headers: Record<string, string> = { "Idempotency-Key": key };
	if (body !== undefined)
		headers["Content-Type"] = "application/json";
	if (csrf)
		headers["X-Pregon-CSRF"] = csrf;
	return answer<T>(await ask(url(path), {
		method, headers, signal,
		body: body === undefined ? undefined : JSON.stringify(body),
	}));
}

/** What names a wish, so that a repeat is the same one.  (randomUUID is only
 * there on secure pages.) */
export function newKey(): string {
	return [...crypto.getRandomValues(new Uint8Array(16))]
		.map((b) => b.toString(16).padStart(2, "0")).join("");
}

async function ask(where: string, init: RequestInit): Promise<Response> {
	try {
		return await fetch(where, { credentials: "same-origin", ...init });
	} catch (e) {
		if (e instanceof DOMException && e.name === "AbortError")
			throw e;
		throw new Problem(0, t("unreachable"));
	}
}

async function answer<T>(response: Response): Promise<T> {
	const { status } = response;
	let body: unknown;
	try {
		body = status === 204 ? undefined : await response.json();
	} catch (e) {
		if (e instanceof DOMException && e.name === "AbortError")
			throw e;
		throw new Problem(status, t("broken", { status }));
	}
	if (response.ok)
		return body as T;
	if (status === 401)
		left.dispatchEvent(new Event("out"));
	const p = (body ?? {}) as Partial<{
		detail: string; title: string; field: string; errors: FieldError[];
	}>;
	throw new Problem(status,
		p.detail ?? p.title ?? t("refused", { status }), p.field, p.errors,
		Number(response.headers.get("Retry-After")) || undefined);
}

/** Who is logged in; null: nobody.  @throws Problem */
export async function session(): Promise<Session | null> {
	try {
		return keep(await get<Session>("session"));
	} catch (e) {
		if (e instanceof Problem && e.status === 401)
			return null;
		throw e;
	}
}

/** @throws Problem (401: not a token of this guild) */
export async function logIn(token: string): Promise<Session> {
	return keep(await send<Session>("POST", "session", { token }));
}

export async function logOut(): Promise<void> {
	await send("DELETE", "session");
	csrf = null;
}

function keep(s: Session): Session {
	csrf = s.csrf;
	return s;
}

/** The guild, as everybody may know it. */
export interface Site {
	name: string;
	timezone: string;
	language: string;
	tiles: Tiles;
}

/** Where map tiles come from; kind "none": there are none. */
export interface Tiles {
	kind: "xyz" | "pmtiles" | "none";
	url: string;
	attribution: string;
}

export const site = (): Promise<Site> => get<Site>("site");
