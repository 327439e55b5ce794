/*
 * follow_up: what a customer is written after a purchase.
 *
 * Thanks if it took less than a while from opening to confirmation, else an
 * apology.  It is news or nothing: a purchase that the guild hears of days
 * later (a cart that was off, a log read again) is not written about.
 */
#ifndef PREGON_RULES_FOLLOW_UP_H
#define PREGON_RULES_FOLLOW_UP_H

#include <stdbool.h>
#include <stdint.h>

enum follow_up { FOLLOW_NONE, FOLLOW_THANKS, FOLLOW_APOLOGY };

struct follow_purchase {
	bool confirmed, voided;
	bool has_mail; /* its contact is a mail address */
	int64_t open_ms; /* from opening to confirmation; -1: not known */
	int64_t at_ms; /* confirmed then */
};

struct follow_rules {
	int64_t quick_ms; /* less than it is quick */
	int64_t late_ms; /* older than it is no news */
};

/* How long it took is not known: nobody can say that it took long, so it
 * counts as quick. */
enum follow_up follow_judge(const struct follow_purchase *,
    const struct follow_rules *, int64_t now_ms);

#endif
