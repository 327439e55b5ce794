/*
 * Members over HTTP: what is asked becomes records that name nobody outside
 * their values, and what is answered is kept nowhere.
 */
#include "tests/unit/api_trial.h"

#include "lib/secret.h"
#include "tests/unit/capture.h"

#define MEMBERS "/api/v1/members"
#define RUT "12345678-5"
#define ANA                                                                    \
	"{\"first_name\":\"Ana\",\"last_name\":\"Soto\","                      \
	"\"rut\":\"12.345.678-5\",\"email\":\"ana@b.cl\",\"plate\":"           \
	"\"AB1234\"}"
#define PREMIUM                                                                \
	"{\"first_name\":\"Ana\",\"last_name\":\"Soto\","                      \
	"\"rut\":\"12345678-5\",\"email\":\"ana@b.cl\",\"plate\":\"AB1234\","  \
	"\"premium\":true,\"language\":\"en\"}"

static const struct secret secret = { { 1, 2, 3 } };

/* A database that knows one member. */
struct register_book {
	struct reader reader; /* first */
	int error;
	struct member_row row; /* who "": nobody */
	char asked[WHO_MAX + 1];
};

static int
book_members(struct reader *reader, const struct members_query *query,
    int (*row)(void *, const struct member_row *), void *ctx)
{
	struct register_book *book = (struct register_book *)reader;

	snprintf(book->asked, sizeof(book->asked), "%s",
	    query->who != NULL ? query->who : "");
	if (book->error == 0 &&
	    (query->who == NULL || strcmp(query->who, book->row.who) == 0) &&
	    (query->plate == NULL ||
		strcmp(query->plate, book->row.plate) == 0))
		row(ctx, &book->row);
	errno = book->error;
	return book->error != 0 ? -1 : 0;
}

static const struct reader_ops book_ops = { .members = book_members };

static struct register_book *
open_book(struct trial *t, enum member_state state)
{
	static struct register_book book;

	book = (struct register_book){ .reader = { &book_ops },
		.row = { .registration = "R1",
		    .state = state,
		    .plate = "AB1234",
		    .registered_ms = NOW - 1000,
		    .state_ms = NOW - 1000,
		    .enrolment = 7,
		    .first_name = "Ana",
		    .rut = RUT } };
	secret_who(&secret, RUT, book.row.who);
	t->reader = &book.reader;
	t->api.secret = &secret;
	t->api.broker = (struct api_broker){ "broker.example", 8883, true };
	return &book;
}

static struct registration
read_registration(const struct submit_record *r)
{
	struct decode_error error;
	struct registration registration;

	assert_int_equal(
	    registration_decode(r->value, r->len, &registration, &error), 0);
	return registration;
}

static void
a_registration_is_keyed_by_who_and_its_id(void **state)
{
	char who[WHO_MAX + 1], key[MEMBER_KEY_MAX + 1];
	struct trial *t = *state;
	const struct submit_record *r;
	struct registration registration;

	t->api.secret = &secret;
	trial_begin(t, "POST", MEMBERS, NULL, NULL, ANA);
	assert_int_equal(t->answer.status, 202);
	r = submission_at(t->call.submission, 0);
	assert_int_equal(r->topic, TOPIC_NUEVOS_USUARIOS);
	assert_string_equal(r->schema, SCHEMA_MEMBER);
	assert_false(r->reserved);
	registration = read_registration(r);
	assert_string_equal(registration.rut, RUT);
	assert_string_equal(registration.language, "es");
	assert_false(registration.premium);
	assert_true(registration.at_ms == NOW);
	secret_who(&secret, RUT, who);
	assert_string_equal(r->owner, who);
	assert_int_equal(member_key_format(who, registration.id, key), 0);
	assert_string_equal(r->key, key);
	assert_true(trial_says(t, registration.id));
	assert_false(trial_says(t, who));
	assert_string_equal(t->answer.location, "");
}

static void
premium_ones_have_a_partition_of_their_own(void **state)
{
	struct trial *t = *state;
	struct registration registration;

	t->api.secret = &secret;
	trial_begin(t, "POST", MEMBERS, NULL, NULL, PREMIUM);
	assert_true(submission_at(t->call.submission, 0)->reserved);
	registration = read_registration(submission_at(t->call.submission, 0));
	assert_true(registration.premium);
	assert_string_equal(registration.language, "en");
}

static void
a_registration_has_its_id_from_the_key(void **state)
{
	struct trial *t = *state;
	char first[MEMBER_ID_MAX + 1];

	t->api.secret = &secret;
	trial_begin(t, "POST", MEMBERS, DEPOT, "k", ANA);
	strcpy(
	    first, read_registration(submission_at(t->call.submission, 0)).id);
	trial_restart(t);
	trial_begin(t, "POST", MEMBERS, DEPOT, "k", ANA);
	assert_string_equal(
	    read_registration(submission_at(t->call.submission, 0)).id, first);
	trial_begin(t, "POST", MEMBERS, DEPOT, NULL, ANA);
	assert_string_not_equal(
	    read_registration(submission_at(t->call.submission, 0)).id, first);
}

