/*
 * rulebook: what topic_reglas lays down for the carts' watch, in memory: the
 * zones made ready to be asked, and the settings of each cart.
 *
 * A cart's own rule counts before that of all ("*"), which counts before the
 * consumer's settings, key by key.  Read from the store when first needed.
 */
#ifndef PREGON_CONSUMER_RULEBOOK_H
#define PREGON_CONSUMER_RULEBOOK_H

#include "backend/consumer/role.h"
#include "backend/rules/area.h"
#include "backend/rules/hours.h"
#include "backend/store/judge_store.h"

struct cart_rules {
	int64_t missing_ms, dwell_ms;
	struct hours hours;
	int64_t minute; /* of the last answer of rulebook_works */
	bool works;
};

struct rulebook;
/* NULL: errno, or `why` where the settings cannot be read. */
struct rulebook *rulebook_new(struct role_context *,
    const struct role_settings *, struct judge_store *, char *why,
    size_t why_cap);
void rulebook_free(struct rulebook *);
void rulebook_forget(struct rulebook *);

/* A record of topic_reglas; what is no concern of the watch is passed. */
int rulebook_apply(struct rulebook *, const struct record *);

/* It was read: 0, or -1. */
int rulebook_load(struct rulebook *);
/* These after rulebook_load. */
struct cart_rules *rulebook_cart(struct rulebook *, const char *cart);
const struct area_set *rulebook_areas(const struct rulebook *);
/* Count up, from 1, when something has changed. */
uint32_t rulebook_rules_version(const struct rulebook *);
uint32_t rulebook_zones_version(const struct rulebook *);

/* Is it working time?  By the minute. */
bool rulebook_works(struct cart_rules *, int64_t unix_ms);

#endif
