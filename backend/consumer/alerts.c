/*
 * alerts: see the header.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/consumer/alert_tell.h"
#include "backend/consumer/alerts.h"
#include "backend/consumer/intake.h"
#include "backend/consumer/map.h"

/* Entries stay when their alert is resolved; beyond it they are dropped and
 * the open ones read again. */
#define ENTRIES_MAX 20000
#define KEPT_MS (INT64_C(366) * 86400 * 1000)

struct entry {
	struct alert_row row;
	bool open;
	struct entry *next; /* all, the newest first */
};

struct alerts {
	struct role_context *ctx;
	struct alerts_store *store;
	struct map map; /* by (cart, cause); of no cart: by (id, cause) */
	struct entry *entries;
	bool loaded;
};

struct alerts *
alerts_new(struct role_context *ctx)
{
	struct alerts *alerts = calloc(1, sizeof(*alerts));

	if (alerts == NULL)
		return NULL;
	alerts->ctx = ctx;
	map_init(&alerts->map);
	alerts->store = alerts_store_sqlite(ctx->db);
	if (alerts->store == NULL) {
		free(alerts);
		return NULL;
	}
	return alerts;
}

void
alerts_free(struct alerts *alerts)
{
	if (alerts == NULL)
		return;
	alerts_forget(alerts);
	alerts->store->ops->close(alerts->store);
	free(alerts);
}

void
alerts_forget(struct alerts *alerts)
{
	map_clear(&alerts->map, free);
	alerts->entries = NULL;
	alerts->loaded = false;
}

/* FNV-1a. */
static uint64_t
hash_of(const char *id)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	for (; *id != '\0'; id++)
		hash = (hash ^ (unsigned char)*id) * UINT64_C(0x100000001b3);
	return hash;
}

static void
key_of(const char *cart, const char *id, enum alert_cause cause, uint64_t *a,
    uint64_t *b)
{
	bool of_cart = cart[0] != '\0';

	*a = of_cart ? map_cart(cart) : hash_of(id);
	*b = (uint64_t)cause << 1 | (of_cart ? 0 : 1);
}

static struct entry *
entry_of(struct alerts *alerts, const struct alert_event *event)
{
	struct entry *entry;
	uint64_t a, b;

	key_of(event->cart, event->id, event->cause, &a, &b);
	entry = map_get(&alerts->map, a, b);
	if (entry != NULL)
		return entry;
	entry = calloc(1, sizeof(*entry));
	if (entry == NULL)
		return NULL;
	if (map_put(&alerts->map, a, b, entry) == -1) {
		free(entry);
		return NULL;
	}
	entry->next = alerts->entries;
	alerts->entries = entry;
	return entry;
}

static int
load_row(void *ctx, const struct alert_row *row)
{
	struct alerts *alerts = ctx;
	struct entry *entry = entry_of(alerts, &row->event);

	if (entry == NULL)
		return -1;
	entry->row = *row;
	entry->open = true;
	return 0;
}

static int
load(struct alerts *alerts)
{
	if (alerts->loaded)
		return 0;
	if (alerts->store->ops->open_each(alerts->store, load_row, alerts) ==
	    -1)
		return -1;
	alerts->loaded = true;
	return 0;
}

/* Writes a row, and follows it in memory. */
static int
put(struct alerts *alerts, const struct alert_row *row)
{
	bool open = row->event.state == ALERT_OPENED;
	struct entry *entry;

	if (alerts->store->ops->put(alerts->store, row) == -1)
		return -1;
	entry = entry_of(alerts, &row->event);
	if (entry == NULL)
		return -1;
	/* A resolved one of before says nothing of the one that is open. */
	if (!open && entry->open &&
	    strcmp(entry->row.event.id, row->event.id) != 0)
		return 0;
	entry->row = *row;
	entry->open = open;
	return 0;
}

