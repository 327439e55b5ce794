// The vendor's page.  What is sold is kept in the phone under an id of its
// own BEFORE it is sent, and sent until the cart has answered: the cart knows
// the id, so sending twice is harmless, from two tabs too.
"use strict";

const KEPT = "pregon.kept.";	// one key each: tabs never rewrite each other's
const REFRESH_MS = 3000;
const BUSY_MS = 700;
const ANSWER_MS = 8000;
const PRESS_MS = 600;		// a press sooner after the last is a bounce

const $ = (id) => document.getElementById(id);
let language = localStorage.getItem("pregon.language") === "en" ? "en" : "es";
let state = null;		// the last /state
let reachable = true;
let locked = false;
let troubled = "";		// why something waits in the phone
let basket = new Map();		// product code: units
let shown = {};			// what each part was last drawn from
let messages = [];
let sending = false;
let pressed = -PRESS_MS;

// ---- words ----

function t(key, values = {}) {
	return WORDS[language][key].replace(/\{(\w+)\}/g,
		(_, name) => values[name] ?? "");
}

function pesos(amount) {
	return new Intl.NumberFormat("es-CL", {
		style: "currency", currency: "CLP", maximumFractionDigits: 0,
	}).format(amount);
}

function element(tag, attributes = {}, ...children) {
	const e = document.createElement(tag);
	for (const [name, value] of Object.entries(attributes)) {
		if (name === "onclick") e.addEventListener("click", value);
		else if (value !== false && value !== undefined)
			e.setAttribute(name, value === true ? "" : value);
	}
	e.append(...children);
	return e;
}

function toast(text, bad = false) {
	$("toast").textContent = text;
	$("toast").className = bad ? "on bad" : "on";
	clearTimeout(toast.timer);
	toast.timer = setTimeout(() => { $("toast").className = ""; }, 6000);
}

// ---- what is kept in the phone ----

function newId() {
	const bytes = crypto.getRandomValues(new Uint8Array(16));
	return "page-" + Array.from(bytes,
		(b) => b.toString(16).padStart(2, "0")).join("");
}

function kept() {
	const keys = Object.keys(localStorage).filter((k) => k.startsWith(KEPT));
	return keys.sort().flatMap((key) => {
		try {
			return [{ key, ...JSON.parse(localStorage.getItem(key)) }];
		} catch {
			return [];
		}
	});
}

// The request is on the phone's disk when this returns true, and not made at
// all when it returns false.  The key sorts by time: sent in that order.
function keep(request, label) {
	const id = newId();
	const item = { request: { ...request, request_id: id }, label, at: Date.now() };
	const key = KEPT + String(item.at).padStart(15, "0") + "." + id;
	const text = JSON.stringify(item);
	try {
		localStorage.setItem(key, text);
		if (localStorage.getItem(key) !== text) throw new Error("not kept");
	} catch {
		toast(t("cannot_keep"), true);
		return false;
	}
	draw();
	sendKept();
	return true;
}

// ---- talking to the cart ----

async function ask(method, path, body) {
	const gone = new AbortController();
	const timer = setTimeout(() => gone.abort(), ANSWER_MS);
	try {
		const response = await fetch(path, {
			method, body, signal: gone.signal, cache: "no-store",
			headers: body ? { "Content-Type": "application/json" } : {},
		});
		const answer = await response.json();
		reachable = true;
		locked = response.status === 401;
		return { status: response.status, answer };
	} catch {
		reachable = false;
		return { status: 0, answer: null };
	} finally {
		clearTimeout(timer);
	}
}

function said(item, answer) {
	const { request } = item;
	if (request.type === "sale") toast(t("sold", { folio: answer.folio }));
	else if (request.type === "void") toast(t("voided", { folio: answer.folio }));
	else if (request.type === "help") toast(t("help_done"));
	else if (answer.level === undefined) toast(t("stock_noted"));
	else toast(t("stock_done", { name: item.label, n: answer.level }));
}

