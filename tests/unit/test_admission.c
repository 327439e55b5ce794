/*
 * Who becomes a member, and what may be decided about one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "backend/rules/admission.h"

/* 2026-11-20T16:00:00Z. */
#define NOW INT64_C(1795190400000)
#define ANA "ANA0000000000000000000WHO"
#define EVA "EVA0000000000000000000WHO"
#define NUMBER 7 /* of a gateway, where a test gives it one */

static struct member member;
static struct admission_why why;

static struct registration
sound(const char *id, bool premium)
{
	struct registration data = { .at_ms = NOW,
		.first_name = "Ana",
		.last_name = "Rojas",
		.rut = "123456785",
		.mail = "ana@example.cl",
		.plate = "ABCD12",
		.premium = premium,
		.language = "es" };

	snprintf(data.id, sizeof(data.id), "%s", id);
	return data;
}

static int
begin(void **state)
{
	(void)state;
	memset(&member, 0, sizeof(member));
	memset(&why, 0, sizeof(why));
	return 0;
}

static enum admission_verdict
asks(const char *id, bool premium, const char *plate_holder, int64_t at_ms)
{
	struct registration data = sound(id, premium);
	struct admission known = { at_ms, plate_holder, 0 };

	return admission_register(&member, ANA, &data, &known, &why);
}

static enum admission_verdict
decides_of(enum member_act act, const char *plate, const char *holder,
    uint32_t enrolment, int64_t at_ms)
{
	struct member_decision decision = { .id = "d",
		.who = ANA,
		.act = act,
		.by = "admin",
		.reason = "words",
		.enrolment = NUMBER,
		.gateway = "GATEWAY" };
	struct admission known = { at_ms, holder, enrolment };

	snprintf(decision.plate, sizeof(decision.plate), "%s", plate);
	return admission_decide(&member, &decision, &known, &why);
}

static enum admission_verdict
decides(enum member_act act)
{
	return decides_of(act, "", "", 0, NOW + 1);
}

static void
a_basic_applicant_waits_for_an_admin(void **state)
{
	(void)state;
	assert_int_equal(asks("r1", false, "", NOW), ADMISSION_MOVED);
	assert_int_equal(member.state, MEMBER_WAITING);
	assert_int_equal(member.enrolment, 0);
	assert_false(member_is_in(&member));
	assert_int_equal(decides(MEMBER_APPROVE), ADMISSION_MOVED);
	assert_true(member_is_in(&member));
	assert_true(member.enrolment > 0);
	assert_string_equal(member.by, "admin");
}

static void
a_premium_applicant_is_approved_at_once(void **state)
{
	(void)state;
	assert_int_equal(asks("r1", true, "", NOW), ADMISSION_MOVED);
	assert_int_equal(member.state, MEMBER_APPROVED);
	assert_true(member.enrolment > 0);
	assert_string_equal(member.by, "");
}

static void
each_fault_of_a_form_has_its_own_word(void **state)
{
	static const struct {
		const char *code;
		size_t at;
		const char *value;
	} faults[] = {
		{ "rut.wrong", offsetof(struct registration, rut),
		    "12345678-4" },
		{ "rut.wrong", offsetof(struct registration, rut), "nobody" },
		{ "rut.wrong", offsetof(struct registration, rut), "" },
		{ "name.missing", offsetof(struct registration, first_name),
		    "" },
		{ "name.missing", offsetof(struct registration, last_name),
		    "" },
		{ "email.wrong", offsetof(struct registration, mail), "ana@" },
		{ "email.wrong", offsetof(struct registration, mail), "" },
		{ "plate.wrong", offsetof(struct registration, plate), "ab12" },
		{ "plate.wrong", offsetof(struct registration, plate), "A" },
	};
	struct registration data = sound("r1", false);
	char rut[RUT_MAX + 1];

	(void)state;
	assert_true(registration_is_sound(&data, rut, &why));
	assert_string_equal(rut, "12345678-5");
	for (size_t i = 0; i < sizeof(faults) / sizeof(*faults); i++) {
		data = sound("r1", false);
		strcpy((char *)&data + faults[i].at, faults[i].value);
		assert_false(registration_is_sound(&data, rut, &why));
		assert_string_equal(why.code, faults[i].code);
		assert_true(strlen(why.text) > 20);
	}
}