int
alerts_find(struct alerts *alerts, const char *cart, enum alert_cause cause,
    const struct alert_event **found)
{
	struct entry *entry;
	uint64_t a, b;

	*found = NULL;
	if (load(alerts) == -1)
		return -1;
	key_of(cart, "", cause, &a, &b);
	entry = map_get(&alerts->map, a, b);
	if (entry != NULL && entry->open)
		*found = &entry->row.event;
	return 0;
}

int
alerts_get(struct alerts *alerts, const char *id, struct alert_event *event)
{
	struct alert_row row;
	int rc = alerts->store->ops->get(alerts->store, id, &row);

	if (rc == 1)
		*event = row.event;
	return rc;
}

void
alert_begin(struct alert_event *event, const char *cart, enum alert_cause cause,
    int64_t since_ms, int64_t at_ms)
{
	*event = (struct alert_event){
		.cause = cause,
		.state = ALERT_OPENED,
		.at_ms = at_ms,
		.since_ms = since_ms,
		.until_ms = INSTANT_MISSING,
		.place_at_ms = INSTANT_MISSING,
		.moved_m = -1,
	};
	snprintf(event->cart, sizeof(event->cart), "%s", cart);
	if (cart[0] != '\0')
		alert_id(event->id, cart, cause, since_ms);
}

int
alerts_open(struct alerts *alerts, struct alert_event *event)
{
	struct alert_row row;
	struct entry *entry;
	uint64_t a, b;
	int rc;

	if (load(alerts) == -1)
		return -1;
	if (event->cart[0] != '\0')
		alert_id(event->id, event->cart, event->cause, event->since_ms);
	key_of(event->cart, event->id, event->cause, &a, &b);
	entry = map_get(&alerts->map, a, b);
	if (entry != NULL && entry->open)
		return 0;
	rc = alerts->store->ops->get(alerts->store, event->id, &row);
	if (rc == -1 || (rc == 1 && row.settled))
		return rc == -1 ? -1 : 0;
	event->state = ALERT_OPENED;
	event->revision = rc == 1 ? row.event.revision + 1 : 0;
	row = (struct alert_row){ .event = *event, .opened_ms = event->at_ms };
	if (put(alerts, &row) == -1 || alert_tell(alerts->ctx, event) == -1)
		return -1;
	return alert_notify(alerts->ctx, event);
}

int
alerts_change(struct alerts *alerts, struct alert_event *event)
{
	struct alert_row row;
	int rc = alerts->store->ops->get(alerts->store, event->id, &row);

	if (rc != 1)
		return rc;
	event->revision = row.event.revision + 1;
	event->state = row.event.state;
	row.event = *event;
	if (put(alerts, &row) == -1)
		return -1;
	event->state = ALERT_CHANGED;
	return alert_tell(alerts->ctx, event);
}

static int
resolve(struct alerts *alerts, struct alert_event *event, bool settled)
{
	struct alert_row row;
	int rc = alerts->store->ops->get(alerts->store, event->id, &row);

	if (rc != 1 || row.event.state != ALERT_OPENED)
		return rc == -1 ? -1 : 0;
	event->state = ALERT_RESOLVED;
	event->revision = row.event.revision + 1;
	row.event = *event;
	row.settled = settled;
	if (put(alerts, &row) == -1 || alert_tell(alerts->ctx, event) == -1)
		return -1;
	return alert_notify(alerts->ctx, event);
}

int
alerts_resolve(struct alerts *alerts, struct alert_event *event)
{
	return resolve(alerts, event, false);
}

/* As a person's word has it, which came before it was opened here. */
static int
keep_settled(struct alerts *alerts, const struct alert_event *event,
    struct alert_row *row, struct alert_resolution *word)
{
	*word = (struct alert_resolution){ .at_ms = row->event.until_ms };
	memcpy(word->id, event->id, sizeof(word->id));
	memcpy(word->by, row->event.by, sizeof(word->by));
	memcpy(word->note, row->event.note, sizeof(word->note));
	row->event = *event;
	row->event.state = ALERT_RESOLVED;
	row->event.until_ms = word->at_ms;
	memcpy(row->event.by, word->by, sizeof(word->by));
	memcpy(row->event.note, word->note, sizeof(word->note));
	row->opened_ms = event->at_ms;
	return put(alerts, row);
}