// An answer to one item: true, and the next may be sent; false: later.
function settle(item, { status, answer }) {
	if (status !== 200) {
		troubled = status === 0 || status === 401 ? "" : t("broken", { n: status });
		return false;
	}
	if (answer.fault === "full" || answer.fault === "storage") {
		troubled = t(answer.fault);
		return false;
	}
	troubled = "";
	localStorage.removeItem(item.key);
	if (answer.ok) said(item, answer);
	else toast(t("not_taken", { why: answer.error_es && language === "es"
		? answer.error_es : answer.error }), true);
	return true;
}

async function sendKept() {
	if (sending) return;
	sending = true;
	let settled = 0;
	try {
		for (let more = true; more;) {
			more = false;
			for (const item of kept()) {
				// Another tab's answer may have come.
				if (localStorage.getItem(item.key) === null) continue;
				if (!settle(item, await ask("POST", "/api",
					JSON.stringify(item.request)))) return;
				more = true;
				settled++;
			}
		}
	} finally {
		sending = false;
		draw();
		if (settled) refresh();
	}
}

async function refresh() {
	const { status, answer } = await ask("GET", "/state");
	if (status === 200) {
		state = answer;
		await fetchMessages();
	}
	draw();
}

async function fetchMessages() {
	const last = messages.length ? messages[messages.length - 1].number : 0;
	if (!state.inbox || state.inbox <= last) return;
	const { status, answer } = await ask("POST", "/api",
		JSON.stringify({ type: "inbox", after: last }));
	if (status === 200 && answer.ok)
		messages = messages.concat(answer.messages
			.filter((m) => m && m.number > last)).slice(-50);
}

// ---- what there is to sell ----

function products() {
	if (!state) return [];
	if (state.catalogue && state.catalogue.length) return state.catalogue;
	// A guild with no catalogue has one product, and a price of the day.
	return [{ code: 0, name: t("product"), level: state.level ?? null,
		price: Number(localStorage.getItem("pregon.price")) || 0 }];
}

function nameOf(code) {
	const found = products().find((p) => p.code === code);
	return found ? found.name : t("unknown", { code });
}

function change(code, by) {
	basket.set(code, Math.min(999, Math.max(0, (basket.get(code) || 0) + by)));
	if (!basket.get(code)) basket.delete(code);
	draw();
}

function basketLines() {
	return products().filter((p) => basket.has(p.code)).map((p) => ({
		product: p.code, units: basket.get(p.code),
		amount: basket.get(p.code) * p.price }));
}

function sum(lines, field) {
	return lines.reduce((all, line) => all + line[field], 0);
}

function linesText(lines) {
	return lines.map((l) => t("units", { n: l.units, name: nameOf(l.product) }))
		.join(", ");
}

// The basket is empty as soon as the sale is kept: a second press of a
// double press finds nothing to sell.
function sell() {
	const lines = basketLines();
	if (!lines.length || performance.now() - pressed < PRESS_MS) return;
	if (!state.catalogue.length && !lines[0].amount && $("price").value === "") {
		toast(t("price_missing"), true);
		$("price").focus();
		return;
	}
	if (!$("contact").checkValidity()) {
		toast(t("contact_bad"), true);
		$("contact").focus();
		return;
	}
	const request = { type: "sale", lines };
	if ($("customer").value.trim()) request.customer = $("customer").value.trim();
	if ($("contact").value.trim()) request.contact = $("contact").value.trim();
	const before = basket;
	basket = new Map();
	if (!keep(request, linesText(lines))) {
		basket = before;
		draw();
		return;
	}
	pressed = performance.now();
	$("customer").value = $("contact").value = "";
	$("who").open = false;
}

// ---- questions ----

function dialog(title, text, fields, yes, then) {
	$("dialog-title").textContent = title;
	$("dialog-text").textContent = text;
	$("dialog-fields").replaceChildren(...fields);
	$("dialog-yes").textContent = yes;
	dialog.then = then;
	$("dialog").returnValue = "";
	$("dialog").showModal();
}

function field(id, label, control) {
	control.id = id;
	return [element("label", { for: id }, label), control];
}

function choice(options) {
	return element("select", {}, ...options.map(([value, text]) =>
		element("option", { value }, text)));
}

