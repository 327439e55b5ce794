/*
 * The role notify on a desk, with senders and members that do as they are
 * told: who is told what, how often, and what is not told any more.
 */
#include "tests/unit/desk.h"

#include "backend/consumer/sender.h"
#include "backend/consumer/mailer.h"
#include "backend/store/contacts.h"
#include "schemas/down.h"
#include "schemas/notice.h"
#include "schemas/order.h"

#define S INT64_C(1000)
#define HOUR (3600 * S)

static struct desk d;
static struct clock_manual now;

/* The senders: what was handed over and not answered for yet. */
struct sender {
	struct parcel parcels[SENDER_MAX];
	size_t count;
	struct parcel_report reports[SENDER_MAX];
	size_t report_count;
};
static struct sender mail_sender, hook_sender;

struct sender *
sender_new(const struct sender_way *way, void *ctx)
{
	(void)ctx;
	return way == &mailer_way ? &mail_sender : &hook_sender;
}

void
sender_free(struct sender *sender)
{
	if (sender == NULL)
		return;
	for (size_t i = 0; i < sender->count; i++)
		parcel_release(&sender->parcels[i]);
	sender->count = sender->report_count = 0;
}

size_t
sender_room(struct sender *sender)
{
	return SENDER_MAX - sender->count - sender->report_count;
}

int
sender_put(struct sender *sender, struct parcel *parcel)
{
	sender->parcels[sender->count++] = *parcel;
	*parcel = (struct parcel){ .id = 0 };
	return 0;
}

bool
sender_has_reports(struct sender *sender)
{
	return sender->report_count > 0;
}

size_t
sender_take(struct sender *sender, struct parcel_report *reports, size_t cap)
{
	size_t count = sender->report_count;

	assert_true(count <= cap);
	memcpy(reports, sender->reports, count * sizeof(*reports));
	sender->report_count = 0;
	return count;
}

void
parcel_release(struct parcel *parcel)
{
	free(parcel->to);
	free(parcel->mail_id);
	free(parcel->bytes);
}

/* The members: rosa has the cart AAAA01. */
static bool members_away;

struct contacts *
contacts_open(const char *folder)
{
	(void)folder;
	return (struct contacts *)&members_away;
}

void
contacts_close(struct contacts *contacts)
{
	(void)contacts;
}

static int
rosa(bool known, struct contact *contact)
{
	if (members_away)
		return -1;
	if (!known)
		return 0;
	*contact = (struct contact){ "rosa@example.cl", "Rosa", "en" };
	return 1;
}

int
contacts_of_registration(
    struct contacts *contacts, const char *id, struct contact *contact)
{
	(void)contacts;
	return rosa(strcmp(id, "R1") == 0, contact);
}

int
contacts_of_plate(
    struct contacts *contacts, const char *plate, struct contact *contact)
{
	(void)contacts;
	return rosa(strcmp(plate, DESK_CART) == 0, contact);
}

static int
begin(void **state)
{
	(void)state;
	members_away = false;
	desk_settings.templates = (char *)"backend/templates";
	desk_settings.language = (char *)"en";
	desk_settings.admins = (char *)"ana@x.cl, luis@x.cl";
	desk_settings.depot_mail = (char *)"bodega@x.cl";
	desk_settings.guild_name = (char *)"Gremio";
	desk_settings.guild_contact = (char *)"";
	desk_settings.smtp_url = (char *)"smtp://localhost:25";
	desk_settings.smtp_user = (char *)"";
	desk_settings.smtp_password = (char *)"";
	desk_settings.smtp_from = (char *)"pregon@x.cl";
	desk_settings.smtp_cafile = (char *)"";
	desk_settings.webhook_url = (char *)"http://localhost/";
	desk_settings.webhook_secret = (char *)"";
	desk_settings.smtp_timeout_s = desk_settings.webhook_timeout_s = 10;
	desk_settings.retry_first_s = 30;
	desk_settings.retry_max_s = 3600;
	desk_settings.give_up_s = 172800;
	desk_settings.alerts_per_hour = 10;
	clock_manual_init(&now, DESK_NOW);
	desk_open(&d, &role_notify);
	d.ctx.clock = &now.clock;
	return 0;
}

static int
end(void **state)
{
	(void)state;
	desk_close(&d);
	return 0;
}

static void
tick(void)
{
	desk_tick(&d, now.realtime_ms, true);
}

static void
pass(int64_t ms)
{
	clock_manual_advance(&now, ms);
	tick();
}

