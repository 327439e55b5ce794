/*
 * A million registrations and decisions by chance, of people who all want the
 * same few plates: no illegal state, no plate of two, no gateway's number
 * twice; repeats change nothing; what was not refused, played again, makes the
 * same guild.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "backend/rules/admission.h"
#include "tests/unit/chance.h"

#define EVENTS 1000000
#define SEED 20261121
#define START INT64_C(1795190400000)
#define PEOPLE 40
#define PLATES 30
#define NOBODY (-1)

enum kind { REGISTER, DECIDE, ERASE };

struct event {
	enum kind kind;
	int person;
	int plate;
	bool premium;
	bool faulty;
	uint32_t id; /* of the registration */
	enum member_act act;
	int gateway; /* that takes a code */
	bool old_code;
	int64_t at_ms;
};

struct guild_world {
	struct member members[PEOPLE];
	uint32_t enrolments[PLATES]; /* the highest that each has had */
};

static const char *
plate_name(int plate)
{
	static char name[CART_MAX + 1];

	snprintf(name, sizeof(name), "CART%02u", (unsigned)plate % 100);
	return name;
}

static const char *
who_name(int person)
{
	static char name[PEOPLE][WHO_MAX + 1];

	snprintf(name[person], WHO_MAX + 1, "WHO%02d", person);
	return name[person];
}

static int
plate_number(const char *plate)
{
	return atoi(plate + 4);
}

static int
holder_of(const struct guild_world *world, const char *plate)
{
	int holder = NOBODY;

	for (int i = 0; i < PEOPLE; i++) {
		const struct member *m = &world->members[i];

		if (m->who[0] == '\0' || !member_is_live(m->state) ||
		    strcmp(m->plate, plate) != 0)
			continue;
		if (holder != NOBODY)
			fail_msg("%s and %s have %s", who_name(holder),
			    who_name(i), plate);
		holder = i;
	}
	return holder;
}

static void
draw(uint64_t *seed, struct event *ev, int64_t *now_ms, uint32_t *serial)
{
	uint32_t dice = chance(seed, 100);

	*now_ms += chance(seed, 90000);
	*ev = (struct event){ .person = (int)chance(seed, PEOPLE),
		.plate = (int)chance(seed, PLATES),
		.premium = chance(seed, 3) == 0,
		.faulty = chance(seed, 20) == 0,
		.act = (enum member_act)chance(seed, MEMBER_ACTS),
		.gateway = (int)chance(seed, 3),
		.old_code = chance(seed, 10) == 0,
		.at_ms = *now_ms };
	ev->kind = dice < 30 ? REGISTER : dice < 99 ? DECIDE : ERASE;
	if (ev->kind == REGISTER)
		ev->id = ++*serial;
	/* A host whose clock is behind. */
	if (chance(seed, 50) == 0)
		ev->at_ms -= 600000;
}

static enum admission_verdict
file_registration(struct guild_world *world, const struct event *ev,
    struct admission_why *why)
{
	struct member *member = &world->members[ev->person];
	struct registration data = { .first_name = "A",
		.last_name = "B",
		.rut = "12345678-5",
		.premium = ev->premium };
	int holder = holder_of(world, plate_name(ev->plate));
	struct admission known = { ev->at_ms,
		holder == NOBODY ? "" : who_name(holder),
		world->enrolments[ev->plate] };
	char rut[RUT_MAX + 1];

	snprintf(data.id, sizeof(data.id), "r%u", ev->id);
	snprintf(data.plate, sizeof(data.plate), "%s", plate_name(ev->plate));
	snprintf(data.mail, sizeof(data.mail), "%s",
	    ev->faulty ? "nowhere" : "a@b.cl");
	if (!registration_is_sound(&data, rut, why))
		return ADMISSION_REFUSED;
	return admission_register(
	    member, who_name(ev->person), &data, &known, why);
}

static enum admission_verdict
heed_decision(struct guild_world *world, const struct event *ev,
    struct admission_why *why)
{
	struct member *member = &world->members[ev->person];
	struct member_decision decision = {
		.act = ev->act, .by = "admin", .reason = "words"
	};
	const char *plate;
	struct admission known = { .at_ms = ev->at_ms };
	int holder;