function askVoid(sale) {
	const reasons = ["why_1", "why_2", "why_3", "why_other"]
		.map((key) => [t(key), t(key)]);
	dialog(t("void"), t("void_sure", { folio: sale.folio, p: pesos(sale.amount) }),
		[...field("why", t("why"), choice(reasons)),
			...field("detail", t("why_text"), element("input", { maxlength: 200 }))],
		t("void"), () => {
			const detail = $("detail").value.trim();
			keep({ type: "void", folio: sale.folio,
				reason: $("why").value + (detail ? ": " + detail : "") }, "");
		});
}

function askStock(product) {
	const known = product.level !== null;
	const kinds = [["level", t("kind_level")]];
	if (known) kinds.push(["more", t("kind_more")], ["less", t("kind_less")]);
	dialog(t("stock_of", { name: product.name }), "",
		[...field("kind", t("kind"), choice(kinds)),
			...field("number", t("how_many"), element("input", {
				type: "number", inputmode: "numeric", min: 0, max: 100000,
				step: 1, required: true }))],
		t("send"), () => {
			const n = Number($("number").value);
			const kind = $("kind").value;
			if (kind !== "level" && n === 0) return;
			const what = kind === "level" ? { level: n }
				: { delta: kind === "more" ? n : -n };
			keep({ type: "stock", product: product.code, ...what }, product.name);
		});
}

function askHelp() {
	dialog(t("ask_help"), t("help_text"),
		field("note", t("help_note"), element("textarea", {
			rows: 3, maxlength: 200, required: true })),
		t("send"), () => keep({ type: "help", note: $("note").value.trim() }, ""));
}

// Not kept: a late "open" must not undo a later "close".
async function setDay(type) {
	const { status, answer } = await ask("POST", "/api", JSON.stringify({ type }));
	if (status !== 200 || !answer.ok)
		toast(answer && answer.error_es && language === "es"
			? answer.error_es : t("day_failed"), true);
	refresh();
}

function askClose() {
	dialog(t("close"), t("close_sure"), [], t("close"), () => setDay("close"));
}

function askDiscard(item) {
	dialog(t("discard"), t("discard_sure"), [], t("discard"), () => {
		localStorage.removeItem(item.key);
		draw();
	});
}

// ---- drawing ----

// Only what has changed, so that a finger or a screen reader keeps its place.
function part(name, from, make) {
	const key = language + JSON.stringify(from);
	if (shown[name] === key) return;
	shown[name] = key;
	make();
}

function today(sale) {
	return sale.at === null ||
		new Date(sale.at).toDateString() === new Date().toDateString();
}

function drawLink(waiting, sent) {
	let text = reachable ? "" : t("unreachable");
	if (locked || !state)
		waiting = sent = 0;
	else if (reachable && waiting > sent)
		text = t(waiting - sent === 1 ? "waiting_1" : "waiting_n", { n: waiting - sent });
	else if (reachable && sent)
		text = t(sent === 1 ? "sending_1" : "sending_n", { n: sent });
	else if (reachable)
		text = t(state.connected ? "connected" : "no_network");
	if (reachable && waiting && !state.connected)
		text += " " + t("no_network");
	if ($("link").textContent !== text) $("link").textContent = text;
	$("link").className = !reachable || waiting ? "wait" : "";
	if ($("trouble").textContent !== troubled) $("trouble").textContent = troubled;
	$("trouble").hidden = !troubled;
}

function drawDay() {
	const open = state.day === "open";
	$("day").replaceChildren(
		element("p", {}, t(open ? "day_open" : "day_closed")),
		element("button", { type: "button", id: "day-button",
			onclick: open ? askClose : () => setDay("open") },
		t(open ? "close" : "open")));
}

function levelText(level) {
	if (level === null || level === undefined) return t("not_counted");
	return t(level < 0 ? "please_count" : "left", { n: level });
}

function drawProducts(list) {
	const active = document.activeElement && document.activeElement.dataset.key;
	$("products").replaceChildren(...list.map((p) => {
		const units = basket.get(p.code) || 0;
		return element("li", { class: units ? "chosen" : "", "data-product": p.code },
			element("button", { class: "add", type: "button", "data-key": "add" + p.code,
				onclick: () => change(p.code, 1) },
			element("b", {}, p.name),
			element("span", {}, p.price ? pesos(p.price) : t("no_price")),
			element("span", { class: "soft" }, levelText(p.level))),
			element("div", { class: "steps" },
				element("button", { type: "button", "data-key": "less" + p.code,
					"aria-label": t("take", { name: p.name }), disabled: !units,
					onclick: () => change(p.code, -1) }, "−"),
				element("output", { "aria-label": t("units_chosen", { n: units }) },
					String(units)),
				element("button", { type: "button", "data-key": "more" + p.code,
					"aria-label": t("add", { name: p.name }),
					onclick: () => change(p.code, 1) }, "+")));
	}));
	const again = active && document.querySelector(`[data-key="${active}"]`);
	if (again && !again.disabled) again.focus();
}