static void
apply(const char *schema, const void *bytes, int len)
{
	assert_true(len > 0);
	desk_begin(&d);
	desk_apply(&d, "", schema, now.realtime_ms, bytes, (size_t)len);
	desk_commit(&d);
}

static void
tell(const char *id, const char *to, const char *event, const char *subject)
{
	struct notice notice = { .id = id,
		.to = to,
		.event = event,
		.subject = subject,
		.at_ms = now.realtime_ms,
		.value_count = 3,
		.values = { { "cart", "AAAA01" }, { "cause", "missing" },
		    { "folio", subject } } };
	uint8_t bytes[NOTICE_BYTES_MAX];

	apply(
	    SCHEMA_NOTICE, bytes, notice_encode(&notice, bytes, sizeof(bytes)));
}

static void
tell_alert(int i, const char *event)
{
	char id[40], subject[40], name[40];

	snprintf(id, sizeof(id), "alert-%d/%s", i, event);
	snprintf(subject, sizeof(subject), "alert-%d", i);
	snprintf(name, sizeof(name), "alert.%s", event);
	tell(id, "admins", name, subject);
}

static void
tell_order(const char *cart, enum order_state to, uint32_t revision)
{
	struct order_event event = { .state = to,
		.at_ms = now.realtime_ms,
		.by = "depot",
		.line_count = 1,
		.lines = { { 3, 20 } },
		.revision = revision };
	uint8_t bytes[ORDER_BYTES_MAX];

	snprintf(event.cart, sizeof(event.cart), "%s", cart);
	snprintf(event.order, sizeof(event.order), "%s-R1", cart);
	apply(SCHEMA_ORDER, bytes, order_encode(&event, bytes, sizeof(bytes)));
}

/* What becomes of the first that is under way. */
static void
answer(struct sender *sender, enum courier_outcome outcome)
{
	assert_true(sender->count > 0);
	sender->reports[sender->report_count++] = (struct parcel_report){
		sender->parcels[0].id, { .outcome = outcome }
	};
	parcel_release(&sender->parcels[0]);
	sender->count--;
	memmove(sender->parcels, sender->parcels + 1,
	    sender->count * sizeof(sender->parcels[0]));
}

static void
answer_all(struct sender *sender, enum courier_outcome outcome)
{
	while (sender->count > 0)
		answer(sender, outcome);
	tick();
}

/* The words of a mail under way, with soft line breaks taken out. */
static bool
says(size_t i, const char *part)
{
	const struct parcel *parcel = &mail_sender.parcels[i];

	return memmem(parcel->bytes, parcel->len, part, strlen(part)) != NULL;
}

static int64_t
rows(const char *where)
{
	char sql[200];
	struct statement *s;
	int64_t n;

	snprintf(
	    sql, sizeof(sql), "SELECT count(*) FROM letter WHERE %s", where);
	s = store_prepare(d.ctx.db->sqlite, sql);
	assert_non_null(s);
	assert_int_equal(statement_step(s), 1);
	n = statement_int(s, 0);
	statement_reset(s);
	return n;
}

static void
a_notice_goes_once_to_each_recipient(void **state)
{
	(void)state;
	tick();
	tell_alert(1, "opened");
	assert_int_equal(mail_sender.count, 2);
	assert_string_equal(mail_sender.parcels[0].to, "ana@x.cl");
	assert_string_equal(mail_sender.parcels[1].to, "luis@x.cl");
	assert_string_not_equal(
	    mail_sender.parcels[0].mail_id, mail_sender.parcels[1].mail_id);
	assert_int_equal(hook_sender.count, 1);
	tell_alert(1, "opened"); /* the record again */
	answer_all(&mail_sender, OUTCOME_SENT);
	answer_all(&hook_sender, OUTCOME_SENT);
	tell_alert(1, "opened");
	tick();
	assert_int_equal(mail_sender.count, 0);
	assert_int_equal(hook_sender.count, 0);
	assert_int_equal(d.total[TALLY_MAILS], 2);
	assert_int_equal(d.total[TALLY_WEBHOOKS], 1);
}

static void
nothing_goes_before_the_log_was_read(void **state)
{
	(void)state;
	tell("1", "mail:eva@x.cl", "sale.thanks", "F1");
	desk_tick(&d, now.realtime_ms, false);
	assert_int_equal(mail_sender.count, 0);
	tick();
	assert_int_equal(mail_sender.count, 1);
}

