/*
 * The role sales closes its days: when a book is made, what it says, and when
 * another edition is.
 */
#include "tests/unit/sales_desk.h"

#include "backend/store/schema.h"

#define SECOND INT64_C(1000)
#define HOUR (INT64_C(3600) * SECOND)
#define CART2 "BBBB02"
#define ROWS_MAX 8

/* A book as it is read. */
static struct book {
	struct book_head head;
	int count;
	struct book_row rows[ROWS_MAX];
} book;

static int
take_head(void *ctx, const struct book_head *head)
{
	(void)ctx;
	book.head = *head;
	return 0;
}

static int
take_row(void *ctx, const struct book_row *row)
{
	(void)ctx;
	assert_true(book.count < ROWS_MAX);
	book.rows[book.count++] = *row;
	return 0;
}

/* The edition that there is; 0: none. */
static int64_t
open_book(const char *date, int64_t edition, const char *cart)
{
	struct book_query query = { date, edition, cart };

	memset(&book, 0, sizeof(book));
	assert_int_equal(
	    d.reader->ops->book(d.reader, &query, take_head, take_row, NULL),
	    0);
	return book.head.edition;
}

static int64_t
last_edition(const char *date)
{
	return open_book(date, 0, NULL);
}

static const struct daybook_figures *
figures_of(const char *cart)
{
	for (int i = 0; i < book.count; i++) {
		if (strcmp(book.rows[i].cart, cart) == 0)
			return &book.rows[i].figures;
	}
	fail_msg("no row of \"%s\"", cart);
	return NULL;
}

static void
tick_at(int64_t ms, bool caught_up)
{
	clock_manual_advance(&now, ms - now.realtime_ms);
	desk_tick(&d, ms, caught_up);
}

/* After a burst is over. */
static void
tick_later(void)
{
	tick_at(now.realtime_ms + 61 * SECOND, true);
}

static void
sell_at(const char *cart, const char *customer, const char *at)
{
	struct sale sale = purchase(customer, NULL, moment(at));

	sell(cart, &sale);
}

/* Begins on that day, sells once and asks when its book is there. */
static void
assert_closes(const char *date, const char *noon, const char *end)
{
	int64_t due = moment(end) + 300 * SECOND;

	clock_manual_init(&now, moment(noon));
	sell_at(DESK_CART, "Ana", noon);
	tick_at(due - 1, true);
	assert_int_equal(last_edition(date), 0);
	tick_at(due, false);
	assert_int_equal(last_edition(date), 0);
	tick_at(due, true);
	assert_int_equal(last_edition(date), 1);
	assert_true(book.head.made_ms == due);
}

static void
a_day_closes_some_minutes_after_its_own_end(void **state)
{
	(void)state;
	assert_closes("2026-01-15", "2026-01-15T12:00:00-03:00",
	    "2026-01-16T00:00:00-03:00");
	/* The day of 25 hours. */
	assert_closes("2026-04-04", "2026-04-04T12:00:00-03:00",
	    "2026-04-05T00:00:00-04:00");
	assert_closes("2026-04-05", "2026-04-05T12:00:00-04:00",
	    "2026-04-06T00:00:00-04:00");
	/* Before the day without a midnight, and that day of 23 hours. */
	assert_closes("2026-09-05", "2026-09-05T12:00:00-04:00",
	    "2026-09-06T01:00:00-03:00");
	assert_closes("2026-09-06", "2026-09-06T12:00:00-03:00",
	    "2026-09-07T00:00:00-03:00");
}

static void
a_book_says_what_the_guild_and_each_cart_did(void **state)
{
	struct sale left = purchase("Eva", NULL, DESK_NOW);
	uint64_t back;

	(void)state;
	left.confirmed = false;
	sell_at(DESK_CART, "Ana", "2026-11-20T11:00:00-03:00");
	sell_at(DESK_CART, " ANA", "2026-11-20T12:00:00-03:00");
	sell_at(CART2, "ana", "2026-11-20T12:30:00-03:00");
	sell_at(CART2, "Luis", "2026-11-20T12:40:00-03:00");
	sell(CART2, &left);
	back = next_seq;
	sell_at(CART2, "Luz", "2026-11-20T12:50:00-03:00");
	take_back(CART2, back);
	tick_at(DESK_NOW + DAY_MS, true);
	assert_int_equal(last_edition("2026-11-20"), 1);
	assert_int_equal(book.head.frequent_visits, 3);
	assert_int_equal(book.count, 3);
	assert_string_equal(book.rows[0].cart, "");
	assert_memory_equal(figures_of(""),
	    (&(struct daybook_figures){ .sales = 4,
		.units = 8,
		.revenue = 12000,
		.customers = 2,
		.frequent = 1,
		.abandoned = 1,
		.voided = 1 }),
	    sizeof(struct daybook_figures));
	assert_memory_equal(figures_of(DESK_CART),
	    (&(struct daybook_figures){
		.sales = 2, .units = 4, .revenue = 6000, .customers = 1 }),
	    sizeof(struct daybook_figures));
	assert_memory_equal(figures_of(CART2),
	    (&(struct daybook_figures){ .sales = 2,
		.units = 4,
		.revenue = 6000,
		.customers = 2,
		.abandoned = 1,
		.voided = 1 }),
	    sizeof(struct daybook_figures));
	/* One cart's alone. */
	open_book("2026-11-20", 0, CART2);
	assert_int_equal(book.count, 1);
	assert_int_equal(figures_of(CART2)->customers, 2);
}

