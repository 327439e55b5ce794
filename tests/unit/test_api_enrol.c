/*
 * A gateway takes its code over HTTP: what goes to Kafka, what it is given
 * once the role has said that it was the first, and what it hears else.
 */
#include "tests/unit/api_trial.h"

#include "lib/enrol_code.h"

#define ENROL "/api/v1/enrol"
#define RUT "12345678-5"
#define WORD "GATEWAYWORD0123456789"
#define HOUR INT64_C(3600000)

static const struct secret secret = { { 1, 2, 3 } };

/* A database that knows a few members. */
static struct {
	struct reader reader; /* first */
	struct member_row rows[2];
	int asked;
} book;

static int
book_members(struct reader *reader, const struct members_query *query,
    int (*row)(void *, const struct member_row *), void *ctx)
{
	(void)reader;
	book.asked++;
	for (size_t i = 0; i < 2; i++) {
		const struct member_row *r = &book.rows[i];

		if (r->who[0] == '\0' ||
		    (query->who != NULL && strcmp(query->who, r->who) != 0) ||
		    (query->by_code &&
			(r->enrolment & ENROL_PLACE_MASK) != query->code_place))
			continue;
		if (row(ctx, r) != 0)
			break;
	}
	return 0;
}

static const struct reader_ops book_ops = { .members = book_members };
static char url[] = "https://guild.example";
static char ca[] = "-----BEGIN CERTIFICATE-----\nMIIB\n";

static struct member_row *
open_book(struct trial *t)
{
	memset(&book, 0, sizeof(book));
	book.reader.ops = &book_ops;
	for (size_t i = 0; i < 2; i++) {
		book.rows[i] = (struct member_row){ .registration = "R1",
			.state = MEMBER_APPROVED,
			.plate = "AB1234",
			/* Both are looked at. */
			.enrolment = (uint32_t)(7 + i * 4096),
			.premium = true };
	}
	strcpy(book.rows[0].who, "ANOTHER00000000000000000WH");
	secret_who(&secret, RUT, book.rows[1].who);
	t->reader = &book.reader;
	t->api.secret = &secret;
	t->api.broker = (struct api_broker){ "broker.example", 8883, true };
	t->api.enrol = (struct api_enrol){
		.url = url, .life_ms = 24 * HOUR, .ca = ca
	};
	limits_free(t->api.limits);
	t->api.limits = NULL;
	return &book.rows[1];
}

/* The code of the second row, until NOW + life_ms or soon after. */
static const char *
code_of(const struct member_row *row, int64_t life_ms)
{
	static char text[ENROL_CODE_TEXT + 1];
	int64_t ends_ms = NOW + life_ms;
	struct enrol_code code;

	enrol_code_make(&secret, row->who, row->enrolment, &ends_ms, &code);
	enrol_code_format(&code, text);
	return text;
}

static void
take_as(struct trial *t, const char *code, const char *word)
{
	static char body[300];

	snprintf(body, sizeof(body), "{\"code\":\"%s\",\"gateway\":\"%s\"}",
	    code, word);
	trial_begin(t, "POST", ENROL, NULL, NULL, body);
}

static void
take(struct trial *t, const char *code)
{
	take_as(t, code, WORD);
}

static void
the_first_word_goes_to_kafka_and_nothing_is_given_yet(void **state)
{
	struct trial *t = *state;
	struct member_row *row = open_book(t);
	char gateway[ENROL_GATEWAY_MAX + 1], key[MEMBER_KEY_MAX + 1];
	const struct submit_record *r;
	struct member_decision d;
	struct decode_error error;

	take(t, code_of(row, HOUR));
	assert_int_equal(t->answer.status, 202);
	assert_int_equal(t->answer.retry_s, 1);
	assert_string_equal(t->answer.location, "");
	assert_false(trial_says(t, "password"));
	assert_false(trial_says(t, row->who));
	r = submission_at(t->call.submission, 0);
	assert_int_equal(r->topic, TOPIC_NUEVOS_USUARIOS);
	assert_true(r->reserved);
	assert_string_equal(r->owner, row->who);
	assert_string_equal(r->schema, SCHEMA_MEMBER_DECISION);
	assert_int_equal(
	    member_decision_decode(r->value, r->len, &d, &error), 0);
	assert_int_equal(d.act, MEMBER_ENROL);
	assert_int_equal(d.enrolment, row->enrolment);
	assert_string_equal(d.who, row->who);
	secret_gateway(&secret, WORD, gateway);
	assert_string_equal(d.gateway, gateway);
	assert_int_equal(member_key_format(row->who, d.id, key), 0);
	assert_string_equal(r->key, key);
	/* Neither the word nor the code is in what is kept for ever. */
	assert_null(memmem(r->value, r->len, WORD, strlen(WORD)));
}