static void
what_fails_is_tried_again_with_the_same_id(void **state)
{
	char id[40];

	(void)state;
	tick();
	tell("1", "mail:eva@x.cl", "sale.thanks", "F1");
	snprintf(id, sizeof(id), "%s", mail_sender.parcels[0].mail_id);
	answer_all(&mail_sender, OUTCOME_LATER);
	pass(20 * S);
	assert_int_equal(mail_sender.count, 0);
	pass(11 * S);
	assert_int_equal(mail_sender.count, 1);
	assert_string_equal(mail_sender.parcels[0].mail_id, id);
	assert_true(says(0, id));
}

static void
a_server_that_is_back_gets_all_that_waited_for_it(void **state)
{
	char id[16];

	(void)state;
	tick();
	for (int i = 0; i < 5; i++) {
		snprintf(id, sizeof(id), "%d", i);
		tell(id, "mail:eva@x.cl", "sale.thanks", id);
	}
	answer_all(&mail_sender, OUTCOME_AWAY);
	/* While it is away it is tried with one at a time. */
	tell("last", "mail:eva@x.cl", "sale.thanks", "last");
	assert_int_equal(mail_sender.count, 0);
	for (int i = 0; i < 10; i++) {
		pass(61 * S);
		assert_int_equal(mail_sender.count, 1);
		answer_all(&mail_sender, OUTCOME_AWAY);
		assert_int_equal(mail_sender.count, 0);
	}
	pass(61 * S);
	answer_all(&mail_sender, OUTCOME_SENT);
	assert_int_equal(mail_sender.count, 5);
}

static void
a_dead_address_delays_nobody(void **state)
{
	(void)state;
	tick();
	tell("1", "mail:dead@x.cl", "order.recibido", "O1");
	tell("2", "mail:dead@x.cl", "order.preparando", "O1");
	tell("3", "mail:eva@x.cl", "order.recibido", "O1");
	tell("4", "mail:no address", "order.recibido", "O1");
	assert_int_equal(mail_sender.count, 2);
	answer(&mail_sender, OUTCOME_REFUSED);
	answer_all(&mail_sender, OUTCOME_SENT);
	/* The later state is not held up by the dead one. */
	assert_int_equal(mail_sender.count, 1);
	assert_string_equal(mail_sender.parcels[0].to, "dead@x.cl");
	assert_int_equal(d.total[TALLY_NOTICES_REFUSED], 2);
}

static void
a_later_state_waits_for_the_earlier_one(void **state)
{
	(void)state;
	tick();
	tell_order(DESK_CART, ORDER_RECIBIDO, 0);
	tell_order(DESK_CART, ORDER_PREPARANDO, 1);
	tell_order(DESK_CART, ORDER_ENTREGANDO, 2);
	assert_int_equal(mail_sender.count, 1);
	answer_all(&mail_sender, OUTCOME_LATER);
	assert_int_equal(mail_sender.count, 0);
	pass(30 * S);
	assert_int_equal(mail_sender.count, 1);
	assert_true(says(0, "We have received order"));
	answer_all(&mail_sender, OUTCOME_SENT);
	assert_true(says(0, "We are preparing order"));
	answer_all(&mail_sender, OUTCOME_SENT);
	assert_true(says(0, "is on its way"));
	answer_all(&mail_sender, OUTCOME_SENT);
	assert_int_equal(mail_sender.count, 0);
}

static void
a_vendor_hears_of_each_state_once(void **state)
{
	(void)state;
	tick();
	tell_order(DESK_CART, ORDER_RECIBIDO, 0);
	assert_string_equal(mail_sender.parcels[0].to, "rosa@example.cl");
	assert_true(says(0, "Hello Rosa,"));
	assert_true(says(0, "20 =C3=97 units of product 3") ||
	    says(0, "3 =C3=97 units of product 20"));
	answer_all(&mail_sender, OUTCOME_SENT);
	tell_order(DESK_CART, ORDER_RECIBIDO, 1); /* into a delivery */
	tell_order(DESK_CART, ORDER_RECIBIDO, 0); /* the record again */
	tick();
	assert_int_equal(mail_sender.count, 0);
	/* Of a cart without a member nobody is told, and nothing is kept. */
	tell_order("BBBB02", ORDER_RECIBIDO, 0);
	assert_int_equal(rows("1"), 1);
}

