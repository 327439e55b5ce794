/*
 * What a POS may ask, and what it is told: the shop's rules through their
 * JSON lines, over a real outbox.
 */
#include "tests/unit/gateway_fixture.h"

static void
set_catalogue(struct bench *b, const struct product *products, size_t count)
{
	struct decode_error error;
	struct instant at;
	struct mp_writer w;
	uint8_t bytes[512];

	mp_writer_init(&w, bytes, sizeof(bytes));
	catalogue_encode(products, count, &w);
	assert_int_equal(events_begin(&b->events, &at), 0);
	assert_int_equal(shop_catalogue(&b->shop, bytes, w.len, &error), 0);
	assert_int_equal(events_commit(&b->events, OUTBOX_SYNC), 0);
}

static void
two_products(struct bench *b)
{
	static const struct product products[] = {
		{ 1, { "Empanada", 8 }, 1500 },
		{ 2, { "Mote con huesillo", 17 }, 2000 },
	};

	set_catalogue(b, products, 2);
}

static void
assert_level(struct bench *b, uint32_t product, int want)
{
	int32_t level;

	assert_int_equal(shop_level(&b->shop, product, &level), 1);
	assert_int_equal(level, want);
}

/* The last item of a stream. */
static struct item
last_item(struct bench *b, enum stream stream)
{
	struct item item, last = { .kind = ITEM_GAP };

	read_stream(b, stream);
	while (next_item(b, &item) == 1)
		last = item;
	return last;
}

static void
a_sale_gets_its_folio_and_is_in_the_outbox(void **state)
{
	struct bench *b = *state;
	struct folio folio;
	struct item item;
	json_t *a;

	walk(b, 3);
	clock_manual_advance(&b->clock, 2000);
	a = ask(b,
	    "{\"type\":\"sale\",\"customer\":\"Ana\",\"units\":3,"
	    "\"amount\":4500,\"stock_after\":17,\"contact\":\"a@b.cl\","
	    "\"opened_at\":\"2027-01-15T05:00:00-03:00\"}");
	assert_true(is_ok(a));
	assert_int_equal(folio_parse(text_of(a, "folio"),
			     strlen(text_of(a, "folio")), &folio),
	    0);
	assert_string_equal(folio.cart, CART);
	assert_true(folio.epoch == outbox_epoch(b->ob));
	assert_int_equal(folio.seq, 0);

	item = last_item(b, STREAM_SALE);
	assert_int_equal(item.kind, ITEM_SALE);
	assert_true(item.sale.confirmed);
	assert_int_equal(item.sale.at.ms, NOW + 5000);
	assert_int_equal(item.sale.open_ms, 5000);
	assert_memory_equal(item.sale.customer.s, "Ana", 3);
	assert_int_equal(item.sale.lines[0].units, 3);
	assert_int_equal(item.sale.lines[0].amount, 4500);
	assert_true(item.sale.place.given);
	assert_int_equal(item.sale.place.age_s, 3);

	item = last_item(b, STREAM_STOCK);
	assert_int_equal(item.stock.delta, -3);
	assert_int_equal(item.stock.level, 17);
	assert_int_equal(item.stock.reason, STOCK_SALE);
	assert_int_equal(b->appended[STREAM_SALE], 1);
	assert_int_equal(b->appended[STREAM_STOCK], 1);
}

static void
stock_counts_down_by_itself_and_over_a_restart(void **state)
{
	struct bench *b = *state;

	ask(b,
	    "{\"type\":\"sale\",\"units\":3,\"amount\":1,"
	    "\"stock_after\":17}");
	bench_restart(b);
	ask(b, "{\"type\":\"sale\",\"units\":4,\"amount\":1}");
	assert_level(b, 0, 13);
	assert_int_equal(last_item(b, STREAM_STOCK).stock.level, 17);
	acknowledge(b, STREAM_STOCK);
	ask(b, "{\"type\":\"sale\",\"units\":4,\"amount\":1}");
	assert_int_equal(last_item(b, STREAM_STOCK).stock.level, 9);
}

