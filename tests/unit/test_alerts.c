/*
 * What a role holds against carts: kept, told, and at most one a cause.
 */
#include "tests/unit/scene.h"

#include "backend/consumer/alerts.h"

struct bench {
	struct scene scene;
	struct alerts *alerts;
};

static void
bench_open(struct bench *b)
{
	scene_open(&b->scene);
	b->alerts = alerts_new(&b->scene.desk.ctx);
	assert_non_null(b->alerts);
	desk_begin(&b->scene.desk);
}

static void
bench_close(struct bench *b)
{
	desk_commit(&b->scene.desk);
	alerts_free(b->alerts);
	scene_close(&b->scene);
}

/* What is written so far can be read. */
static void
bench_commit(struct bench *b)
{
	desk_commit(&b->scene.desk);
	desk_begin(&b->scene.desk);
}

static const struct alert_event *
open_of(struct bench *b, const char *cart)
{
	const struct alert_event *open;

	assert_int_equal(
	    alerts_find(b->alerts, cart, ALERT_RESTOCK_DISPUTE, &open), 0);
	return open;
}

static void
open_one(struct bench *b, const char *cart, int64_t since_ms)
{
	struct alert_event event;

	alert_begin(
	    &event, cart, ALERT_RESTOCK_DISPUTE, since_ms, since_ms + 500);
	snprintf(event.subject, sizeof(event.subject), "order");
	event.count = 3;
	assert_int_equal(alerts_open(b->alerts, &event), 0);
}

static void
resolve_one(struct bench *b, const char *cart, int64_t until_ms)
{
	struct alert_event event = *open_of(b, cart);

	event.until_ms = event.at_ms = until_ms;
	assert_int_equal(alerts_resolve(b->alerts, &event), 0);
}

static void
a_second_one_of_a_cart_and_cause_is_not_opened(void **state)
{
	struct bench b;

	(void)state;
	bench_open(&b);
	open_one(&b, DESK_CART, DESK_NOW);
	open_one(&b, DESK_CART, DESK_NOW + 1000);
	open_one(&b, "BBBB02", DESK_NOW + 1000);
	assert_int_equal(open_of(&b, DESK_CART)->since_ms, DESK_NOW);
	bench_commit(&b);
	assert_int_equal(scene_open_count(&b.scene), 2);
	assert_int_equal(
	    scene_sent(&b.scene, TOPIC_ALERTAS, SCHEMA_ALERT).count, 2);
	bench_close(&b);
}

/* The store's own key, whatever a rule forgets. */
static void
the_store_refuses_a_second_open_row(void **state)
{
	struct alert_row row = { .opened_ms = DESK_NOW };
	struct alerts_store *store;
	struct bench b;

	(void)state;
	bench_open(&b);
	store = alerts_store_sqlite(b.scene.desk.ctx.db);
	alert_begin(&row.event, DESK_CART, ALERT_MISSING, DESK_NOW, DESK_NOW);
	assert_int_equal(store->ops->put(store, &row), 0);
	assert_int_equal(store->ops->put(store, &row), 0);
	alert_begin(
	    &row.event, DESK_CART, ALERT_MISSING, DESK_NOW + 1, DESK_NOW);
	assert_int_equal(store->ops->put(store, &row), -1);
	assert_int_equal(errno, EEXIST);
	/* Of no cart there may be many. */
	for (int i = 0; i < 3; i++) {
		alert_begin(&row.event, "", ALERT_FUGITIVE, DESK_NOW, DESK_NOW);
		snprintf(row.event.id, sizeof(row.event.id), "fugitive-%d", i);
		assert_int_equal(store->ops->put(store, &row), 0);
	}
	store->ops->close(store);
	bench_close(&b);
}

static void
every_field_is_kept_and_outlives_memory(void **state)
{
	struct alert_event event, again;
	struct bench b;

	(void)state;
	bench_open(&b);
	alert_begin(&event, DESK_CART, ALERT_MISSING, DESK_NOW, DESK_NOW + 60);
	event.known = KNOWN_STOPPED;
	event.why = WHY_POWER;
	event.has_place = true;
	event.lat_e6 = SCENE_LAT;
	event.lon_e6 = SCENE_LON;
	event.place_at_ms = DESK_NOW - 5;
	event.moved_m = 0;
	event.count = 7;
	snprintf(event.subject, sizeof(event.subject), "Plaza Ñuñoa");
	snprintf(event.note, sizeof(event.note), "what was said");
	assert_int_equal(alerts_open(b.alerts, &event), 0);
	alerts_forget(b.alerts);
	assert_int_equal(alerts_get(b.alerts, event.id, &again), 1);
	assert_string_equal(again.cart, event.cart);
	assert_int_equal(again.known, event.known);
	assert_int_equal(again.why, event.why);
	assert_int_equal(again.lat_e6, event.lat_e6);
	assert_int_equal(again.place_at_ms, event.place_at_ms);
	assert_int_equal(again.until_ms, INSTANT_MISSING);
	assert_int_equal(again.moved_m, 0);
	assert_int_equal(again.count, 7);
	assert_string_equal(again.subject, event.subject);
	assert_string_equal(again.note, event.note);
	assert_int_equal(alerts_get(b.alerts, "no-such", &again), 0);
	bench_close(&b);
}

