/*
 * pregon-api without HTTP: paths, parameters and what is written, over a
 * reader that answers from arrays.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "backend/api/api.h"

#define NOW INT64_C(1795179900000) /* 2026-11-20T13:05:00Z */

struct fake {
	struct reader reader; /* first */
	int error; /* errno of each call; 0: well */
	int64_t point_count; /* a point each second from the span's start */
	int64_t sale_count;
	bool no_carts;
	/* as asked last */
	char date[11];
	char cart[CART_MAX + 1];
	int64_t from_ms, to_ms, live_ms;
};

static int
fail_with(const struct fake *f)
{
	errno = f->error;
	return f->error != 0 ? -1 : 0;
}

static void
note_cart(struct fake *f, const char *cart)
{
	snprintf(f->cart, sizeof(f->cart), "%s", cart != NULL ? cart : "");
}

static const struct cart_row two_carts[] = {
	{ .cart = "AB1234",
	    .has_fix = true,
	    .fix = { .at = { NOW - 2000, 0 },
		.lat_e6 = -33437800,
		.lon_e6 = -70650500,
		.speed_dm_s = 11,
		.course_deg = 359,
		.accuracy_m = 7 },
	    .fix_record_ms = NOW - 1500,
	    .contact_ms = NOW - 1000,
	    .live = true,
	    .state = STATUS_ONLINE,
	    .fix_mode = FIX_MODE_3D,
	    .day_open = true,
	    .backlog = 3,
	    .battery = 81,
	    .boot = 0x0123456789abcdef,
	    .epoch = 1,
	    .version = "0.1.0",
	    .gap_numbers = 2 },
	{ .cart = "CD5678",
	    .state = STATUS_LOST,
	    .contact_ms = NOW - 90000,
	    .battery = BATTERY_UNKNOWN,
	    .version = "say \"hi\"\n" },
};

static int
fake_carts(struct reader *r, const char *cart, int64_t now_ms, int64_t live_ms,
    int (*row)(void *, const struct cart_row *), void *ctx)
{
	struct fake *f = (struct fake *)r;
	size_t i;

	assert_true(now_ms == NOW);
	f->live_ms = live_ms;
	for (i = 0; f->error == 0 && !f->no_carts && i < 2; i++)
		if (cart == NULL || strcmp(cart, two_carts[i].cart) == 0)
			if (row(ctx, &two_carts[i]) != 0)
				break;
	return fail_with(f);
}

static int
fake_track(struct reader *r, const char *cart, int64_t from_ms, int64_t to_ms,
    int (*row)(void *, const struct track_point *), void *ctx)
{
	struct fake *f = (struct fake *)r;
	struct track_point p = { .fix = { .lat_e6 = -5,
				     .lon_e6 = 1000000,
				     .accuracy_m = FIX_ACCURACY_UNKNOWN,
				     .flags = FIX_NO_COURSE | FIX_PARKED } };
	int64_t i;

	note_cart(f, cart);
	f->from_ms = from_ms;
	f->to_ms = to_ms;
	for (i = 0; i < f->point_count; i++) {
		p.fix.at.ms = from_ms + i * 1000;
		if (row(ctx, &p) != 0)
			break;
	}
	return fail_with(f);
}

static int
fake_gaps(struct reader *r, const char *cart, int64_t now_ms,
    int (*row)(void *, const struct gap_row *), void *ctx)
{
	const struct gap_row gap = { .cart = "AB1234",
		.stream = STREAM_SALE,
		.epoch = 33,
		.first_seq = 7,
		.count = 2,
		.from_ms = INSTANT_MISSING,
		.to_ms = NOW,
		.reason = -1,
		.noticed_ms = NOW };

	(void)now_ms;
	note_cart((struct fake *)r, cart);
	row(ctx, &gap);
	return fail_with((struct fake *)r);
}

static int
fake_daily(struct reader *r, const char *date, const char *cart,
    int (*row)(void *, const struct daily_row *), void *ctx)
{
	const struct daily_row day = { .cart = "AB1234",
		.date = "2026-04-05",
		.sales = 4,
		.units = 11,
		.revenue = 16500,
		.customers = 3,
		.abandoned = 1,
		.voided = 2 };
	struct fake *f = (struct fake *)r;

	memcpy(f->date, date, sizeof(f->date));
	note_cart(f, cart);
	row(ctx, &day);
	return fail_with(f);
}

