/*
 * The role sales over its database: what is counted, on which day.
 */
#include "tests/unit/desk.h"

#include "lib/clock.h"

#define BOOT 77
#define DAY "2026-11-20"
#define HOUR INT64_C(3600000)

static struct desk d;

static int
open_desk(void **state)
{
	(void)state;
	desk_open(&d, &role_sales);
	return 0;
}

static int
close_desk(void **state)
{
	(void)state;
	desk_close(&d);
	return 0;
}

static struct sale
sale_of(const char *customer, uint32_t units, int64_t amount)
{
	return (struct sale){ .at = { .ms = DESK_NOW },
		.confirmed = true,
		.open_ms = 60000,
		.customer = text_of(customer),
		.line_count = 1,
		.lines = { { 0, units, amount } } };
}

static void
apply_sale_at(
    uint64_t epoch, uint64_t seq, const struct sale *sale, int64_t record_ms)
{
	struct mp_writer w;

	desk_frame_begin(&d, &w, epoch, seq, 1, 1);
	sale_encode(sale, &w);
	desk_frame_end(&d, &w, DESK_CART, SCHEMA_FRAME_SALE, record_ms);
}

static void
apply_sale(uint64_t seq, const struct sale *sale)
{
	apply_sale_at(DESK_EPOCH, seq, sale, DESK_NOW + 1000);
}

static void
apply_void(uint64_t seq, uint64_t of_epoch, uint64_t of_seq)
{
	struct folio folio = {
		.cart = DESK_CART, .epoch = of_epoch, .seq = of_seq
	};
	struct void_sale taken = { .at = { .ms = DESK_NOW },
		.reason = text_of("wrong change") };
	char text[FOLIO_MAX + 1];
	struct mp_writer w;

	folio_format(&folio, text);
	taken.folio = text_of(text);
	desk_frame_begin(&d, &w, DESK_EPOCH, seq, 1, 1);
	void_encode(&taken, &w);
	desk_frame_end(&d, &w, DESK_CART, SCHEMA_FRAME_SALE, DESK_NOW + 2000);
}

static int
copy_day(void *ctx, const struct daily_row *row)
{
	*(struct daily_row *)ctx = *row;
	return 0;
}

static struct daily_row
day_row(const char *date)
{
	struct daily_row row = { .sales = 0 };

	assert_int_equal(
	    d.reader->ops->daily(d.reader, date, DESK_CART, copy_day, &row), 0);
	return row;
}

static void
a_day_adds_up(void **state)
{
	struct sale ana = sale_of("Ana", 2, 3000);
	struct sale again = sale_of(" ANA ", 1, 1500);
	struct sale luis = sale_of("Luis", 4, 6000);
	struct sale nobody = sale_of(NULL, 1, 1000);
	struct sale left = sale_of("Eva", 9, 9000);
	struct daily_row row;

	(void)state;
	left.confirmed = false;
	apply_sale(0, &ana);
	apply_sale(1, &again);
	apply_sale(2, &luis);
	apply_sale(3, &nobody);
	apply_sale(4, &left);
	row = day_row(DAY);
	assert_int_equal(row.sales, 4);
	assert_int_equal(row.units, 8);
	assert_int_equal(row.revenue, 11500);
	assert_int_equal(row.customers, 2);
	assert_int_equal(row.abandoned, 1);
	assert_int_equal(row.voided, 0);
	assert_int_equal(d.total[TALLY_SALES], 4);
	assert_int_equal(d.total[TALLY_REVENUE], 11500);
	assert_int_equal(d.total[TALLY_ABANDONED], 1);
}

static void
a_void_takes_its_sale_out_of_the_day_it_was_made(void **state)
{
	struct sale sale = sale_of("Ana", 2, 3000);
	struct sale other = sale_of("Ana", 1, 1000);
	struct daily_row row;

	(void)state;
	sale.at.ms = DESK_NOW - 24 * HOUR;
	apply_sale(0, &sale);
	apply_sale(1, &other);
	apply_void(2, DESK_EPOCH, 0);
	row = day_row("2026-11-19");
	assert_int_equal(row.sales, 0);
	assert_int_equal(row.revenue, 0);
	assert_int_equal(row.customers, 0);
	assert_int_equal(row.voided, 1);
	assert_int_equal(day_row(DAY).sales, 1);
	/* Taken back twice is taken back once. */
	apply_void(3, DESK_EPOCH, 0);
	assert_int_equal(day_row("2026-11-19").voided, 1);
}

