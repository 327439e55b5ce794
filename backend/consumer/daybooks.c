/*
 * daybooks: see the header.
 *
 * The days that a transaction has changed are gathered in memory and marked
 * once each before its commit.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/consumer/day.h"
#include "backend/consumer/daybooks.h"
#include "lib/log.h"

/* A tick makes no further book once it has taken so long; there is another
 * tick. */
#define TICK_ENOUGH_MS 200

struct daybooks {
	struct role_context *ctx;
	struct daybooks_store *store;
	struct daybook_rules rules;
	int64_t frequent_visits;
	bool told; /* what frequent_visits is */
	/* Changed in this transaction, each once. */
	char (*days)[DAY_TEXT];
	size_t count, cap;
};

struct daybooks *
daybooks_new(struct role_context *ctx, const struct role_settings *settings)
{
	struct daybooks *db = calloc(1, sizeof(*db));

	if (db == NULL)
		return NULL;
	db->ctx = ctx;
	db->rules.wait_ms = settings->books_wait_s * 1000;
	db->rules.quiet_ms = settings->books_quiet_s * 1000;
	db->frequent_visits = settings->frequent_visits;
	db->store = daybooks_store_sqlite(ctx->db);
	if (db->store == NULL) {
		free(db);
		return NULL;
	}
	return db;
}

void
daybooks_free(struct daybooks *db)
{
	if (db == NULL)
		return;
	db->store->ops->close(db->store);
	free(db->days);
	free(db);
}

void
daybooks_forget(struct daybooks *db)
{
	db->count = 0;
	db->told = false;
}

static int
note(void *self, const char *day)
{
	struct daybooks *db = self;

	/* Mostly it is the one that came last. */
	for (size_t i = db->count; i > 0; i--) {
		if (strcmp(db->days[i - 1], day) == 0)
			return 0;
	}
	if (db->count == db->cap) {
		size_t cap = db->cap == 0 ? 16 : 2 * db->cap;
		void *days = realloc(db->days, cap * sizeof(*db->days));

		if (days == NULL)
			return -1;
		db->days = days;
		db->cap = cap;
	}
	snprintf(db->days[db->count++], DAY_TEXT, "%s", day);
	return 0;
}

int
daybooks_change(struct daybooks *db, const char *day, const char *customer_key)
{
	char today[DAY_TEXT];

	if (note(db, day) == -1)
		return -1;
	day_of(clock_realtime_ms(db->ctx->clock), today);
	/* After today nobody has come yet. */
	if (customer_key[0] == '\0' || strcmp(day, today) >= 0)
		return 0;
	return db->store->ops->later_visits(
	    db->store, day, customer_key, note, db);
}

int
daybooks_flush(struct daybooks *db)
{
	int64_t now_ms = clock_realtime_ms(db->ctx->clock);

	for (size_t i = 0; i < db->count; i++) {
		if (db->store->ops->day_change(
			db->store, db->days[i], now_ms) == -1)
			return -1;
	}
	db->count = 0;
	return 0;
}

/* An edition in the making. */
struct edition {
	struct daybooks *db;
	const char *day;
	int64_t number;
	struct daybook_figures guild;
	bool differs; /* from the one before */
};

static int
edition_row(void *ctx, const char *cart, const struct daybook_figures *figures)
{
	struct edition *e = ctx;
	struct daybooks_store *store = e->db->store;
	struct daybook_figures last = { .sales = 0 };
	int rc;

	if (cart[0] == '\0')
		e->guild = *figures;
	rc = store->ops->row_last(store, e->day, cart, &last);
	/* What was never said and is nothing, need not be said. */
	if (rc == -1 || daybook_equal(figures, &last))
		return rc == -1 ? -1 : 0;
	e->differs = true;
	return store->ops->row_put(store, e->day, cart, e->number, figures);
}

static int
edition_end(struct edition *e, int64_t now_ms)
{
	struct daybook_edition row = {
		.edition = e->number,
		.made_ms = now_ms,
		.frequent_visits = e->db->frequent_visits,
	};

	snprintf(row.day, sizeof(row.day), "%s", e->day);
	e->db->ctx->tally[TALLY_BOOKS]++;
	log_info("sales.book",
	    "day=%s edition=%" PRId64 " sales=%" PRId64 " revenue_clp=%" PRId64,
	    e->day, e->number, e->guild.sales, e->guild.revenue);
	return e->db->store->ops->edition_put(e->db->store, &row);
}

/* Its next edition, if the figures are others now. */
static int
make(struct daybooks *db, const struct daybook_day *day, int64_t now_ms)
{
	struct edition e = { db, day->day, day->edition + 1, { .sales = 0 },
		false };

	if (db->store->ops->figures(db->store, day->day, db->frequent_visits,
		edition_row, &e) == -1)
		return -1;
	if (e.differs && edition_end(&e, now_ms) == -1)
		return -1;
	return db->store->ops->day_settle(
	    db->store, day->day, e.differs ? e.number : day->edition);
}

/* Those who read must know from how many visits on one comes often. */
static int
tell_frequent(struct daybooks *db)
{
	if (db->told)
		return 0;
	if (db->store->ops->frequent_put(db->store, db->frequent_visits) == -1)
		return -1;
	db->told = true;
	return 0;
}

int
daybooks_tick(struct daybooks *db, int64_t now_ms, bool caught_up)
{
	int64_t begin_ms = clock_boottime_ms(db->ctx->clock);
	struct daybook_day day = { .day = "" };
	int rc;

	if (tell_frequent(db) == -1)
		return -1;
	/* What is still to be read may be of a day that has ended. */
	while (caught_up &&
	    clock_boottime_ms(db->ctx->clock) - begin_ms < TICK_ENOUGH_MS) {
		rc = db->store->ops->changed_next(db->store, day.day, &day);
		if (rc != 1)
			return rc;
		if (daybook_is_due(
			&day.changes, day_end(day.day), &db->rules, now_ms) &&
		    make(db, &day, now_ms) == -1)
			return -1;
	}
	return 0;
}
