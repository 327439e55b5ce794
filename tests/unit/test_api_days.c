/*
 * A cart's local day over the clocks' changes, and what it went in it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "backend/api/handlers.h"

#define NOW INT64_C(1795179900000) /* 2026-11-20T13:05:00Z */

struct fake {
	struct reader reader; /* first */
	int64_t from_ms, to_ms; /* as asked last */
	bool walks; /* an hour's stand, then 1 km north at 1 m/s */
};

static int
fake_carts(struct reader *r, const char *cart, int64_t now_ms, int64_t live_ms,
    int (*row)(void *, const struct cart_row *), void *ctx)
{
	const struct cart_row one = { .cart = "AB1234" };

	(void)r;
	(void)now_ms;
	(void)live_ms;
	if (strcmp(cart, one.cart) == 0)
		row(ctx, &one);
	return 0;
}

static int
fake_track(struct reader *r, const char *cart, int64_t from_ms, int64_t to_ms,
    int (*row)(void *, const struct track_point *), void *ctx)
{
	struct fake *f = (struct fake *)r;
	struct track_point p = { .fix = {
				     .lon_e6 = -70650000, .accuracy_m = 5 } };
	int64_t s;

	(void)cart;
	f->from_ms = from_ms;
	f->to_ms = to_ms;
	for (s = 0; f->walks && s < 4600; s += 10) {
		p.fix.at.ms = from_ms + s * 1000;
		p.fix.lat_e6 = (int32_t)(-33440000 +
		    (s > 3600 ? (s - 3600) * 9 : 0));
		p.fix.speed_dm_s = s > 3600 ? 10 : 0;
		if (row(ctx, &p) != 0)
			break;
	}
	return 0;
}

static const struct reader_ops fake_ops = { .carts = fake_carts,
	.track = fake_track };

/* The answer's body, the caller's. */
static json_t *
ask(struct fake *fake, const char *cart, const char *date, int *status)
{
	struct clock_manual clock;
	struct api api = { .clock = &clock.clock, .live_ms = 60000 };
	struct request request = { .method = "GET", .path = "/" };
	struct answer answer;
	struct call call = { .api = &api,
		.reader = &fake->reader,
		.request = &request,
		.cart = cart,
		.answer = &answer };
	json_t *body;

	clock_manual_init(&clock, NOW);
	fake->reader.ops = &fake_ops;
	if (date != NULL)
		request.params[request.param_count++] = (struct param){ "date",
			date };
	answer_init(&answer);
	api_days(&call);
	*status = answer.status;
	body = json_loadb(answer.body.text, answer.body.len, 0, NULL);
	assert_non_null(body);
	answer_release(&answer);
	return body;
}

static void
assert_span(const char *date, const char *from, const char *to)
{
	struct fake fake = { .walks = false };
	char text[CLOCK_TEXT];
	int status;

	json_decref(ask(&fake, "AB1234", date, &status));
	assert_int_equal(status, 200);
	clock_format(fake.from_ms, text);
	assert_string_equal(text, from);
	clock_format(fake.to_ms, text);
	assert_string_equal(text, to);
}

static void
a_day_has_the_hours_that_it_has(void **state)
{
	(void)state;
	assert_span("2026-11-20", "2026-11-20T03:00:00.000Z",
	    "2026-11-21T03:00:00.000Z");
	/* 25 hours: the clocks go back at midnight, to 23:00 */
	assert_span("2026-04-04", "2026-04-04T03:00:00.000Z",
	    "2026-04-05T04:00:00.000Z");
	/* 23 hours: it begins at 01:00 */
	assert_span("2026-09-06", "2026-09-06T04:00:00.000Z",
	    "2026-09-07T03:00:00.000Z");
	/* today */
	assert_span(
	    NULL, "2026-11-20T03:00:00.000Z", "2026-11-21T03:00:00.000Z");
}

static void
legs_and_distance_are_those_of_the_track(void **state)
{
	struct fake fake = { .walks = true };
	int status;
	json_t *body = ask(&fake, "AB1234", "2026-11-20", &status);
	json_t *legs = json_object_get(body, "legs");
	int64_t m = json_integer_value(json_object_get(body, "distance_m"));

	(void)state;
	assert_int_equal(status, 200);
	assert_in_range(m, 970, 1030);
	assert_int_equal(json_array_size(legs), 2);
	assert_string_equal(
	    json_string_value(json_object_get(json_array_get(legs, 0), "kind")),
	    "stop");
	assert_true(
	    json_is_false(json_object_get(json_array_get(legs, 0), "open")));
	assert_true(
	    json_is_true(json_object_get(json_array_get(legs, 1), "open")));
	assert_int_equal(
	    json_integer_value(json_object_get(body, "fixes")), 460);
	json_decref(body);
}

static void
a_day_without_a_track_is_empty_and_an_unknown_cart_not_found(void **state)
{
	struct fake fake = { .walks = false };
	int status;
	json_t *body = ask(&fake, "AB1234", "2026-11-19", &status);

	(void)state;
	assert_int_equal(status, 200);
	assert_int_equal(
	    json_integer_value(json_object_get(body, "distance_m")), 0);
	assert_true(json_is_null(json_object_get(body, "first_at")));
	json_decref(body);
	json_decref(ask(&fake, "ZZ9999", NULL, &status));
	assert_int_equal(status, 404);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_day_has_the_hours_that_it_has),
		cmocka_unit_test(legs_and_distance_are_those_of_the_track),
		cmocka_unit_test(
		    a_day_without_a_track_is_empty_and_an_unknown_cart_not_found),
	};

	setenv("TZ", "America/Santiago", 1);
	tzset();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
