"use strict";
// The cart and the guild: takes the guild's code, and shows how far it has
// come, up to the first fix on the guild's map.

const LINK_STEPS = ["broker", "receiver", "fix", "map"];
let enrolOpen = location.hash.startsWith("#enrol");

// What /state says of the steps after the code: each is done or waited for.
function linkSteps(e) {
	const seen = Boolean(e.fix) && e.fix !== "none";
	const done = [state.connected, state.gpsd_connected || e.fix_acks > 0,
		seen || e.fix_acks > 0, e.fix_acks > 0];
	const faults = [e.refused ? "refused" : "broker", "no_gpsd", "no_fix", "no_ack"];
	const first = done.indexOf(false);
	return LINK_STEPS.map((step, i) => ({ step,
		mark: first < 0 || i < first ? "ok" : i === first ? "doing" : "",
		fault: i === first ? faults[i] : "", words: i === 0 ? e.why || "" : "" }));
}

function enrolSteps(e) {
	const said = Object.fromEntries(e.steps.map((s) => [s.step, s]));
	const own = e.steps.length || e.running ? ["reach", "code", "keep"].map((step) =>
		said[step] || { step, mark: "", fault: "" }) : [];
	const linked = e.enrolled && !e.running && !own.some((s) => s.mark === "stop");
	return own.concat(linked ? linkSteps(e) : []);
}

// The guild's own words where we have none.
function faultText(step) {
	const words = WORDS[language];
	const known = words["fault_" + step.fault];
	if (!step.fault) return "";
	return known ? known + (step.fault === "other_cart" || step.fault === "refused"
		? " (" + step.words + ")" : "") : step.words;
}

function drawSteps(steps) {
	$("enrol-steps").replaceChildren(...steps.map((s) =>
		element("li", { class: s.mark || "later" },
			element("b", {}, t("step_" + s.step)),
			element("span", { class: "mark" }, t("mark_" + (s.mark || "later"))),
			faultText(s) ? element("span", { class: "why" }, faultText(s)) : "")));
	const done = steps.length > 0 && steps.every((s) => s.mark === "ok");
	$("enrol-done").hidden = !done;
}

function drawEnrol() {
	const e = state && state.enrolment;
	if (!e) return;
	const steps = enrolSteps(e);
	const begun = e.steps.length > 0 || e.running;
	$("enrol-again").hidden = !e.enrolled || enrolOpen || begun;
	$("enrol").hidden = !enrolOpen && !begun;
	$("enrol-call").hidden = e.enrolled || (!$("guild").hidden && !$("enrol").hidden);
	$("enrol-form").hidden = !e.allowed || e.running || (begun && e.enrolled);
	$("enrol-locked").hidden = e.allowed || begun;
	part("steps", [steps, e.running], () => drawSteps(steps));
}

// A gateway that does not know its plate yet: there is nothing else to do.
function drawBare() {
	document.body.className = "bare";
	enrolOpen = true;
	if ($("guild").hidden) showTab("guild");
	else drawEnrol();
}

function openEnrol() {
	enrolOpen = true;
	showTab("guild");
	draw();
	($("enrol-form").hidden ? $("enrol") : $("enrol-address")).focus();
}

async function sendEnrol(event) {
	event.preventDefault();
	const { status, answer } = await ask("POST", "/enrol",
		JSON.stringify({ address: $("enrol-address").value.trim() }));
	const fault = answer && "fault_" + answer.fault;
	if (status !== 202)
		toast(t(status === 0 ? "unreachable"
			: fault in WORDS[language] ? fault : "fault_broken"), true);
	refresh();
}

function beginEnrol() {
	$("enrol-call-button").addEventListener("click", openEnrol);
	$("enrol-again").addEventListener("click", openEnrol);
	$("enrol-form").addEventListener("submit", sendEnrol);
	// The guild's own page may lead here with what is to be typed.
	if (location.hash.startsWith("#enrol=")) {
		$("enrol-address").value = decodeURIComponent(location.hash.slice(7));
		history.replaceState(null, "", "#enrol");
	}
	if (enrolOpen) showTab("guild");
}
