// A cart is let in: the code that its gateway takes, and each step until its
// first fix is on the map.

import { get, send } from "../../lib/api.js";
import { dialog, type Dialog } from "../../lib/dialog.js";
import { fill, h, setText } from "../../lib/dom.js";
import { lasting, when } from "../../lib/format.js";
import { failed, loading } from "../../lib/states.js";
import type { FullMember } from "../../lib/types.js";
import { address, every, type Context } from "../../lib/view.js";
import { dictionary } from "../../lib/words.js";
import { decide } from "./acts.js";
import { qrDrawing } from "./qr.js";
import {
	advice, isSlow, nextStep, STEPS, stepText, type Known, type StepName,
} from "./steps.js";
import { nameText } from "./words.js";

const t = dictionary({
	title: "Conectar el carrito {plate}",
	who: "De {name}",
	qr: "Código QR de la dirección {url}",
	code: "Código", url: "Dirección",
	copy: "Copiar", copied: "Copiada", copy_by_hand: "Cópiala con Ctrl+C",
	until: "Sirve una vez, hasta {time} (quedan {left})",
	over: "Venció: {time}",
	used: "El código ya se usó.",
	earlier: "Un gateway ya tomó el código de este carrito. Para poner otro, o " +
		"el mismo desde cero, cambia el gateway: el de ahora deja de entrar.",
	another: "Hacer otro código", replace: "Cambiar gateway…",
	no_url: "No se sabe en qué dirección se ve esta página desde el carrito " +
		"(ajuste site.url): escribe el código en el gateway.",
	command: "O en el gateway:",
	steps: "Pasos", hangs: "Esperando hace {time}",
	done: "Listo: el carrito {plate} está en el mapa.",
	on_map: "Ver {plate} en el mapa",
	is_done: "hecho", is_now: "en curso", is_later: "después",
}, {
	title: "Connect the cart {plate}",
	who: "Of {name}",
	qr: "QR code of the address {url}",
	code: "Code", url: "Address",
	copy: "Copy", copied: "Copied", copy_by_hand: "Copy it with Ctrl+C",
	until: "Works once, until {time} ({left} left)",
	over: "Expired: {time}",
	used: "The code has been used.",
	earlier: "A gateway has taken this cart's code. For another one, or the " +
		"same from nothing, replace the gateway: the one of now is let in no more.",
	another: "Make another code", replace: "Replace gateway…",
	no_url: "It is not known at which address the cart sees this page (setting " +
		"site.url): type the code at the gateway.",
	command: "Or at the gateway:",
	steps: "Steps", hangs: "Waiting for {time}",
	done: "Done: the cart {plate} is on the map.",
	on_map: "See {plate} on the map",
	is_done: "done", is_now: "under way", is_later: "later",
});

interface Code {
	/** Null: a gateway has taken one. */
	code: string | null;
	/** Null: nobody told the guild where its pages are. */
	url: string | null;
	expires_at: string | null;
	qr: { size: number; rows: string[] } | null;
}

const LOOK_MS = 2000;

export async function enrol(start: FullMember, context: Context): Promise<void> {
	const over = new AbortController();
	const signal = AbortSignal.any([context.signal, over.signal]);
	const plate = start.plate ?? "";
	const d = dialog(t("title", { plate }), [], { wide: true });
	context.signal.addEventListener("abort", d.close, { signal: over.signal });
	new Enrolling(d, start, { ...context, signal });
	await d.closed;
	over.abort();
}

class Enrolling {
	#context: Context;
	#member: FullMember;
	/** When the code that is shown ends; it may be over. */
	#ends: number | null = null;
	/** Is the code to be seen, as it can still be used? */
	#useful = false;
	#card = h("div", { class: "enrol-code" });
	#until = h("p", { class: "soft" });
	#steps: StepList;