static void
anyone_may_register_now_and_then(void **state)
{
	struct trial *t = *state;

	t->api.secret = &secret;
	for (int i = 0; i < 2; i++) {
		trial_begin(t, "POST", MEMBERS, NULL, NULL, ANA);
		assert_int_equal(t->answer.status, 202);
	}
	trial_begin(t, "POST", MEMBERS, NULL, NULL, ANA);
	assert_int_equal(t->answer.status, 429);
	trial_begin(t, "POST", MEMBERS, ADMIN, NULL, ANA);
	assert_int_equal(t->answer.status, 202);
}

static void
every_wrong_field_is_named_and_no_rut_is_repeated(void **state)
{
	static const char body[] =
	    "{\"first_name\":\"\",\"rut\":\"12345678-6\",\"email\":\"ana\","
	    "\"plate\":\"ab12\",\"premium\":1,\"language\":\"fr\",\"x\":1}";
	static const char *const fields[] = { "first_name", "last_name", "rut",
		"email", "plate", "premium", "language", "x" };
	struct trial *t = *state;
	char text[60];

	t->api.secret = &secret;
	trial_begin(t, "POST", MEMBERS, NULL, NULL, body);
	assert_int_equal(t->answer.status, 422);
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		snprintf(text, sizeof(text), "{\"field\":\"%s\",", fields[i]);
		assert_true(trial_says(t, text));
	}
	assert_true(trial_says(t, "check digit"));
	assert_false(trial_says(t, "12345678"));
}

static void
a_member_is_found_by_any_form_of_the_rut_and_by_who(void **state)
{
	static const char *const ruts[] = { "12.345.678-5", "123456785", RUT };
	struct register_book *book;
	struct trial *t = *state;
	char path[100];

	book = open_book(t, MEMBER_APPROVED);
	for (size_t i = 0; i < 3; i++) {
		snprintf(path, sizeof(path), MEMBERS "/%s", ruts[i]);
		trial_begin(t, "GET", path, ADMIN, NULL, "");
		assert_int_equal(t->answer.status, 200);
		assert_string_equal(book->asked, book->row.who);
	}
	snprintf(path, sizeof(path), MEMBERS "/%s", book->row.who);
	trial_begin(t, "GET", path, ADMIN, NULL, "");
	assert_int_equal(t->answer.status, 200);
	assert_false(t->answer.cacheable);
	trial_begin(t, "GET", MEMBERS "/7-8", ADMIN, NULL, "");
	assert_int_equal(t->answer.status, 404);
	trial_begin(t, "GET", MEMBERS "/12345678-6", ADMIN, NULL, "");
	assert_int_equal(t->answer.status, 400);
}

static void
members_are_for_admins_even_where_reads_are_open(void **state)
{
	struct trial *t = *state;

	open_book(t, MEMBER_APPROVED);
	t->api.open_reads = true;
	trial_begin(t, "GET", MEMBERS, NULL, NULL, "");
	assert_int_equal(t->answer.status, 401);
	trial_begin(t, "GET", MEMBERS "/" RUT, DEPOT, NULL, "");
	assert_int_equal(t->answer.status, 403);
	trial_begin(t, "GET", MEMBERS, ADMIN, NULL, "");
	assert_int_equal(t->answer.status, 200);
}

static void
a_decision_goes_where_the_registration_went(void **state)
{
	struct register_book *book;
	struct trial *t = *state;
	const struct submit_record *r;
	struct member_decision d;
	struct decode_error error;

	book = open_book(t, MEMBER_WAITING);
	for (int i = 0; i < 2; i++) {
		book->row.premium = i == 1;
		trial_begin(
		    t, "POST", MEMBERS "/" RUT "/approve", ADMIN, NULL, "");
		assert_int_equal(t->answer.status, 202);
		r = submission_at(t->call.submission, 0);
		assert_int_equal(r->reserved, i);
		assert_string_equal(r->owner, book->row.who);
		assert_string_equal(r->schema, SCHEMA_MEMBER_DECISION);
		assert_int_equal(
		    member_decision_decode(r->value, r->len, &d, &error), 0);
		assert_int_equal(d.act, MEMBER_APPROVE);
		assert_string_equal(d.who, book->row.who);
		assert_string_equal(d.by, "somebody");
		assert_string_equal(d.reason, "");
	}
	assert_null(strstr(t->answer.location, RUT));
	trial_begin(t, "POST", MEMBERS "/" RUT "/reject", ADMIN, NULL, "{}");
	assert_int_equal(t->answer.status, 422);
	trial_begin(t, "POST", MEMBERS "/" RUT "/suspend", ADMIN, NULL,
	    "{\"reason\":\"not yet one\"}");
	assert_int_equal(t->answer.status, 409);
	trial_begin(t, "POST", MEMBERS "/7-8/approve", ADMIN, NULL, "");
	assert_int_equal(t->answer.status, 404);
	book->error = ENOENT;
	trial_begin(t, "POST", MEMBERS "/" RUT "/approve", ADMIN, NULL, "");
	assert_int_equal(t->answer.status, 503);
}