	snprintf(decision.who, sizeof(decision.who), "%s", member->who);
	if (ev->act == MEMBER_ENROL) {
		decision.enrolment = member->enrolment - ev->old_code;
		snprintf(decision.gateway, sizeof(decision.gateway), "G%d",
		    ev->gateway);
	}
	if (ev->act == MEMBER_PLATE)
		snprintf(decision.plate, sizeof(decision.plate), "%s",
		    plate_name(ev->plate));
	plate = ev->act == MEMBER_PLATE ? decision.plate : member->plate;
	holder = holder_of(world, plate);
	known.plate_holder = holder == NOBODY ? "" : who_name(holder);
	if (plate[0] != '\0')
		known.plate_enrolment = world->enrolments[plate_number(plate)];
	return admission_decide(member, &decision, &known, why);
}

static enum admission_verdict
apply(struct guild_world *world, const struct event *ev,
    struct admission_why *why)
{
	struct member *member = &world->members[ev->person];
	enum admission_verdict verdict = ADMISSION_SAME;

	switch (ev->kind) {
	case REGISTER:
		verdict = file_registration(world, ev, why);
		break;
	case DECIDE:
		verdict = heed_decision(world, ev, why);
		break;
	case ERASE:
		if (member->who[0] != '\0')
			verdict = admission_erase(member, ev->at_ms);
		break;
	}
	if (member->enrolment != 0 && verdict != ADMISSION_REFUSED) {
		uint32_t *last =
		    &world->enrolments[plate_number(member->plate)];

		if (member->enrolment > *last)
			*last = member->enrolment;
	}
	return verdict;
}

/* Written down apart from the rules: who was -1 was nobody yet. */
static bool
is_legal(int from, enum member_state to)
{
	switch (from) {
	case NOBODY:
	case MEMBER_REJECTED:
	case MEMBER_LEFT:
		return to == MEMBER_WAITING || to == MEMBER_APPROVED ||
		    (from == MEMBER_REJECTED && to == MEMBER_LEFT);
	case MEMBER_WAITING:
		return to == MEMBER_APPROVED || to == MEMBER_REJECTED ||
		    to == MEMBER_LEFT;
	case MEMBER_APPROVED:
		return to == MEMBER_SUSPENDED || to == MEMBER_LEFT;
	case MEMBER_SUSPENDED:
		return to == MEMBER_APPROVED || to == MEMBER_LEFT;
	}
	return false;
}

static struct {
	uint64_t moves[MEMBER_STATES + 1][MEMBER_STATES];
	uint64_t changes, same;
	uint64_t plate_taken, rut_taken, faulty, state_wrong, old;
	uint64_t enrolled, code_taken, code_old;
} happened;

static void
count_refusal(const char *code)
{
	static const struct {
		const char *code;
		uint64_t *count;
	} codes[] = { { "plate.taken", &happened.plate_taken },
		{ "rut.taken", &happened.rut_taken },
		{ "email.wrong", &happened.faulty },
		{ "state.wrong", &happened.state_wrong },
		{ "code.taken", &happened.code_taken },
		{ "code.old", &happened.code_old },
		{ "decision.old", &happened.old }, { "who.unknown", NULL } };

	for (size_t i = 0; i < sizeof(codes) / sizeof(*codes); i++) {
		if (strcmp(codes[i].code, code) != 0)
			continue;
		if (codes[i].count != NULL)
			(*codes[i].count)++;
		return;
	}
	fail_msg("an unknown refusal: %s", code);
}

static void
check_member(const struct member *was, uint32_t last_enrolment,
    const struct guild_world *after, const struct event *ev,
    enum admission_verdict verdict)
{
	const struct member *is = &after->members[ev->person];
	int from = was->who[0] == '\0' ? NOBODY : (int)was->state;

