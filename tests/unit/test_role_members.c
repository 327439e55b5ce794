/*
 * The role members over its database: registrations, decisions, what is told,
 * what is erased, what Mosquitto is asked for, and what the API reads.
 */
#include "tests/unit/member_desk.h"

static void
a_basic_applicant_waits_and_is_let_in_when_approved(void **state)
{
	uint32_t n;

	(void)state;
	heard_id = 0;
	file_at(1, "r1", "ABCD12", false, DESK_NOW);
	assert_string_equal(news(), "member.received member:r1 r1/received\n");
	assert_int_equal(state_of(1), MEMBER_WAITING);
	assert_string_equal(row.rut, rut_of(1));
	assert_string_equal(row.mail, "person1@example.cl");
	tick_at(DESK_NOW);
	assert_string_equal(door_of("ABCD12"), "");
	decide(1, "d1", MEMBER_APPROVE, DESK_NOW + 1000);
	assert_string_equal(
	    news(), "member.approved member:r1 r1/d1/approved\n");
	assert_int_equal(state_of(1), MEMBER_APPROVED);
	assert_false(row.gate_done);
	tick_at(DESK_NOW + 1000);
	assert_string_equal(door_of("ABCD12"), "in");
	assert_int_equal(state_of(1), MEMBER_APPROVED);
	assert_true(row.gate_done);
	n = row.enrolment;
	assert_int_equal(mosquitto.wishes[0].n, n);
}

static void
a_premium_applicant_is_let_in_at_once(void **state)
{
	(void)state;
	heard_id = 0;
	file_at(1, "r1", "ABCD12", true, DESK_NOW);
	assert_string_equal(news(),
	    "member.received member:r1 r1/received\n"
	    "member.approved member:r1 r1/approved\n");
	tick_at(DESK_NOW);
	assert_string_equal(door_of("ABCD12"), "in");
	assert_int_equal(d.total[TALLY_MEMBERS], 1);
}

static void
a_suspended_member_is_out_and_a_reinstated_one_in_with_the_same_number(
    void **state)
{
	uint32_t n;

	(void)state;
	file_at(1, "r1", "ABCD12", true, DESK_NOW);
	tick_at(DESK_NOW);
	state_of(1);
	n = row.enrolment;
	heard_id = 0;
	news();
	decide(1, "d1", MEMBER_SUSPEND, DESK_NOW + 1);
	assert_string_equal(news(),
	    "member.suspended member:r1 r1/d1/suspended\n"
	    " reason=no papers\n");
	tick_at(DESK_NOW + 1);
	assert_string_equal(door_of("ABCD12"), "out");
	assert_int_equal(state_of(1), MEMBER_SUSPENDED);
	assert_true(row.gate_done);
	assert_string_equal(row.reason, "no papers");
	decide(1, "d2", MEMBER_REINSTATE, DESK_NOW + 2);
	assert_non_null(strstr(news(), "member.reinstated"));
	tick_at(DESK_NOW + 2);
	assert_string_equal(door_of("ABCD12"), "in");
	state_of(1);
	assert_int_equal(row.enrolment, n);
}

static void
take_code(
    int n, const char *id, uint32_t number, const char *gateway, int64_t at_ms)
{
	uint8_t bytes[MEMBER_BYTES_MAX];
	struct member_decision said = { .act = MEMBER_ENROL,
		.at_ms = at_ms,
		.by = "gateway",
		.enrolment = number };
	int len;

	snprintf(said.id, sizeof(said.id), "%s", id);
	snprintf(said.who, sizeof(said.who), "%s", who_of(n));
	snprintf(said.gateway, sizeof(said.gateway), "%s", gateway);
	len = member_decision_encode(&said, bytes, sizeof(bytes));
	assert_true(len > 0);
	apply_at(said.who, id, SCHEMA_MEMBER_DECISION, BASIC_PARTITION, bytes,
	    (size_t)len, at_ms);
}

