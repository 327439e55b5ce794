/*
 * The role support over its database: help events and words become tickets,
 * people are told, and the API reads what was said.
 */
#include "tests/unit/desk.h"

#include "schemas/notice.h"
#include "schemas/ticket.h"

#define MINUTE INT64_C(60000)
#define DAY (INT64_C(24) * 60 * MINUTE)
#define BOOT 77
#define OTHER "BBBB02"
#define T1 DESK_CART "-T0000000000001"
#define LOOSE "T0000000000002"
#define SENT_MAX 2000

static struct desk d;
static struct clock_manual now;

static int
open_desk(void **state)
{
	(void)state;
	desk_settings.contacts_keep_days = 30;
	clock_manual_init(&now, DESK_NOW);
	desk_open(&d, &role_support);
	d.ctx.clock = &now.clock;
	return 0;
}

static int
close_desk(void **state)
{
	(void)state;
	desk_close(&d);
	return 0;
}

/* ---- what goes in ---- */

static void
help_of(
    const char *cart, uint64_t seq, const struct help *help, int64_t record_ms)
{
	struct mp_writer w;

	desk_frame_begin(&d, &w, DESK_EPOCH, seq, 1, 1);
	help_encode(help, &w);
	desk_frame_end(&d, &w, cart, SCHEMA_FRAME_HELP, record_ms);
}

/* Cart number n. */
static const char *
cart_of(unsigned n)
{
	static char cart[CART_MAX + 1];

	snprintf(cart, sizeof(cart), "CART%04u", n % 10000);
	return cart;
}

static void
help_at(uint64_t seq, const char *note, int64_t record_ms)
{
	struct help help = { .at = { .ms = record_ms - 500 },
		.note = text_of(note) };

	help_of(DESK_CART, seq, &help, record_ms);
}

static const char *
id_of_help(uint64_t seq)
{
	static char id[TICKET_ID_MAX + 1];

	ticket_id_of_help(DESK_CART, DESK_EPOCH, seq, id);
	return id;
}

static struct ticket_word
word_of(
    const char *ticket, const char *word, enum ticket_act act, const char *text)
{
	struct ticket_word said = {
		.act = act, .at_ms = DESK_NOW, .by = "Rosa"
	};

	snprintf(said.ticket, sizeof(said.ticket), "%s", ticket);
	snprintf(said.word, sizeof(said.word), "%s", word);
	snprintf(said.text, sizeof(said.text), "%s", text);
	if (strchr(ticket, '-') != NULL)
		snprintf(said.cart, sizeof(said.cart), "%.6s", ticket);
	return said;
}

static void
apply_word(const struct ticket_word *said, const char *key, int64_t record_ms)
{
	uint8_t bytes[TICKET_BYTES_MAX];
	int len = ticket_encode(said, bytes, sizeof(bytes));

	assert_true(len > 0);
	desk_begin(&d);
	desk_apply(&d, key, SCHEMA_TICKET, record_ms, bytes, (size_t)len);
	desk_commit(&d);
}

static void
said_at(const char *ticket, const char *word, enum ticket_act act,
    const char *text, int64_t record_ms)
{
	struct ticket_word said = word_of(ticket, word, act, text);

	if (act == TICKET_OPEN)
		snprintf(said.mail, sizeof(said.mail), "ana@example.cl");
	apply_word(&said, said.cart[0] != '\0' ? said.cart : ticket, record_ms);
}

/* ---- what comes out ---- */

static struct {
	size_t count, rejected;
	struct {
		char id[NOTICE_ID_MAX + 1], to[NOTICE_TO_MAX + 1];
		char event[NOTICE_EVENT_MAX + 1], subject[100];
		char text[TEXT_NOTE_MAX + 1], state[20];
	} notices[SENT_MAX];
} sent;