	switch (verdict) {
	case ADMISSION_MOVED:
		if (!is_legal(from, is->state))
			fail_msg("from %d to %d", from, (int)is->state);
		happened.moves[from + 1][is->state]++;
		break;
	case ADMISSION_CHANGED:
		assert_int_equal(from, is->state);
		assert_true(member_is_live(is->state));
		happened.changes++;
		break;
	case ADMISSION_SAME:
		happened.same++;
		/* FALLTHROUGH */
	case ADMISSION_REFUSED:
		assert_memory_equal(was, is, sizeof(*is));
		return;
	}
	assert_true(is->state_ms >= was->state_ms);
	if (is->state == MEMBER_APPROVED || is->state == MEMBER_SUSPENDED)
		assert_true(is->enrolment != 0);
	if (is->state == MEMBER_WAITING)
		assert_int_equal(is->enrolment, 0);
	if (member_is_live(is->state))
		assert_int_equal(holder_of(after, is->plate), ev->person);
	/* A code was taken once, by one, for as long as its number lasts. */
	assert_int_equal(is->enrolled_ms != 0, is->gateway[0] != '\0');
	if (was->enrolled_ms != 0 && is->enrolment == was->enrolment &&
	    strcmp(is->plate, was->plate) == 0 && member_is_live(is->state) &&
	    member_is_live(was->state))
		assert_string_equal(is->gateway, was->gateway);
	if (is->enrolment != was->enrolment && from == (int)is->state)
		assert_true(is->enrolled_ms == 0);
	if (was->enrolled_ms == 0 && is->enrolled_ms != 0) {
		assert_int_equal(ev->act, MEMBER_ENROL);
		assert_int_equal(is->state, MEMBER_APPROVED);
		happened.enrolled++;
	}
	/* A number that was given was never given before. */
	if (is->enrolment != 0 &&
	    (is->enrolment != was->enrolment ||
		strcmp(is->plate, was->plate) != 0))
		assert_true(is->enrolment > last_enrolment);
}

/* What is done already is not done again; a gateway is replaced again only
 * by a decision of another id, which the role looks at. */
static void
check_repeat(struct guild_world *world, const struct event *ev,
    enum admission_verdict verdict)
{
	struct member before = world->members[ev->person];
	struct admission_why why;

	if (verdict == ADMISSION_REFUSED ||
	    (ev->kind == DECIDE && ev->act == MEMBER_REPLACE))
		return;
	assert_int_equal(apply(world, ev, &why), ADMISSION_SAME);
	assert_memory_equal(
	    &before, &world->members[ev->person], sizeof(before));
}

/* The highest number before the event of the plate that the member then has:
 * of the plate asked for, or of the member's own. */
static uint32_t
enrolment_before(const struct guild_world *world, const struct event *ev)
{
	const struct member *member = &world->members[ev->person];

	if (ev->kind == REGISTER || ev->act == MEMBER_PLATE ||
	    member->who[0] == '\0')
		return world->enrolments[ev->plate];
	return world->enrolments[plate_number(member->plate)];
}

static void
no_illegal_state_and_no_plate_of_two(void **state)
{
	static struct guild_world world, others, again;
	struct event *taken = malloc(EVENTS * sizeof(*taken));
	int64_t now_ms = START;
	uint64_t seed = SEED;
	uint32_t serial = 0;
	size_t taken_count = 0;
	struct admission_why why;
	struct event ev;

	(void)state;
	assert_non_null(taken);
	for (int i = 0; i < EVENTS; i++) {
		enum admission_verdict verdict;
		struct member was;
		uint32_t last;

		draw(&seed, &ev, &now_ms, &serial);
		was = world.members[ev.person];
		last = enrolment_before(&world, &ev);
		if (i % 1000 == 0)
			others = world;
		verdict = apply(&world, &ev, &why);
		check_member(&was, last, &world, &ev, verdict);
		if (verdict == ADMISSION_REFUSED)
			count_refusal(why.code);
		else
			taken[taken_count++] = ev;
		check_repeat(&world, &ev, verdict);
		/* Nobody else was touched. */
		others.members[ev.person] = world.members[ev.person];
		if (i % 1000 == 0)
			assert_memory_equal(others.members, world.members,
			    sizeof(world.members));
	}
	for (size_t i = 0; i < taken_count; i++)
		assert_int_not_equal(
		    apply(&again, &taken[i], &why), ADMISSION_REFUSED);
	assert_memory_equal(&world, &again, sizeof(world));
	free(taken);
	/* All of it happened, and often. */
	assert_true(happened.moves[0][MEMBER_WAITING] > 0);
	for (int from = 0; from < MEMBER_STATES; from++) {
		for (int to = 0; to < MEMBER_STATES; to++) {
			if (is_legal(from, (enum member_state)to))
				assert_true(
				    happened.moves[from + 1][to] > 1000);
			else
				assert_int_equal(
				    happened.moves[from + 1][to], 0);
		}
	}
	assert_true(happened.changes > 1000 && happened.same > 1000);
	assert_true(happened.plate_taken > 1000 && happened.rut_taken > 1000);
	assert_true(happened.faulty > 1000 && happened.state_wrong > 1000);
	assert_true(happened.old > 10);
	assert_true(happened.enrolled > 1000);
	assert_true(happened.code_taken > 1000 && happened.code_old > 1000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_illegal_state_and_no_plate_of_two),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
