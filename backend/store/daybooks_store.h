/*
 * daybooks_store: the books of closed days: which days have changed, what
 * they add up to now, and every edition of what was said of them.
 *
 * Each function returns 0, or -1 with errno; a `next` or `last` 1 when found,
 * 0 when not.  All are called within the runtime's transaction.  It decides
 * nothing: the rules are in backend/rules/daybook.h.
 */
#ifndef PREGON_BACKEND_DAYBOOKS_STORE_H
#define PREGON_BACKEND_DAYBOOKS_STORE_H

#include "backend/rules/daybook.h"
#include "backend/store/sales_store.h"

struct daybook_day {
	char day[DAY_TEXT];
	int64_t edition; /* the last; 0: there is none yet */
	struct daybook_changes changes; /* since then */
};

struct daybook_edition {
	char day[DAY_TEXT];
	int64_t edition;
	int64_t made_ms;
	int64_t frequent_visits; /* so many in 30 days were often */
};

struct daybooks_store;
struct daybooks_store_ops {
	/* Something on this day changed. */
	int (*day_change)(
	    struct daybooks_store *, const char *day, int64_t now_ms);
	/* The changed day after that one; "" is before all. */
	int (*changed_next)(
	    struct daybooks_store *, const char *after, struct daybook_day *);
	/* It is as its last edition, this one, says. */
	int (*day_settle)(
	    struct daybooks_store *, const char *day, int64_t edition);
	/* The days after `day` in whose books' windows it lies and on which
	 * the customer bought: their frequent ones may be others now. */
	int (*later_visits)(struct daybooks_store *, const char *day,
	    const char *customer_key, int (*each)(void *, const char *day),
	    void *ctx);
	/* The day as it is now: the guild, its cart "", and each cart that
	 * ever had something.  -1 also when `each` returns it. */
	int (*figures)(struct daybooks_store *, const char *day,
	    int64_t frequent_visits,
	    int (*each)(
		void *, const char *cart, const struct daybook_figures *),
	    void *ctx);
	/* As the book says it. */
	int (*row_last)(struct daybooks_store *, const char *day,
	    const char *cart, struct daybook_figures *);
	/* Rows that an edition does not have are as in the one before. */
	int (*row_put)(struct daybooks_store *, const char *day,
	    const char *cart, int64_t edition, const struct daybook_figures *);
	int (*edition_put)(
	    struct daybooks_store *, const struct daybook_edition *);
	/* Told to those who read: from how many visits on one comes often. */
	int (*frequent_put)(struct daybooks_store *, int64_t visits);
	void (*close)(struct daybooks_store *);
};
struct daybooks_store {
	const struct daybooks_store_ops *ops;
};

/* NULL: errno.  It uses the database and does not own it. */
struct daybooks_store *daybooks_store_sqlite(struct database *);

#endif