function drawPay() {
	const lines = basketLines();
	$("sell-now").disabled = !lines.length;
	$("sell-now").textContent = lines.length
		? t("sell_now", { n: sum(lines, "units"), p: pesos(sum(lines, "amount")) })
		: t("sell_nothing");
	$("clear").hidden = !lines.length;
}

function whereText(sale, voids) {
	if (voids.has(sale.folio)) return ["phone", t("taken_back") + ", " + t("void_phone")];
	if (!sale.void) return [sale.where, t(sale.where)];
	return [sale.void.where, t("taken_back") + ", " + t("void_" + sale.void.where)];
}

function drawSold(sales, items) {
	const voids = new Set(items.filter((i) => i.request.type === "void")
		.map((i) => i.request.folio));
	$("sold").replaceChildren(...sales.map((sale) => {
		const [where, text] = whereText(sale, voids);
		const back = Boolean(sale.void) || voids.has(sale.folio);
		const what = linesText(sale.lines) + " · " + pesos(sale.amount);
		const when = sale.at ? new Date(sale.at).toLocaleTimeString(
			language === "es" ? "es-CL" : "en-GB",
			{ hour: "2-digit", minute: "2-digit", hourCycle: "h23" }) : t("no_date");
		return element("li", { class: back ? "back" : "", "data-folio": sale.folio },
			element("div", {},
				element("div", {}, when + " · ", element(back ? "s" : "span", {}, what)),
				element("div", { class: "folio" }, sale.folio,
					sale.customer ? " · " + sale.customer : ""),
				element("div", { class: "where " + where }, text)),
			back ? "" : element("button", { type: "button",
				"aria-label": t("void_label", { folio: sale.folio }),
				onclick: () => askVoid(sale) }, t("void")));
	}));
	if (!sales.length && !items.length)
		$("sold").replaceChildren(element("li", {}, t("none_yet")));
}

function drawPending(items) {
	$("pending").replaceChildren(...items.map((item) => {
		const { request, label } = item;
		const text = t("what_" + request.type,
			{ what: label, name: label, folio: request.folio });
		return element("li", {},
			element("div", {},
				element("div", {}, text + (request.lines
					? " · " + pesos(sum(request.lines, "amount")) : "")),
				element("div", { class: "where phone" }, t("in_phone"))),
			troubled ? element("button", { type: "button",
				onclick: () => askDiscard(item) }, t("discard")) : "");
	}));
}

function drawLevels(list) {
	$("levels").replaceChildren(...list.map((p) => {
		const verb = t(p.level === null ? "count_first" : "count");
		return element("li", {},
			element("div", {}, element("b", {}, p.name), " ",
				element("span", { class: "soft" }, levelText(p.level))),
			element("button", { type: "button",
				"aria-label": verb + ": " + p.name,
				onclick: () => askStock(p) }, verb));
	}));
}

function drawMessages() {
	const list = messages.slice().reverse().map((m) => element("li", {},
		element("span", { class: "soft" }, new Date(m.at).toLocaleString(
			language === "es" ? "es-CL" : "en-GB",
			{ dateStyle: "short", timeStyle: "short", hourCycle: "h23" })),
		element("span", {}, m.kind === "order"
			? t("order", { id: m.order, state: WORDS[language][m.state] || m.state }) +
				" · " + linesText(m.lines)
			: m.text)));
	$("messages").replaceChildren(...(list.length ? list
		: [element("li", {}, t("no_messages"))]));
}

function unread() {
	const read = Number(localStorage.getItem("pregon.read")) || 0;
	return messages.filter((m) => m.number > read).length;
}