static void
what_befell_an_order_a_day_ago_is_no_news(void **state)
{
	struct order_event event = { .order = DESK_CART "-R1",
		.cart = DESK_CART,
		.at_ms = DESK_NOW - 25 * HOUR,
		.by = "depot",
		.line_count = 1 };
	uint8_t bytes[ORDER_BYTES_MAX];

	(void)state;
	tick();
	apply(SCHEMA_ORDER, bytes, order_encode(&event, bytes, sizeof(bytes)));
	assert_int_equal(rows("1"), 0);
}

static void
members_who_cannot_be_asked_are_asked_later(void **state)
{
	(void)state;
	tick();
	members_away = true;
	tell("1", "member:R1", "member.received", "R1");
	tell("2", "member:R2", "member.received", "R2");
	tick();
	assert_int_equal(mail_sender.count, 0);
	members_away = false;
	pass(31 * S);
	assert_int_equal(mail_sender.count, 1);
	assert_string_equal(mail_sender.parcels[0].to, "rosa@example.cl");
	/* R2 has left. */
	assert_int_equal(d.total[TALLY_NOTICES_NOBODY], 1);
}

static void
an_alert_that_is_over_before_it_was_told_is_not_told(void **state)
{
	(void)state;
	tell_alert(1, "opened");
	tell_alert(1, "resolved");
	tick();
	assert_int_equal(mail_sender.count, 0);
	assert_int_equal(hook_sender.count, 0);
	assert_int_equal(rows("state <> 7"), 0);
}

static void
the_end_of_an_alert_that_was_told_is_told(void **state)
{
	(void)state;
	tick();
	tell_alert(1, "opened");
	tell_alert(1, "resolved"); /* while the first is on its way */
	assert_int_equal(mail_sender.count, 2);
	answer_all(&mail_sender, OUTCOME_SENT);
	assert_int_equal(mail_sender.count, 2);
	answer_all(&mail_sender, OUTCOME_SENT);
	assert_int_equal(d.total[TALLY_MAILS], 4);
}

static void
an_alert_that_could_not_be_told_ends_in_silence(void **state)
{
	(void)state;
	tick();
	tell_alert(1, "opened");
	tell_alert(1, "resolved");
	answer_all(&mail_sender, OUTCOME_AWAY);
	answer_all(&hook_sender, OUTCOME_SENT);
	pass(HOUR);
	assert_int_equal(mail_sender.count, 0);
	assert_int_equal(hook_sender.count, 1); /* it was told there */
	assert_int_equal(rows("way = 0 AND state <> 7"), 0);
}

static void
a_storm_becomes_a_digest(void **state)
{
	(void)state;
	d.settings.admins = (char *)"ana@x.cl";
	tick();
	for (int i = 0; i < 40; i++)
		tell_alert(i, "opened");
	assert_int_equal(mail_sender.count, 10);
	answer_all(&mail_sender, OUTCOME_SENT);
	assert_int_equal(mail_sender.count, 0);
	/* Machines can count: the webhook gets each. */
	assert_int_equal(hook_sender.count, 40);
	/* Orders are not alerts. */
	tell("1", "mail:ana@x.cl", "order.recibido", "O1");
	assert_int_equal(mail_sender.count, 1);
	answer_all(&mail_sender, OUTCOME_SENT);
	/* What is over is in no digest. */
	for (int i = 0; i < 20; i++)
		tell_alert(i, "resolved");
	pass(HOUR / 2);
	assert_int_equal(mail_sender.count, 0);
	pass(HOUR / 2);
	/* 20 stand, and the ends of the 10 that were told. */
	assert_int_equal(mail_sender.count, 1);
	assert_true(says(0, "Subject: 30"));
	answer_all(&mail_sender, OUTCOME_SENT);
	pass(HOUR);
	assert_int_equal(mail_sender.count, 0);
	assert_int_equal(d.total[TALLY_NOTICES_IN_DIGEST], 30);
	assert_int_equal(rows("state < 4 AND way = 0"), 0);
}

static void
a_digest_that_fails_is_sent_again_as_things_stand_then(void **state)
{
	char id[40];

	(void)state;
	d.settings.admins = (char *)"ana@x.cl";
	d.settings.alerts_per_hour = 1;
	tick();
	for (int i = 0; i < 5; i++)
		tell_alert(i, "opened");
	answer_all(&mail_sender, OUTCOME_SENT);
	pass(HOUR);
	assert_true(says(0, "Subject: 4 "));
	snprintf(id, sizeof(id), "%s", mail_sender.parcels[0].mail_id);
	answer_all(&mail_sender, OUTCOME_AWAY);
	tell_alert(1, "resolved");
	pass(31 * S);
	assert_int_equal(mail_sender.count, 1);
	assert_true(says(0, "Subject: 3 "));
	assert_string_equal(mail_sender.parcels[0].mail_id, id);
	answer_all(&mail_sender, OUTCOME_AWAY);
	for (int i = 2; i < 5; i++)
		tell_alert(i, "resolved");
	pass(HOUR);
	pass(HOUR);
	assert_int_equal(mail_sender.count, 0);
	assert_int_equal(rows("state < 4 AND way = 0"), 0);
}