static void
a_repeat_in_the_same_minute_is_the_same_record(void **state)
{
	struct trial *t = *state;
	struct member_row *row = open_book(t);
	char first[MEMBER_KEY_MAX + 1];

	take(t, code_of(row, HOUR));
	strcpy(first, submission_at(t->call.submission, 0)->key);
	take(t, code_of(row, HOUR));
	assert_string_equal(submission_at(t->call.submission, 0)->key, first);
	take_as(t, code_of(row, HOUR), "ANOTHERWORD0123456789");
	assert_string_not_equal(
	    submission_at(t->call.submission, 0)->key, first);
	t->clock.realtime_ms += 60000;
	take(t, code_of(row, HOUR));
	assert_string_not_equal(
	    submission_at(t->call.submission, 0)->key, first);
}

static void
who_was_first_is_given_the_same_bytes_each_time(void **state)
{
	char password[CART_PASSWORD_MAX + 1], bytes[2000] = "";
	struct trial *t = *state;
	struct member_row *row = open_book(t);

	row->enrolled_ms = NOW - 5;
	secret_gateway(&secret, WORD, row->gateway);
	secret_cart_password(&secret, "AB1234", row->enrolment, password);
	/* Also when the code has ended meanwhile: the answer was lost. */
	for (int i = 0; i < 3; i++) {
		take(t, code_of(row, i == 2 ? -5 * HOUR : HOUR));
		assert_int_equal(t->answer.status, 200);
		assert_null(t->call.submission);
		assert_false(t->answer.cacheable);
		assert_true(trial_says(t, password));
		assert_true(trial_says(t, "\"host\":\"broker.example\""));
		assert_true(trial_says(t, "BEGIN CERTIFICATE"));
		assert_true(t->answer.body.len < sizeof(bytes));
		if (i > 0)
			assert_memory_equal(
			    bytes, t->answer.body.text, t->answer.body.len);
		memcpy(bytes, t->answer.body.text, t->answer.body.len);
	}
	/* Another gateway with the same code. */
	take_as(t, code_of(row, HOUR), "ANOTHERWORD0123456789");
	assert_int_equal(t->answer.status, 409);
	assert_true(trial_says(t, "another gateway"));
	assert_false(trial_says(t, "password"));
	assert_null(t->call.submission);
}

static void
each_thing_that_stops_it_has_its_word(void **state)
{
	struct trial *t = *state;
	struct member_row *row = open_book(t);
	static char mistyped[ENROL_CODE_TEXT + 1];

	take(t, code_of(row, -HOUR));
	assert_int_equal(t->answer.status, 410);
	assert_true(trial_says(t, "another"));
	row->state = MEMBER_SUSPENDED;
	take(t, code_of(row, HOUR));
	assert_int_equal(t->answer.status, 409);
	assert_true(trial_says(t, "\"field\":\"member\""));
	row->state = MEMBER_APPROVED;
	take(t, "ABCD-EFGH-JKMN");
	assert_int_equal(t->answer.status, 422);
	assert_false(trial_says(t, "JKMN"));
	take_as(t, code_of(row, HOUR), "short");
	assert_int_equal(t->answer.status, 422);
	assert_true(trial_says(t, "\"gateway\""));
	assert_null(t->call.submission);
	/* A code of a gateway that was replaced, and a mistyped one. */
	strcpy(mistyped, code_of(row, HOUR));
	row->enrolment++;
	take(t, mistyped);
	assert_int_equal(t->answer.status, 404);
	strcpy(mistyped, code_of(row, HOUR));
	mistyped[18] = mistyped[18] == '0' ? '1' : '0';
	take(t, mistyped);
	assert_int_equal(t->answer.status, 404);
	assert_null(t->call.submission);
}

static void
whoever_tries_codes_is_slowed_down(void **state)
{
	struct limits_settings settings = { 2, 6000, 100 };
	struct trial *t = *state;
	struct member_row *row = open_book(t);

	t->api.limits = limits_new(&settings);
	for (int i = 0; i < 2; i++) {
		take(t, "0000-0000-0000-0000");
		assert_int_equal(t->answer.status, 404);
	}
	book.asked = 0;
	take(t, code_of(row, HOUR));
	assert_int_equal(t->answer.status, 429);
	assert_true(t->answer.retry_s > 0);
	assert_int_equal(book.asked, 0);
	assert_null(t->call.submission);
}

static void
a_gateway_set_up_for_another_cart_takes_nothing(void **state)
{
	struct trial *t = *state;
	struct member_row *row = open_book(t);
	char body[300];

	snprintf(body, sizeof(body),
	    "{\"code\":\"%s\",\"gateway\":\"" WORD "\",\"cart\":\"%s\"}",
	    code_of(row, HOUR), "ZZ9999");
	trial_begin(t, "POST", ENROL, NULL, NULL, body);
	assert_int_equal(t->answer.status, 409);
	assert_true(trial_says(t, "AB1234"));
	assert_null(t->call.submission);
	memcpy(strstr(body, "ZZ9999"), "AB1234", 6);
	trial_begin(t, "POST", ENROL, NULL, NULL, body);
	assert_int_equal(t->answer.status, 202);
}

