/*
 * daybook: the book of a local day, once it has closed: its figures, when it
 * is made, and when it is made again.
 *
 * A day's book has editions, 1, 2, ...: another is made when what came late
 * (a sale, a void, a mended time) changes its figures.  What comes late often
 * comes in a burst, and one burst is to be one edition.
 */
#ifndef PREGON_RULES_DAYBOOK_H
#define PREGON_RULES_DAYBOOK_H

#include <stdbool.h>
#include <stdint.h>

/* A customer's visits are counted over so many local days, the book's own
 * the last of them. */
#define DAYBOOK_VISIT_DAYS 30

/* Of a cart, or of the whole guild, where a customer of two carts is one. */
struct daybook_figures {
	int64_t sales; /* confirmed, not void */
	int64_t units, revenue; /* of these; CLP */
	int64_t customers; /* distinct; who named nobody is none */
	/* Those of the customers who came often: to this cart, or to any. */
	int64_t frequent;
	int64_t abandoned;
	int64_t voided;
	int64_t provisional; /* of `sales`: no trusted time yet */
};

bool daybook_equal(
    const struct daybook_figures *, const struct daybook_figures *);
/* Nothing was sold, abandoned or taken back. */
bool daybook_is_empty(const struct daybook_figures *);

/* In hundredths, rounded; -1: of no customer there is no average. */
int64_t daybook_units_per_customer(const struct daybook_figures *);
/* Of all purchases that were begun (sold, taken back, abandoned), in
 * hundredths of a percent, rounded; -1: none was begun. */
int64_t daybook_abandoned_share(const struct daybook_figures *);

struct daybook_rules {
	int64_t wait_ms; /* after the day's end */
	int64_t quiet_ms; /* without a change: a burst is over */
};
/* A burst that does not end is an edition each so many quiet_ms. */
#define DAYBOOK_BURST_MAX 10

/* What befell the day since its last edition, by the guild's clock. */
struct daybook_changes {
	int64_t first_ms, last_ms; /* 0: nothing did */
};

/*
 * Is the book of a day that ended at end_ms to be looked at?  Whether an
 * edition comes of it, the figures say.
 */
bool daybook_is_due(const struct daybook_changes *, int64_t end_ms,
    const struct daybook_rules *, int64_t now_ms);

#endif