static void
a_change_of_one_that_is_over_leaves_it_over(void **state)
{
	struct alert_event event;
	struct scene_sent sent;
	struct bench b;

	(void)state;
	bench_open(&b);
	open_one(&b, DESK_CART, DESK_NOW);
	resolve_one(&b, DESK_CART, DESK_NOW + 9000);
	assert_null(open_of(&b, DESK_CART));
	alert_begin(
	    &event, DESK_CART, ALERT_RESTOCK_DISPUTE, DESK_NOW, DESK_NOW);
	assert_int_equal(alerts_get(b.alerts, event.id, &event), 1);
	event.moved_m = 350;
	assert_int_equal(alerts_change(b.alerts, &event), 0);
	assert_null(open_of(&b, DESK_CART));
	bench_commit(&b);
	assert_int_equal(scene_alert(&b.scene)->event.moved_m, 350);
	assert_int_equal(scene_alert(&b.scene)->event.revision, 2);
	assert_int_equal(scene_alert(&b.scene)->event.state, ALERT_RESOLVED);
	sent = scene_sent(&b.scene, TOPIC_ALERTAS, SCHEMA_ALERT);
	assert_int_equal(sent.count, 3);
	assert_int_equal(sent.last.state, ALERT_CHANGED);
	assert_int_equal(
	    scene_sent(&b.scene, TOPIC_AVISOS, SCHEMA_NOTICE).count, 2);
	bench_close(&b);
}

static void
settle(struct bench *b, const char *id)
{
	struct alert_resolution word = { .at_ms = DESK_NOW + 20000,
		.by = "ana" };
	uint8_t bytes[512];
	struct record record = { .topic = TOPIC_STOCK,
		.time_ms = DESK_NOW + 20000,
		.key = DESK_CART,
		.key_len = strlen(DESK_CART),
		.schema = SCHEMA_RESOLUTION,
		.value = bytes };
	int len;

	snprintf(word.id, sizeof(word.id), "%s", id);
	len = resolution_encode(&word, bytes, sizeof(bytes));
	assert_true(len > 0);
	record.len = (size_t)len;
	assert_int_equal(alerts_settle(b->alerts, &record), 0);
}

static void
what_a_person_settled_opens_again_only_as_another(void **state)
{
	char id[ALERT_ID_MAX + 1];
	struct bench b;

	(void)state;
	bench_open(&b);
	/* Before it is known here, as when the log is read again. */
	alert_id(id, DESK_CART, ALERT_RESTOCK_DISPUTE, DESK_NOW);
	settle(&b, id);
	open_one(&b, DESK_CART, DESK_NOW);
	assert_null(open_of(&b, DESK_CART));
	bench_commit(&b);
	assert_int_equal(scene_alerts(&b.scene, false)->count, 0);
	/* And after. */
	open_one(&b, DESK_CART, DESK_NOW + 1000);
	alert_id(id, DESK_CART, ALERT_RESTOCK_DISPUTE, DESK_NOW + 1000);
	settle(&b, id);
	settle(&b, id);
	alerts_forget(b.alerts);
	open_one(&b, DESK_CART, DESK_NOW + 1000);
	assert_null(open_of(&b, DESK_CART));
	open_one(&b, DESK_CART, DESK_NOW + 2000);
	assert_non_null(open_of(&b, DESK_CART));
	bench_commit(&b);
	assert_int_equal(scene_alerts(&b.scene, false)->count, 2);
	bench_close(&b);
}

static int
take_id(void *ctx, const struct alert_row *row)
{
	char *ids = ctx;

	strcat(ids, row->event.cart);
	strcat(ids, " ");
	return 0;
}

static void
they_are_read_newest_first_page_by_page(void **state)
{
	static const char *const carts[] = { "AAAA01", "BBBB02", "CCCC03",
		"DDDD04" };
	struct alerts_query query = { .cause = -1, .limit = 2 };
	char ids[128] = "";
	struct alert_row last = { .opened_ms = 0 };
	struct bench b;

	(void)state;
	bench_open(&b);
	/* Two of them in the same moment. */
	for (int i = 0; i < 4; i++)
		open_one(&b, carts[i], DESK_NOW + i / 2 * 1000);
	bench_commit(&b);
	assert_int_equal(b.scene.desk.reader->ops->alerts(
			     b.scene.desk.reader, &query, take_id, ids),
	    0);
	assert_string_equal(ids, "DDDD04 CCCC03 ");
	last = scene_alerts(&b.scene, false)->rows[1];
	query.before_ms = last.opened_ms;
	query.before_id = last.event.id;
	assert_int_equal(b.scene.desk.reader->ops->alerts(
			     b.scene.desk.reader, &query, take_id, ids),
	    0);
	assert_string_equal(ids, "DDDD04 CCCC03 BBBB02 AAAA01 ");
	query = (struct alerts_query){ .cause = ALERT_MISSING };
	ids[0] = '\0';
	assert_int_equal(b.scene.desk.reader->ops->alerts(
			     b.scene.desk.reader, &query, take_id, ids),
	    0);
	assert_string_equal(ids, "");
	query = (struct alerts_query){ .cause = -1, .cart = "CCCC03" };
	assert_int_equal(b.scene.desk.reader->ops->alerts(
			     b.scene.desk.reader, &query, take_id, ids),
	    0);
	assert_string_equal(ids, "CCCC03 ");
	bench_close(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_second_one_of_a_cart_and_cause_is_not_opened),
		cmocka_unit_test(the_store_refuses_a_second_open_row),
		cmocka_unit_test(every_field_is_kept_and_outlives_memory),
		cmocka_unit_test(a_change_of_one_that_is_over_leaves_it_over),
		cmocka_unit_test(
		    what_a_person_settled_opens_again_only_as_another),
		cmocka_unit_test(they_are_read_newest_first_page_by_page),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