static int
fake_stock(struct reader *r, const char *cart,
    int (*row)(void *, const struct stock_row *), void *ctx)
{
	const struct stock_row stock = { .cart = "AB1234",
		.product = 1,
		.level = -2,
		.at_ms = NOW,
		.please_count = true };

	note_cart((struct fake *)r, cart);
	row(ctx, &stock);
	return fail_with((struct fake *)r);
}

static int
fake_sales(struct reader *r, int64_t after_id, int64_t limit,
    int (*row)(void *, int64_t id, const struct sale_row *), void *ctx)
{
	struct fake *f = (struct fake *)r;
	struct sale_row sale = { .folio = "AB1234-00000001-1",
		.cart = "AB1234",
		.at_ms = NOW,
		.units = 2,
		.amount = 3000,
		.confirmed = true };
	int64_t id;

	for (id = after_id + 1; id <= f->sale_count && limit > 0; id++) {
		if (row(ctx, id, &sale) != 0)
			break;
		limit--;
	}
	return fail_with(f);
}

static int
fake_stats(
    struct reader *r, int64_t now_ms, int64_t live_ms, struct stats_row *row)
{
	(void)now_ms;
	(void)live_ms;
	memset(row, 0, sizeof(*row));
	row->carts = 2;
	row->orders_open = STATS_UNKNOWN;
	return fail_with((struct fake *)r);
}

static int
fake_member_counts(struct reader *r, struct member_counts *counts)
{
	memset(counts, 0, sizeof(*counts));
	counts->members[MEMBER_WAITING] = 3;
	return fail_with((struct fake *)r);
}

static const struct reader_ops fake_ops = { .carts = fake_carts,
	.track = fake_track,
	.gaps = fake_gaps,
	.daily = fake_daily,
	.stock = fake_stock,
	.sales = fake_sales,
	.stats = fake_stats,
	.member_counts = fake_member_counts };

struct trial {
	struct fake fake;
	struct answer answer;
	json_t *body; /* as jansson reads it */
};

static void
ask(struct trial *t, const char *method, const char *path,
    const struct param *params, size_t param_count)
{
	struct request request = {
		.method = method, .path = path, .param_count = param_count
	};
	struct clock_manual clock;
	struct api api = {
		.clock = &clock.clock, .live_ms = 60000, .open_reads = true
	};
	struct call call = { .api = &api,
		.reader = &t->fake.reader,
		.request = &request,
		.answer = &t->answer };

	clock_manual_init(&clock, NOW);
	for (size_t i = 0; i < param_count; i++)
		request.params[i] = params[i];
	t->fake.reader.ops = &fake_ops;
	json_decref(t->body);
	answer_release(&t->answer);
	answer_init(&t->answer);
	if (api_begin(&call) == 0)
		api_answer(&call);
	api_release(&call);
	t->body = json_loadb(t->answer.body.text, t->answer.body.len, 0, NULL);
	assert_non_null(t->body);
}

static void
get(struct trial *t, const char *path, const char *name, const char *value)
{
	const struct param param = { name, value };

	ask(t, "GET", path, &param, name != NULL ? 1 : 0);
}

static void
end(struct trial *t)
{
	json_decref(t->body);
	answer_release(&t->answer);
}

static const char *
text_of(const struct trial *t, const char *key)
{
	const char *s = json_string_value(json_object_get(t->body, key));

	return s != NULL ? s : "";
}

static void
assert_problem(const struct trial *t, int status, const char *field)
{
	assert_int_equal(t->answer.status, status);
	assert_string_equal(t->answer.type, TYPE_PROBLEM);
	assert_string_equal(text_of(t, "type"), "about:blank");
	assert_string_equal(text_of(t, "field"), field);
	assert_true(strlen(text_of(t, "detail")) > 5);
}

static bool
body_has(const struct trial *t, const char *part)
{
	return memmem(t->answer.body.text, t->answer.body.len, part,
		   strlen(part)) != NULL;
}

static void
a_cart_shows_its_place_in_degrees_and_its_speed_in_kmh(void **state)
{
	struct trial t = { 0 };

	(void)state;
	get(&t, "/api/v1/carts/AB1234", NULL, NULL);
	assert_int_equal(t.answer.status, 200);
	assert_true(body_has(&t,
	    "\"lat\":-33.437800,\"lon\":-70.650500,"
	    "\"speed_kmh\":3.96,\"course_deg\":359"));
	assert_true(body_has(&t, "\"at\":\"2026-11-20T13:04:58.000Z\""));
	assert_true(body_has(&t, "\"boot\":\"0123456789abcdef\""));
	assert_true(body_has(&t, "\"epoch\":\"00000001\""));
	end(&t);
}