static void
a_rut_is_one_members_while_they_are_one(void **state)
{
	(void)state;
	asks("r1", false, "", NOW);
	assert_int_equal(asks("r2", true, ANA, NOW + 1), ADMISSION_REFUSED);
	assert_string_equal(why.code, "rut.taken");
	assert_string_equal(member.registration, "r1");
	decides(MEMBER_APPROVE);
	assert_int_equal(asks("r2", true, ANA, NOW + 2), ADMISSION_REFUSED);
	decides(MEMBER_SUSPEND);
	assert_int_equal(asks("r2", true, ANA, NOW + 3), ADMISSION_REFUSED);
	decides(MEMBER_LEAVE);
	assert_int_equal(asks("r2", false, "", NOW + 4), ADMISSION_MOVED);
	assert_int_equal(member.state, MEMBER_WAITING);
	decides_of(MEMBER_REJECT, "", "", 0, NOW + 5);
	assert_int_equal(asks("r3", true, "", NOW + 6), ADMISSION_MOVED);
	assert_int_equal(member.state, MEMBER_APPROVED);
}

static void
a_plate_is_one_members_while_they_are_one(void **state)
{
	(void)state;
	assert_int_equal(asks("r1", true, EVA, NOW), ADMISSION_REFUSED);
	assert_string_equal(why.code, "plate.taken");
	assert_string_equal(member.who, "");
}

static void
the_same_registration_again_changes_nothing(void **state)
{
	struct member before;

	(void)state;
	asks("r1", false, "", NOW);
	for (int act = 0; act < 3; act++) {
		static const enum member_act acts[] = { MEMBER_APPROVE,
			MEMBER_SUSPEND, MEMBER_LEAVE };

		before = member;
		assert_int_equal(asks("r1", false, ANA, NOW), ADMISSION_SAME);
		assert_memory_equal(&before, &member, sizeof(member));
		decides(acts[act]);
	}
	/* Nor does it bring back who has left. */
	assert_int_equal(asks("r1", false, "", NOW + 9), ADMISSION_SAME);
	assert_int_equal(member.state, MEMBER_LEFT);
}

/* The whole table of states and acts, as docs/members.md has it. */
static void
every_decision_in_every_state(void **state)
{
	enum {
		M = ADMISSION_MOVED,
		C = ADMISSION_CHANGED,
		S = ADMISSION_SAME,
		R = ADMISSION_REFUSED
	};
	static const struct {
		enum member_state from;
		int verdict[MEMBER_ACTS];
	} table[] = {
		/* approve, reject, suspend, reinstate, plate, replace, leave,
		 * enrol */
		{ MEMBER_WAITING, { M, M, R, R, C, R, M, R } },
		{ MEMBER_APPROVED, { S, R, M, S, C, C, M, C } },
		{ MEMBER_REJECTED, { R, S, R, R, R, R, M, R } },
		{ MEMBER_SUSPENDED, { R, R, S, M, C, C, M, R } },
		{ MEMBER_LEFT, { R, R, R, R, R, R, S, R } },
	};
	static const enum member_state to[MEMBER_ACTS] = {
		[MEMBER_APPROVE] = MEMBER_APPROVED,
		[MEMBER_REJECT] = MEMBER_REJECTED,
		[MEMBER_SUSPEND] = MEMBER_SUSPENDED,
		[MEMBER_REINSTATE] = MEMBER_APPROVED,
		[MEMBER_LEAVE] = MEMBER_LEFT,
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
		for (int act = 0; act < MEMBER_ACTS; act++) {
			struct member before;
			int verdict = table[i].verdict[act];

			begin(NULL);
			asks("r1", false, "", NOW);
			member.state = table[i].from;
			member.enrolment = NUMBER;
			before = member;
			assert_int_equal(decides_of((enum member_act)act,
					     "WXYZ99", "", 0, NOW + 1),
			    verdict);
			if (verdict == M)
				assert_int_equal(member.state, to[act]);
			else
				assert_int_equal(member.state, table[i].from);
			if (verdict == S || verdict == R)
				assert_memory_equal(
				    &before, &member, sizeof(member));
			if (verdict == R)
				assert_string_equal(why.code, "state.wrong");
		}
	}
}