static void
what_was_never_counted_has_no_stock_event(void **state)
{
	struct bench *b = *state;

	assert_true(
	    is_ok(ask(b, "{\"type\":\"sale\",\"units\":3,\"amount\":1}")));
	assert_int_equal(outbox_depth(b->ob, STREAM_STOCK), 0);
}

static void
several_products_by_name_and_code(void **state)
{
	struct bench *b = *state;
	struct item item;

	two_products(b);
	assert_true(is_ok(ask(b,
	    "{\"type\":\"sale\",\"lines\":["
	    "{\"product\":\" EMPANADA\",\"units\":2,\"amount\":2900,"
	    "\"stock_after\":40},"
	    "{\"product\":2,\"units\":3,\"stock_after\":5},"
	    "{\"product\":1,\"units\":1}]}")));
	item = last_item(b, STREAM_SALE);
	assert_int_equal(item.sale.line_count, 3);
	assert_int_equal(item.sale.lines[0].product, 1);
	assert_int_equal(item.sale.lines[0].amount, 2900);
	/* Left out: the catalogue's price. */
	assert_int_equal(item.sale.lines[1].amount, 6000);
	assert_int_equal(item.sale.lines[2].amount, 1500);
	assert_level(b, 1, 39);
	assert_level(b, 2, 5);
	assert_int_equal(outbox_depth(b->ob, STREAM_STOCK), 3);
}

static void
the_catalogue_survives_a_restart(void **state)
{
	struct bench *b = *state;

	two_products(b);
	bench_restart(b);
	assert_int_equal(b->shop.catalogue.count, 2);
	assert_true(is_ok(ask(b,
	    "{\"type\":\"sale\",\"product\":\"empanada\","
	    "\"units\":1}")));
}

static void
products_that_are_not_there_are_named(void **state)
{
	struct bench *b = *state;

	assert_refused(ask(b,
			   "{\"type\":\"sale\",\"product\":\"pan\","
			   "\"units\":1,\"amount\":1}"),
	    "product");
	two_products(b);
	assert_refused(ask(b,
			   "{\"type\":\"sale\",\"units\":1,"
			   "\"amount\":1}"),
	    "product");
	assert_refused(ask(b,
			   "{\"type\":\"sale\",\"lines\":[{\"product\":1,"
			   "\"units\":1},{\"product\":9,\"units\":1}]}"),
	    "lines[1].product");
	assert_non_null(strstr(text_of(b->answer, "error"), "9"));
	assert_int_equal(outbox_depth(b->ob, STREAM_COUNT), 0);
}

