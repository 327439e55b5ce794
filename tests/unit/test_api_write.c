/*
 * What is the same around every write, without HTTP and without Kafka: who
 * may, keys, bodies, and answers that wait for the word that Kafka has it.
 */
#include "tests/unit/api_trial.h"

#define RESTOCKS "/api/v1/restocks"
#define ORDER "{\"cart\":\"AB1234\",\"lines\":[{\"product\":0,\"units\":5}]}"
#define OTHER "{\"cart\":\"CD5678\",\"lines\":[{\"product\":0,\"units\":5}]}"

static void
begin(struct trial *t, const char *path, const char *bearer, const char *key,
    const char *body)
{
	trial_begin(t, "POST", path, bearer, key, body);
}

static void
post(struct trial *t, const char *bearer, const char *key, const char *body,
    enum submit_result result)
{
	trial_post(t, RESTOCKS, bearer, key, body, result);
}

static void
a_write_is_held_back_until_kafka_has_it(void **state)
{
	struct trial *t = *state;
	const struct submit_record *r;

	begin(t, RESTOCKS, DEPOT, "k", ORDER);
	assert_int_equal(t->answer.status, 202);
	assert_int_equal(submission_count(t->call.submission), 1);
	r = submission_at(t->call.submission, 0);
	assert_int_equal(r->topic, TOPIC_STOCK);
	assert_string_equal(r->key, "AB1234");
	assert_true(r->len > 0);
	/* Meanwhile a repeat is not done a second time. */
	assert_true(t->call.under_way);
}

static void
what_kafka_has_not_got_may_be_tried_again(void **state)
{
	static const enum submit_result results[] = { SUBMIT_LATE,
		SUBMIT_NO_TOPIC, SUBMIT_FAILED };
	struct trial *t = *state;

	for (size_t i = 0; i < 3; i++) {
		post(t, DEPOT, "k", ORDER, results[i]);
		assert_int_equal(t->answer.status, 503);
		assert_true(t->answer.retry_s > 0);
		assert_string_equal(t->answer.type, TYPE_PROBLEM);
		assert_string_equal(t->answer.location, "");
	}
	post(t, DEPOT, "k", ORDER, SUBMIT_ACKNOWLEDGED);
	assert_int_equal(t->answer.status, 202);
	assert_false(t->answer.replayed);
}

static void
too_many_under_way_is_said_with_a_time_to_come_back(void **state)
{
	struct trial *t = *state;

	begin(t, RESTOCKS, DEPOT, "k", ORDER);
	api_submitted(&t->call, ENOBUFS, SUBMIT_FAILED);
	assert_int_equal(t->answer.status, 503);
	assert_int_equal(t->answer.retry_s, 1);
	post(t, DEPOT, "k", ORDER, SUBMIT_ACKNOWLEDGED);
	assert_int_equal(t->answer.status, 202);
}

static void
a_repeat_has_no_records(void **state)
{
	struct trial *t = *state;
	char first[200];

	post(t, DEPOT, "k", ORDER, SUBMIT_ACKNOWLEDGED);
	snprintf(first, sizeof(first), "%.*s", (int)t->answer.body.len,
	    t->answer.body.text);
	begin(t, RESTOCKS, DEPOT, "k", ORDER);
	assert_null(t->call.submission);
	assert_true(t->answer.replayed);
	assert_int_equal(t->answer.status, 202);
	assert_int_equal(t->answer.body.len, strlen(first));
	assert_memory_equal(t->answer.body.text, first, strlen(first));
	begin(t, RESTOCKS, DEPOT, "k", OTHER);
	assert_int_equal(t->answer.status, 422);
}

static void
a_request_whose_client_went_away_leaves_its_key_free(void **state)
{
	struct trial *t = *state;

	begin(t, RESTOCKS, DEPOT, "k", ORDER);
	assert_true(t->call.under_way);
	post(t, DEPOT, "k", ORDER, SUBMIT_ACKNOWLEDGED); /* releases first */
	assert_int_equal(t->answer.status, 202);
	assert_false(t->answer.replayed);
}