static int
keep_sent(void *ctx, int64_t id, const struct outgoing *out)
{
	static struct notice notice;
	struct decode_error error = { "", "" };
	size_t n = sent.count;

	(void)ctx;
	(void)id;
	if (out->topic == TOPIC_RECHAZADOS) {
		sent.rejected++;
		return 0;
	}
	assert_int_equal(out->topic, TOPIC_AVISOS);
	assert_string_equal(out->schema, SCHEMA_NOTICE);
	assert_true(sent.count < SENT_MAX);
	if (notice_decode(out->value, out->value_len, &notice, &error) == -1)
		fail_msg("%s: %s", error.field, error.expected);
	assert_int_equal(out->key_len, strlen(notice.to));
	assert_memory_equal(out->key, notice.to, out->key_len);
	strcpy(sent.notices[n].id, notice.id);
	strcpy(sent.notices[n].to, notice.to);
	strcpy(sent.notices[n].event, notice.event);
	strcpy(sent.notices[n].subject, notice.subject);
	sent.notices[n].state[0] = '\0';
	for (uint32_t i = 0; i < notice.value_count; i++) {
		const struct notice_value *v = &notice.values[i];

		if (strcmp(v->name, "text") == 0)
			strcpy(sent.notices[n].text, v->value);
		if (strcmp(v->name, "state") == 0)
			strcpy(sent.notices[n].state, v->value);
	}
	sent.count++;
	return 0;
}

static void
read_sent(void)
{
	memset(&sent, 0, sizeof(sent));
	assert_int_equal(d.ctx.store->ops->outgoing_list(
			     d.ctx.store, 0, 100000, keep_sent, NULL),
	    0);
}

static void
expect_notice(size_t n, const char *to, const char *event, const char *text)
{
	assert_true(n < sent.count);
	assert_string_equal(sent.notices[n].to, to);
	assert_string_equal(sent.notices[n].event, event);
	assert_string_equal(sent.notices[n].text, text);
}

static struct {
	bool found;
	struct ticket_row row;
	size_t entries;
	struct ticket_entry last; /* its texts are below */
	char by[100], text[600], refused[200];
} seen;

static int
see_row(void *ctx, const struct ticket_row *row)
{
	(void)ctx;
	seen.found = true;
	seen.row = *row;
	return 0;
}

static int
see_entry(void *ctx, const struct ticket_entry *entry)
{
	(void)ctx;
	seen.entries++;
	seen.last = *entry;
	snprintf(seen.by, sizeof(seen.by), "%s", entry->by);
	snprintf(seen.text, sizeof(seen.text), "%s", entry->text);
	snprintf(seen.refused, sizeof(seen.refused), "%s",
	    entry->refused != NULL ? entry->refused : "");
	return 0;
}

static const struct helpdesk_ticket *
look_up(const char *id)
{
	memset(&seen, 0, sizeof(seen));
	assert_int_equal(
	    d.reader->ops->ticket(d.reader, id, see_row, see_entry, NULL), 0);
	assert_true(seen.found);
	return &seen.row.ticket;
}

struct listed {
	size_t count;
	char ids[20][TICKET_ID_MAX + 1];
};

static int
list_row(void *ctx, const struct ticket_row *row)
{
	struct listed *listed = ctx;

	if (listed->count < 20)
		strcpy(listed->ids[listed->count], row->ticket.id);
	listed->count++;
	return 0;
}

static size_t
count_of(const char *cart, int state, bool unresolved_only)
{
	const struct tickets_query query = {
		.cart = cart, .state = state, .unresolved_only = unresolved_only
	};
	struct listed listed = { .count = 0 };

	assert_int_equal(
	    d.reader->ops->tickets(d.reader, &query, list_row, &listed), 0);
	return listed.count;
}

/* ---- the tests ---- */

static void
a_vendor_who_asks_for_help_has_a_ticket(void **state)
{
	struct help help = { .at = { .ms = DESK_NOW - 3000 },
		.note = text_of("no gas"),
		.place = { true, -33440000, -70650000, 12 } };
	const struct helpdesk_ticket *ticket;

	(void)state;
	help_of(DESK_CART, 5, &help, DESK_NOW);
	ticket = look_up(id_of_help(5));
	assert_int_equal(ticket->state, TICKET_IS_OPEN);
	assert_string_equal(ticket->cart, DESK_CART);
	assert_string_equal(ticket->by, DESK_CART);
	assert_string_equal(ticket->text, "no gas");
	assert_int_equal(ticket->opened_ms, DESK_NOW);
	assert_int_equal(seen.row.asked_ms, DESK_NOW - 3000);
	assert_true(seen.row.place.given);
	assert_int_equal(seen.row.place.lat_e6, -33440000);
	assert_int_equal(seen.row.place.age_s, 12);
	assert_int_equal(seen.entries, 0);
	read_sent();
	assert_int_equal(sent.count, 1);
	expect_notice(0, "admins", "ticket.opened", "no gas");
	assert_string_equal(sent.notices[0].subject, id_of_help(5));
	assert_int_equal(d.total[TALLY_TICKETS], 1);
}