static enum admission_verdict
enrols(uint32_t number, const char *gateway, int64_t at_ms)
{
	struct member_decision decision = { .id = "e",
		.who = ANA,
		.act = MEMBER_ENROL,
		.by = "gateway",
		.enrolment = number };
	struct admission known = { at_ms, "", 0 };

	snprintf(decision.gateway, sizeof(decision.gateway), "%s", gateway);
	return admission_decide(&member, &decision, &known, &why);
}

static void
a_code_is_taken_by_the_first_gateway_alone(void **state)
{
	(void)state;
	asks("r1", true, "", NOW);
	assert_int_equal(
	    enrols(member.enrolment, "FIRST", NOW + 5), ADMISSION_CHANGED);
	assert_true(member.enrolled_ms == NOW + 5);
	assert_string_equal(member.gateway, "FIRST");
	/* Who enrols decides nothing. */
	assert_string_equal(member.by, "");
	assert_int_equal(
	    enrols(member.enrolment, "SECOND", NOW + 6), ADMISSION_REFUSED);
	assert_string_equal(why.code, "code.taken");
	assert_int_equal(
	    enrols(member.enrolment, "FIRST", NOW + 7), ADMISSION_SAME);
	assert_true(member.enrolled_ms == NOW + 5);
	assert_string_equal(member.gateway, "FIRST");
	/* A repeat is one also while the member is suspended. */
	decides(MEMBER_SUSPEND);
	assert_int_equal(
	    enrols(member.enrolment, "FIRST", NOW + 8), ADMISSION_SAME);
}

static void
another_number_ends_the_codes_of_the_one_before(void **state)
{
	static const struct {
		enum member_act act;
		const char *plate;
	} ways[] = { { MEMBER_REPLACE, "" }, { MEMBER_PLATE, "WXYZ99" } };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		uint32_t before;

		begin(NULL);
		asks("r1", true, "", NOW);
		before = member.enrolment;
		enrols(before, "FIRST", NOW + 1);
		assert_int_equal(
		    decides_of(ways[i].act, ways[i].plate, "", before, NOW + 2),
		    ADMISSION_CHANGED);
		assert_int_not_equal(member.enrolment, before);
		assert_true(member.enrolled_ms == 0);
		assert_string_equal(member.gateway, "");
		assert_int_equal(
		    enrols(before, "FIRST", NOW + 3), ADMISSION_REFUSED);
		assert_string_equal(why.code, "code.old");
		assert_int_equal(enrols(member.enrolment, "SECOND", NOW + 4),
		    ADMISSION_CHANGED);
		/* Out and in again: the same gateway stays. */
		decides(MEMBER_SUSPEND);
		decides(MEMBER_REINSTATE);
		assert_string_equal(member.gateway, "SECOND");
	}
}

static void
a_reason_is_kept_while_it_says_why(void **state)
{
	(void)state;
	asks("r1", true, "", NOW);
	decides(MEMBER_SUSPEND);
	assert_string_equal(member.reason, "words");
	decides(MEMBER_REPLACE);
	assert_string_equal(member.reason, "words");
	decides(MEMBER_REINSTATE);
	assert_string_equal(member.reason, "");
}

static void
a_decision_about_nobody_or_about_an_earlier_one_is_refused(void **state)
{
	(void)state;
	assert_int_equal(decides(MEMBER_APPROVE), ADMISSION_REFUSED);
	assert_string_equal(why.code, "who.unknown");
	asks("r1", false, "", NOW);
	assert_int_equal(
	    decides_of(MEMBER_APPROVE, "", "", 0, NOW - 1), ADMISSION_REFUSED);
	assert_string_equal(why.code, "decision.old");
}