static void
a_void_may_come_before_its_sale(void **state)
{
	struct sale sale = sale_of("Ana", 2, 3000);

	(void)state;
	apply_void(5, DESK_EPOCH + 1, 0);
	apply_sale_at(DESK_EPOCH + 1, 0, &sale, DESK_NOW + 3000);
	assert_int_equal(day_row(DAY).sales, 0);
	assert_int_equal(day_row(DAY).voided, 1);
}

static void
a_cart_may_not_void_anothers_sale(void **state)
{
	struct void_sale taken = { .at = { .ms = DESK_NOW } };
	struct sale sale = sale_of("Ana", 2, 3000);
	struct folio folio = { .cart = DESK_CART, .epoch = DESK_EPOCH };
	char text[FOLIO_MAX + 1];
	struct mp_writer w;

	(void)state;
	apply_sale(0, &sale);
	folio_format(&folio, text);
	taken.folio = text_of(text);
	desk_frame_begin(&d, &w, DESK_EPOCH, 0, 1, 1);
	void_encode(&taken, &w);
	desk_frame_end(&d, &w, "ZZZZ99", SCHEMA_FRAME_SALE, DESK_NOW);
	assert_int_equal(day_row(DAY).sales, 1);
	assert_int_equal(d.total[TALLY_REJECTED], 1);
}

static void
a_request_said_twice_is_one_sale_under_its_first_folio(void **state)
{
	struct sale sale = sale_of("Ana", 2, 3000);

	(void)state;
	sale.request_id = text_of("r-1");
	apply_sale(0, &sale);
	sale.at.ms += 90000;
	sale.open_ms = -1;
	apply_sale_at(DESK_EPOCH + 1, 0, &sale, DESK_NOW + 99000);
	assert_int_equal(day_row(DAY).sales, 1);
	assert_int_equal(d.total[TALLY_CONFLICTS], 0);
	assert_int_equal(d.total[TALLY_DUPLICATES], 1);
	/* The vendor may know only the second folio. */
	apply_void(1, DESK_EPOCH + 1, 0);
	assert_int_equal(day_row(DAY).sales, 0);
	assert_int_equal(day_row(DAY).voided, 1);
}

static void
a_request_with_other_content_counts_and_is_flagged(void **state)
{
	struct sale sale = sale_of("Ana", 2, 3000);

	(void)state;
	sale.request_id = text_of("r-1");
	apply_sale(0, &sale);
	sale.lines[0].amount = 3500;
	apply_sale(1, &sale);
	assert_int_equal(day_row(DAY).sales, 2);
	assert_int_equal(day_row(DAY).revenue, 6500);
	assert_int_equal(d.total[TALLY_CONFLICTS], 1);
}

static void
a_folio_with_other_content_is_a_conflict_and_not_counted(void **state)
{
	struct sale sale = sale_of("Ana", 2, 3000);
	struct sale other = sale_of("Luis", 9, 9000);

	(void)state;
	apply_sale(0, &sale);
	apply_sale(0, &sale);
	assert_int_equal(d.total[TALLY_CONFLICTS], 0);
	apply_sale(0, &other);
	apply_sale(0, &other);
	assert_int_equal(day_row(DAY).revenue, 3000);
	assert_int_equal(d.total[TALLY_CONFLICTS], 1);
}

