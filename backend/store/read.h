/*
 * read: what the API asks of the roles' read models.
 *
 * The answers are rows handed to a callback; text is valid during it only.  A
 * callback returns 0 to go on, else the walk ends.  Each function returns 0,
 * or -1 with errno (ENOENT: the role has not made its database yet).
 * One struct belongs to one thread.  Each call is one short read.
 *
 * A struct of functions: SQLite answers today (read_sqlite.c), another store
 * may tomorrow.
 */
#ifndef PREGON_BACKEND_READ_H
#define PREGON_BACKEND_READ_H

#include "backend/store/alerts_store.h"
#include "backend/store/read_books.h"
#include "backend/store/read_members.h"
#include "backend/store/read_stock.h"
#include "backend/store/read_tickets.h"
#include "schemas/frame.h"
#include "schemas/status.h"
#include "schemas/zone.h"

struct cart_row {
	char cart[CART_MAX + 1];
	bool has_fix;
	struct fix fix; /* the latest, by its own time */
	int64_t fix_record_ms; /* when the bridge had it */
	int64_t contact_ms; /* last heard of: record time, Unix */
	bool live; /* contact within the live limit, or its own missing.s, and
		      not missing: heard, but not where it is */
	bool missing; /* such an alert is open */
	enum status_state state;
	enum fix_mode fix_mode;
	bool day_open;
	uint32_t backlog;
	uint8_t battery;
	uint64_t boot;
	uint64_t epoch;
	char version[APP_VERSION_MAX + 1];
	int64_t gap_numbers; /* numbers missing for over a minute */
};

struct track_point {
	struct fix fix; /* at: Unix time, mended */
	bool provisional; /* its time is the arrival's */
};

struct gap_row {
	char cart[CART_MAX + 1];
	enum stream stream;
	uint64_t epoch;
	uint64_t first_seq;
	uint64_t count;
	int64_t from_ms, to_ms; /* its times; INSTANT_MISSING */
	int reason; /* enum gap_reason; -1: unexplained */
	int64_t noticed_ms; /* record time */
};

struct daily_row {
	char cart[CART_MAX + 1];
	char date[11]; /* local day, "2026-04-05" */
	int64_t sales; /* confirmed, not void */
	int64_t units;
	int64_t revenue; /* CLP */
	int64_t customers; /* distinct */
	int64_t abandoned;
	int64_t voided;
	int64_t provisional; /* of `sales`: no trusted time yet */
};

/* Of a day's hour; the rest as in struct daily_row. */
struct hour_row {
	int64_t hour; /* since the given moment, 0, 1, ... */
	int64_t sales, units, revenue, abandoned;
};

struct stock_row {
	char cart[CART_MAX + 1];
	uint32_t product;
	int32_t level;
	int64_t at_ms;
	bool please_count; /* not the level before plus delta */
	bool order_open;
};

/* Each is STATS_UNKNOWN where its role has made no database yet. */
#define STATS_UNKNOWN INT64_MIN
struct stats_row {
	int64_t carts, live, fixes, sales, revenue, abandoned;
	int64_t gaps_open, orders_open, duplicates, conflicts;
	int64_t missing, alerts_open; /* alerts_open: of every role */
	int64_t late_ms_p50, late_ms_p99; /* record time - at, recent */
};

struct sale_row {
	char folio[FOLIO_MAX + 1];
	char cart[CART_MAX + 1];
	int64_t at_ms;
	int64_t units, amount;
	bool confirmed, voided, provisional;
	/* Of the item as it came (rules/event_hash.h); of a repeated request's
	 * own, where its folio was asked for. */
	uint64_t bytes_hash;
};

/* Which alerts: all that is given must hold. */
struct alerts_query {
	const char *id; /* NULL: any */
	const char *cart; /* NULL: any */
	int cause; /* enum alert_cause; -1: any */
	bool open_only;
	/* Only those after this place in the order; before_ms 0: from the
	 * newest on. */
	int64_t before_ms;
	const char *before_id;
	int64_t limit; /* 0: without */
};

/* The roles' databases. */
enum read_database {
	READ_POSITIONS,
	READ_SALES,
	READ_STOCK,
	/* These hold alerts and figures; the next do not. */
	READ_ALERTING,
	READ_SUPPORT = READ_ALERTING,
	/* These are about carts, with gaps; the next are not. */
	READ_OF_CARTS,
	READ_MEMBERS = READ_OF_CARTS,
	READ_NOTIFY,
	READ_DATABASES
};

/* What a role applies next. */
struct offset_row {
	const char *topic;
	int32_t partition;
	int64_t next;
};