static void
the_first_gateway_in_the_log_has_the_code(void **state)
{
	uint32_t n;

	(void)state;
	file_at(1, "r1", "ABCD12", true, DESK_NOW);
	tick_at(DESK_NOW);
	state_of(1);
	n = row.enrolment;
	assert_true(row.enrolled_ms == 0);
	heard_id = 0;
	news();
	take_code(1, "e1", n, "FIRST", DESK_NOW + 1000);
	take_code(1, "e2", n, "SECOND", DESK_NOW + 1000);
	take_code(1, "e1", n, "FIRST", DESK_NOW + 2000);
	take_code(1, "e3", n, "FIRST", DESK_NOW + 3000);
	/* Nobody is told, and the door stays as it is. */
	assert_string_equal(news(), "");
	door.wishes = 0;
	tick_at(DESK_NOW + 3000);
	assert_int_equal(door.wishes, 0);
	assert_int_equal(state_of(1), MEMBER_APPROVED);
	assert_true(row.enrolled_ms == DESK_NOW + 1000);
	assert_string_equal(row.gateway, "FIRST");
	assert_int_equal(row.enrolment, n);
	assert_true(row.gate_done);
	assert_int_equal(d.total[TALLY_DECISIONS_REFUSED], 1);
	/* A gateway that replaces it may take the next one. */
	decide(1, "d1", MEMBER_REPLACE, DESK_NOW + 4000);
	state_of(1);
	assert_true(row.enrolment > n && row.enrolled_ms == 0);
	assert_string_equal(row.gateway, "");
	take_code(1, "e4", n, "FIRST", DESK_NOW + 5000);
	take_code(1, "e5", row.enrolment, "SECOND", DESK_NOW + 6000);
	state_of(1);
	assert_string_equal(row.gateway, "SECOND");
}

static void
a_code_finds_who_it_may_be_of_by_the_last_bits_of_the_number(void **state)
{
	uint32_t n;

	(void)state;
	file_at(1, "r1", "ABCD12", true, DESK_NOW);
	/* 4,096 minutes later: the same last bits. */
	file_at(2, "r2", "ABCD13", true, DESK_NOW + 4096 * INT64_C(60000));
	file_at(3, "r3", "ABCD14", true, DESK_NOW + 60000);
	file_at(4, "r4", "ABCD15", false, DESK_NOW);
	state_of(1);
	n = row.enrolment;
	assert_int_equal(
	    look((struct members_query){
		.state = -1, .by_code = true, .code_place = n & 4095 }),
	    2);
	assert_int_equal(
	    look((struct members_query){
		.state = -1, .by_code = true, .code_place = (n + 1) & 4095 }),
	    1);
	assert_string_equal(row.plate, "ABCD14");
	assert_int_equal(
	    look((struct members_query){
		.state = -1, .by_code = true, .code_place = (n + 2) & 4095 }),
	    0);
}

static void
what_is_wrong_is_refused_with_words_and_gone_from_the_log(void **state)
{
	static const struct {
		const char *code;
		size_t at;
		const char *value;
		bool told;
	} faults[] = {
		{ "rut.wrong", offsetof(struct registration, rut), "1-2",
		    true },
		{ "email.wrong", offsetof(struct registration, mail), "ana",
		    false },
	};

	(void)state;
	heard_id = 0;
	for (size_t i = 0; i < 2; i++) {
		struct registration r = asks(1, "r1", "ABCD12", true);
		char expected[80];

		snprintf(r.id, sizeof(r.id), "r%zu", i);
		strcpy((char *)&r + faults[i].at, faults[i].value);
		file_as(who_of(1), &r, DESK_NOW);
		news();
		snprintf(expected, sizeof(expected), "code=%s", faults[i].code);
		assert_int_equal(
		    strstr(told, "member.refused member:r") != NULL &&
			strstr(told, expected) != NULL &&
			strstr(told, " reason=") != NULL,
		    faults[i].told);
		snprintf(expected, sizeof(expected), "tomb r%zu@0\n", i);
		assert_non_null(strstr(told, expected));
		assert_int_equal(look((struct members_query){
				     .registration = r.id, .state = -1 }),
		    1);
		assert_string_equal(row.refusal, faults[i].code);
	}
	assert_int_equal(
	    look((struct members_query){ .state = -1, .refused = true }), 2);
	assert_int_equal(look((struct members_query){ .state = -1 }), 0);
	assert_int_equal(d.total[TALLY_REGISTRATIONS_REFUSED], 2);
}

