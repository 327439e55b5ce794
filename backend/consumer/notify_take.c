/*
 * notify_take: to whom a notice goes: one letter each.
 */
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

#include "backend/consumer/notify_parts.h"
#include "backend/consumer/order_say.h"
#include "schemas/order.h"

/* What befell an order a day ago is no news to its vendor: then the log is
 * being read again. */
#define ORDER_NEWS_MS (INT64_C(24) * 3600 * 1000)

#define MAIL_TO "mail:"
#define MEMBER_TO "member:"
#define VENDOR_TO "vendor:"
#define CART_TO "cart:"
#define WEBHOOK_TO "webhook"

struct source {
	const struct notice *notice;
	const void *bytes; /* notice/1 */
	size_t len;
	int64_t born_ms;
};

/* Of the notice and its recipient alone, so that it is always the same. */
static void
mail_id_make(const char *notice, const char *to, char id[LETTER_ID_MAX + 1])
{
	unsigned char hash[EVP_MAX_MD_SIZE];
	char text[NOTICE_ID_MAX + 1 + NOTICE_TO_MAX + 1];
	int len = snprintf(text, sizeof(text), "%s\n%s", notice, to);

	EVP_Digest(text, (size_t)len, hash, NULL, EVP_sha256(), NULL);
	for (int i = 0; i < LETTER_ID_MAX / 2; i++)
		snprintf(id + 2 * i, 3, "%02x", hash[i]);
}

static enum letter_kind
kind_of(const char *event)
{
	return strcmp(event, "alert.opened") == 0  ? LETTER_ALERT
	    : strcmp(event, "alert.resolved") == 0 ? LETTER_ALERT_END
						   : LETTER_PLAIN;
}

static void
letter_fill(const struct source *source, enum letter_way way, const char *to,
    struct letter *letter)
{
	const struct notice *notice = source->notice;

	*letter = (struct letter){
		.way = way,
		.kind = kind_of(notice->event),
		.courier = { .born_ms = source->born_ms,
		    .next_ms = source->born_ms },
	};
	mail_id_make(notice->id, to, letter->mail_id);
	snprintf(letter->to, sizeof(letter->to), "%s", to);
	snprintf(letter->event, sizeof(letter->event), "%s", notice->event);
	snprintf(
	    letter->subject, sizeof(letter->subject), "%s", notice->subject);
}

/* An alert is over.  1: that is news to this recipient, 0: it is not. */
static int
end_alert(struct notify *n, const struct letter *end)
{
	struct letter alert;
	int rc = n->store->ops->find_alert(
	    n->store, end->to, end->subject, &alert);
	bool was_open, news;

	if (rc != 1)
		return rc == 0 ? 1 : -1;
	was_open = courier_is_open(alert.courier.state);
	news = courier_over(&alert.courier);
	if (was_open && notify_settle(n, &alert) == -1)
		return -1;
	if (!news)
		n->ctx->tally[TALLY_NOTICES_OVER]++;
	return news ? 1 : 0;
}

/* 1: added, 0: it was there already, or it is no news. */
static int
add(struct notify *n, const struct source *source, enum letter_way way,
    const char *to, struct letter *letter)
{
	letter_fill(source, way, to, letter);
	if (letter->kind == LETTER_ALERT_END) {
		int rc = end_alert(n, letter);

		if (rc != 1)
			return rc;
	}
	return n->store->ops->add(n->store, letter, source->bytes, source->len);
}

static int
add_mail(struct notify *n, const struct source *source, const char *to)
{
	struct letter letter;

	if (n->senders[WAY_MAIL] == NULL) {
		n->ctx->tally[TALLY_NOTICES_NOBODY]++;
		return 0;
	}
	return add(n, source, WAY_MAIL, to, &letter) == -1 ? -1 : 0;
}

/* Addresses with commas. */
static int
add_mails(struct notify *n, const struct source *source, const char *addresses)
{
	char to[NOTICE_TO_MAX + 1];

	while (*addresses != '\0') {
		size_t len;

		addresses += strspn(addresses, ", ");
		len = strcspn(addresses, ", ");
		if (len == 0)
			break;
		snprintf(to, sizeof(to), MAIL_TO "%.*s", (int)len, addresses);
		if (add_mail(n, source, to) == -1)
			return -1;
		addresses += len;
	}
	return 0;
}

static int
add_admins(struct notify *n, const struct source *source)
{
	struct letter letter;

	if (n->senders[WAY_WEBHOOK] != NULL &&
	    add(n, source, WAY_WEBHOOK, WEBHOOK_TO, &letter) == -1)
		return -1;
	return add_mails(n, source, n->settings->admins);
}