static void
an_error_leaves_no_record_and_no_key(void **state)
{
	struct trial *t = *state;

	begin(t, RESTOCKS, DEPOT, "k", "{\"cart\":\"AB1234\"}");
	assert_int_equal(t->answer.status, 422);
	assert_null(t->call.submission);
	post(t, DEPOT, "k", ORDER, SUBMIT_ACKNOWLEDGED);
	assert_int_equal(t->answer.status, 202);
}

static void
the_same_key_of_two_people_is_two_orders(void **state)
{
	struct trial *t = *state;
	char first[sizeof(t->answer.location)];

	post(t, DEPOT, "k", ORDER, SUBMIT_ACKNOWLEDGED);
	snprintf(first, sizeof(first), "%s", t->answer.location);
	post(t, VENDOR, "k", ORDER, SUBMIT_ACKNOWLEDGED);
	assert_int_equal(t->answer.status, 202);
	assert_false(t->answer.replayed);
	assert_string_not_equal(t->answer.location, first);
}

static void
a_vendor_is_held_to_the_own_cart(void **state)
{
	struct trial *t = *state;

	post(t, VENDOR, "k", OTHER, SUBMIT_ACKNOWLEDGED);
	assert_int_equal(t->answer.status, 403);
	begin(t, RESTOCKS "/CD5678-R0000000000000/cancel", VENDOR, "k2", "{}");
	assert_int_equal(t->answer.status, 403);
	begin(t, "/api/v1/zones", VENDOR, "k3", "{}");
	assert_int_equal(t->answer.status, 403);
}

static void
a_body_of_another_type_or_too_long_is_not_read(void **state)
{
	struct trial *t = *state;

	begin(t, RESTOCKS, DEPOT, "k", "");
	t->request.type = "text/plain";
	t->request.body = ORDER;
	t->request.body_len = strlen(ORDER);
	api_answer(&t->call);
	assert_int_equal(t->answer.status, 415);
	t->request.type = "application/json";
	t->request.encoding = "gzip";
	api_answer(&t->call);
	assert_int_equal(t->answer.status, 415);
	t->request.encoding = "identity";
	t->request.body_too_long = true;
	api_answer(&t->call);
	assert_int_equal(t->answer.status, 413);
}

static void
the_public_is_limited_and_members_are_not(void **state)
{
	static const char report[] = "{\"lat\":-33.4,\"lon\":-70.6}";
	struct trial *t = *state;

	for (int i = 0; i < 2; i++) {
		begin(t, "/api/v1/strange-carts", NULL, NULL, report);
		assert_int_equal(t->answer.status, 202);
		assert_true(submission_at(t->call.submission, 0)->reserved);
	}
	begin(t, "/api/v1/strange-carts", NULL, NULL, report);
	assert_int_equal(t->answer.status, 429);
	assert_int_equal(t->answer.retry_s, 6);
	for (int i = 0; i < 10; i++) {
		begin(t, "/api/v1/strange-carts", VENDOR, NULL, report);
		assert_int_equal(t->answer.status, 202);
	}
}

static void
the_methods_of_a_path_are_named(void **state)
{
	struct trial *t = *state;

	begin(t, "/api/v1/products", DEPOT, NULL, "{}");
	assert_int_equal(t->answer.status, 405);
	assert_string_equal(t->answer.allow, "GET, HEAD, PUT");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TRIAL(a_write_is_held_back_until_kafka_has_it),
		TRIAL(what_kafka_has_not_got_may_be_tried_again),
		TRIAL(too_many_under_way_is_said_with_a_time_to_come_back),
		TRIAL(a_repeat_has_no_records),
		TRIAL(a_request_whose_client_went_away_leaves_its_key_free),
		TRIAL(an_error_leaves_no_record_and_no_key),
		TRIAL(the_same_key_of_two_people_is_two_orders),
		TRIAL(a_vendor_is_held_to_the_own_cart),
		TRIAL(a_body_of_another_type_or_too_long_is_not_read),
		TRIAL(the_public_is_limited_and_members_are_not),
		TRIAL(the_methods_of_a_path_are_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