static void
a_rut_or_a_plate_that_is_taken_is_refused(void **state)
{
	(void)state;
	file_at(1, "r1", "ABCD12", false, DESK_NOW);
	heard_id = 0;
	news();
	file_at(1, "r2", "WXYZ99", true, DESK_NOW + 1);
	assert_non_null(strstr(news(), "code=rut.taken"));
	file_at(2, "r3", "ABCD12", true, DESK_NOW + 2);
	assert_non_null(strstr(news(), "code=plate.taken"));
	assert_int_equal(state_of(1), MEMBER_WAITING);
	assert_string_equal(row.registration, "r1");
	assert_int_equal(
	    look((struct members_query){ .who = who_of(2), .state = -1 }), 0);
}

static void
a_registration_whose_key_is_not_its_ruts_is_refused_as_forged(void **state)
{
	struct registration r = asks(1, "r1", "ABCD12", true);

	(void)state;
	heard_id = 0;
	file_as(who_of(2), &r, DESK_NOW);
	assert_string_equal(news(), "tomb r1@0\n");
	look((struct members_query){ .registration = "r1", .state = -1 });
	assert_string_equal(row.refusal, "who.forged");
}

static void
what_cannot_be_read_is_named_but_not_copied(void **state)
{
	(void)state;
	heard_id = 0;
	apply_at(who_of(1), "r1", SCHEMA_MEMBER, 0, "\xc1", 1, DESK_NOW);
	assert_string_equal(news(), "");
	look((struct members_query){ .registration = "r1", .state = -1 });
	assert_string_equal(row.refusal, "record.wrong");
	apply_at(
	    who_of(1), "d1", SCHEMA_MEMBER_DECISION, 0, "\xc1", 1, DESK_NOW);
	assert_non_null(strstr(news(), "reject"));
	apply_at(who_of(1), "x1", "other/1", 0, "secret", 6, DESK_NOW);
	assert_non_null(strstr(news(), "reject schema"));
	assert_int_equal(d.total[TALLY_REJECTED], 2);
	/* And it goes when its time is over. */
	tick_at(DESK_NOW + 31 * DAY);
	assert_string_equal(news(), "tomb r1@0\n");
}

static void
each_record_again_changes_nothing(void **state)
{
	uint32_t n;

	(void)state;
	file_at(1, "r1", "ABCD12", true, DESK_NOW);
	decide(1, "d1", MEMBER_REPLACE, DESK_NOW + 1);
	decide(1, "d2", MEMBER_SUSPEND, DESK_NOW + 2);
	decide(1, "d3", MEMBER_REINSTATE, DESK_NOW + 3);
	state_of(1);
	n = row.enrolment;
	heard_id = 0;
	news();
	file_at(1, "r1", "ABCD12", true, DESK_NOW);
	decide(1, "d1", MEMBER_REPLACE, DESK_NOW + 4);
	decide(1, "d2", MEMBER_SUSPEND, DESK_NOW + 5);
	assert_string_equal(news(), "");
	assert_int_equal(state_of(1), MEMBER_APPROVED);
	assert_int_equal(row.enrolment, n);
	assert_int_equal(d.total[TALLY_DUPLICATES], 3);
	/* One that was refused goes from the log again. */
	file_at(2, "r2", "ABCD12", false, DESK_NOW + 6);
	news();
	file_at(2, "r2", "ABCD12", false, DESK_NOW + 7);
	assert_string_equal(news(), "tomb r2@1\n");
}

static void
an_illegal_decision_is_refused_and_counted(void **state)
{
	(void)state;
	file_at(1, "r1", "ABCD12", false, DESK_NOW);
	heard_id = 0;
	news();
	decide(1, "d1", MEMBER_SUSPEND, DESK_NOW + 1);
	decide(1, "d2", MEMBER_REPLACE, DESK_NOW + 1);
	decide(2, "d3", MEMBER_APPROVE, DESK_NOW + 1);
	assert_string_equal(news(), "");
	assert_int_equal(state_of(1), MEMBER_WAITING);
	assert_int_equal(d.total[TALLY_DECISIONS_REFUSED], 3);
}