static void
each_wrong_field_is_named(void **state)
{
	static const struct {
		const char *line, *field;
	} cases[] = {
		{ "{\"units\":1}", "type" },
		{ "{\"type\":\"buy\"}", "type" },
		{ "{\"type\":\"sale\"}", "units" },
		{ "{\"type\":\"sale\",\"units\":0,\"amount\":1}", "units" },
		{ "{\"type\":\"sale\",\"units\":1.5,\"amount\":1}", "units" },
		{ "{\"type\":\"sale\",\"units\":\"3\",\"amount\":1}", "units" },
		{ "{\"type\":\"sale\",\"units\":1}", "amount" },
		{ "{\"type\":\"sale\",\"units\":1,\"amount\":-1}", "amount" },
		{ "{\"type\":\"sale\",\"units\":1,\"amount\":1,"
		  "\"customer\":7}",
		    "customer" },
		{ "{\"type\":\"sale\",\"units\":1,\"amount\":1,"
		  "\"customer\":\"a\\u0007b\"}",
		    "customer" },
		{ "{\"type\":\"sale\",\"units\":1,\"amount\":1,"
		  "\"opened_at\":\"yesterday\"}",
		    "opened_at" },
		{ "{\"type\":\"sale\",\"units\":1,\"amount\":1,\"lines\":[]}",
		    "lines" },
		{ "{\"type\":\"sale\",\"lines\":[]}", "lines" },
		{ "{\"type\":\"sale\",\"lines\":{}}", "lines" },
		{ "{\"type\":\"sale\",\"lines\":[3]}", "lines" },
		{ "{\"type\":\"void\"}", "folio" },
		{ "{\"type\":\"void\",\"folio\":\"hello\"}", "folio" },
		{ "{\"type\":\"stock\"}", "level" },
		{ "{\"type\":\"stock\",\"level\":3,\"delta\":2}", "level" },
		{ "{\"type\":\"stock\",\"delta\":2}", "delta" },
		{ "{\"type\":\"stock\",\"level\":2,\"reason\":\"sale\"}",
		    "reason" },
		{ "{\"type\":\"help\"}", "note" },
		{ "[]", "" },
		{ "nonsense", "" },
		{ "{\"type\":\"state\"} more", "" },
		{ "{\"type\":\"sale\",\"type\":\"void\"}", "" },
		{ "\xff\xfe{", "" },
	};
	struct bench *b = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_refused(ask(b, "%s", cases[i].line), cases[i].field);
	assert_int_equal(outbox_depth(b->ob, STREAM_COUNT), 0);
	assert_int_equal(b->pos.refused, sizeof(cases) / sizeof(cases[0]));
}

static void
texts_and_lists_are_bounded(void **state)
{
	struct bench *b = *state;
	char name[82], lines[4096] = "";

	memset(name, 'x', 81);
	name[81] = '\0';
	assert_refused(ask(b,
			   "{\"type\":\"sale\",\"units\":1,\"amount\":1,"
			   "\"customer\":\"%s\"}",
			   name),
	    "customer");
	name[80] = '\0';
	assert_true(is_ok(ask(b,
	    "{\"type\":\"sale\",\"units\":1,\"amount\":1,"
	    "\"customer\":\"%s\"}",
	    name)));
	for (int i = 0; i <= SALE_LINES_MAX; i++)
		strcat(lines, ",{\"units\":1,\"amount\":2}");
	assert_refused(
	    ask(b, "{\"type\":\"sale\",\"lines\":[%s]}", lines + 1), "lines");
}

static void
a_request_repeated_is_the_same_sale(void **state)
{
	static const char sale[] = "{\"type\":\"sale\",\"units\":1,"
				   "\"amount\":500,\"request_id\":\"r1\","
				   "\"stock_after\":9}";
	struct bench *b = *state;
	char folio[FOLIO_MAX + 1];

	strcpy(folio, text_of(ask(b, "%s", sale), "folio"));
	assert_string_equal(text_of(ask(b, "%s", sale), "folio"), folio);
	bench_restart(b);
	assert_string_equal(text_of(ask(b, "%s", sale), "folio"), folio);
	assert_int_equal(outbox_depth(b->ob, STREAM_SALE), 1);
	assert_int_equal(outbox_depth(b->ob, STREAM_STOCK), 1);
}

static void
with_other_content_it_is_an_error(void **state)
{
	struct bench *b = *state;

	ask(b,
	    "{\"type\":\"sale\",\"units\":1,\"amount\":500,"
	    "\"request_id\":\"r1\"}");
	assert_refused(ask(b,
			   "{\"type\":\"sale\",\"units\":2,\"amount\":500,"
			   "\"request_id\":\"r1\"}"),
	    "request_id");
	assert_string_equal(text_of(b->answer, "fault"), "conflict");
	/* The order of the fields is no content. */
	assert_true(is_ok(ask(b,
	    "{\"request_id\":\"r1\",\"amount\":500,"
	    "\"units\":1,\"type\":\"sale\"}")));
}