static void
what_comes_late_makes_one_corrected_edition(void **state)
{
	(void)state;
	sell_at(DESK_CART, "Ana", "2026-11-20T11:00:00-03:00");
	tick_at(DESK_NOW + DAY_MS, true);
	assert_int_equal(last_edition("2026-11-20"), 1);
	for (int i = 0; i < 5; i++) {
		sell_at(CART2, NULL, "2026-11-20T12:00:00-03:00");
		tick_at(now.realtime_ms + 10 * SECOND, true);
		assert_int_equal(last_edition("2026-11-20"), 1);
	}
	tick_later();
	assert_int_equal(last_edition("2026-11-20"), 2);
	assert_int_equal(figures_of("")->sales, 6);
	assert_int_equal(figures_of(CART2)->sales, 5);
	assert_int_equal(figures_of(DESK_CART)->sales, 1);
	/* The first says what it said. */
	assert_int_equal(open_book("2026-11-20", 1, NULL), 1);
	assert_int_equal(book.head.latest, 2);
	assert_int_equal(book.count, 2);
	assert_int_equal(figures_of("")->sales, 1);
	/* Nothing more came. */
	tick_later();
	tick_at(now.realtime_ms + 10 * DAY_MS, true);
	assert_int_equal(last_edition("2026-11-20"), 2);
	assert_int_equal(open_book("2026-11-20", 3, NULL), 0);
	assert_int_equal(d.total[TALLY_BOOKS], 2);
}

static void
what_changes_no_figure_makes_no_edition(void **state)
{
	struct sale sale = purchase(
	    "Ana", NULL, moment("2026-11-20T12:00:00-03:00"));

	(void)state;
	sell(DESK_CART, &sale);
	tick_at(DESK_NOW + DAY_MS, true);
	next_seq--;
	sell(DESK_CART, &sale);
	tick_later();
	assert_int_equal(last_edition("2026-11-20"), 1);
	/* Sold and taken back at once: an edition, for the void is a figure;
	 * taken back again: none. */
	take_back(DESK_CART, 0);
	tick_later();
	assert_int_equal(last_edition("2026-11-20"), 2);
	assert_int_equal(figures_of("")->voided, 1);
	assert_int_equal(figures_of("")->customers, 0);
	take_back(DESK_CART, 0);
	tick_later();
	assert_int_equal(last_edition("2026-11-20"), 2);
}

static void
a_mended_time_corrects_both_days(void **state)
{
	struct time_marker marker = { 77, moment("2026-11-18T12:00:00-03:00") };
	struct sale sale = purchase("Ana", NULL, 60000);
	struct mp_writer w;

	(void)state;
	sale.at.boot = 77;
	sell(DESK_CART, &sale);
	sell_at(CART2, "Luis", "2026-11-20T12:00:00-03:00");
	tick_at(DESK_NOW + DAY_MS, true);
	assert_int_equal(last_edition("2026-11-20"), 1);
	assert_int_equal(figures_of("")->provisional, 1);
	assert_int_equal(last_edition("2026-11-18"), 0);
	desk_frame_begin(&d, &w, DESK_EPOCH, next_seq++, 1, 1);
	time_marker_encode(&marker, &w);
	desk_frame_end(&d, &w, DESK_CART, SCHEMA_FRAME_SALE, now.realtime_ms);
	tick_later();
	assert_int_equal(last_edition("2026-11-20"), 2);
	assert_int_equal(figures_of("")->sales, 1);
	/* The cart has nothing left of that day. */
	assert_int_equal(book.count, 2);
	assert_int_equal(last_edition("2026-11-18"), 1);
	assert_int_equal(figures_of(DESK_CART)->sales, 1);
}