int
alerts_emit(struct alerts *alerts, const struct alert_event *event, bool quiet,
    bool *settled, struct alert_resolution *word)
{
	struct alert_row row = { .opened_ms = 0 };
	enum alert_state stands;
	int rc;

	*settled = false;
	if (load(alerts) == -1)
		return -1;
	rc = alerts->store->ops->get(alerts->store, event->id, &row);
	if (rc == -1)
		return -1;
	if (event->state == ALERT_OPENED && rc == 1 && row.settled) {
		*settled = true;
		return keep_settled(alerts, event, &row, word);
	}
	stands = event->state != ALERT_CHANGED ? event->state
	    : rc == 1			       ? row.event.state
					       : ALERT_RESOLVED;
	if (event->state == ALERT_OPENED || row.opened_ms == 0)
		row.opened_ms = event->at_ms;
	if (event->state != ALERT_CHANGED)
		row.settled = event->by[0] != '\0';
	row.event = *event;
	row.event.state = stands;
	if (put(alerts, &row) == -1)
		return -1;
	if (quiet)
		return 0;
	if (alert_tell(alerts->ctx, event) == -1)
		return -1;
	return event->state == ALERT_CHANGED ? 0
					     : alert_notify(alerts->ctx, event);
}

/* It is not open here (yet: the log is read again): the word is kept. */
static int
settle_ahead(struct alerts *alerts, const struct alert_resolution *word)
{
	struct alert_row row = { .settled = true };
	struct alert_event *event = &row.event;
	char cart[CART_MAX + 1];
	enum alert_cause cause;

	if (alert_id_parse(word->id, cart, &cause) == -1)
		return 0;
	alert_begin(event, cart, cause, word->at_ms, word->at_ms);
	memcpy(event->id, word->id, sizeof(event->id));
	event->state = ALERT_RESOLVED;
	event->until_ms = word->at_ms;
	memcpy(event->by, word->by, sizeof(event->by));
	memcpy(event->note, word->note, sizeof(event->note));
	return alerts->store->ops->put(alerts->store, &row);
}

static int
settle(struct alerts *alerts, const struct alert_resolution *word,
    int64_t record_ms)
{
	struct alert_row row;
	int rc = alerts->store->ops->get(alerts->store, word->id, &row);

	if (rc == -1)
		return -1;
	if (rc == 0)
		return settle_ahead(alerts, word);
	if (row.event.state != ALERT_OPENED)
		return 0;
	row.event.at_ms = record_ms;
	row.event.until_ms = record_ms;
	memcpy(row.event.by, word->by, sizeof(row.event.by));
	memcpy(row.event.note, word->note, sizeof(row.event.note));
	return resolve(alerts, &row.event, true);
}

int
alerts_settle(struct alerts *alerts, const struct record *record)
{
	struct alert_resolution word;
	struct decode_error error;
	char reason[160];

	if (load(alerts) == -1)
		return -1;
	if (resolution_decode(record->value, record->len, &word, &error) == 0)
		return settle(alerts, &word, record->time_ms);
	snprintf(reason, sizeof(reason), "%s: expected %s", error.field,
	    error.expected);
	return role_reject(alerts->ctx, record, reason);
}

int
alerts_each(struct alerts *alerts, enum alert_cause cause,
    int (*each)(void *, const struct alert_event *), void *ctx)
{
	if (load(alerts) == -1)
		return -1;
	for (struct entry *e = alerts->entries; e != NULL; e = e->next) {
		if (e->open && e->row.event.cause == cause &&
		    each(ctx, &e->row.event) == -1)
			return -1;
	}
	return 0;
}

int
alerts_tick(struct alerts *alerts, int64_t now_ms)
{
	if (alerts->map.count > ENTRIES_MAX)
		alerts_forget(alerts);
	return alerts->store->ops->expire(alerts->store, now_ms - KEPT_MS);
}
