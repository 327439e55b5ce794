/*
 * read_sqlite: what the SQLite reader's files share; nobody else's.
 */
#ifndef PREGON_BACKEND_READ_SQLITE_H
#define PREGON_BACKEND_READ_SQLITE_H

#include <sys/types.h>

#include "backend/store/read.h"
#include "backend/store/schema.h"
#include "backend/store/statements.h"

/* A gap that is not explained is shown once it is so old. */
#define GAP_SHOWN_AFTER_MS 60000

enum read_statement {
	/* In every database of carts. */
	READ_GAPS,
	READ_GAPS_OPEN,
	READ_GAP_NUMBERS,
	READ_COUNTER,
	READ_LATE,
	/* In those that hold alerts. */
	READ_ALERTS,
	READ_ALERTS_OPEN,
	READ_COMMON,
	/* positions */
	READ_CARTS = READ_COMMON,
	READ_CART_COUNTS,
	READ_CHUNKS,
	READ_UNMENDED,
	READ_MISSING,
	READ_ZONES,
	/* sales */
	READ_DAILY = READ_COMMON,
	READ_HOURLY,
	READ_SALE_ROWS,
	READ_SALE_OF_FOLIO,
	READ_BOOK_HEAD,
	READ_BOOK_ROWS,
	READ_BOOKS,
	READ_SALES_GUILD,
	READ_CUSTOMERS,
	READ_CUSTOMER_LAST,
	/* stock */
	READ_LEVELS = READ_COMMON,
	READ_ORDERS_OPEN,
	READ_ORDERS_BY_TIME,
	READ_ORDERS_BY_ID,
	READ_ORDERS_BY_CART,
	READ_ORDERS_BY_STATE,
	READ_ORDERS_BY_DELIVERY,
	READ_ORDERS_BEING_OPEN,
	READ_ORDERS_DISPUTED,
	READ_ORDER_LINES,
	READ_ORDER_CHANGES,
	READ_DELIVERIES_BY_TIME,
	READ_DELIVERIES_BY_ID,
	READ_DELIVERIES_BY_STATE,
	READ_DELIVERY_STATES,
	READ_PICKS,
	READ_CATALOGUE,
	READ_PRODUCTS,
	READ_ORDER_COUNTS,
	READ_DELIVERY_COUNT,
	/* members */
	READ_MEMBERS_BY_TIME = READ_COMMON,
	READ_MEMBERS_BY_STATE,
	READ_MEMBERS_BY_WHO,
	READ_MEMBERS_BY_PLATE,
	READ_MEMBERS_BY_REGISTRATION,
	READ_MEMBERS_BY_CODE,
	READ_MEMBERS_REFUSED,
	READ_MEMBER_MARKS,
	READ_MEMBER_MARK,
	READ_MEMBER_COUNTS,
	READ_REFUSED_COUNT,
	READ_GATE_COUNT,
	/* support */
	READ_TICKETS_BY_TIME = READ_COMMON,
	READ_TICKETS_BY_ID,
	READ_TICKETS_BY_CART,
	READ_TICKETS_BY_STATE,
	READ_TICKETS_UNRESOLVED,
	READ_TICKET_WORDS,
	READ_STATEMENTS = READ_DELIVERY_COUNT + 1 /* stock has the most */
};

struct reader_sqlite {
	struct reader base;
	char *folder;
	struct store *stores[READ_DATABASES]; /* NULL: not opened yet */
	/* Which file each is: a path may get another (a backup put back). */
	struct read_file {
		dev_t device;
		ino_t inode;
		uint32_t opened; /* how many were before it */
	} files[READ_DATABASES];
	uint32_t opened;
	struct statement *versions[READ_DATABASES];
	struct statement *offsets[READ_DATABASES];
	struct statement *statements[READ_DATABASES][READ_STATEMENTS];
};

/*
 * Opens a database unless it is open, anew if it was replaced.  -1: ENOENT its role has not made it,
 * or what store_open_reader says.
 */
int read_open(struct reader *, enum read_database);
static inline struct statement *
read_statement(struct reader *reader, enum read_database db, int which)
{
	return ((struct reader_sqlite *)reader)->statements[db][which];
}