	constructor(d: Dialog, member: FullMember, context: Context) {
		this.#member = member;
		this.#context = context;
		this.#steps = new StepList(member.plate ?? "");
		fill(d.body, h("p", { class: "soft" }, t("who", { name: nameText(member) })),
			h("div", { class: "enrol" }, this.#card, this.#steps.element));
		context.live.on("cart", ({ changed, snapshot }) => {
			if (snapshot || changed.has(member.plate ?? ""))
				this.#show();
		}, context.signal);
		every(LOOK_MS, () => void this.#look(), context.signal);
		every(1000, () => this.#show(), context.signal);
		if (member.enrolled_at)
			this.#offer();
		else
			void this.#make();
	}

	/** Its code was taken: another only for another gateway. */
	#offer(): void {
		const replace = () => void decide("replace", this.#member, (m) => {
			this.#member = m;
			void this.#make();
		}, this.#context.signal);
		fill(this.#card, h("p", null, t("earlier")),
			h("button", { type: "button", onclick: replace }, t("replace")));
		this.#show();
	}

	async #make(): Promise<void> {
		this.#ends = null;
		fill(this.#card, loading());
		try {
			const { who } = this.#member;
			const made = await send<Code>("POST",
				`members/${encodeURIComponent(who)}/enrol`);
			if (!made.code || !made.expires_at) {
				await this.#look();
				this.#offer();
				return;
			}
			this.#ends = Date.parse(made.expires_at);
			this.#useful = true;
			this.#drawCode(made.code, made);
			this.#show();
		} catch (e) {
			if (!this.#context.signal.aborted)
				fill(this.#card, failed(e, () => void this.#make()));
		}
	}

	#drawCode(code: string, { url, qr }: Code): void {
		fill(this.#card,
			url && qr && qrDrawing(qr, t("qr", { url })),
			h("p", { class: "enrol-letters" },
				h("span", { class: "unseen" }, t("code"), ": "), code),
			this.#until,
			...(url ? [urlLine(url), h("p", { class: "soft" }, t("command"), " ",
				h("code", null, `pregon-gateway --enrol ${url}`))]
				: [h("p", { class: "stale" }, t("no_url"))]));
	}

	async #look(): Promise<void> {
		try {
			this.#member = await get<FullMember>(
				`members/${encodeURIComponent(this.#member.who)}`, {},
				this.#context.signal);
			this.#show();
		} catch {
			// It is asked again in a moment, and the steps say how old they are.
		}
	}

	#show(): void {
		const known: Known = {
			member: this.#member, expiresAt: this.#ends,
			cart: this.#context.live.carts.get(this.#member.plate ?? ""),
		};
		const next = nextStep(known);
		this.#steps.show(next, known);
		if (this.#ends === null || !this.#useful)
			return;
		const now = Date.now(), time = when(this.#ends);
		this.#useful = next === "taken" && now <= this.#ends;
		if (this.#useful)
			setText(this.#until, t("until",
				{ time, left: lasting(this.#ends - now) }));
		else if (next !== "taken")
			fill(this.#card, h("p", { class: "soft" }, t("used")));
		else
			fill(this.#card, h("p", null, t("over", { time })),
				h("button", { type: "button", class: "primary",
					onclick: () => void this.#make() }, t("another")));
	}
}

function urlLine(url: string): HTMLElement {
	const copy = h("button", { type: "button" }, t("copy"));
	const where: HTMLInputElement = h("input", { readonly: true, value: url,
		"aria-label": t("url"), onfocus: () => where.select() });
	copy.addEventListener("click", async () => {
		where.select();
		// Only secure pages may write to the clipboard.
		const done = await navigator.clipboard?.writeText(url)
			.then(() => true, () => false);
		copy.textContent = t(done ? "copied" : "copy_by_hand");
	});
	return h("div", { class: "enrol-url" }, where, copy);
}

/** The steps, said again only when one is done. */
class StepList {
	readonly element: HTMLElement;
	#plate: string;
	#items = new Map<StepName, { item: HTMLElement; state: HTMLElement;
		advice: HTMLElement }>();
	#end = h("div", { class: "enrol-end" });
	#live = h("p", { class: "unseen", role: "status" });
	#now: StepName | "" | null = null;
	#since = Date.now();

	constructor(plate: string) {
		this.#plate = plate;
		for (const name of STEPS) {
			const state = h("span", { class: "unseen" });
			const what = h("p", { class: "soft" });
			const item = h("li", { "data-step": name },
				h("strong", null, stepText(name)), " ", state, what);
			this.#items.set(name, { item, state, advice: what });
		}
		this.element = h("section", { class: "enrol-steps", "aria-label": t("steps") },
			h("ol", null, ...[...this.#items.values()].map((i) => i.item)),
			this.#end, this.#live);
	}

	show(next: StepName | "", known: Known): void {
		if (next !== this.#now) {
			this.#now = next;
			this.#since = Date.now();
			this.#mark(next);
		}
		const place = next && this.#items.get(next);
		if (!place)
			return;
		const forMs = Date.now() - this.#since;
		const slow = isSlow(next as StepName, forMs, known);
		place.item.classList.toggle("slow", slow);
		const words = advice(next as StepName, forMs, known);
		// How long it hangs is not said each second to who listens.
		setText(place.advice, words);
		place.item.title = t("hangs", { time: lasting(forMs) });
	}

	#mark(next: StepName | ""): void {
		const at = next ? STEPS.indexOf(next) : STEPS.length;
		STEPS.forEach((name, i) => {
			const place = this.#items.get(name);
			if (!place)
				return;
			const is = i < at ? "done" : i === at ? "now" : "later";
			place.item.className = is;
			setText(place.state, `(${t(`is_${is}`)})`);
			setText(place.advice, "");
		});
		fill(this.#end, next === "" && h("p", { class: "enrol-done" },
			t("done", { plate: this.#plate })),
		next === "" && h("a", { class: "button-link",
			href: address("map", this.#plate) },
		t("on_map", { plate: this.#plate })));
		const done = STEPS[at - 1];
		setText(this.#live, next === "" ? t("done", { plate: this.#plate })
			: done ? `${stepText(done)}: ${t("is_done")}` : "");
	}
}