static void
another_plate_is_free_or_refused(void **state)
{
	(void)state;
	asks("r1", true, "", NOW);
	assert_int_equal(decides_of(MEMBER_PLATE, "WXYZ99", EVA, 0, NOW + 1),
	    ADMISSION_REFUSED);
	assert_string_equal(why.code, "plate.taken");
	assert_int_equal(decides_of(MEMBER_PLATE, "wxyz99", "", 0, NOW + 1),
	    ADMISSION_REFUSED);
	assert_string_equal(why.code, "plate.wrong");
	assert_int_equal(decides_of(MEMBER_PLATE, "ABCD12", ANA, 0, NOW + 1),
	    ADMISSION_SAME);
	assert_int_equal(decides_of(MEMBER_PLATE, "WXYZ99", "", 0, NOW + 1),
	    ADMISSION_CHANGED);
	assert_string_equal(member.plate, "WXYZ99");
	assert_int_equal(member.state, MEMBER_APPROVED);
}

static void
one_who_waits_has_no_gateway_yet_whatever_the_plate(void **state)
{
	(void)state;
	asks("r1", false, "", NOW);
	decides_of(MEMBER_PLATE, "WXYZ99", "", 7, NOW + 1);
	assert_int_equal(member.enrolment, 0);
}

static void
each_gateway_of_a_plate_has_a_number_that_none_had_before(void **state)
{
	uint32_t last;

	(void)state;
	asks("r1", true, "", NOW);
	for (int i = 0; i < 5; i++) {
		last = member.enrolment;
		assert_int_equal(
		    decides_of(MEMBER_REPLACE, "", "", last, NOW + 1),
		    ADMISSION_CHANGED);
		assert_true(member.enrolment > last);
	}
	/* Also for a guild that forgot all of them. */
	assert_true(admission_enrolment(0, NOW + 3600000) > last);
	/* A clock that was years ahead is not forgotten by going back. */
	assert_int_equal(admission_enrolment(4000000, NOW), 4000001);
}

static void
time_does_not_go_back(void **state)
{
	(void)state;
	asks("r1", true, "", NOW);
	decides_of(MEMBER_SUSPEND, "", "", 0, NOW + 100);
	decides_of(MEMBER_REINSTATE, "", "", 0, NOW + 50);
	assert_int_equal(member.state_ms, NOW + 100);
}

static void
who_is_erased_from_the_log_has_left(void **state)
{
	(void)state;
	asks("r1", true, "", NOW);
	assert_int_equal(admission_erase(&member, NOW + 1), ADMISSION_MOVED);
	assert_int_equal(member.state, MEMBER_LEFT);
	assert_int_equal(admission_erase(&member, NOW + 2), ADMISSION_SAME);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(
		    a_basic_applicant_waits_for_an_admin, begin),
		cmocka_unit_test_setup(
		    a_premium_applicant_is_approved_at_once, begin),
		cmocka_unit_test_setup(
		    each_fault_of_a_form_has_its_own_word, begin),
		cmocka_unit_test_setup(
		    a_rut_is_one_members_while_they_are_one, begin),
		cmocka_unit_test_setup(
		    a_plate_is_one_members_while_they_are_one, begin),
		cmocka_unit_test_setup(
		    the_same_registration_again_changes_nothing, begin),
		cmocka_unit_test_setup(every_decision_in_every_state, begin),
		cmocka_unit_test_setup(
		    a_code_is_taken_by_the_first_gateway_alone, begin),
		cmocka_unit_test_setup(
		    another_number_ends_the_codes_of_the_one_before, begin),
		cmocka_unit_test_setup(
		    a_reason_is_kept_while_it_says_why, begin),
		cmocka_unit_test_setup(
		    a_decision_about_nobody_or_about_an_earlier_one_is_refused,
		    begin),
		cmocka_unit_test_setup(another_plate_is_free_or_refused, begin),
		cmocka_unit_test_setup(
		    one_who_waits_has_no_gateway_yet_whatever_the_plate, begin),
		cmocka_unit_test_setup(
		    each_gateway_of_a_plate_has_a_number_that_none_had_before,
		    begin),
		cmocka_unit_test_setup(time_does_not_go_back, begin),
		cmocka_unit_test_setup(
		    who_is_erased_from_the_log_has_left, begin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
