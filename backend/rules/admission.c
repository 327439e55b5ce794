/*
 * admission: see the header.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "backend/rules/admission.h"

#define YEAR_2020_MS INT64_C(1577836800000)
#define MINUTE_MS 60000

__attribute__((format(printf, 3, 4))) static enum admission_verdict
refuse(struct admission_why *why, const char *code, const char *format, ...)
{
	va_list args;

	snprintf(why->code, sizeof(why->code), "%s", code);
	va_start(args, format);
	vsnprintf(why->text, sizeof(why->text), format, args);
	va_end(args);
	return ADMISSION_REFUSED;
}

bool
member_is_live(enum member_state state)
{
	return state == MEMBER_WAITING || state == MEMBER_APPROVED ||
	    state == MEMBER_SUSPENDED;
}

bool
member_is_in(const struct member *member)
{
	return member->state == MEMBER_APPROVED;
}

uint32_t
admission_enrolment(uint32_t before, int64_t at_ms)
{
	int64_t minutes = (at_ms - YEAR_2020_MS) / MINUTE_MS;

	return minutes > (int64_t)before ? (uint32_t)minutes : before + 1;
}

/* Words of the value itself stay out: they end in notices. */
bool
registration_is_sound(const struct registration *registration,
    char rut[RUT_MAX + 1], struct admission_why *why)
{
	if (rut_parse(registration->rut, strlen(registration->rut), rut) ==
	    -1) {
		rut[0] = '\0';
		refuse(why, "rut.wrong",
		    "the RUT is wrong: a digit was mistyped, or it is not "
		    "written like 12.345.678-5");
		return false;
	}
	if (registration->first_name[0] == '\0' ||
	    registration->last_name[0] == '\0') {
		refuse(why, "name.missing",
		    "both a first and a last name are needed");
		return false;
	}
	if (!mail_is_valid(registration->mail, strlen(registration->mail))) {
		refuse(why, "email.wrong",
		    "the e-mail address is not one that mail can be sent to");
		return false;
	}
	if (!cart_is_valid(registration->plate, strlen(registration->plate))) {
		refuse(why, "plate.wrong",
		    "the plate is not 4 to 8 letters and digits");
		return false;
	}
	return true;
}

/* 1: a member's, taken by someone else. */
static bool
plate_is_taken(const struct admission *known, const char *who)
{
	return known->plate_holder[0] != '\0' &&
	    strcmp(known->plate_holder, who) != 0;
}

/* The plate's next gateway, which has taken no code yet. */
static void
number_gateway(struct member *member, const struct admission *known)
{
	member->enrolment = admission_enrolment(
	    known->plate_enrolment, known->at_ms);
	member->enrolled_ms = 0;
	member->gateway[0] = '\0';
}

static void
move(struct member *member, enum member_state to, int64_t at_ms)
{
	member->state = to;
	if (at_ms > member->state_ms)
		member->state_ms = at_ms;
}

enum admission_verdict
admission_register(struct member *member, const char *who,
    const struct registration *registration, const struct admission *known,
    struct admission_why *why)
{
	bool is_known = member->who[0] != '\0';
	int64_t last_ms = member->state_ms;

	if (is_known && strcmp(member->registration, registration->id) == 0)
		return ADMISSION_SAME;
	if (is_known && member_is_live(member->state))
		return refuse(why, "rut.taken",
		    "this RUT is registered already: the member is %s",
		    member_state_name(member->state));
	if (plate_is_taken(known, who))
		return refuse(why, "plate.taken",
		    "another member has the cart %s", registration->plate);
	*member = (struct member){ .registered_ms = known->at_ms,
		.state_ms = last_ms,
		.premium = registration->premium };
	snprintf(member->who, sizeof(member->who), "%s", who);
	snprintf(member->registration, sizeof(member->registration), "%s",
	    registration->id);
	snprintf(
	    member->plate, sizeof(member->plate), "%s", registration->plate);
	move(member, MEMBER_WAITING, known->at_ms);
	if (!registration->premium)
		return ADMISSION_MOVED;
	move(member, MEMBER_APPROVED, known->at_ms);
	number_gateway(member, known);
	return ADMISSION_MOVED;
}

static enum admission_verdict
judge_move(const struct member *member, enum member_state from,
    enum member_state to, struct admission_why *why)
{
	if (member->state == to)
		return ADMISSION_SAME;
	if (member->state == from)
		return ADMISSION_MOVED;
	return refuse(why, "state.wrong",
	    "the member is %s: only one who is %s can become %s",
	    member_state_name(member->state), member_state_name(from),
	    member_state_name(to));
}

static enum admission_verdict
approve(struct member *member, const struct admission *known,
    struct admission_why *why)
{
	enum admission_verdict verdict = judge_move(
	    member, MEMBER_WAITING, MEMBER_APPROVED, why);

	if (verdict != ADMISSION_MOVED)
		return verdict;
	move(member, MEMBER_APPROVED, known->at_ms);
	number_gateway(member, known);
	return verdict;
}

/* To a state where it says why. */
static enum admission_verdict
judge_and_move(struct member *member, enum member_state from,
    enum member_state to, const struct admission *known,
    struct admission_why *why)
{
	enum admission_verdict verdict = judge_move(member, from, to, why);