static void
one_that_was_held_back_goes_alone(void **state)
{
	(void)state;
	d.settings.admins = (char *)"ana@x.cl";
	d.settings.alerts_per_hour = 1;
	tick();
	tell_alert(1, "opened");
	tell_alert(2, "opened");
	answer_all(&mail_sender, OUTCOME_SENT);
	pass(HOUR);
	assert_int_equal(mail_sender.count, 1);
	assert_true(says(0, "Subject: Alert: AAAA01 is missing since"));
}

static void
what_was_under_way_when_the_role_died_goes_again(void **state)
{
	char id[40], why[256];

	(void)state;
	tick();
	tell("1", "mail:eva@x.cl", "sale.thanks", "F1");
	snprintf(id, sizeof(id), "%s", mail_sender.parcels[0].mail_id);
	/* Another process, on the same database. */
	d.role->close(d.self);
	d.self = d.role->open(&d.ctx, &d.settings, why, sizeof(why));
	assert_non_null(d.self);
	tick();
	assert_int_equal(mail_sender.count, 1);
	assert_string_equal(mail_sender.parcels[0].mail_id, id);
}

static void
what_was_rolled_back_is_neither_sent_nor_lost(void **state)
{
	(void)state;
	tick();
	desk_begin(&d);
	{
		struct notice notice = { .id = "1",
			.to = "mail:eva@x.cl",
			.event = "sale.thanks",
			.subject = "F1" };
		uint8_t bytes[NOTICE_BYTES_MAX];
		int len = notice_encode(&notice, bytes, sizeof(bytes));

		desk_apply(
		    &d, "", SCHEMA_NOTICE, now.realtime_ms, bytes, (size_t)len);
	}
	assert_int_equal(d.role->flush(d.self), 0);
	d.ctx.db->ops->rollback(d.ctx.db);
	desk_forget(&d);
	assert_int_equal(mail_sender.count, 0);
	tick();
	tell("1", "mail:eva@x.cl", "sale.thanks", "F1");
	assert_int_equal(mail_sender.count, 1);
	/* A report whose transaction is undone is heard again. */
	answer(&mail_sender, OUTCOME_SENT);
	desk_begin(&d);
	assert_int_equal(d.role->flush(d.self), 0);
	d.ctx.db->ops->rollback(d.ctx.db);
	desk_forget(&d);
	memset(d.ctx.tally, 0, sizeof(d.ctx.tally));
	tick();
	assert_int_equal(d.total[TALLY_MAILS], 1);
	assert_int_equal(rows("state = 4"), 1);
}

static int
count_messages(void *ctx, int64_t id, const struct outgoing *row)
{
	struct decode_error error;
	struct message message;
	struct cmd cmd;

	(void)id;
	assert_int_equal(row->topic, TOPIC_COMANDOS);
	assert_int_equal(row->route_len, strlen(DESK_CART));
	assert_memory_equal(row->key, DESK_CART "/notice-", 14);
	assert_int_equal(
	    cmd_decode(row->value, row->value_len, &cmd, &error), 0);
	assert_int_equal(cmd.kind, CMD_MESSAGE);
	assert_int_equal(
	    message_decode(cmd.payload, cmd.payload_len, &message, &error), 0);
	assert_int_equal(strncmp(message.text.s, "Support: ", 9), 0);
	++*(int *)ctx;
	return 0;
}

static void
a_cart_gets_its_message_once(void **state)
{
	int count = 0;

	(void)state;
	tick();
	tell("1", "cart:" DESK_CART, "ticket.reply", "T1");
	tell("1", "cart:" DESK_CART, "ticket.reply", "T1");
	tell("2", "cart:no plate", "ticket.reply", "T1");
	assert_int_equal(d.ctx.store->ops->outgoing_list(
			     d.ctx.store, 0, 100, count_messages, &count),
	    0);
	assert_int_equal(count, 1);
	assert_int_equal(d.total[TALLY_MESSAGES], 1);
	assert_int_equal(d.total[TALLY_NOTICES_NOBODY], 1);
}