static void
a_late_purchase_may_make_a_customer_of_later_days_a_frequent_one(void **state)
{
	(void)state;
	clock_manual_init(&now, moment("2026-10-01T13:00:00-03:00"));
	sell_at(DESK_CART, "Ana", "2026-10-01T12:00:00-03:00");
	clock_manual_init(&now, moment("2026-10-30T13:00:00-03:00"));
	sell_at(CART2, "Ana", "2026-10-30T12:00:00-03:00");
	clock_manual_init(&now, moment("2026-10-31T13:00:00-03:00"));
	sell_at(CART2, "Ana", "2026-10-31T12:00:00-03:00");
	tick_at(moment("2026-11-10T12:00:00-03:00"), true);
	assert_int_equal(last_edition("2026-10-30"), 1);
	assert_int_equal(figures_of("")->frequent, 0);
	/* 30 days that end with the 30th begin on the 1st. */
	sell_at(DESK_CART, "ANA", "2026-10-01T18:00:00-03:00");
	tick_later();
	assert_int_equal(last_edition("2026-10-01"), 2);
	assert_int_equal(last_edition("2026-10-30"), 2);
	assert_int_equal(figures_of("")->frequent, 1);
	assert_int_equal(figures_of(CART2)->frequent, 0);
	assert_int_equal(last_edition("2026-10-31"), 1);
	assert_int_equal(figures_of("")->frequent, 0);
}

static void
days_long_past_are_closed_in_their_order_when_the_log_is_read(void **state)
{
	char at[40], date[24];

	(void)state;
	for (int day = 28; day > 0; day--) {
		snprintf(at, sizeof(at), "2026-02-%02dT12:00:00-03:00", day);
		sell_at(DESK_CART, "Ana", at);
	}
	tick_at(DESK_NOW, false);
	assert_int_equal(last_edition("2026-02-14"), 0);
	tick_later();
	for (int day = 1; day <= 28; day++) {
		snprintf(date, sizeof(date), "2026-02-%02d", day);
		assert_int_equal(last_edition(date), 1);
		assert_int_equal(figures_of("")->frequent, day >= 3 ? 1 : 0);
	}
}

static void
a_batch_that_is_undone_leaves_no_trace(void **state)
{
	struct sale sale = purchase("Ana", NULL, DESK_NOW - DAY_MS);
	struct mp_writer w;

	(void)state;
	desk_frame_begin(&d, &w, DESK_EPOCH, next_seq, 1, 1);
	sale_encode(&sale, &w);
	desk_begin(&d);
	desk_apply(&d, DESK_CART, SCHEMA_FRAME_SALE, DESK_NOW, w.buf, w.len);
	d.ctx.db->ops->rollback(d.ctx.db);
	desk_forget(&d);
	tick_later();
	assert_int_equal(last_edition("2026-11-19"), 0);
	sell(DESK_CART, &sale);
	tick_later();
	assert_int_equal(last_edition("2026-11-19"), 1);
}

/* ---- contacts ---- */

static struct customer_row customers[4];
static int customer_count;

static int
no_head(void *ctx, int64_t frequent_visits)
{
	(void)ctx;
	assert_int_equal(frequent_visits, 3);
	return 0;
}

static int
take_customer(void *ctx, const struct customer_row *row)
{
	(void)ctx;
	assert_true(customer_count < 4);
	customers[customer_count++] = *row;
	return 0;
}

static int
ask_customers(const char *from, const char *to, bool frequent)
{
	struct customers_query query = { from, to, NULL, frequent, 4 };

	customer_count = 0;
	assert_int_equal(d.reader->ops->customers(
			     d.reader, &query, no_head, take_customer, NULL),
	    0);
	return customer_count;
}

static void
who_came_often_is_listed_first(void **state)
{
	struct sale ana = purchase("Ana", "ana@example.cl", DESK_NOW);
	struct sale other = purchase("Anita", " ANA@example.cl", DESK_NOW);
	struct sale luis = purchase("Luis", NULL, DESK_NOW);

	(void)state;
	sell(DESK_CART, &ana);
	sell(DESK_CART, &ana);
	sell(CART2, &luis);
	other.at.ms += 1000;
	sell(CART2, &other);
	tick_at(DESK_NOW + HOUR, true);
	assert_int_equal(ask_customers("2026-10-22", "2026-11-20", false), 2);
	assert_string_equal(customers[0].name, "Anita");
	assert_string_equal(customers[0].contact, " ANA@example.cl");
	assert_string_equal(customers[0].last_cart, CART2);
	assert_int_equal(customers[0].visits, 3);
	assert_true(customers[0].frequent);
	assert_true(customers[0].last_ms == DESK_NOW + 1000);
	assert_string_equal(customers[1].name, "Luis");
	assert_int_equal(ask_customers("2026-10-22", "2026-11-20", true), 1);
	assert_int_equal(ask_customers("2026-11-21", "2026-12-20", false), 0);
}