static void
a_frame_that_comes_twice_is_one_ticket(void **state)
{
	(void)state;
	help_at(0, "no gas", DESK_NOW);
	help_at(0, "no gas", DESK_NOW + 10);
	/* Nor is it another one once its account is forgotten. */
	desk_begin(&d);
	assert_int_equal(sqlite3_exec(store_handle(d.ctx.db->sqlite),
			     "DELETE FROM account", NULL, NULL, NULL),
	    SQLITE_OK);
	desk_commit(&d);
	desk_forget(&d);
	help_at(0, "no gas", DESK_NOW + 20);
	assert_int_equal(count_of(NULL, -1, false), 1);
	assert_int_equal(look_up(id_of_help(0))->opened_ms, DESK_NOW);
	read_sent();
	assert_int_equal(sent.count, 1);
	assert_int_equal(d.total[TALLY_TICKETS], 1);
}

static void
a_ticket_over_http_may_be_of_no_cart(void **state)
{
	(void)state;
	said_at(LOOSE, "w0", TICKET_OPEN, "where do I sign?", DESK_NOW);
	assert_string_equal(look_up(LOOSE)->cart, "");
	assert_string_equal(look_up(LOOSE)->mail, "ana@example.cl");
	assert_string_equal(look_up(LOOSE)->by, "Rosa");
	assert_false(seen.row.place.given);
	said_at(LOOSE, "w1", TICKET_REPLY, "at the office", DESK_NOW + 1);
	read_sent();
	assert_int_equal(sent.count, 2);
	expect_notice(
	    1, "mail:ana@example.cl", "ticket.reply", "at the office");
}

static void
a_reply_reaches_the_cart_and_the_mail(void **state)
{
	(void)state;
	said_at(T1, "w0", TICKET_OPEN, "no gas", DESK_NOW);
	said_at(T1, "w1", TICKET_REPLY, "on our way", DESK_NOW + 1000);
	said_at(T1, "w2", TICKET_RESOLVE, "a new bottle", DESK_NOW + 2000);
	read_sent();
	assert_int_equal(sent.count, 5);
	expect_notice(1, "cart:" DESK_CART, "ticket.reply", "on our way");
	expect_notice(2, "mail:ana@example.cl", "ticket.reply", "on our way");
	assert_string_equal(sent.notices[1].state, "in_progress");
	expect_notice(3, "cart:" DESK_CART, "ticket.reply", "a new bottle");
	assert_string_equal(sent.notices[4].state, "resolved");
	assert_string_equal(sent.notices[4].id, T1 "/w2");
	assert_int_equal(look_up(T1)->state, TICKET_RESOLVED);
	assert_int_equal(seen.entries, 2);
	assert_int_equal(seen.last.act, TICKET_RESOLVE);
	assert_int_equal(seen.last.at_ms, DESK_NOW + 2000);
	assert_string_equal(seen.by, "Rosa");
	assert_string_equal(seen.text, "a new bottle");
}

static void
each_word_is_taken_once(void **state)
{
	(void)state;
	for (int i = 0; i < 3; i++)
		said_at(T1, "w0", TICKET_OPEN, "no gas", DESK_NOW + i);
	for (int i = 0; i < 3; i++)
		said_at(T1, "w1", TICKET_REPLY, "on our way", DESK_NOW + i);
	for (int i = 0; i < 3; i++)
		said_at(T1, "w2", TICKET_RESOLVE, "done", DESK_NOW + i);
	/* And by another admin, with a word of their own. */
	said_at(T1, "w3", TICKET_RESOLVE, "done too", DESK_NOW + 10);
	assert_int_equal(look_up(T1)->replies, 1);
	assert_int_equal(look_up(T1)->revision, 2);
	assert_int_equal(seen.entries, 2);
	read_sent();
	assert_int_equal(sent.count, 5);
	assert_int_equal(d.total[TALLY_TICKETS_REFUSED], 0);
}

