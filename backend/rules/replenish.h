/*
 * replenish: when a product of a cart must be brought, and how much.
 *
 * Pure arithmetic on what the caller knows; times are the records'.  An order
 * is due when the *inventory position* is below the threshold (at equality
 * not), a target above that position exists, and no line of an open order has
 * the product already.  The position is the level plus what the depot has
 * delivered and the cart has not yet seen: else a second order would be made
 * between the handing over and the booking.
 */
#ifndef PREGON_RULES_REPLENISH_H
#define PREGON_RULES_REPLENISH_H

#include "schemas/rules.h"

/* Where neither a rule, a setting nor the day says how much a cart holds. */
#define REPLENISH_TARGET_UNKNOWN 200

/* One rule of a scope (a cart, or all), as it is kept. */
#define REPLENISH_EVERY_PRODUCT (-1)
struct replenish_rule {
	bool is_target; /* else a threshold */
	int32_t product; /* or REPLENISH_EVERY_PRODUCT */
	int64_t units; /* 0..UNITS_MAX; a target of 0: the day's first */
};
struct replenish_scope {
	size_t count;
	struct replenish_rule rules[SETTINGS_MAX];
};

/*
 * The rules of a record that are about stock; others are left alone.  A later
 * one of the same key wins.  0, or -1 (EINVAL) and *bad, the first key whose
 * value or product is none: that one is left out, the rest is read.
 */
int replenish_scope_read(
    const struct rules *, struct replenish_scope *, struct text *bad);

struct replenish_levels {
	int64_t threshold;
	int64_t target; /* 0: the day's first level */
};
/*
 * (cart, product) before cart before (all, product) before all before
 * `settings`.  A scope may be NULL.
 */
struct replenish_levels replenish_find(const struct replenish_scope *cart,
    const struct replenish_scope *all, uint32_t product,
    const struct replenish_levels *settings);

/* What stood there when the day began, by the day's first event: before a
 * sale, but after a count or a restock. */
int64_t replenish_day_first(const struct stock *first);

/*
 * The level to fill up to.  day_first: INSTANT_MISSING where not known.  One
 * at or below the threshold says nothing of what a full cart holds, and is
 * taken as not known.
 */
int64_t replenish_target(const struct replenish_levels *, int64_t day_first);

/* Units of a line that the depot has delivered (finalizado). */
struct replenish_delivered {
	uint32_t units; /* delivered */
	bool confirmed; /* the cart booked the line: they are in the level */
	int64_t at_ms; /* of finalizado */
};
/*
 * How many of them count beside the level at now_ms.  None once the cart has
 * counted the product, or booked a restock of it without an order's id, after
 * at_ms (seen_ms; INSTANT_MISSING: never), nor from wait_ms on.
 */
int64_t replenish_unseen(const struct replenish_delivered *, int64_t seen_ms,
    int64_t now_ms, int64_t wait_ms);

/* position: level plus the sum of what is unseen. */
bool replenish_due(
    int64_t position, int64_t threshold, int64_t target, bool has_open_line);

/* Units to bring: 0..UNITS_MAX. */
uint32_t replenish_units(int64_t position, int64_t target);

#endif