static void
what_is_not_known_of_a_cart_is_null(void **state)
{
	struct trial t = { 0 };

	(void)state;
	get(&t, "/api/v1/carts/CD5678", NULL, NULL);
	assert_true(json_is_null(json_object_get(t.body, "fix")));
	assert_true(json_is_null(json_object_get(t.body, "battery_percent")));
	assert_string_equal(text_of(&t, "version"), "say \"hi\"\n");
	end(&t);
}

static void
live_true_leaves_out_carts_not_heard_of_for_a_minute(void **state)
{
	struct trial t = { 0 };

	(void)state;
	get(&t, "/api/v1/carts", NULL, NULL);
	assert_int_equal(json_array_size(json_object_get(t.body, "carts")), 2);
	get(&t, "/api/v1/carts", "live", "true");
	assert_int_equal(json_array_size(json_object_get(t.body, "carts")), 1);
	assert_int_equal(t.fake.live_ms, 60000);
	get(&t, "/api/v1/carts", "live", "yes");
	assert_problem(&t, 400, "live");
	end(&t);
}

static void
unknown_paths_carts_and_methods_have_their_own_answers(void **state)
{
	struct trial t = { 0 };

	(void)state;
	get(&t, "/api/v1/cart", NULL, NULL);
	assert_problem(&t, 404, "");
	get(&t, "/api/v1/carts/", NULL, NULL);
	assert_problem(&t, 404, "");
	get(&t, "/api/v1/carts/ZZ9999", NULL, NULL);
	assert_problem(&t, 404, "cart");
	get(&t, "/api/v1/carts/ab1234", NULL, NULL);
	assert_problem(&t, 400, "cart");
	get(&t, "/api/v1/carts/AB1234/tracks", NULL, NULL);
	assert_problem(&t, 404, "");
	ask(&t, "POST", "/api/v1/carts", NULL, 0);
	assert_problem(&t, 405, "");
	assert_string_equal(t.answer.allow, "GET, HEAD");
	end(&t);
}

static void
parameters_are_refused_by_name(void **state)
{
	const struct param twice[] = { { "live", "true" },
		{ "live", "false" } };
	struct trial t = { 0 };

	(void)state;
	get(&t, "/api/v1/carts", "alive", "true");
	assert_problem(&t, 400, "alive");
	ask(&t, "GET", "/api/v1/carts", twice, 2);
	assert_problem(&t, 400, "live");
	get(&t, "/api/v1/sales", "limit", "0");
	assert_problem(&t, 400, "limit");
	get(&t, "/api/v1/sales", "limit", "10001");
	assert_problem(&t, 400, "limit");
	get(&t, "/api/v1/sales", "after", "9223372036854775808");
	assert_problem(&t, 400, "after");
	get(&t, "/api/v1/sales", "after", " 1");
	assert_problem(&t, 400, "after");
	get(&t, "/api/v1/stock", "cart", "AB-123");
	assert_problem(&t, 400, "cart");
	end(&t);
}

static void
a_track_may_be_asked_for_in_two_notations_of_time(void **state)
{
	struct param span[] = { { "from", "2026-11-20T10:00:00-03:00" },
		{ "to", "1795179900000" } };
	struct trial t = { 0 };

	(void)state;
	ask(&t, "GET", "/api/v1/carts/AB1234/track", span, 2);
	assert_int_equal(t.answer.status, 200);
	assert_true(t.fake.from_ms == NOW - 300000);
	assert_true(t.fake.to_ms == NOW);
	/* "+00:00" as it arrives when it was not escaped */
	span[0].value = "2026-11-20T13:00:00 00:00";
	ask(&t, "GET", "/api/v1/carts/AB1234/track", span, 2);
	assert_true(t.fake.from_ms == NOW - 300000);
	end(&t);
}

static void
a_track_without_a_span_is_that_of_the_last_day(void **state)
{
	struct trial t = { 0 };

	(void)state;
	get(&t, "/api/v1/carts/AB1234/track", NULL, NULL);
	assert_true(t.fake.to_ms == NOW);
	assert_true(t.fake.from_ms == NOW - 86400000);
	end(&t);
}