static void
a_plate_that_another_has_is_refused_with_words(void **state)
{
	struct trial *t = *state;

	open_book(t, MEMBER_APPROVED);
	trial_begin(t, "POST", MEMBERS "/" RUT "/plate", ADMIN, NULL,
	    "{\"plate\":\"CD5678\"}");
	assert_int_equal(t->answer.status, 202);
	trial_begin(t, "POST", MEMBERS "/" RUT "/plate", ADMIN, NULL,
	    "{\"plate\":\"cd\"}");
	assert_int_equal(t->answer.status, 422);
}

static void
an_enrolment_is_made_each_time_and_kept_nowhere(void **state)
{
	static const char path[] = MEMBERS "/" RUT "/enrol";
	char password[CART_PASSWORD_MAX + 1];
	struct register_book *book;
	struct trial *t = *state;

	book = open_book(t, MEMBER_APPROVED);
	secret_cart_password(&secret, "AB1234", 7, password);
	for (int i = 0; i < 2; i++) {
		trial_begin(t, "POST", path, ADMIN, "k", "");
		assert_int_equal(t->answer.status, 200);
		assert_false(t->answer.replayed);
		assert_false(t->answer.cacheable);
		assert_true(trial_says(t, password));
		assert_true(trial_says(t, "broker.example"));
		assert_null(t->call.submission);
	}
	book->row.enrolment = 8;
	trial_begin(t, "POST", path, ADMIN, "k", "");
	assert_int_equal(t->answer.status, 200);
	assert_false(trial_says(t, password));
	book->row.state = MEMBER_SUSPENDED;
	trial_begin(t, "POST", path, ADMIN, "k", "");
	assert_int_equal(t->answer.status, 409);
	assert_false(trial_says(t, "password"));
	trial_begin(t, "POST", path, DEPOT, NULL, "");
	assert_int_equal(t->answer.status, 403);
}

static void
without_the_secret_the_rest_works(void **state)
{
	struct trial *t = *state;

	trial_begin(t, "POST", MEMBERS, NULL, NULL, ANA);
	assert_int_equal(t->answer.status, 503);
	trial_begin(t, "GET", MEMBERS "/" RUT, ADMIN, NULL, "");
	assert_int_equal(t->answer.status, 503);
	trial_begin(t, "POST", MEMBERS "/" RUT "/enrol", ADMIN, NULL, "");
	assert_int_equal(t->answer.status, 503);
	trial_begin(t, "POST", "/api/v1/strange-carts", VENDOR, NULL,
	    "{\"lat\":-33.4,\"lon\":-70.6}");
	assert_int_equal(t->answer.status, 202);
}

static void
a_path_with_a_rut_is_in_no_log(void **state)
{
	static struct capture capture;
	struct register_book *book;
	struct trial *t = *state;
	const char *said;

	book = open_book(t, MEMBER_APPROVED);
	book->error = EIO;
	capture_begin(&capture, STDERR_FILENO);
	trial_begin(t, "GET", MEMBERS "/" RUT, ADMIN, NULL, "");
	said = capture_end(&capture);
	assert_int_equal(t->answer.status, 500);
	assert_non_null(strstr(said, "{rut}"));
	assert_null(strstr(said, "12345678"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TRIAL(a_registration_is_keyed_by_who_and_its_id),
		TRIAL(premium_ones_have_a_partition_of_their_own),
		TRIAL(a_registration_has_its_id_from_the_key),
		TRIAL(anyone_may_register_now_and_then),
		TRIAL(every_wrong_field_is_named_and_no_rut_is_repeated),
		TRIAL(a_member_is_found_by_any_form_of_the_rut_and_by_who),
		TRIAL(members_are_for_admins_even_where_reads_are_open),
		TRIAL(a_decision_goes_where_the_registration_went),
		TRIAL(a_plate_that_another_has_is_refused_with_words),
		TRIAL(an_enrolment_is_made_each_time_and_kept_nowhere),
		TRIAL(without_the_secret_the_rest_works),
		TRIAL(a_path_with_a_rut_is_in_no_log),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