	if (verdict == ADMISSION_MOVED)
		move(member, to, known->at_ms);
	return verdict;
}

static enum admission_verdict
change_plate(struct member *member, const char *plate,
    const struct admission *known, struct admission_why *why)
{
	if (!member_is_live(member->state))
		return refuse(why, "state.wrong",
		    "the member is %s: register again with the other plate",
		    member_state_name(member->state));
	if (!cart_is_valid(plate, strlen(plate)))
		return refuse(why, "plate.wrong",
		    "the plate is not 4 to 8 letters and digits");
	if (strcmp(member->plate, plate) == 0)
		return ADMISSION_SAME;
	if (plate_is_taken(known, member->who))
		return refuse(why, "plate.taken",
		    "another member has the cart %s", plate);
	snprintf(member->plate, sizeof(member->plate), "%s", plate);
	number_gateway(member, known);
	if (member->state == MEMBER_WAITING)
		member->enrolment = 0;
	return ADMISSION_CHANGED;
}

static enum admission_verdict
replace_gateway(struct member *member, const struct admission *known,
    struct admission_why *why)
{
	if (member->state != MEMBER_APPROVED &&
	    member->state != MEMBER_SUSPENDED)
		return refuse(why, "state.wrong",
		    "the member is %s: there is no gateway to replace",
		    member_state_name(member->state));
	number_gateway(member, known);
	return ADMISSION_CHANGED;
}

/* The words are for the API's answer, too: it asks before it writes. */
static enum admission_verdict
enrol(struct member *member, const struct member_decision *decision,
    const struct admission *known, struct admission_why *why)
{
	if (decision->enrolment == 0 ||
	    decision->enrolment != member->enrolment)
		return refuse(why, "code.old",
		    "the code was of a gateway that was replaced since");
	if (member->enrolled_ms != 0) {
		if (strcmp(member->gateway, decision->gateway) == 0)
			return ADMISSION_SAME;
		return refuse(
		    why, "code.taken", "another gateway took this code before");
	}
	if (member->state != MEMBER_APPROVED)
		return refuse(why, "state.wrong",
		    "the member is %s: only an approved one's gateway may "
		    "enrol",
		    member_state_name(member->state));
	member->enrolled_ms = known->at_ms;
	snprintf(
	    member->gateway, sizeof(member->gateway), "%s", decision->gateway);
	return ADMISSION_CHANGED;
}

enum admission_verdict
admission_erase(struct member *member, int64_t at_ms)
{
	if (member->state == MEMBER_LEFT)
		return ADMISSION_SAME;
	move(member, MEMBER_LEFT, at_ms);
	return ADMISSION_MOVED;
}

static enum admission_verdict
act(struct member *member, const struct member_decision *decision,
    const struct admission *known, struct admission_why *why)
{
	switch (decision->act) {
	case MEMBER_APPROVE:
		return approve(member, known, why);
	case MEMBER_REJECT:
		return judge_and_move(
		    member, MEMBER_WAITING, MEMBER_REJECTED, known, why);
	case MEMBER_SUSPEND:
		return judge_and_move(
		    member, MEMBER_APPROVED, MEMBER_SUSPENDED, known, why);
	case MEMBER_REINSTATE:
		/* One who waits is approved, not reinstated. */
		return judge_and_move(
		    member, MEMBER_SUSPENDED, MEMBER_APPROVED, known, why);
	case MEMBER_PLATE:
		return change_plate(member, decision->plate, known, why);
	case MEMBER_REPLACE:
		return replace_gateway(member, known, why);
	case MEMBER_LEAVE:
		return admission_erase(member, known->at_ms);
	case MEMBER_ENROL:
		return enrol(member, decision, known, why);
	case MEMBER_ACTS:
		break;
	}
	return refuse(why, "act.wrong", "no such act");
}

/* What the member may read of it: why not. */
static void
take_words(struct member *member, const struct member_decision *decision)
{
	/* It decides nothing. */
	if (decision->act == MEMBER_ENROL)
		return;
	snprintf(member->by, sizeof(member->by), "%s", decision->by);
	switch (decision->act) {
	case MEMBER_REJECT:
	case MEMBER_SUSPEND:
		snprintf(member->reason, sizeof(member->reason), "%s",
		    decision->reason);
		break;
	case MEMBER_APPROVE:
	case MEMBER_REINSTATE:
	case MEMBER_LEAVE:
		member->reason[0] = '\0';
		break;
	case MEMBER_PLATE:
	case MEMBER_REPLACE:
	case MEMBER_ENROL:
	case MEMBER_ACTS:
		break;
	}
}

enum admission_verdict
admission_decide(struct member *member, const struct member_decision *decision,
    const struct admission *known, struct admission_why *why)
{
	enum admission_verdict verdict;

	if (member->who[0] == '\0')
		return refuse(why, "who.unknown", "there is no such member");
	if (known->at_ms < member->registered_ms)
		return refuse(why, "decision.old",
		    "it is older than the registration that it is about");
	verdict = act(member, decision, known, why);
	if (verdict == ADMISSION_MOVED || verdict == ADMISSION_CHANGED)
		take_words(member, decision);
	return verdict;
}