static void
a_span_that_is_wrong_or_too_long_is_refused(void **state)
{
	struct param span[] = { { "from", "1795179900000" },
		{ "to", "1795179900000" } };
	struct trial t = { 0 };

	(void)state;
	ask(&t, "GET", "/api/v1/carts/AB1234/track", span, 2);
	assert_problem(&t, 400, "from");
	span[0].value = "1794575099999"; /* 7 days and 1 ms before */
	ask(&t, "GET", "/api/v1/carts/AB1234/track", span, 2);
	assert_problem(&t, 400, "from");
	span[0].value = "1794575100000";
	ask(&t, "GET", "/api/v1/carts/AB1234/track", span, 2);
	assert_int_equal(t.answer.status, 200);
	span[1].value = "tomorrow";
	ask(&t, "GET", "/api/v1/carts/AB1234/track", span, 2);
	assert_problem(&t, 400, "to");
	end(&t);
}

static void
a_track_of_too_many_points_is_refused_not_cut(void **state)
{
	struct trial t = { .fake.point_count = TRACK_POINTS_MAX };

	(void)state;
	get(&t, "/api/v1/carts/AB1234/track", NULL, NULL);
	assert_int_equal(t.answer.status, 200);
	assert_int_equal(json_array_size(json_object_get(t.body, "points")),
	    TRACK_POINTS_MAX);
	t.fake.point_count++;
	get(&t, "/api/v1/carts/AB1234/track", NULL, NULL);
	assert_problem(&t, 400, "from");
	end(&t);
}

static void
an_empty_track_of_an_unknown_cart_is_not_found(void **state)
{
	struct trial t = { 0 };

	(void)state;
	get(&t, "/api/v1/carts/AB1234/track", NULL, NULL);
	assert_int_equal(t.answer.status, 200);
	t.fake.no_carts = true;
	get(&t, "/api/v1/carts/AB1234/track", NULL, NULL);
	assert_problem(&t, 404, "cart");
	end(&t);
}

static void
a_geojson_track_has_a_time_for_each_position(void **state)
{
	struct trial t = { .fake.point_count = 3 };
	json_t *feature;

	(void)state;
	get(&t, "/api/v1/carts/AB1234/track", "format", "geojson");
	assert_string_equal(t.answer.type, TYPE_GEOJSON);
	feature = json_array_get(json_object_get(t.body, "features"), 0);
	assert_int_equal(
	    json_array_size(json_object_get(
		json_object_get(feature, "geometry"), "coordinates")),
	    3);
	assert_int_equal(json_array_size(json_object_get(
			     json_object_get(feature, "properties"), "times")),
	    3);
	assert_true(body_has(&t, "[1.000000,-0.000005]"));
	t.fake.point_count = 1;
	get(&t, "/api/v1/carts/AB1234/track", "format", "geojson");
	assert_true(body_has(&t,
	    "{\"type\":\"Point\","
	    "\"coordinates\":[1.000000,-0.000005]}"));
	t.fake.point_count = 0;
	get(&t, "/api/v1/carts/AB1234/track", "format", "geojson");
	assert_true(body_has(&t, "\"features\":[]"));
	get(&t, "/api/v1/carts/AB1234/track", "format", "gpx");
	assert_problem(&t, 400, "format");
	end(&t);
}

static void
a_day_must_exist(void **state)
{
	static const char *const wrong[] = { "2026-02-29", "2026-04-31",
		"2026-13-01", "2026-4-5", "2026-04-05T00", "hoy", "2026-1-01-",
		"2026--1-01" };
	struct trial t = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		get(&t, "/api/v1/sales/daily", "date", wrong[i]);
		assert_problem(&t, 400, "date");
	}
	get(&t, "/api/v1/sales/daily", "date", "2028-02-29");
	assert_string_equal(t.fake.date, "2028-02-29");
	end(&t);
}

static void
the_day_is_the_guilds_own_when_none_is_given(void **state)
{
	struct trial t = { 0 };

	(void)state;
	get(&t, "/api/v1/sales/daily", NULL, NULL);
	assert_string_equal(t.fake.date, "2026-11-20");
	assert_string_equal(t.fake.cart, "");
	assert_true(body_has(&t, "\"revenue_clp\":16500"));
	assert_true(body_has(&t, "\"units_per_customer\":3.67"));
	end(&t);
}

static void
the_walk_over_sales_says_where_to_go_on(void **state)
{
	const struct param page[] = { { "after", "2" }, { "limit", "2" } };
	struct trial t = { .fake.sale_count = 4 };

	(void)state;
	ask(&t, "GET", "/api/v1/sales", page, 2);
	assert_int_equal(json_array_size(json_object_get(t.body, "sales")), 2);
	assert_int_equal(
	    json_integer_value(json_object_get(t.body, "next_after")), 4);
	get(&t, "/api/v1/sales", "after", "4");
	assert_int_equal(json_array_size(json_object_get(t.body, "sales")), 0);
	assert_true(json_is_null(json_object_get(t.body, "next_after")));
	end(&t);
}