static void
a_restock_repeated_counts_once(void **state)
{
	static const char more[] = "{\"type\":\"stock\",\"delta\":20,"
				   "\"request_id\":\"d7\"}";
	struct bench *b = *state;
	struct item item;

	assert_true(is_ok(ask(b, "{\"type\":\"stock\",\"level\":5}")));
	item = last_item(b, STREAM_STOCK);
	assert_int_equal(item.stock.reason, STOCK_COUNT);
	assert_true(is_ok(ask(b, "%s", more)));
	assert_int_equal(
	    json_integer_value(json_object_get(b->answer, "level")), 25);
	assert_true(is_ok(ask(b, "%s", more)));
	assert_level(b, 0, 25);
	item = last_item(b, STREAM_STOCK);
	assert_int_equal(item.stock.reason, STOCK_RESTOCK);
	assert_int_equal(item.stock.delta, 20);
	assert_true(is_ok(ask(b, "{\"type\":\"stock\",\"delta\":-2}")));
	assert_int_equal(last_item(b, STREAM_STOCK).stock.reason, STOCK_WASTE);
}

static void
an_abandoned_purchase_has_no_folio(void **state)
{
	struct bench *b = *state;
	struct item item;

	assert_true(is_ok(ask(b,
	    "{\"type\":\"abandoned\","
	    "\"customer\":\"Ana\"}")));
	assert_string_equal(text_of(b->answer, "folio"), "");
	item = last_item(b, STREAM_SALE);
	assert_false(item.sale.confirmed);
	assert_int_equal(item.sale.line_count, 0);
	assert_true(is_ok(ask(b,
	    "{\"type\":\"abandoned\",\"units\":2,"
	    "\"amount\":900,\"stock_after\":3}")));
	assert_int_equal(outbox_depth(b->ob, STREAM_STOCK), 0);
}

static void
a_void_takes_the_sale_and_its_stock_back_once(void **state)
{
	struct bench *b = *state;
	char folio[FOLIO_MAX + 1];
	struct item item;

	ask(b,
	    "{\"type\":\"sale\",\"units\":3,\"amount\":1,"
	    "\"stock_after\":7}");
	strcpy(folio, text_of(b->answer, "folio"));
	for (int i = 0; i < 2; i++) {
		assert_true(is_ok(ask(b,
		    "{\"type\":\"void\",\"folio\":\"%s\","
		    "\"reason\":\"wrong\"}",
		    folio)));
		assert_string_equal(text_of(b->answer, "folio"), folio);
		assert_level(b, 0, 10);
	}
	assert_int_equal(outbox_depth(b->ob, STREAM_SALE), 2);
	item = last_item(b, STREAM_SALE);
	assert_int_equal(item.kind, ITEM_VOID);
	assert_memory_equal(
	    item.void_sale.folio.s, folio, item.void_sale.folio.len);
	item = last_item(b, STREAM_STOCK);
	assert_int_equal(item.stock.reason, STOCK_VOID);
	assert_int_equal(item.stock.delta, 3);
}

static void
only_an_own_sale_can_be_voided(void **state)
{
	struct bench *b = *state;
	struct folio folio = { "AB1234", 0, 1 };
	char text[FOLIO_MAX + 1];

	assert_refused(ask(b,
			   "{\"type\":\"void\","
			   "\"folio\":\"ZZ9999-00000001-0\"}"),
	    "folio");
	ask(b, "{\"type\":\"sale\",\"units\":1,\"amount\":1}");
	ask(b, "{\"type\":\"abandoned\"}");
	folio.epoch = outbox_epoch(b->ob);
	folio_format(&folio, text);
	assert_refused(
	    ask(b, "{\"type\":\"void\",\"folio\":\"%s\"}", text), "folio");
	/* One that is no longer kept is passed on, and said so. */
	assert_true(is_ok(ask(b,
	    "{\"type\":\"void\","
	    "\"folio\":\"AB1234-00000001-0\"}")));
	assert_true(strlen(text_of(b->answer, "note")) > 0);
}