function drawTabs(count) {
	if (!$("guild").hidden && messages.length)
		localStorage.setItem("pregon.read", messages[messages.length - 1].number);
	$("tab-sales").textContent = t("tab_sales", { n: count });
	$("tab-guild").textContent = unread()
		? t("tab_guild_new", { n: unread() }) : t("tab_guild");
}

function draw() {
	const items = kept();
	const sales = state && state.sales || [];
	const all = sales.filter(today);
	const good = all.filter((s) => !s.void);
	const phone = items.filter((i) => i.request.type === "sale").length;
	const sent = sales.filter((s) => s.where === "sent").length;

	drawLink((state && state.waiting || 0) + phone, sent);
	$("lock").hidden = !locked;
	$("main").hidden = locked || !state;
	$("tabs").hidden = locked || !state || state.bare;
	if (state && state.bare) {
		drawBare();
		return;
	}
	document.body.className = "";
	part("pending", [items, troubled, products()], () => drawPending(items));
	if (!state) return;
	if ($("cart").textContent !== state.cart) $("cart").textContent = state.cart;
	part("day", state.day, drawDay);
	part("products", [products(), [...basket]], () => drawProducts(products()));
	part("pay", [products(), [...basket]], drawPay);
	part("sold", [all, items, products()], () => drawSold(all, items));
	part("levels", products(), () => drawLevels(products()));
	part("messages", [messages, products()], drawMessages);
	drawTabs(good.length + phone);
	drawEnrol();
	$("price-box").hidden = state.catalogue.length > 0;
	$("totals").textContent = t("totals", { n: good.length,
		u: sum(good, "units"), p: pesos(sum(good, "amount")) });
}

function drawWords() {
	document.documentElement.lang = language;
	for (const e of document.querySelectorAll("[data-w]"))
		e.textContent = t(e.dataset.w);
	$("language").textContent = t("other");
	$("language").lang = language === "es" ? "en" : "es";
	draw();
}

function showTab(name) {
	for (const button of document.querySelectorAll("[data-tab]")) {
		const on = button.dataset.tab === name;
		$(button.dataset.tab).hidden = !on;
		if (on) button.setAttribute("aria-current", "page");
		else button.removeAttribute("aria-current");
	}
	scrollTo(0, 0);
	draw();
}

// ---- beginning ----

async function enter(event) {
	event.preventDefault();
	const { status, answer } = await ask("POST", "/pin",
		JSON.stringify({ pin: $("pin").value }));
	if (status === 200) {
		$("pin").value = "";
		await refresh();
		sendKept();
	} else if (status === 403) {
		toast(t("wrong_pin"), true);
	} else if (answer && answer.fault === "wait") {
		toast(t("wait", { n: answer.seconds }), true);
	}
	locked = status !== 200;
	draw();
}

async function turn() {
	// A page that nobody looks at rests, unless it has something to send.
	if (!document.hidden || !state || kept().length) {
		await refresh();
		if (!locked) await sendKept();
	}
	const busy = state && state.enrolment && state.enrolment.running;
	setTimeout(turn, busy ? BUSY_MS : REFRESH_MS);
}

$("language").addEventListener("click", () => {
	language = language === "es" ? "en" : "es";
	localStorage.setItem("pregon.language", language);
	drawWords();
});
$("sell-now").addEventListener("click", sell);
$("clear").addEventListener("click", () => { basket.clear(); draw(); });
$("help").addEventListener("click", askHelp);
$("lock").addEventListener("submit", enter);
$("price").value = localStorage.getItem("pregon.price") || "";
$("price").addEventListener("input", () => {
	localStorage.setItem("pregon.price", Math.round(Number($("price").value)) || 0);
	draw();
});
$("dialog-no").addEventListener("click", () => $("dialog").close());
$("dialog").querySelector("form").addEventListener("submit", () => {
	const then = dialog.then;
	dialog.then = null;
	if (then) then();
});
for (const button of document.querySelectorAll("[data-tab]"))
	button.addEventListener("click", () => showTab(button.dataset.tab));
addEventListener("storage", draw);	// another tab kept or settled something
addEventListener("online", sendKept);
document.addEventListener("visibilitychange", () => {
	if (!document.hidden) refresh();
});
drawWords();
showTab("sell");
beginEnrol();
turn();