static void
what_cannot_be_read_or_said_is_kept_aside(void **state)
{
	(void)state;
	tick();
	apply(SCHEMA_NOTICE, "x", 1);
	apply(SCHEMA_ORDER, "x", 1);
	apply("alert/1", "x", 1);
	tell("1", "everybody", "sale.thanks", "F1");
	tell("2", "admins", "no.such.event", "F1");
	assert_int_equal(d.total[TALLY_REJECTED], 5);
	assert_int_equal(rows("1"), 0);
}

/* Is it anywhere in the database's files? */
static bool
is_kept(const char *text)
{
	char command[200];

	snprintf(command, sizeof(command), "grep -qa %s %s/notify.db*", text,
	    d.folder);
	return system(command) == 0;
}

static void
neither_words_nor_address_stay_after_a_mail_was_sent(void **state)
{
	(void)state;
	tick();
	tell("1", "mail:eva@x.cl", "sale.thanks", "F1");
	tell("2", "mail:dead@x.cl", "sale.thanks", "F2");
	assert_int_equal(rows("recipient = '' OR notice IS NULL"), 0);
	assert_true(is_kept("eva@x.cl"));
	answer(&mail_sender, OUTCOME_SENT);
	answer_all(&mail_sender, OUTCOME_REFUSED);
	assert_int_equal(rows("recipient = '' AND notice IS NULL"), 2);
	assert_true(d.ctx.erases);
	assert_int_equal(d.ctx.db->ops->scrub(d.ctx.db), 0);
	assert_false(is_kept("eva@x.cl"));
	assert_false(is_kept("dead@x.cl"));
	/* That it was sent is known for 30 days. */
	tell("1", "mail:eva@x.cl", "sale.thanks", "F1");
	assert_int_equal(mail_sender.count, 0);
	pass(29 * 24 * HOUR);
	assert_int_equal(rows("1"), 2);
	pass(2 * 24 * HOUR);
	assert_int_equal(rows("1"), 0);
}

static void
wrong_settings_are_said_in_words(void **state)
{
	struct role_settings right = d.settings;
	char why[500] = "";

	(void)state;
	d.settings.smtp_from = (char *)"nobody";
	assert_null(role_notify.open(&d.ctx, &d.settings, why, sizeof(why)));
	assert_non_null(strstr(why, "smtp.from"));
	d.settings = right;
	d.settings.smtp_url = (char *)"http://x";
	assert_null(role_notify.open(&d.ctx, &d.settings, why, sizeof(why)));
	assert_non_null(strstr(why, "smtp.url"));
	d.settings = right;
	d.settings.smtp_url = (char *)"smtp://mail.example.cl";
	d.settings.smtp_user = (char *)"guild";
	d.settings.smtp_tls = SMTP_TLS_NONE;
	assert_null(role_notify.open(&d.ctx, &d.settings, why, sizeof(why)));
	assert_non_null(strstr(why, "smtp.tls"));
	d.settings = right;
	d.settings.templates = (char *)"/nowhere";
	assert_null(role_notify.open(&d.ctx, &d.settings, why, sizeof(why)));
	assert_non_null(strstr(why, "notify.templates"));
	d.settings = right;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_notice_goes_once_to_each_recipient),
		TEST(nothing_goes_before_the_log_was_read),
		TEST(what_fails_is_tried_again_with_the_same_id),
		TEST(a_server_that_is_back_gets_all_that_waited_for_it),
		TEST(a_dead_address_delays_nobody),
		TEST(a_later_state_waits_for_the_earlier_one),
		TEST(a_vendor_hears_of_each_state_once),
		TEST(what_befell_an_order_a_day_ago_is_no_news),
		TEST(members_who_cannot_be_asked_are_asked_later),
		TEST(an_alert_that_is_over_before_it_was_told_is_not_told),
		TEST(the_end_of_an_alert_that_was_told_is_told),
		TEST(an_alert_that_could_not_be_told_ends_in_silence),
		TEST(a_storm_becomes_a_digest),
		TEST(a_digest_that_fails_is_sent_again_as_things_stand_then),
		TEST(one_that_was_held_back_goes_alone),
		TEST(what_was_under_way_when_the_role_died_goes_again),
		TEST(what_was_rolled_back_is_neither_sent_nor_lost),
		TEST(a_cart_gets_its_message_once),
		TEST(what_cannot_be_read_or_said_is_kept_aside),
		TEST(neither_words_nor_address_stay_after_a_mail_was_sent),
		TEST(wrong_settings_are_said_in_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