static void
what_comes_after_is_refused_and_can_be_read(void **state)
{
	(void)state;
	said_at(T1, "w0", TICKET_OPEN, "no gas", DESK_NOW);
	said_at(T1, "w1", TICKET_RESOLVE, "done", DESK_NOW + 1);
	for (int i = 0; i < 2; i++)
		said_at(T1, "w2", TICKET_REPLY, "and now?", DESK_NOW + 2);
	assert_int_equal(look_up(T1)->state, TICKET_RESOLVED);
	assert_int_equal(seen.entries, 2);
	assert_string_equal(seen.text, "and now?");
	assert_non_null(strstr(seen.refused, "resolved"));
	assert_int_equal(d.total[TALLY_TICKETS_REFUSED], 1);
	read_sent();
	assert_int_equal(sent.count, 3);
}

static void
what_is_about_no_ticket_is_kept_whole(void **state)
{
	struct ticket_word said = word_of(T1, "w1", TICKET_REPLY, "on our way");

	(void)state;
	apply_word(&said, DESK_CART, DESK_NOW);
	/* Another's key, another's id, and what only a help event opens. */
	apply_word(&said, OTHER, DESK_NOW);
	said = word_of(DESK_CART "-H00000001-0", "w1", TICKET_OPEN, "x");
	apply_word(&said, DESK_CART, DESK_NOW);
	said = word_of("XT1", "w1", TICKET_OPEN, "x");
	apply_word(&said, "XT1", DESK_NOW);
	said = word_of(T1, "w1", TICKET_OPEN, "x");
	snprintf(said.cart, sizeof(said.cart), OTHER);
	apply_word(&said, OTHER, DESK_NOW);
	desk_begin(&d);
	desk_apply(&d, DESK_CART, SCHEMA_TICKET, DESK_NOW, "\x93\x01", 2);
	desk_apply(&d, DESK_CART, "sale/1", DESK_NOW, "x", 1);
	desk_commit(&d);
	read_sent();
	assert_int_equal(sent.count, 0);
	assert_int_equal(sent.rejected, 7);
	assert_int_equal(count_of(NULL, -1, false), 0);
}

static void
a_ticket_of_a_help_event_is_answered_too(void **state)
{
	(void)state;
	help_at(0, "no gas", DESK_NOW);
	said_at(id_of_help(0), "w1", TICKET_REPLY, "on our way", DESK_NOW + 1);
	assert_int_equal(look_up(id_of_help(0))->state, TICKET_IN_PROGRESS);
	read_sent();
	assert_int_equal(sent.count, 2);
	expect_notice(1, "cart:" DESK_CART, "ticket.reply", "on our way");
}

static void
admins_are_not_flooded_by_one_cart(void **state)
{
	struct help help = { .at = { .ms = DESK_NOW }, .note = text_of("!") };

	(void)state;
	for (uint64_t i = 0; i < 200; i++)
		help_at(i, "!", DESK_NOW + (int64_t)i);
	read_sent();
	assert_int_equal(sent.count, 5);
	assert_int_equal(count_of(DESK_CART, -1, false), 200);
	/* Another cart is heard, and the same one a while later. */
	help_of(OTHER, 0, &help, DESK_NOW + 1000);
	help_at(200, "!", DESK_NOW + 11 * MINUTE);
	read_sent();
	assert_int_equal(sent.count, 7);
}

static void
nor_by_all_of_them_at_once(void **state)
{
	struct help help = { .at = { .ms = DESK_NOW }, .note = text_of("!") };

	(void)state;
	for (unsigned i = 0; i < 300; i++)
		help_of(cart_of(i), 0, &help, DESK_NOW + i);
	said_at(LOOSE, "w0", TICKET_OPEN, "me too", DESK_NOW + 400);
	read_sent();
	assert_int_equal(sent.count, 100);
	assert_int_equal(count_of(NULL, -1, false), 301);
	/* Replies are not held back. */
	said_at(LOOSE, "w1", TICKET_REPLY, "we know", DESK_NOW + 500);
	read_sent();
	assert_int_equal(sent.count, 101);
}