static void
a_member_who_changes_carts_leaves_the_old_one_outside(void **state)
{
	(void)state;
	file_at(1, "r1", "ABCD12", true, DESK_NOW);
	file_at(2, "r2", "WXYZ99", true, DESK_NOW);
	tick_at(DESK_NOW);
	decide_plate(1, "d1", MEMBER_PLATE, "WXYZ99", DESK_NOW + 1);
	assert_int_equal(d.total[TALLY_DECISIONS_REFUSED], 1);
	decide_plate(1, "d2", MEMBER_PLATE, "EFGH34", DESK_NOW + 2);
	tick_at(DESK_NOW + 2);
	assert_string_equal(door_of("ABCD12"), "out");
	assert_string_equal(door_of("EFGH34"), "in");
	/* The old one is free, and its next gateway is another. */
	file_at(3, "r3", "ABCD12", true, DESK_NOW + 3);
	state_of(3);
	assert_true(row.enrolment > mosquitto.wishes[0].n);
	tick_at(DESK_NOW + 3);
	assert_string_equal(door_of("ABCD12"), "in");
	/* Who gave it up has no more say in it. */
	decide(1, "d4", MEMBER_LEAVE, DESK_NOW + 4);
	tick_at(DESK_NOW + 4);
	assert_string_equal(door_of("ABCD12"), "in");
	assert_string_equal(door_of("EFGH34"), "out");
}

static void
a_stolen_gateway_is_replaced_by_another_number(void **state)
{
	uint32_t n;

	(void)state;
	file_at(1, "r1", "ABCD12", true, DESK_NOW);
	tick_at(DESK_NOW);
	state_of(1);
	n = row.enrolment;
	decide(1, "d1", MEMBER_REPLACE, DESK_NOW + 1);
	state_of(1);
	assert_int_equal(row.enrolment, n + 1);
	assert_false(row.gate_done);
	tick_at(DESK_NOW + 1);
	assert_int_equal(mosquitto.wishes[0].n, n + 1);
	assert_true(mosquitto.wishes[0].in);
}

/* Is it in a file of the database's folder, the WAL's too? */
static bool
folder_has(const char *word)
{
	char command[160];

	snprintf(
	    command, sizeof(command), "grep -qa -- '%s' %s/*", word, d.folder);
	return system(command) == 0;
}

static void
nothing_of_who_has_left_is_in_a_file(void **state)
{
	static const char *const words[] = { "person1@", "Rojas" };
	char rut[RUT_MAX + 1];

	(void)state;
	file_at(1, "r1", "ABCD12", true, DESK_NOW);
	strcpy(rut, rut_of(1));
	decide(1, "d1", MEMBER_SUSPEND, DESK_NOW + 1);
	assert_true(folder_has(rut));
	for (size_t i = 0; i < 2; i++)
		assert_true(folder_has(words[i]));
	heard_id = 0;
	news();
	decide(1, "d2", MEMBER_LEAVE, DESK_NOW + 2);
	/* The registration, and what was decided about it. */
	news();
	assert_non_null(strstr(told, "tomb r1@0\n"));
	assert_non_null(strstr(told, "tomb d1@1\n"));
	assert_non_null(strstr(told, "tomb d2@1\n"));
	assert_int_equal(d.ctx.db->ops->scrub(d.ctx.db), 0);
	assert_false(folder_has(rut));
	for (size_t i = 0; i < 2; i++)
		assert_false(folder_has(words[i]));
	assert_int_equal(state_of(1), MEMBER_LEFT);
	assert_string_equal(row.first_name, "");
	assert_string_equal(row.mail, "");
	/* A late copy of what was erased goes again, and brings nobody back. */
	file_at(1, "r1", "ABCD12", true, DESK_NOW + 3);
	decide(1, "d1", MEMBER_SUSPEND, DESK_NOW + 3);
	assert_string_equal(news(), "tomb r1@0\ntomb d1@1\n");
	assert_int_equal(state_of(1), MEMBER_LEFT);
	assert_false(folder_has(rut));
}

static void
who_has_left_may_come_again(void **state)
{
	(void)state;
	file_at(1, "r1", "ABCD12", true, DESK_NOW);
	decide(1, "d1", MEMBER_LEAVE, DESK_NOW + 1);
	file_at(1, "r2", "ABCD12", false, DESK_NOW + 2);
	assert_int_equal(state_of(1), MEMBER_WAITING);
	assert_string_equal(row.registration, "r2");
	assert_string_equal(row.mail, "person1@example.cl");
	/* What was decided about the first one is not about this one. */
	decide(1, "d2", MEMBER_APPROVE, DESK_NOW + 1);
	assert_int_equal(state_of(1), MEMBER_WAITING);
}