static int
add_cart(struct notify *n, const struct source *source, const char *plate)
{
	struct letter letter;
	int rc;

	if (!cart_is_valid(plate, strlen(plate))) {
		n->ctx->tally[TALLY_NOTICES_NOBODY]++;
		return 0;
	}
	rc = add(n, source, WAY_CART, source->notice->to, &letter);
	if (rc != 1)
		return rc;
	rc = notify_tell_cart(n, source->notice, letter.mail_id, plate);
	if (rc == -1)
		return -1;
	letter.courier.state = rc == 1 ? COURIER_SENT : COURIER_NOBODY;
	return notify_settle(n, &letter);
}

static const char *
after(const char *text, const char *prefix)
{
	size_t len = strlen(prefix);

	return strncmp(text, prefix, len) == 0 ? text + len : NULL;
}

static int
take_notice(struct notify *n, const struct record *record)
{
	struct decode_error error;
	struct notice notice;
	struct source source = { &notice, record->value, record->len,
		record->time_ms };
	const char *plate;

	if (notice_decode(record->value, record->len, &notice, &error) == -1) {
		char reason[128];

		snprintf(reason, sizeof(reason), "%s: expected %s", error.field,
		    error.expected);
		return role_reject(n->ctx, record, reason);
	}
	if (source.born_ms > n->now_ms)
		source.born_ms = n->now_ms;
	if (n->now_ms - source.born_ms >= n->rules.give_up_ms)
		return 0;
	if (templates_find(n->templates, n->settings->language, notice.event) ==
	    NULL)
		return role_reject(n->ctx, record,
		    "notice.event: expected one that has words: "
		    "notify.templates");
	if (strcmp(notice.to, "admins") == 0)
		return add_admins(n, &source);
	if (strcmp(notice.to, "depot") == 0)
		return add_mails(n, &source, n->settings->depot_mail);
	plate = after(notice.to, CART_TO);
	if (plate != NULL)
		return add_cart(n, &source, plate);
	if (after(notice.to, MAIL_TO) != NULL ||
	    after(notice.to, MEMBER_TO) != NULL ||
	    after(notice.to, VENDOR_TO) != NULL)
		return add_mail(n, &source, notice.to);
	return role_reject(n->ctx, record,
	    "notice.to: expected admins, depot, cart:, mail:, member: or "
	    "vendor:");
}

static int
order_letter(struct notify *n, const struct order_event *event, const char *to)
{
	const char *state = order_state_name(event->state);
	char id[NOTICE_ID_MAX + 1], what[NOTICE_EVENT_MAX + 1];
	char lines[TEXT_NOTE_MAX + 1];
	uint8_t bytes[NOTICE_BYTES_MAX];
	struct notice notice = {
		.id = id,
		.to = to,
		.event = what,
		.subject = event->order,
		.at_ms = event->at_ms,
		.value_count = 5,
		.values = { { "cart", event->cart }, { "state", state },
		    { "lines", lines }, { "by", event->by },
		    { "reason", event->reason } },
	};
	struct source source = { &notice, bytes, 0, n->now_ms };
	int len;

	/* An order is in each of its states once. */
	snprintf(id, sizeof(id), "%s/%s", event->order, state);
	snprintf(what, sizeof(what), "order.%s", state);
	order_lines_text(event, lines, sizeof(lines));
	len = notice_encode(&notice, bytes, sizeof(bytes));
	if (len == -1)
		return -1;
	source.len = (size_t)len;
	return add_mail(n, &source, to);
}

/* Of the carts that have no member nothing is kept. */
static int
take_order(struct notify *n, const struct record *record)
{
	char to[NOTICE_TO_MAX + 1];
	struct decode_error error;
	struct order_event event;
	struct contact contact;

	if (order_decode(record->value, record->len, &event, &error) == -1) {
		char reason[128];

		snprintf(reason, sizeof(reason), "%s: expected %s", error.field,
		    error.expected);
		return role_reject(n->ctx, record, reason);
	}
	if (n->senders[WAY_MAIL] == NULL ||
	    n->now_ms - event.at_ms >= ORDER_NEWS_MS ||
	    contacts_of_plate(n->contacts, event.cart, &contact) == 0)
		return 0;
	snprintf(to, sizeof(to), VENDOR_TO "%s", event.cart);
	return order_letter(n, &event, to);
}

int
notify_take(struct notify *n, const struct record *record)
{
	if (strcmp(record->schema, SCHEMA_NOTICE) == 0)
		return take_notice(n, record);
	if (strcmp(record->schema, SCHEMA_ORDER) == 0)
		return take_order(n, record);
	/* How orders travel is of no concern to those they go to. */
	if (strcmp(record->schema, SCHEMA_DELIVERY) == 0)
		return 0;
	return role_reject(
	    n->ctx, record, "schema: expected notice/1, order/1 or delivery/1");
}