static void
a_log_that_is_read_again_tells_nobody(void **state)
{
	(void)state;
	clock_manual_advance(&now, 8 * DAY);
	said_at(T1, "w0", TICKET_OPEN, "no gas", DESK_NOW);
	said_at(T1, "w1", TICKET_REPLY, "on our way", DESK_NOW + 1);
	read_sent();
	assert_int_equal(sent.count, 0);
	assert_int_equal(look_up(T1)->state, TICKET_IN_PROGRESS);
	/* Two days down is not that long. */
	said_at(T1, "w2", TICKET_REPLY, "still", DESK_NOW + 6 * DAY);
	read_sent();
	assert_int_equal(sent.count, 2);
}

static void
what_was_asked_before_the_clock_was_known_gets_its_time(void **state)
{
	struct help help = { .at = { .ms = 5000, .boot = BOOT },
		.note = text_of("no gas") };
	struct time_marker marker = { BOOT, DESK_NOW - MINUTE };
	struct mp_writer w;

	(void)state;
	help_of(DESK_CART, 0, &help, DESK_NOW);
	look_up(id_of_help(0));
	assert_int_equal(seen.row.asked_ms, DESK_NOW);
	desk_frame_begin(&d, &w, DESK_EPOCH, 1, 1, 1);
	time_marker_encode(&marker, &w);
	desk_frame_end(&d, &w, DESK_CART, SCHEMA_FRAME_HELP, DESK_NOW + 10);
	look_up(id_of_help(0));
	assert_int_equal(seen.row.asked_ms, DESK_NOW - MINUTE + 5000);
	assert_int_equal(seen.row.ticket.opened_ms, DESK_NOW);
	/* Once it is known, at once. */
	help_of(DESK_CART, 2, &help, DESK_NOW + 20);
	look_up(id_of_help(2));
	assert_int_equal(seen.row.asked_ms, DESK_NOW - MINUTE + 5000);
}

static void
addresses_go_when_the_ticket_is_long_over(void **state)
{
	(void)state;
	said_at(T1, "w0", TICKET_OPEN, "no gas", DESK_NOW);
	said_at(LOOSE, "w0", TICKET_OPEN, "hello", DESK_NOW);
	said_at(T1, "w1", TICKET_RESOLVE, "done", DESK_NOW + 1);
	desk_tick(&d, DESK_NOW + 29 * DAY, true);
	assert_string_equal(look_up(T1)->mail, "ana@example.cl");
	desk_tick(&d, DESK_NOW + 31 * DAY, true);
	assert_string_equal(look_up(T1)->mail, "");
	/* Who waits is still to be answered. */
	assert_string_equal(look_up(LOOSE)->mail, "ana@example.cl");
}

static void
lists_are_by_state_and_cart_newest_first(void **state)
{
	struct tickets_query query = { .state = -1, .limit = 2 };
	struct help help = { .at = { .ms = DESK_NOW }, .note = text_of("?") };
	struct listed listed = { .count = 0 };

	(void)state;
	for (uint64_t i = 0; i < 4; i++)
		help_at(i, "?", DESK_NOW + 1000 * (int64_t)i);
	help_of(OTHER, 0, &help, DESK_NOW + 500);
	said_at(id_of_help(1), "w1", TICKET_REPLY, "!", DESK_NOW + 9000);
	said_at(id_of_help(2), "w1", TICKET_RESOLVE, "!", DESK_NOW + 9000);
	assert_int_equal(count_of(NULL, -1, false), 5);
	assert_int_equal(count_of(DESK_CART, -1, false), 4);
	assert_int_equal(count_of(OTHER, -1, false), 1);
	assert_int_equal(count_of(NULL, TICKET_IS_OPEN, false), 3);
	assert_int_equal(count_of(DESK_CART, TICKET_IS_OPEN, false), 2);
	assert_int_equal(count_of(NULL, TICKET_IN_PROGRESS, false), 1);
	assert_int_equal(count_of(NULL, TICKET_RESOLVED, false), 1);
	assert_int_equal(count_of(NULL, -1, true), 4);
	assert_int_equal(
	    d.reader->ops->tickets(d.reader, &query, list_row, &listed), 0);
	assert_int_equal(listed.count, 2);
	assert_string_equal(listed.ids[0], id_of_help(3));
	assert_string_equal(listed.ids[1], id_of_help(2));
	/* The page after. */
	query.before_ms = DESK_NOW + 2000;
	query.before_id = listed.ids[1];
	listed.count = 0;
	assert_int_equal(
	    d.reader->ops->tickets(d.reader, &query, list_row, &listed), 0);
	assert_int_equal(listed.count, 2);
	assert_string_equal(listed.ids[0], id_of_help(1));
}