static void
time_to_open_is_only_known_within_a_day(void **state)
{
	struct bench *b = *state;

	assert_int_equal(shop_open_ms(&b->shop, NOW - 1234), 1234);
	assert_int_equal(shop_open_ms(&b->shop, NOW + 1), -1);
	assert_int_equal(shop_open_ms(&b->shop, NOW - 86400001), -1);
	b->clock.realtime_ms = 0;
	assert_int_equal(shop_open_ms(&b->shop, 0), -1);
}

static int changes;

static void
note_change(void *ctx)
{
	(void)ctx;
	changes++;
}

static void
the_day_opens_and_closes_durably(void **state)
{
	struct bench *b = *state;

	changes = 0;
	b->shop.day_changed = note_change;
	assert_false(b->shop.day_open);
	assert_true(is_ok(ask(b, "{\"type\":\"open\"}")));
	assert_true(is_ok(ask(b, "{\"type\":\"open\"}")));
	assert_int_equal(changes, 1);
	bench_restart(b);
	assert_true(b->shop.day_open);
	assert_true(is_ok(ask(b, "{\"type\":\"close\"}")));
	assert_false(b->shop.day_open);
}

static void
help_is_called_with_a_place(void **state)
{
	struct bench *b = *state;
	struct item item;

	walk(b, 3);
	assert_true(is_ok(ask(b,
	    "{\"type\":\"help\","
	    "\"note\":\"no\\ngas\"}")));
	item = last_item(b, STREAM_HELP);
	assert_memory_equal(item.help.note.s, "no\ngas", 6);
	assert_true(item.help.place.given);
}

static void
when_only_sales_are_left_the_vendor_is_told(void **state)
{
	struct bench *b = *state;
	int sales = 0;

	bench_stop(b);
	b->max_bytes = 256 * 1024;
	bench_start(b);
	walk(b, 20000); /* 1250 fixes: they give way */
	while (is_ok(ask(b,
	    "{\"type\":\"sale\",\"units\":1,\"amount\":1,"
	    "\"customer\":\"Ana\",\"request_id\":\"q%d\"}",
	    sales)))
		assert_true(++sales < 20000);
	assert_string_equal(text_of(b->answer, "fault"), "full");
	assert_non_null(strstr(text_of(b->answer, "error"), "full"));
	assert_non_null(strstr(text_of(b->answer, "error_es"), "llena"));
	assert_true(sales > 500);
	assert_int_equal(outbox_depth(b->ob, STREAM_SALE), sales);
	/* What was refused can be asked for again, once there is room. */
	acknowledge(b, STREAM_SALE);
	assert_true(is_ok(ask(b,
	    "{\"type\":\"sale\",\"units\":1,\"amount\":1,"
	    "\"customer\":\"Ana\",\"request_id\":\"q%d\"}",
	    sales)));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, bench_begin, bench_end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_sale_gets_its_folio_and_is_in_the_outbox),
		TEST(stock_counts_down_by_itself_and_over_a_restart),
		TEST(what_was_never_counted_has_no_stock_event),
		TEST(several_products_by_name_and_code),
		TEST(the_catalogue_survives_a_restart),
		TEST(products_that_are_not_there_are_named),
		TEST(each_wrong_field_is_named),
		TEST(texts_and_lists_are_bounded),
		TEST(a_request_repeated_is_the_same_sale),
		TEST(with_other_content_it_is_an_error),
		TEST(a_restock_repeated_counts_once),
		TEST(an_abandoned_purchase_has_no_folio),
		TEST(a_void_takes_the_sale_and_its_stock_back_once),
		TEST(only_an_own_sale_can_be_voided),
		TEST(time_to_open_is_only_known_within_a_day),
		TEST(the_day_opens_and_closes_durably),
		TEST(help_is_called_with_a_place),
		TEST(when_only_sales_are_left_the_vendor_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