/* The value of a text in the answer. */
static const char *
value_of(const struct trial *t, const char *name)
{
	static char value[600];
	char key[40];
	const char *at;

	snprintf(key, sizeof(key), "\"%s\":\"", name);
	at = memmem(t->answer.body.text, t->answer.body.len, key, strlen(key));
	if (at == NULL)
		return "";
	at += strlen(key);
	snprintf(value, sizeof(value), "%.*s", (int)strcspn(at, "\""), at);
	return value;
}

static void
ask_for_code(struct trial *t)
{
	trial_begin(
	    t, "POST", "/api/v1/members/" RUT "/enrol", ADMIN, NULL, "");
	assert_int_equal(t->answer.status, 200);
}

static void
an_admin_gets_a_code_that_a_gateway_may_take(void **state)
{
	struct trial *t = *state;
	struct member_row *row = open_book(t);
	char code[ENROL_CODE_TEXT + 1];

	ask_for_code(t);
	assert_string_equal(value_of(t, "expires_at"),
	    "2026-11-21T13:10:00.000Z"); /* whole ten minutes */
	assert_true(trial_says(t, "\"enrolled_at\":null"));
	snprintf(code, sizeof(code), "%s", value_of(t, "code"));
	assert_string_equal(code, code_of(row, 24 * HOUR));
	assert_memory_equal(
	    value_of(t, "url"), "https://guild.example/public/#/enrol/", 37);
	assert_string_equal(value_of(t, "url") + 37, code);
	take(t, code);
	assert_int_equal(t->answer.status, 202);
	/* The key of the guild's own pages goes with it. */
	strcpy(t->api.enrol.pin, "PIN");
	ask_for_code(t);
	assert_memory_equal(
	    value_of(t, "url") + 37 + ENROL_CODE_TEXT, "/PIN", sizeof("/PIN"));
	/* Taken: another code would be of no use. */
	row->enrolled_ms = NOW;
	ask_for_code(t);
	assert_true(trial_says(t, "\"code\":null,\"url\":null"));
	assert_true(trial_says(t, "\"qr\":null"));
	assert_false(trial_says(t, "\"enrolled_at\":null"));
}

static void
without_a_setting_the_url_is_as_the_browser_asked(void **state)
{
	struct trial *t = *state;
	static char none[] = "";
	static const struct {
		const char *host;
		bool https;
		const char *url;
	} asked[] = { { "10.0.0.5:8080", false, "http://10.0.0.5:8080/p" },
		{ "guild.example", true, "https://guild.example/p" },
		{ "[::1]:80", false, "http://[::1]:80/p" },
		{ "a\"b", false, "" }, { "a/b", false, "" },
		{ NULL, false, "" } };

	open_book(t);
	t->api.enrol.url = none;
	for (size_t i = 0; i < sizeof(asked) / sizeof(asked[0]); i++) {
		t->api.enrol.https = asked[i].https;
		ask_for_code(t);
		/* The head is the test's to give only before it begins. */
		t->request.host = asked[i].host;
		answer_release(&t->answer);
		answer_init(&t->answer);
		api_answer(&t->call);
		assert_int_equal(t->answer.status, 200);
		assert_int_equal(strncmp(value_of(t, "url"), asked[i].url,
				     strlen(asked[i].url)),
		    0);
		assert_int_equal(
		    asked[i].url[0] == '\0', trial_says(t, "\"qr\":null"));
	}
}

/* Its three corners, and as many squares each way. */
static void
the_squares_are_a_qr_code(void **state)
{
	struct trial *t = *state;
	const char *rows, *at;
	size_t size, count = 0;

	open_book(t);
	ask_for_code(t);
	rows = memmem(t->answer.body.text, t->answer.body.len, "\"rows\":[", 8);
	assert_non_null(rows);
	at = rows + 8;
	size = strcspn(at + 1, "\"");
	assert_int_equal((size - 17) % 4, 0);
	assert_memory_equal(at + 1, "11111110", 8);
	assert_memory_equal(at + 1 + size - 8, "01111111", 8);
	for (; *at == '"'; at += size + 2 + (at[size + 2] == ',')) {
		assert_int_equal(strspn(at + 1, "01"), size);
		if (++count == size)
			assert_memory_equal(at + 1, "11111110", 8);
	}
	assert_int_equal(count, size);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TRIAL(the_first_word_goes_to_kafka_and_nothing_is_given_yet),
		TRIAL(a_repeat_in_the_same_minute_is_the_same_record),
		TRIAL(who_was_first_is_given_the_same_bytes_each_time),
		TRIAL(each_thing_that_stops_it_has_its_word),
		TRIAL(whoever_tries_codes_is_slowed_down),
		TRIAL(a_gateway_set_up_for_another_cart_takes_nothing),
		TRIAL(an_admin_gets_a_code_that_a_gateway_may_take),
		TRIAL(without_a_setting_the_url_is_as_the_browser_asked),
		TRIAL(the_squares_are_a_qr_code),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