struct reader;
struct reader_ops {
	/* Not negative, and another whenever the database may have been
	 * written to since this reader was last asked. */
	int (*version)(struct reader *, enum read_database, int64_t *);
	/* Of each partition of which a role has applied anything, by topic
	 * and number. */
	int (*offsets)(struct reader *, enum read_database,
	    int (*row)(void *, const struct offset_row *), void *ctx);
	/* `cart` NULL: all.  live_ms: how old a contact may be to be live. */
	int (*carts)(struct reader *, const char *cart, int64_t now_ms,
	    int64_t live_ms, int (*row)(void *, const struct cart_row *),
	    void *ctx);
	/* Points with from <= at < to, in order of time. */
	int (*track)(struct reader *, const char *cart, int64_t from_ms,
	    int64_t to_ms, int (*row)(void *, const struct track_point *),
	    void *ctx);
	/* Gaps still open (unexplained: only those over a minute old). */
	int (*gaps)(struct reader *, const char *cart, int64_t now_ms,
	    int (*row)(void *, const struct gap_row *), void *ctx);
	/* `date`: a local day; `cart` NULL: all. */
	int (*daily)(struct reader *, const char *date, const char *cart,
	    int (*row)(void *, const struct daily_row *), void *ctx);
	/* The day's hours in which there was anything, counted from its first
	 * moment; `cart` NULL: all. */
	int (*hourly)(struct reader *, const char *date, const char *cart,
	    int64_t from_ms, int (*row)(void *, const struct hour_row *),
	    void *ctx);
	int (*stock)(struct reader *, const char *cart,
	    int (*row)(void *, const struct stock_row *), void *ctx);
	/* Sales with from_rowid < id, oldest first, at most `limit`: for
	 * accounting tools. */
	int (*sales)(struct reader *, int64_t after_id, int64_t limit,
	    int (*row)(void *, int64_t id, const struct sale_row *), void *ctx);
	/* An edition of a day's book: its head, then its rows by cart; no
	 * head: there is no such edition. */
	int (*book)(struct reader *, const struct book_query *,
	    int (*head)(void *, const struct book_head *),
	    int (*row)(void *, const struct book_row *), void *ctx);
	int (*books)(struct reader *, const struct books_query *,
	    int (*row)(
		void *, const struct book_head *, const struct book_row *),
	    void *ctx);
	/* Told first: how many visits make a frequent customer. */
	int (*customers)(struct reader *, const struct customers_query *,
	    int (*head)(void *, int64_t frequent_visits),
	    int (*row)(void *, const struct customer_row *), void *ctx);
	/* The purchase that this folio names, an abandoned one too. */
	int (*sale)(struct reader *, const struct folio *,
	    int (*row)(void *, const struct sale_row *), void *ctx);
	int (*stats)(struct reader *, int64_t now_ms, int64_t live_ms,
	    struct stats_row *);
	/* The alerts of every role, by opened_ms and id, newest first.  Those
	 * not changed for a year are forgotten. */
	int (*alerts)(struct reader *, const struct alerts_query *,
	    int (*row)(void *, const struct alert_row *), void *ctx);
	/* `id` NULL: all, by id.  Those that were removed are not among
	 * them. */
	int (*zones)(struct reader *, const char *id,
	    int (*row)(void *, const struct zone *), void *ctx);
	int (*restocks)(struct reader *, const struct restocks_query *,
	    int (*row)(void *, const struct restock_row *), void *ctx);
	/* An order and then its history, oldest first; no row: there is no
	 * such order. */
	int (*restock)(struct reader *, const char *id,
	    int (*row)(void *, const struct restock_row *),
	    int (*change)(void *, const struct restock_change *), void *ctx);
	int (*deliveries)(struct reader *, const struct deliveries_query *,
	    int (*row)(void *, const struct delivery_row *), void *ctx);
	/* By code, with the catalogue they are of first. */
	int (*products)(struct reader *,
	    int (*catalogue)(void *, const struct catalogue_row *),
	    int (*row)(void *, const struct product_row *), void *ctx);
	int (*stock_counts)(struct reader *, struct stock_counts *);
	int (*tickets)(struct reader *, const struct tickets_query *,
	    int (*row)(void *, const struct ticket_row *), void *ctx);
	/* A ticket and then what was said about it, oldest first; no row:
	 * there is no such ticket. */
	int (*ticket)(struct reader *, const char *id,
	    int (*row)(void *, const struct ticket_row *),
	    int (*entry)(void *, const struct ticket_entry *), void *ctx);
	int (*members)(struct reader *, const struct members_query *,
	    int (*row)(void *, const struct member_row *), void *ctx);
	/* `who` NULL: those who wait, are approved or suspended, by who. */
	int (*member_marks)(struct reader *, const char *who,
	    int (*row)(void *, const struct member_mark *), void *ctx);
	int (*member_counts)(struct reader *, struct member_counts *);
	void (*close)(struct reader *);
};
struct reader {
	const struct reader_ops *ops;
};

/* The databases positions.db, sales.db, ... in `folder`; each is opened
 * when it is there.  NULL: ENOMEM. */
struct reader *reader_open_sqlite(const char *folder);

#endif