static void
gaps_and_stock_are_written_with_names_not_numbers(void **state)
{
	struct trial t = { 0 };

	(void)state;
	get(&t, "/api/v1/gaps", "cart", "AB1234");
	assert_string_equal(t.fake.cart, "AB1234");
	assert_true(body_has(&t,
	    "\"stream\":\"sale\",\"epoch\":\"00000011\","
	    "\"first_number\":7,\"events\":2,"
	    "\"from\":null"));
	assert_true(body_has(&t, "\"reason\":\"unexplained\""));
	get(&t, "/api/v1/stock", NULL, NULL);
	assert_true(body_has(&t, "\"level_units\":-2"));
	end(&t);
}

static void
a_role_without_a_database_is_named(void **state)
{
	struct trial t = { .fake.error = ENOENT };

	(void)state;
	get(&t, "/api/v1/carts", NULL, NULL);
	assert_problem(&t, 503, "");
	assert_string_equal(text_of(&t, "role"), "positions");
	assert_int_equal(t.answer.retry_s, 5);
	get(&t, "/api/v1/carts/AB1234/track", NULL, NULL);
	assert_string_equal(text_of(&t, "role"), "positions");
	get(&t, "/api/v1/sales/daily", NULL, NULL);
	assert_string_equal(text_of(&t, "role"), "sales");
	get(&t, "/api/v1/stock", NULL, NULL);
	assert_string_equal(text_of(&t, "role"), "stock");
	t.fake.error = EBUSY;
	get(&t, "/api/v1/stock", NULL, NULL);
	assert_problem(&t, 503, "");
	assert_int_equal(t.answer.retry_s, 1);
	end(&t);
}

static void
statistics_show_what_is_known(void **state)
{
	struct trial t = { 0 };

	(void)state;
	get(&t, "/api/v1/stats", NULL, NULL);
	assert_int_equal(
	    json_integer_value(json_object_get(t.body, "carts")), 2);
	assert_true(json_is_null(json_object_get(t.body, "orders_open")));
	assert_int_equal(
	    json_integer_value(json_object_get(t.body, "members_waiting")), 3);
	t.fake.error = ENOENT;
	get(&t, "/api/v1/stats", NULL, NULL);
	assert_int_equal(t.answer.status, 200);
	assert_true(json_is_null(json_object_get(t.body, "carts")));
	assert_true(json_is_null(json_object_get(t.body, "members_waiting")));
	end(&t);
}

static void
a_database_that_cannot_be_read_is_an_error_without_its_path(void **state)
{
	struct trial t = { .fake.error = EBADMSG };

	(void)state;
	get(&t, "/api/v1/stock", NULL, NULL);
	assert_problem(&t, 500, "");
	assert_false(body_has(&t, ".db"));
	end(&t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_cart_shows_its_place_in_degrees_and_its_speed_in_kmh),
		cmocka_unit_test(what_is_not_known_of_a_cart_is_null),
		cmocka_unit_test(
		    live_true_leaves_out_carts_not_heard_of_for_a_minute),
		cmocka_unit_test(
		    unknown_paths_carts_and_methods_have_their_own_answers),
		cmocka_unit_test(parameters_are_refused_by_name),
		cmocka_unit_test(
		    a_track_may_be_asked_for_in_two_notations_of_time),
		cmocka_unit_test(
		    a_track_without_a_span_is_that_of_the_last_day),
		cmocka_unit_test(a_span_that_is_wrong_or_too_long_is_refused),
		cmocka_unit_test(a_track_of_too_many_points_is_refused_not_cut),
		cmocka_unit_test(
		    an_empty_track_of_an_unknown_cart_is_not_found),
		cmocka_unit_test(a_geojson_track_has_a_time_for_each_position),
		cmocka_unit_test(a_day_must_exist),
		cmocka_unit_test(the_day_is_the_guilds_own_when_none_is_given),
		cmocka_unit_test(the_walk_over_sales_says_where_to_go_on),
		cmocka_unit_test(
		    gaps_and_stock_are_written_with_names_not_numbers),
		cmocka_unit_test(a_role_without_a_database_is_named),
		cmocka_unit_test(statistics_show_what_is_known),
		cmocka_unit_test(
		    a_database_that_cannot_be_read_is_an_error_without_its_path),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