/* Is the text anywhere in the database's files? */
static bool
on_disk(const char *text)
{
	char command[200];

	snprintf(command, sizeof(command), "grep -aqi '%s' %s/sales.db*", text,
	    d.folder);
	return system(command) == 0;
}

/* Kafka has what was to be sent: the notice names the contact as well. */
static void
send_all(void)
{
	desk_begin(&d);
	assert_int_equal(
	    d.ctx.store->ops->outgoing_delete(d.ctx.store, 0, INT32_MAX), 0);
	desk_commit(&d);
}

static void
a_contact_is_erased_in_time_and_its_figures_stay(void **state)
{
	struct sale sale = purchase("Ana", "ana@example.cl", DESK_NOW);
	struct sale other = sale;

	(void)state;
	sell(DESK_CART, &sale);
	/* A conflict keeps the other's bytes. */
	other.lines[0].amount = 1;
	next_seq--;
	sell(DESK_CART, &other);
	send_all();
	tick_at(DESK_NOW + 90 * DAY_MS, true);
	assert_true(on_disk("ana@example"));
	tick_at(DESK_NOW + 91 * DAY_MS, true);
	assert_true(d.ctx.erases);
	assert_int_equal(d.ctx.db->ops->scrub(d.ctx.db), 0);
	assert_false(on_disk("ana@example"));
	/* The customer is still the same one, should more come. */
	sale.at.ms += HOUR;
	sell(DESK_CART, &sale);
	tick_later();
	assert_int_equal(last_edition("2026-11-20"), 2);
	assert_int_equal(figures_of("")->sales, 2);
	assert_int_equal(figures_of("")->customers, 1);
	tick_later();
	assert_int_equal(d.ctx.db->ops->scrub(d.ctx.db), 0);
	assert_false(on_disk("ana@example"));
}

/* As before contacts were hashed. */
static void
age(void)
{
	char path[96], why[200];
	sqlite3 *db;

	d.role->close(d.self);
	snprintf(path, sizeof(path), "%s/sales.db", d.folder);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(
	    sqlite3_exec(db,
		"UPDATE sales_guild SET customer_secret = NULL;"
		"UPDATE sale SET customer_key = '@ana@example.cl'"
		" WHERE contact IS NOT NULL;"
		"UPDATE day_customer SET customer_key = '@ana@example.cl'"
		" WHERE customer_key LIKE '#%'",
		NULL, NULL, NULL),
	    SQLITE_OK);
	sqlite3_close(db);
	d.self = d.role->open(&d.ctx, &d.settings, why, sizeof(why));
	if (d.self == NULL)
		fail_msg("%s", why);
}

static void
contacts_in_keys_of_an_older_database_are_hashed(void **state)
{
	struct sale sale = purchase("Ana", "ana@example.cl", DESK_NOW);
	struct sale luis = purchase("Luis", NULL, DESK_NOW);

	(void)state;
	sell(DESK_CART, &sale);
	sell(DESK_CART, &luis);
	age();
	sell(DESK_CART, &sale);
	sell(DESK_CART, &luis);
	send_all();
	tick_at(DESK_NOW + 91 * DAY_MS, true);
	assert_int_equal(last_edition("2026-11-20"), 1);
	assert_int_equal(figures_of("")->sales, 4);
	assert_int_equal(figures_of("")->customers, 2);
	assert_int_equal(d.ctx.db->ops->scrub(d.ctx.db), 0);
	assert_false(on_disk("ana@example"));
}

#define TEST(name)                                                             \
	cmocka_unit_test_setup_teardown(name, open_sales, close_sales)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_day_closes_some_minutes_after_its_own_end),
		TEST(a_book_says_what_the_guild_and_each_cart_did),
		TEST(what_comes_late_makes_one_corrected_edition),
		TEST(what_changes_no_figure_makes_no_edition),
		TEST(a_mended_time_corrects_both_days),
		TEST(
		    a_late_purchase_may_make_a_customer_of_later_days_a_frequent_one),
		TEST(
		    days_long_past_are_closed_in_their_order_when_the_log_is_read),
		TEST(a_batch_that_is_undone_leaves_no_trace),
		TEST(who_came_often_is_listed_first),
		TEST(a_contact_is_erased_in_time_and_its_figures_stay),
		TEST(contacts_in_keys_of_an_older_database_are_hashed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