static void
a_sale_without_a_clock_moves_to_its_day_when_mended(void **state)
{
	struct time_marker marker = { BOOT, DESK_NOW - 24 * HOUR };
	struct sale sale = sale_of("Ana", 2, 3000);
	struct daily_row row;
	struct mp_writer w;

	(void)state;
	sale.at = (struct instant){ 60000, BOOT };
	apply_sale(0, &sale);
	row = day_row(DAY);
	assert_int_equal(row.sales, 1);
	assert_int_equal(row.provisional, 1);
	desk_frame_begin(&d, &w, DESK_EPOCH, 1, 1, 1);
	time_marker_encode(&marker, &w);
	desk_frame_end(&d, &w, DESK_CART, SCHEMA_FRAME_SALE, DESK_NOW + 5000);
	row = day_row(DAY);
	assert_int_equal(row.sales, 0);
	assert_int_equal(row.customers, 0);
	row = day_row("2026-11-19");
	assert_int_equal(row.sales, 1);
	assert_int_equal(row.revenue, 3000);
	assert_int_equal(row.customers, 1);
	assert_int_equal(row.provisional, 0);
}

static void
a_sale_in_the_hour_that_comes_twice_is_of_the_day_before(void **state)
{
	struct sale sale = sale_of("Ana", 1, 1000);
	static const struct {
		const char *at, *day;
	} cases[] = {
		{ "2026-04-05T03:59:59Z", "2026-04-04" },
		{ "2026-04-05T04:00:00Z", "2026-04-05" },
		{ "2026-09-06T03:59:59Z", "2026-09-05" },
		{ "2026-09-06T04:00:00Z", "2026-09-06" },
	};

	(void)state;
	for (uint64_t i = 0; i < 4; i++) {
		assert_int_equal(clock_parse(cases[i].at, &sale.at.ms), 0);
		apply_sale(i, &sale);
		assert_int_equal(day_row(cases[i].day).sales, 1);
	}
}

/* The totals against the rows that they stand for. */
static int
add_row(void *ctx, int64_t id, const struct sale_row *row)
{
	struct daily_row *sum = ctx;

	(void)id;
	if (!row->confirmed) {
		sum->abandoned++;
		assert_string_equal(row->folio, "");
	} else if (row->voided) {
		sum->voided++;
	} else {
		sum->sales++;
		sum->units += row->units;
		sum->revenue += row->amount;
	}
	return 0;
}

static void
totals_stay_in_step_with_the_rows(void **state)
{
	struct daily_row sum = { .sales = 0 }, row;

	(void)state;
	srand(1);
	for (uint64_t i = 0; i < 300; i++) {
		struct sale sale = sale_of(i % 3 ? "Ana" : "Luis",
		    1 + (uint32_t)rand() % 5, rand() % 5000);

		sale.confirmed = rand() % 10 != 0;
		if (rand() % 5 == 0)
			apply_void(i, DESK_EPOCH, (uint64_t)rand() % 300);
		else
			apply_sale(i, &sale);
		if (i % 50 == 0)
			desk_forget(&d);
	}
	assert_int_equal(
	    d.reader->ops->sales(d.reader, 0, 1000, add_row, &sum), 0);
	row = day_row(DAY);
	assert_int_equal(row.sales, sum.sales);
	assert_int_equal(row.units, sum.units);
	assert_int_equal(row.revenue, sum.revenue);
	assert_int_equal(row.voided, sum.voided);
	assert_int_equal(row.abandoned, sum.abandoned);
	assert_true(row.voided > 0);
}

static int
count_alert(void *ctx, const struct alert_row *row)
{
	struct alert_event *event = ctx;

	assert_int_equal(event->count, 0);
	*event = row->event;
	return 0;
}

/* The one open alert; none: its count is 0. */
static struct alert_event
open_alert(void)
{
	static const struct alerts_query query = {
		.cause = -1, .open_only = true, .limit = 10
	};
	struct alert_event event = { .count = 0 };

	assert_int_equal(
	    d.reader->ops->alerts(d.reader, &query, count_alert, &event), 0);
	return event;
}

static void
apply_reject(const char *cart, const char *origin, const char *reason)
{
	struct record record = {
		.topic = TOPIC_RECHAZADOS,
		.offset = d.offset++,
		.time_ms = DESK_NOW,
		.key = cart,
		.key_len = strlen(cart),
		.schema = SCHEMA_REJECT,
		.origin = origin,
		.reason = reason,
		.value = (const uint8_t *)"?",
		.len = 1,
	};

	desk_begin(&d);
	assert_int_equal(role_sales.apply(d.self, &record), 0);
	desk_commit(&d);
}

