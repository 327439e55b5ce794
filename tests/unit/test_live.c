/*
 * What those who look on are told, over a reader that answers from arrays.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/api/live.h"

#define NOW INT64_C(1795179900000)
#define ROWS 8

struct scene {
	struct reader reader; /* first */
	int error; /* errno of each walk; 0: well */
	struct cart_row carts[ROWS];
	size_t cart_count;
	struct alert_row alerts[ROWS];
	size_t alert_count;
	struct restock_row orders[2];
	size_t order_count;
	struct ticket_row tickets[2];
	size_t ticket_count;
	struct member_mark members[2];
	size_t member_count;
	int64_t version; /* of every database */
	int walks; /* of what has one database */
	pthread_mutex_t lock;
	struct live *live;
};

static int
give(const struct scene *s)
{
	errno = s->error;
	return s->error != 0 ? -1 : 0;
}

static int
give_carts(struct reader *r, const char *cart, int64_t now_ms, int64_t live_ms,
    int (*row)(void *, const struct cart_row *), void *ctx)
{
	struct scene *s = (struct scene *)r;

	(void)now_ms;
	(void)live_ms;
	assert_null(cart);
	for (size_t i = 0; s->error == 0 && i < s->cart_count; i++)
		assert_int_equal(row(ctx, &s->carts[i]), 0);
	return give(s);
}

static int
give_alerts(struct reader *r, const struct alerts_query *query,
    int (*row)(void *, const struct alert_row *), void *ctx)
{
	struct scene *s = (struct scene *)r;

	for (size_t i = 0; s->error == 0 && i < s->alert_count; i++) {
		const struct alert_event *e = &s->alerts[i].event;

		if (query->id != NULL ? strcmp(e->id, query->id) == 0
				      : e->state != ALERT_RESOLVED)
			row(ctx, &s->alerts[i]);
	}
	return give(s);
}

static int
give_orders(struct reader *r, const struct restocks_query *query,
    int (*row)(void *, const struct restock_row *), void *ctx)
{
	struct scene *s = (struct scene *)r;

	s->walks++;
	for (size_t i = 0; s->error == 0 && i < s->order_count; i++) {
		const struct order *o = &s->orders[i].order;

		if (query->id != NULL ? strcmp(o->id, query->id) == 0
				      : o->state < ORDER_FINALIZADO)
			row(ctx, &s->orders[i]);
	}
	return give(s);
}

static int
give_tickets(struct reader *r, const struct tickets_query *query,
    int (*row)(void *, const struct ticket_row *), void *ctx)
{
	struct scene *s = (struct scene *)r;

	s->walks++;
	assert_int_not_equal(query->limit, 0);
	for (size_t i = 0; s->error == 0 && i < s->ticket_count; i++) {
		const struct helpdesk_ticket *t = &s->tickets[i].ticket;

		if (query->id != NULL ? strcmp(t->id, query->id) == 0
				      : t->state != TICKET_RESOLVED)
			row(ctx, &s->tickets[i]);
	}
	return give(s);
}

static int
give_members(struct reader *r, const char *who,
    int (*row)(void *, const struct member_mark *), void *ctx)
{
	struct scene *s = (struct scene *)r;

	s->walks++;
	for (size_t i = 0; s->error == 0 && i < s->member_count; i++)
		if (who != NULL ? strcmp(s->members[i].who, who) == 0
				: s->members[i].state != MEMBER_LEFT)
			row(ctx, &s->members[i]);
	return give(s);
}

static int
give_version(struct reader *r, enum read_database db, int64_t *version)
{
	struct scene *s = (struct scene *)r;

	(void)db;
	*version = s->version;
	return give(s);
}

static const struct reader_ops ops = { .carts = give_carts,
	.alerts = give_alerts,
	.restocks = give_orders,
	.tickets = give_tickets,
	.member_marks = give_members,
	.version = give_version };