static void
a_batch_that_was_undone_is_taken_again(void **state)
{
	struct help help = { .at = { .ms = DESK_NOW }, .note = text_of("!") };
	struct mp_writer w;

	(void)state;
	for (int i = 0; i < 2; i++) {
		desk_frame_begin(&d, &w, DESK_EPOCH, 0, 1, 1);
		help_encode(&help, &w);
		desk_begin(&d);
		desk_apply(
		    &d, DESK_CART, SCHEMA_FRAME_HELP, DESK_NOW, w.buf, w.len);
		if (i == 0) {
			d.ctx.db->ops->rollback(d.ctx.db);
			desk_forget(&d);
			memset(d.ctx.tally, 0, sizeof(d.ctx.tally));
		} else {
			desk_commit(&d);
		}
	}
	assert_int_equal(count_of(NULL, -1, false), 1);
	assert_int_equal(d.total[TALLY_TICKETS], 1);
	read_sent();
	assert_int_equal(sent.count, 1);
}

/* 500 a second is asked for: a batch of one second's must take a small part
 * of it. */
static void
ten_thousand_tickets_take_no_time(void **state)
{
	int64_t began = clock_boottime_ms(&clock_system), took;
	struct mp_writer w;
	struct help help = { .at = { .ms = DESK_NOW },
		.note = text_of("the stove is cold and nobody comes") };

	(void)state;
	for (int second = 0; second < 20; second++) {
		desk_begin(&d);
		for (unsigned i = 0; i < 500; i++) {
			desk_frame_begin(
			    &d, &w, DESK_EPOCH, (uint64_t)second, 1, 1);
			help_encode(&help, &w);
			desk_apply(&d, cart_of(i), SCHEMA_FRAME_HELP,
			    DESK_NOW + second * 1000, w.buf, w.len);
		}
		desk_commit(&d);
	}
	took = clock_boottime_ms(&clock_system) - began;
	print_message("10000 tickets in %lld ms\n", (long long)took);
	assert_int_equal(d.total[TALLY_TICKETS], 10000);
	assert_true(took < 20000);
}

#define ON_A_DESK(test)                                                        \
	cmocka_unit_test_setup_teardown(test, open_desk, close_desk)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		ON_A_DESK(a_vendor_who_asks_for_help_has_a_ticket),
		ON_A_DESK(a_frame_that_comes_twice_is_one_ticket),
		ON_A_DESK(a_ticket_over_http_may_be_of_no_cart),
		ON_A_DESK(a_reply_reaches_the_cart_and_the_mail),
		ON_A_DESK(each_word_is_taken_once),
		ON_A_DESK(what_comes_after_is_refused_and_can_be_read),
		ON_A_DESK(what_is_about_no_ticket_is_kept_whole),
		ON_A_DESK(a_ticket_of_a_help_event_is_answered_too),
		ON_A_DESK(admins_are_not_flooded_by_one_cart),
		ON_A_DESK(nor_by_all_of_them_at_once),
		ON_A_DESK(a_log_that_is_read_again_tells_nobody),
		ON_A_DESK(
		    what_was_asked_before_the_clock_was_known_gets_its_time),
		ON_A_DESK(addresses_go_when_the_ticket_is_long_over),
		ON_A_DESK(lists_are_by_state_and_cart_newest_first),
		ON_A_DESK(a_batch_that_was_undone_is_taken_again),
		ON_A_DESK(ten_thousand_tickets_take_no_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
