/*
 * What a customer is written after a purchase: once, ever, and only as news.
 */
#include "tests/unit/sales_desk.h"

#include "schemas/notice.h"

#define SECOND INT64_C(1000)
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)
#define MAIL "ana@example.cl"

static struct heard {
	int count;
	char id[NOTICE_ID_MAX + 1], to[NOTICE_TO_MAX + 1];
	char event[NOTICE_EVENT_MAX + 1], subject[NOTICE_ID_MAX + 1];
	char name[TEXT_NAME_MAX + 1];
	int64_t at_ms;
} heard;

static int
hear(void *ctx, int64_t id, const struct outgoing *out)
{
	struct decode_error error;
	struct notice n;

	(void)ctx;
	(void)id;
	assert_int_equal(out->topic, TOPIC_AVISOS);
	assert_string_equal(out->schema, SCHEMA_NOTICE);
	assert_int_equal(
	    notice_decode(out->value, out->value_len, &n, &error), 0);
	assert_int_equal(out->key_len, strlen(n.to));
	assert_memory_equal(out->key, n.to, out->key_len);
	heard.count++;
	heard.at_ms = n.at_ms;
	snprintf(heard.id, sizeof(heard.id), "%s", n.id);
	snprintf(heard.to, sizeof(heard.to), "%s", n.to);
	snprintf(heard.event, sizeof(heard.event), "%s", n.event);
	snprintf(heard.subject, sizeof(heard.subject), "%s", n.subject);
	assert_int_equal(n.value_count, 2);
	assert_string_equal(n.values[0].name, "folio");
	assert_string_equal(n.values[0].value, n.subject);
	assert_string_equal(n.values[1].name, "name");
	snprintf(heard.name, sizeof(heard.name), "%s", n.values[1].value);
	return 0;
}

/* How many wait to be sent; the last of them is in `heard`. */
static int
listen_to_role(void)
{
	memset(&heard, 0, sizeof(heard));
	assert_int_equal(
	    d.ctx.store->ops->outgoing_list(d.ctx.store, 0, 1000, hear, NULL),
	    0);
	return heard.count;
}

static void
sell_for(int64_t open_ms)
{
	struct sale sale = purchase("Ana", MAIL, DESK_NOW);

	sale.open_ms = open_ms;
	sell(DESK_CART, &sale);
}

static void
under_half_an_hour_is_thanked_for_else_an_apology_goes(void **state)
{
	static const struct {
		int64_t open_ms;
		const char *event;
	} cases[] = {
		{ 5 * SECOND, "sale.thanks" },
		{ 30 * MINUTE - SECOND, "sale.thanks" },
		{ 30 * MINUTE - 1, "sale.thanks" },
		{ 30 * MINUTE, "sale.apology" },
		{ 31 * MINUTE, "sale.apology" }, { 0, "sale.thanks" },
		{ -1, "sale.thanks" }, /* nobody knows that it took long */
	};

	(void)state;
	for (int i = 0; i < 7; i++) {
		sell_for(cases[i].open_ms);
		assert_int_equal(listen_to_role(), i + 1);
		assert_string_equal(heard.event, cases[i].event);
	}
	assert_int_equal(d.total[TALLY_THANKS], 5);
	assert_int_equal(d.total[TALLY_APOLOGIES], 2);
}

static void
it_goes_to_the_contact_and_names_the_folio(void **state)
{
	struct sale sale = purchase(
	    " Ana María ", "\t Ana@Example.cl ", DESK_NOW - HOUR);
	struct folio folio = { .cart = DESK_CART, .epoch = DESK_EPOCH };
	char text[FOLIO_MAX + 1], id[NOTICE_ID_MAX + 1];

	(void)state;
	sell(DESK_CART, &sale);
	folio_format(&folio, text);
	snprintf(id, sizeof(id), "%s/follow", text);
	assert_int_equal(listen_to_role(), 1);
	assert_string_equal(heard.to, "mail:Ana@Example.cl");
	assert_string_equal(heard.id, id);
	assert_string_equal(heard.subject, text);
	assert_string_equal(heard.name, "Ana María");
	assert_int_equal(heard.at_ms, DESK_NOW - HOUR);
}

static void
who_left_or_has_no_mail_gets_none(void **state)
{
	static const char *const contacts[] = { NULL, "", "  ",
		"+56 9 8123 4567", "ana", "ana@", "@example.cl", "ana@example",
		"a na@example.cl", "ana@example.cl\r\nBcc: eva@example.cl",
		"ana@@example.cl" };
	struct sale sale = purchase("Ana", MAIL, DESK_NOW);

	(void)state;
	sale.confirmed = false;
	sell(DESK_CART, &sale);
	assert_int_equal(listen_to_role(), 0);
	for (size_t i = 0; i < sizeof(contacts) / sizeof(contacts[0]); i++) {
		sale = purchase("Ana", contacts[i], DESK_NOW);
		sell(DESK_CART, &sale);
		assert_int_equal(listen_to_role(), 0);
	}
}

static void
a_purchase_taken_back_before_it_is_known_gets_none(void **state)
{
	struct sale sale = purchase("Ana", MAIL, DESK_NOW);
	uint64_t mine = next_seq++;
	struct mp_writer w;

	(void)state;
	take_back(DESK_CART, mine);
	desk_frame_begin(&d, &w, DESK_EPOCH, mine, 1, 1);
	sale_encode(&sale, &w);
	desk_frame_end(&d, &w, DESK_CART, SCHEMA_FRAME_SALE, DESK_NOW);
	assert_int_equal(listen_to_role(), 0);
}

static void
it_is_said_once_however_often_the_purchase_comes(void **state)
{
	struct sale sale = purchase("Ana", MAIL, DESK_NOW);

	(void)state;
	sale.request_id = text_of("r-1");
	sell(DESK_CART, &sale);
	assert_int_equal(listen_to_role(), 1);
	/* The same event. */
	next_seq--;
	sell(DESK_CART, &sale);
	assert_int_equal(listen_to_role(), 1);
	/* The same request of a POS that had no answer. */
	sale.open_ms = 31 * MINUTE;
	sell(DESK_CART, &sale);
	assert_int_equal(listen_to_role(), 1);
	assert_string_equal(heard.event, "sale.thanks");
	/* Taken back later: what was said stays said. */
	take_back(DESK_CART, 0);
	assert_int_equal(listen_to_role(), 1);
}

static void
what_is_days_old_is_no_news(void **state)
{
	struct sale sale = purchase("Ana", MAIL, DESK_NOW - 72 * HOUR);

	(void)state;
	sell(DESK_CART, &sale);
	assert_int_equal(listen_to_role(), 1);
	sale.at.ms--;
	sell(DESK_CART, &sale);
	assert_int_equal(listen_to_role(), 1);
	/* It came in time, and is read days later. */
	clock_manual_advance(&now, 73 * HOUR);
	sale.at.ms = DESK_NOW;
	sell(DESK_CART, &sale);
	assert_int_equal(listen_to_role(), 1);
}

#define TEST(name)                                                             \
	cmocka_unit_test_setup_teardown(name, open_sales, close_sales)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(under_half_an_hour_is_thanked_for_else_an_apology_goes),
		TEST(it_goes_to_the_contact_and_names_the_folio),
		TEST(who_left_or_has_no_mail_gets_none),
		TEST(a_purchase_taken_back_before_it_is_known_gets_none),
		TEST(it_is_said_once_however_often_the_purchase_comes),
		TEST(what_is_days_old_is_no_news),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