static void
a_rejected_registration_is_erased_in_time(void **state)
{
	(void)state;
	file_at(1, "r1", "ABCD12", false, DESK_NOW);
	heard_id = 0;
	news();
	decide(1, "d1", MEMBER_REJECT, DESK_NOW + 1);
	assert_string_equal(news(),
	    "member.rejected member:r1 r1/d1/rejected\n reason=no papers\n");
	tick_at(DESK_NOW + 29 * DAY);
	assert_string_equal(news(), "");
	assert_int_equal(state_of(1), MEMBER_REJECTED);
	assert_string_equal(row.mail, "person1@example.cl");
	tick_at(DESK_NOW + 31 * DAY);
	assert_string_equal(news(), "tomb d1@1\ntomb r1@1\n");
	assert_int_equal(state_of(1), MEMBER_REJECTED);
	assert_string_equal(row.mail, "");
}

static void
our_own_tombstones_change_nothing(void **state)
{
	(void)state;
	file_at(1, "r1", "ABCD12", false, DESK_NOW);
	file_at(2, "r2", "ABCD12", false, DESK_NOW + 1);
	decide(1, "d1", MEMBER_REJECT, DESK_NOW + 2);
	apply_at(who_of(2), "r2", "", BASIC_PARTITION, "", 0, DESK_NOW + 3);
	assert_int_equal(
	    look((struct members_query){ .registration = "r2", .state = -1 }),
	    1);
	tick_at(DESK_NOW + 31 * DAY);
	heard_id = 0;
	news();
	apply_at(
	    who_of(1), "r1", "", BASIC_PARTITION, "", 0, DESK_NOW + 31 * DAY);
	assert_string_equal(news(), "");
	assert_int_equal(state_of(1), MEMBER_REJECTED);
}

/* Premium records are read first: what a later basic one was refused for, and
 * the tombstones of then, come in another order. */
static void
a_log_that_is_read_again_takes_in_who_was_taken_in(void **state)
{
	(void)state;
	/* Then: 1 basic had the plate, 2 premium was refused. */
	file_at(2, "r2", "ABCD12", true, DESK_NOW + 1);
	apply_at(who_of(2), "r2", "", 0, "", 0, DESK_NOW + 2);
	assert_int_equal(state_of(2), MEMBER_LEFT);
	file_at(1, "r1", "ABCD12", false, DESK_NOW);
	decide(1, "d1", MEMBER_APPROVE, DESK_NOW + 3);
	tick_at(DESK_NOW + 4);
	assert_int_equal(state_of(1), MEMBER_APPROVED);
	assert_string_equal(door_of("ABCD12"), "in");
	assert_false(folder_has("person2@") &&
	    d.ctx.db->ops->scrub(d.ctx.db) == 0 && folder_has("person2@"));
}

static void
what_is_a_day_old_is_told_to_nobody(void **state)
{
	(void)state;
	heard_id = 0;
	file_at(1, "r1", "ABCD12", true, DESK_NOW - 2 * DAY);
	assert_string_equal(news(), "");
	assert_int_equal(state_of(1), MEMBER_APPROVED);
}

static void
mosquitto_is_asked_until_it_has_done_it_and_for_all_at_a_start(void **state)
{
	char why[256];

	(void)state;
	door.away = true;
	file_at(1, "r1", "ABCD12", true, DESK_NOW);
	/* Not before all is read. */
	desk_tick(&d, DESK_NOW, false);
	assert_int_equal(door.wishes, 0);
	for (int i = 0; i < 3; i++)
		desk_tick(&d, DESK_NOW, true);
	assert_int_equal(door.wishes, 3);
	door.away = false;
	tick_at(DESK_NOW);
	assert_int_equal(door.wishes, 3);
	tick_at(DESK_NOW);
	assert_int_equal(door.wishes, 3);
	d.role->close(d.self);
	d.self = d.role->open(&d.ctx, &d.settings, why, sizeof(why));
	assert_non_null(d.self);
	tick_at(DESK_NOW);
	assert_int_equal(door.wishes, 4);
	assert_string_equal(door_of("ABCD12"), "in");
}