/* One short read: what is asked between these sees one moment. */
int read_begin(struct reader *, enum read_database);
void read_end(struct reader *, enum read_database);

/* The SQL after the common statements of each database. */
extern const char *const read_positions_sql[READ_STATEMENTS - READ_COMMON];
extern const char *const read_sales_sql[READ_STATEMENTS - READ_COMMON];
extern const char *const read_stock_sql[READ_STATEMENTS - READ_COMMON];
extern const char *const read_support_sql[READ_STATEMENTS - READ_COMMON];
extern const char *const read_members_sql[READ_STATEMENTS - READ_COMMON];

int read_version(struct reader *, enum read_database, int64_t *);
int read_offsets(struct reader *, enum read_database,
    int (*)(void *, const struct offset_row *), void *);
int read_carts(struct reader *, const char *cart, int64_t now_ms,
    int64_t live_ms, int (*)(void *, const struct cart_row *), void *);
int read_track(struct reader *, const char *cart, int64_t from_ms,
    int64_t to_ms, int (*)(void *, const struct track_point *), void *);
int read_gaps(struct reader *, const char *cart, int64_t now_ms,
    int (*)(void *, const struct gap_row *), void *);
int read_daily(struct reader *, const char *date, const char *cart,
    int (*)(void *, const struct daily_row *), void *);
int read_hourly(struct reader *, const char *date, const char *cart,
    int64_t from_ms, int (*)(void *, const struct hour_row *), void *);
int read_sales(struct reader *, int64_t after_id, int64_t limit,
    int (*)(void *, int64_t, const struct sale_row *), void *);
int read_book(struct reader *, const struct book_query *,
    int (*)(void *, const struct book_head *),
    int (*)(void *, const struct book_row *), void *);
int read_books(struct reader *, const struct books_query *,
    int (*)(void *, const struct book_head *, const struct book_row *), void *);
int read_customers(struct reader *, const struct customers_query *,
    int (*)(void *, int64_t), int (*)(void *, const struct customer_row *),
    void *);
int read_sale(struct reader *, const struct folio *,
    int (*)(void *, const struct sale_row *), void *);
int read_stock(struct reader *, const char *cart,
    int (*)(void *, const struct stock_row *), void *);
int read_restocks(struct reader *, const struct restocks_query *,
    int (*)(void *, const struct restock_row *), void *);
int read_restock(struct reader *, const char *id,
    int (*)(void *, const struct restock_row *),
    int (*)(void *, const struct restock_change *), void *);
int read_deliveries(struct reader *, const struct deliveries_query *,
    int (*)(void *, const struct delivery_row *), void *);
int read_products(struct reader *,
    int (*)(void *, const struct catalogue_row *),
    int (*)(void *, const struct product_row *), void *);
int read_stock_counts(struct reader *, struct stock_counts *);
int read_members(struct reader *, const struct members_query *,
    int (*)(void *, const struct member_row *), void *);
int read_member_marks(struct reader *, const char *who,
    int (*)(void *, const struct member_mark *), void *);
int read_member_counts(struct reader *, struct member_counts *);
int read_tickets(struct reader *, const struct tickets_query *,
    int (*)(void *, const struct ticket_row *), void *);
int read_ticket(struct reader *, const char *id,
    int (*)(void *, const struct ticket_row *),
    int (*)(void *, const struct ticket_entry *), void *);
int read_stats(
    struct reader *, int64_t now_ms, int64_t live_ms, struct stats_row *);

int read_alerts(struct reader *, const struct alerts_query *,
    int (*)(void *, const struct alert_row *), void *);
int read_zones(struct reader *, const char *id,
    int (*)(void *, const struct zone *), void *);

/* Unexplained ranges over a minute old, in all databases but support's. */
int read_gaps_shown(struct reader *, int64_t now_ms, int64_t *ranges);
/* Numbers of a cart missing for over a minute, in the same. */
int read_gap_numbers(
    struct reader *, const char *cart, int64_t now_ms, int64_t *numbers);

#endif