static void
add_cart(struct scene *s, const char *plate)
{
	struct cart_row *row = &s->carts[s->cart_count++];

	*row = (struct cart_row){ .has_fix = true, .contact_ms = NOW };
	snprintf(row->cart, sizeof(row->cart), "%s", plate);
}

static void
add_alert(struct scene *s, const char *id, const char *cart)
{
	struct alert_row *row = &s->alerts[s->alert_count++];

	*row = (struct alert_row){ .event.state = ALERT_OPENED };
	snprintf(row->event.id, sizeof(row->event.id), "%s", id);
	snprintf(row->event.cart, sizeof(row->event.cart), "%s", cart);
}

static void
begin(struct scene *s, size_t bytes_max, size_t events_max)
{
	*s = (struct scene){ .reader.ops = &ops };
	assert_int_equal(pthread_mutex_init(&s->lock, NULL), 0);
	s->live = live_new(&s->lock, bytes_max, events_max);
	assert_non_null(s->live);
	add_cart(s, "AB1234");
	add_cart(s, "CD5678");
}

static void
end(struct scene *s)
{
	live_free(s->live);
	pthread_mutex_destroy(&s->lock);
}

/* Looks at databases that were written to; how many events there are for it. */
static uint64_t
look(struct scene *s)
{
	uint64_t before = live_next(s->live);

	s->version++;
	assert_int_equal(live_look(s->live, &s->reader, NOW, 60000), 0);
	return live_next(s->live) - before;
}

/* The data of the event that is `back` before the last, and its kind. */
static json_t *
event(struct scene *s, uint64_t back, const char *kind)
{
	uint64_t number = live_next(s->live) - 1 - back;
	const struct live_text *text = live_at(s->live, number)->text;
	char head[40];
	int len = snprintf(head, sizeof(head), "event: %s\nid: ", kind);
	json_t *data;

	assert_memory_equal(text->bytes, head, (size_t)len);
	assert_memory_equal(text->bytes + text->len - 2, "\n\n", 2);
	assert_int_equal(text->data_at + text->data_len + 2, text->len);
	assert_null(memchr(text->bytes + text->data_at, '\n', text->data_len));
	data = json_loadb(text->bytes + text->data_at, text->data_len, 0, NULL);
	assert_non_null(data);
	return data;
}