static void
whoever_is_to_be_told_is_found_until_they_leave(void **state)
{
	struct contacts *contacts = contacts_open(d.folder);
	struct contact contact;

	(void)state;
	assert_non_null(contacts);
	file_at(1, "r1", "ABCD12", true, DESK_NOW);
	file_at(1, "r2", "WXYZ99", false, DESK_NOW);
	assert_int_equal(contacts_of_registration(contacts, "r1", &contact), 1);
	assert_string_equal(contact.mail, "person1@example.cl");
	assert_string_equal(contact.first_name, "Ana");
	assert_string_equal(contact.language, "es");
	/* One that was refused is told why. */
	assert_int_equal(contacts_of_registration(contacts, "r2", &contact), 1);
	assert_int_equal(contacts_of_registration(contacts, "r9", &contact), 0);
	assert_int_equal(contacts_of_plate(contacts, "ABCD12", &contact), 1);
	assert_int_equal(contacts_of_plate(contacts, "WXYZ99", &contact), 0);
	decide(1, "d1", MEMBER_LEAVE, DESK_NOW + 1);
	assert_int_equal(contacts_of_registration(contacts, "r1", &contact), 0);
	assert_int_equal(contacts_of_plate(contacts, "ABCD12", &contact), 0);
	contacts_close(contacts);
	contacts = contacts_open("/nowhere");
	assert_int_equal(contacts_of_plate(contacts, "ABCD12", &contact), 0);
	contacts_close(contacts);
}

static void
members_are_listed_by_state_page_by_page(void **state)
{
	struct members_query query = { .state = MEMBER_WAITING, .limit = 3 };
	struct member_counts counts;
	size_t seen = 0;
	char id[16], plate[CART_MAX + 1], last[MEMBER_ID_MAX + 1];

	(void)state;
	for (unsigned i = 0; i < 10; i++) {
		snprintf(id, sizeof(id), "r%u", i % 10u);
		snprintf(plate, sizeof(plate), "CART%02u", i % 100u);
		file_at((int)i, id, plate, i >= 8, DESK_NOW + i / 2);
	}
	do {
		if (query.before_ms != 0 && look(query) > 0)
			assert_true(row.registered_ms <= query.before_ms);
		look(query);
		seen += rows;
		query.before_ms = row.registered_ms;
		strcpy(last, row.registration);
		query.before_id = last;
	} while (rows == 3);
	assert_int_equal(seen, 8);
	assert_int_equal(look((struct members_query){ .state = -1 }), 10);
	assert_int_equal(
	    look((struct members_query){ .plate = "CART03", .state = -1 }), 1);
	assert_string_equal(row.registration, "r3");
	assert_int_equal(d.reader->ops->member_counts(d.reader, &counts), 0);
	assert_int_equal(counts.members[MEMBER_WAITING], 8);
	assert_int_equal(counts.members[MEMBER_APPROVED], 2);
	assert_int_equal(counts.refused, 0);
	assert_int_equal(counts.gate_waiting, 2);
	tick_at(DESK_NOW);
	assert_int_equal(d.reader->ops->member_counts(d.reader, &counts), 0);
	assert_int_equal(counts.gate_waiting, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_desk, close_desk)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_basic_applicant_waits_and_is_let_in_when_approved),
		TEST(a_premium_applicant_is_let_in_at_once),
		TEST(
		    a_suspended_member_is_out_and_a_reinstated_one_in_with_the_same_number),
		TEST(the_first_gateway_in_the_log_has_the_code),
		TEST(
		    a_code_finds_who_it_may_be_of_by_the_last_bits_of_the_number),
		TEST(what_is_wrong_is_refused_with_words_and_gone_from_the_log),
		TEST(a_rut_or_a_plate_that_is_taken_is_refused),
		TEST(
		    a_registration_whose_key_is_not_its_ruts_is_refused_as_forged),
		TEST(what_cannot_be_read_is_named_but_not_copied),
		TEST(each_record_again_changes_nothing),
		TEST(an_illegal_decision_is_refused_and_counted),
		TEST(a_member_who_changes_carts_leaves_the_old_one_outside),
		TEST(a_stolen_gateway_is_replaced_by_another_number),
		TEST(nothing_of_who_has_left_is_in_a_file),
		TEST(who_has_left_may_come_again),
		TEST(a_rejected_registration_is_erased_in_time),
		TEST(our_own_tombstones_change_nothing),
		TEST(a_log_that_is_read_again_takes_in_who_was_taken_in),
		TEST(what_is_a_day_old_is_told_to_nobody),
		TEST(
		    mosquitto_is_asked_until_it_has_done_it_and_for_all_at_a_start),
		TEST(whoever_is_to_be_told_is_found_until_they_leave),
		TEST(members_are_listed_by_state_page_by_page),
	};

	return cmocka_run_group_tests(tests, open_secret, remove_secret);
}