static void
a_refused_sale_is_an_alert_until_a_person_settles_it(void **state)
{
	struct alert_resolution said = { .at_ms = DESK_NOW, .by = "Eva" };
	struct alert_event event;
	uint8_t bytes[512];
	int len;

	(void)state;
	apply_reject(DESK_CART, "pregon/AAAA01/pos", "fix.lat");
	apply_reject(DESK_CART, "pregon/AAAA01/stock", "stock.level");
	apply_reject("?", "pregon/sale", "topic");
	assert_int_equal(open_alert().count, 0);
	apply_reject(DESK_CART, "pregon/AAAA01/sale", "sale.lines: expected");
	event = open_alert();
	assert_int_equal(event.cause, ALERT_SALE_REFUSED);
	assert_string_equal(event.cart, DESK_CART);
	assert_string_equal(event.note, "sale.lines: expected");
	assert_int_equal(event.count, 1);
	snprintf(said.id, sizeof(said.id), "%s", event.id);
	len = resolution_encode(&said, bytes, sizeof(bytes));
	assert_true(len > 0);
	desk_begin(&d);
	desk_apply(&d, DESK_CART, SCHEMA_RESOLUTION, DESK_NOW + 5000, bytes,
	    (size_t)len);
	desk_commit(&d);
	assert_int_equal(open_alert().count, 0);
}

static void
a_flood_of_refused_sales_is_one_alert(void **state)
{
	struct clock_manual clock;

	(void)state;
	clock_manual_init(&clock, DESK_NOW);
	d.ctx.clock = &clock.clock;
	for (int i = 0; i < 500; i++)
		apply_reject(DESK_CART, "topic_ventas/1/55", "frame.version");
	assert_int_equal(open_alert().count, 1);
	clock_manual_advance(&clock, 59000);
	apply_reject(DESK_CART, "topic_ventas/1/55", "frame.version");
	assert_int_equal(open_alert().count, 1);
	/* A minute after it was told, also if nothing else comes. */
	clock_manual_advance(&clock, 1000);
	desk_begin(&d);
	desk_commit(&d);
	assert_int_equal(open_alert().count, 501);
	assert_int_equal(open_alert().revision, 1);
}

static void
a_conflict_is_an_alert_that_names_the_folio(void **state)
{
	struct sale sale = sale_of("Ana", 2, 3000);
	struct sale other = sale_of("Luis", 9, 9000);
	struct folio folio = { .cart = DESK_CART, .epoch = DESK_EPOCH };
	char text[FOLIO_MAX + 1];
	struct alert_event event;

	(void)state;
	apply_sale(0, &sale);
	apply_sale(0, &sale);
	assert_int_equal(open_alert().count, 0);
	apply_sale(0, &other);
	event = open_alert();
	folio_format(&folio, text);
	assert_int_equal(event.cause, ALERT_SALE_REFUSED);
	assert_string_equal(event.subject, text);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_desk, close_desk)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_day_adds_up),
		TEST(a_void_takes_its_sale_out_of_the_day_it_was_made),
		TEST(a_void_may_come_before_its_sale),
		TEST(a_cart_may_not_void_anothers_sale),
		TEST(a_request_said_twice_is_one_sale_under_its_first_folio),
		TEST(a_request_with_other_content_counts_and_is_flagged),
		TEST(a_folio_with_other_content_is_a_conflict_and_not_counted),
		TEST(a_sale_without_a_clock_moves_to_its_day_when_mended),
		TEST(a_sale_in_the_hour_that_comes_twice_is_of_the_day_before),
		TEST(totals_stay_in_step_with_the_rows),
		TEST(a_refused_sale_is_an_alert_until_a_person_settles_it),
		TEST(a_flood_of_refused_sales_is_one_alert),
		TEST(a_conflict_is_an_alert_that_names_the_folio),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