static const char *
word(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

static void
what_did_not_change_makes_no_event(void **state)
{
	struct scene s;
	json_t *data;

	(void)state;
	begin(&s, 100000, 100);
	assert_int_equal(look(&s), 2);
	assert_int_equal(look(&s), 0);
	s.carts[1].fix.lat_e6 = -33437800;
	assert_int_equal(look(&s), 1);
	assert_string_equal(
	    live_at(s.live, live_next(s.live) - 1)->cart, "CD5678");
	data = event(&s, 0, "cart");
	assert_string_equal(word(data, "cart"), "CD5678");
	json_decref(data);
	assert_int_equal(look(&s), 0);
	end(&s);
}

static void
an_alert_and_an_order_end_with_a_last_word(void **state)
{
	struct scene s;
	json_t *data;

	(void)state;
	begin(&s, 100000, 100);
	add_alert(&s, "AB1234-missing-1", "AB1234");
	add_alert(&s, "fugitive-x", "");
	s.order_count = 1;
	strcpy(s.orders[0].order.id, "CD5678-R1");
	strcpy(s.orders[0].order.cart, "CD5678");
	assert_int_equal(look(&s), 5);
	s.alerts[0].event.state = ALERT_CHANGED;
	s.alerts[0].event.revision = 1;
	assert_int_equal(look(&s), 1);
	s.alerts[0].event.state = ALERT_RESOLVED;
	s.alerts[0].event.revision = 2;
	assert_int_equal(look(&s), 1);
	data = event(&s, 0, "alert");
	assert_true(json_is_false(json_object_get(data, "open")));
	assert_int_equal(
	    json_integer_value(json_object_get(data, "revision")), 2);
	json_decref(data);
	s.orders[0].order.state = ORDER_FINALIZADO;
	assert_int_equal(look(&s), 1);
	data = event(&s, 0, "order");
	assert_string_equal(word(data, "state"), "finalizado");
	json_decref(data);
	assert_int_equal(look(&s), 0);
	/* Forgotten: opened anew it is told again. */
	s.alerts[0].event.state = ALERT_OPENED;
	assert_int_equal(look(&s), 1);
	/* One of which there is no word left ends without. */
	s.alert_count = 0;
	assert_int_equal(look(&s), 0);
	assert_int_equal(look(&s), 0);
	end(&s);
}

static void
a_ticket_and_a_member_end_with_a_last_word(void **state)
{
	struct scene s;
	json_t *data;

	(void)state;
	begin(&s, 100000, 100);
	s.ticket_count = s.member_count = 1;
	strcpy(s.tickets[0].ticket.id, "AB1234-T1");
	strcpy(s.tickets[0].ticket.cart, "AB1234");
	strcpy(s.members[0].who, "W1");
	strcpy(s.members[0].plate, "AB1234");
	s.members[0].state_ms = NOW;
	assert_int_equal(look(&s), 4);
	s.tickets[0].ticket.replies = 1;
	assert_int_equal(look(&s), 1);
	assert_string_equal(
	    live_at(s.live, live_next(s.live) - 1)->cart, "AB1234");
	s.tickets[0].ticket.state = TICKET_RESOLVED;
	assert_int_equal(look(&s), 1);
	data = event(&s, 0, "ticket");
	assert_string_equal(word(data, "id"), "AB1234-T1");
	assert_string_equal(word(data, "state"), "resolved");
	json_decref(data);
	s.members[0].gate_done = true;
	assert_int_equal(look(&s), 1);
	s.members[0].state = MEMBER_LEFT;
	assert_int_equal(look(&s), 1);
	data = event(&s, 0, "member");
	assert_string_equal(word(data, "who"), "W1");
	assert_string_equal(word(data, "state"), "left");
	json_decref(data);
	assert_int_equal(look(&s), 0);
	end(&s);
}

static void
what_nobody_has_written_to_is_not_read_again(void **state)
{
	struct scene s;

	(void)state;
	begin(&s, 100000, 100);
	look(&s);
	s.walks = 0;
	s.carts[0].backlog++;
	assert_int_equal(live_look(s.live, &s.reader, NOW, 60000), 0);
	assert_int_equal(s.walks, 0);
	look(&s);
	assert_int_equal(s.walks, 3);
	/* After a failure the reader may be another. */
	s.error = EIO;
	assert_int_equal(live_look(s.live, &s.reader, NOW, 60000), -1);
	s.error = 0;
	s.walks = 0;
	assert_int_equal(live_look(s.live, &s.reader, NOW, 60000), 0);
	assert_int_equal(s.walks, 3);
	/* One that is locked is read when it is not any more. */
	s.version++;
	s.error = EBUSY;
	assert_int_equal(live_look(s.live, &s.reader, NOW, 60000), 0);
	s.error = 0;
	s.walks = 0;
	assert_int_equal(live_look(s.live, &s.reader, NOW, 60000), 0);
	assert_int_equal(s.walks, 3);
	end(&s);
}

static void
members_are_shown_to_who_may_see_them_alone(void **state)
{
	static const struct live_sight admin = { "", true },
				       depot = { "", false },
				       vendor = { "AB1234", false };
	struct scene s;
	const struct live_event *e;

	(void)state;
	begin(&s, 100000, 100);
	s.ticket_count = s.member_count = 1;
	strcpy(s.tickets[0].ticket.id, "AB1234-T1");
	strcpy(s.tickets[0].ticket.cart, "AB1234");
	strcpy(s.members[0].who, "W1");
	strcpy(s.members[0].plate, "AB1234");
	look(&s);
	/* The last two events. */
	e = live_at(s.live, live_next(s.live) - 1);
	assert_true(live_shows(&admin, e));
	assert_false(live_shows(&depot, e));
	assert_false(live_shows(&vendor, e));
	e = live_at(s.live, live_next(s.live) - 2);
	assert_true(live_shows(&admin, e));
	assert_true(live_shows(&depot, e));
	assert_true(live_shows(&vendor, e));
	strcpy(s.tickets[0].ticket.cart, "CD5678");
	strcpy(s.tickets[0].ticket.id, "CD5678-T1");
	look(&s);
	assert_false(
	    live_shows(&vendor, live_at(s.live, live_next(s.live) - 1)));
	end(&s);
}

static size_t
count_seen(struct scene *s, const struct live_sight *sight, const char *list,
    uint64_t *next)
{
	struct live_text *text = live_snapshot(s->live, sight, next);
	json_t *data;
	size_t count;

	assert_non_null(text);
	data = json_loadb(text->bytes + text->data_at, text->data_len, 0, NULL);
	assert_non_null(data);
	count = json_array_size(json_object_get(data, list));
	json_decref(data);
	live_text_drop(text);
	return count;
}

static size_t
count_of(struct scene *s, const char *cart, const char *list, uint64_t *next)
{
	struct live_sight sight = { .members = false };

	strcpy(sight.cart, cart);
	return count_seen(s, &sight, list, next);
}

static void
a_snapshot_has_members_for_who_may_see_them_alone(void **state)
{
	const struct live_sight admin = { "", true };
	struct scene s;
	uint64_t next;

	(void)state;
	begin(&s, 100000, 100);
	s.ticket_count = s.member_count = 2;
	strcpy(s.tickets[0].ticket.id, "AB1234-T1");
	strcpy(s.tickets[0].ticket.cart, "AB1234");
	strcpy(s.tickets[1].ticket.id, "T2");
	strcpy(s.members[0].who, "W1");
	strcpy(s.members[1].who, "W2");
	strcpy(s.members[1].plate, "AB1234");
	look(&s);
	assert_int_equal(count_seen(&s, &admin, "members", &next), 2);
	assert_int_equal(count_seen(&s, &admin, "tickets", &next), 2);
	assert_int_equal(count_seen(&s, &admin, "carts", &next), 2);
	assert_int_equal(count_of(&s, "", "members", &next), 0);
	assert_int_equal(count_of(&s, "", "tickets", &next), 2);
	assert_int_equal(count_of(&s, "AB1234", "members", &next), 0);
	assert_int_equal(count_of(&s, "AB1234", "tickets", &next), 1);
	assert_int_equal(count_of(&s, "CD5678", "tickets", &next), 0);
	end(&s);
}

static void
a_beat_says_when_and_has_no_number(void **state)
{
	static const char wanted[] =
	    "event: beat\ndata: {\"at\":\"2026-11-20T13:05:00.000Z\"}\n\n";
	struct live_text *text = live_beat(NOW);

	(void)state;
	assert_non_null(text);
	assert_int_equal(text->len, strlen(wanted));
	assert_memory_equal(text->bytes, wanted, text->len);
	live_text_drop(text);
}

static void
a_snapshot_has_all_there_is_or_what_is_one_carts(void **state)
{
	struct scene s;
	uint64_t next;

	(void)state;
	begin(&s, 100000, 100);
	assert_int_equal(count_of(&s, "", "carts", &next), 0);
	add_alert(&s, "AB1234-missing-1", "AB1234");
	add_alert(&s, "fugitive-x", "");
	look(&s);
	assert_int_equal(count_of(&s, "CD5678", "carts", &next), 1);
	assert_int_equal(count_of(&s, "CD5678", "alerts", &next), 0);
	assert_int_equal(count_of(&s, "AB1234", "alerts", &next), 1);
	assert_int_equal(count_of(&s, "AB1234", "orders", &next), 0);
	assert_int_equal(next, live_next(s.live));
	/* The whole one may be an older one, with the events since. */
	assert_int_equal(count_of(&s, "", "carts", &next), 0);
	assert_int_equal(next, live_first(s.live));
	end(&s);
}

static void
a_snapshot_is_made_anew_when_its_events_are_gone(void **state)
{
	struct scene s;
	uint64_t next;

	(void)state;
	begin(&s, 100000, 3);
	look(&s);
	assert_int_equal(count_of(&s, "", "carts", &next), 2);
	for (int i = 0; i < 4; i++) {
		s.carts[0].backlog++;
		assert_int_equal(look(&s), 1);
	}
	assert_true(next < live_first(s.live));
	assert_int_equal(count_of(&s, "", "carts", &next), 2);
	assert_int_equal(next, live_next(s.live));
	end(&s);
}

static void
the_ring_is_bounded_in_events_and_in_bytes(void **state)
{
	struct scene s;
	uint64_t kept;

	(void)state;
	begin(&s, 100000, 10);
	for (int i = 0; i < 30; i++) {
		s.carts[0].backlog++;
		look(&s);
	}
	assert_int_equal(live_next(s.live) - live_first(s.live), 10);
	end(&s);
	begin(&s, 2000, 1000);
	for (int i = 0; i < 30; i++) {
		s.carts[0].backlog++;
		look(&s);
	}
	kept = live_next(s.live) - live_first(s.live);
	assert_in_range(kept, 2, 10);
	end(&s);
}

static void
who_comes_again_goes_on_after_what_they_had(void **state)
{
	struct scene s, other;
	char id[60];
	uint64_t at = 0;

	(void)state;
	begin(&s, 100000, 4);
	begin(&other, 100000, 4);
	look(&s);
	look(&other);
	assert_int_equal(sscanf(live_at(s.live, 1)->text->bytes,
			     "event: cart\nid: %40s", id),
	    1);
	assert_true(live_after(s.live, id, &at));
	assert_int_equal(at, 2);
	/* Of another run of the program: begin anew. */
	assert_false(live_after(other.live, id, &at));
	for (int i = 0; i < 4; i++) {
		s.carts[0].backlog++;
		look(&s);
	}
	assert_false(live_after(s.live, id, &at));
	id[8] = '\0';
	for (const char *const *rest = (const char *const[]){ "-99", "-", "",
		 "-5x", "-99999999999999999999999", "5", NULL };
	     *rest != NULL; rest++) {
		strcpy(id + 8, *rest);
		assert_false(live_after(s.live, id, &at));
	}
	end(&s);
	end(&other);
}

static void
a_role_that_is_away_changes_nothing(void **state)
{
	struct scene s;

	(void)state;
	begin(&s, 100000, 100);
	add_alert(&s, "AB1234-missing-1", "AB1234");
	assert_int_equal(look(&s), 3);
	s.error = EBUSY;
	assert_int_equal(look(&s), 0);
	s.error = ENOENT;
	assert_int_equal(look(&s), 0);
	s.error = EIO;
	assert_int_equal(live_look(s.live, &s.reader, NOW, 60000), -1);
	assert_int_equal(errno, EIO);
	s.error = 0;
	assert_int_equal(look(&s), 0);
	end(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_did_not_change_makes_no_event),
		cmocka_unit_test(an_alert_and_an_order_end_with_a_last_word),
		cmocka_unit_test(a_ticket_and_a_member_end_with_a_last_word),
		cmocka_unit_test(what_nobody_has_written_to_is_not_read_again),
		cmocka_unit_test(members_are_shown_to_who_may_see_them_alone),
		cmocka_unit_test(
		    a_snapshot_has_members_for_who_may_see_them_alone),
		cmocka_unit_test(a_beat_says_when_and_has_no_number),
		cmocka_unit_test(
		    a_snapshot_has_all_there_is_or_what_is_one_carts),
		cmocka_unit_test(
		    a_snapshot_is_made_anew_when_its_events_are_gone),
		cmocka_unit_test(the_ring_is_bounded_in_events_and_in_bytes),
		cmocka_unit_test(who_comes_again_goes_on_after_what_they_had),
		cmocka_unit_test(a_role_that_is_away_changes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
