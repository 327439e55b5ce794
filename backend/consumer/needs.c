/*
 * needs: see the header; the arithmetic is in backend/rules/replenish.h.
 */
#include <stdio.h>
#include <string.h>

#include "backend/consumer/day.h"
#include "backend/consumer/needs.h"
#include "lib/log.h"

#define UNSEEN_MAX 64

void
needs_forget(struct needs *needs)
{
	needs->loaded = false;
}

static int
load(struct needs *needs)
{
	int rc;

	if (needs->loaded)
		return 0;
	needs->all.count = 0;
	rc = needs->store->ops->rules_get(needs->store, RULES_ALL, &needs->all);
	if (rc == -1 ||
	    needs->store->ops->rules_count(needs->store, &needs->scopes) == -1)
		return -1;
	needs->loaded = true;
	return 0;
}

int
needs_rules(struct needs *needs, const char *cart, uint32_t product,
    struct replenish_levels *levels)
{
	struct replenish_scope own = { .count = 0 };

	if (load(needs) == -1 ||
	    (needs->scopes > 0 &&
		needs->store->ops->rules_get(needs->store, cart, &own) == -1))
		return -1;
	*levels = replenish_find(&own, &needs->all, product, &needs->settings);
	return 0;
}

/* Units delivered that the level does not show yet. */
static int
unseen_units(struct needs *needs, const char *cart, uint32_t product,
    int64_t now_ms, int64_t *units)
{
	struct unseen_line lines[UNSEEN_MAX];
	int count;

	*units = 0;
	count = needs->orders->ops->unseen(
	    needs->orders, cart, product, lines, UNSEEN_MAX);
	for (int i = 0; i < count; i++) {
		struct replenish_delivered delivered = { lines[i].units, false,
			lines[i].at_ms };
		int64_t seen_ms = INSTANT_MISSING;

		if (needs->store->ops->seen_find(needs->store, cart, product,
			lines[i].at_ms, &seen_ms) == -1)
			return -1;
		*units += replenish_unseen(
		    &delivered, seen_ms, now_ms, needs->confirm_wait_ms);
	}
	return count == -1 ? -1 : 0;
}

int
needs_position(struct needs *needs, const char *cart, uint32_t product,
    int64_t now_ms, int64_t *position)
{
	struct stock_record last = { .level = 0 };
	int64_t units;

	if (needs->store->ops->event_last(needs->store, cart, product, &last) ==
		-1 ||
	    unseen_units(needs, cart, product, now_ms, &units) == -1)
		return -1;
	*position = last.level + units;
	return 0;
}

int
needs_target(struct needs *needs, const char *cart, uint32_t product,
    const struct replenish_levels *levels, int64_t now_ms, int64_t *target)
{
	int64_t day_first = INSTANT_MISSING;
	struct stock_record first;
	struct stock event;
	int rc;

	if (levels->target == 0) {
		rc = needs->store->ops->event_first(
		    needs->store, cart, product, day_begin(now_ms), &first);
		if (rc == -1)
			return -1;
		if (rc == 1) {
			event = (struct stock){ .delta = first.delta,
				.level = first.level,
				.reason = first.reason };
			day_first = replenish_day_first(&event);
		}
	}
	*target = replenish_target(levels, day_first);
	return 0;
}

int
needs_of_order(struct needs *needs, const struct order *order, int64_t now_ms,
    int64_t needed[ORDER_LINES_MAX])
{
	for (uint32_t i = 0; i < order->part_count; i++) {
		uint32_t product = order->parts[i].product;
		struct replenish_levels levels;
		int64_t position, target;

		needed[i] = 0;
		/* What was asked for by number needs no arithmetic. */
		if (order->parts[i].asked > 0)
			continue;
		if (needs_rules(needs, order->cart, product, &levels) == -1 ||
		    needs_position(
			needs, order->cart, product, now_ms, &position) == -1 ||
		    needs_target(needs, order->cart, product, &levels, now_ms,
			&target) == -1)
			return -1;
		needed[i] = target - position;
	}
	return 0;
}

/* The scope that a key names, or NULL. */
static const char *
key_scope(const struct record *record, char scope[CART_MAX + 1])
{
	size_t start = strlen(RULES_KEY);

	if (record->key_len <= start || record->key_len > start + CART_MAX)
		return NULL;
	memcpy(scope, record->key + start, record->key_len - start);
	scope[record->key_len - start] = '\0';
	if (strcmp(scope, RULES_ALL) != 0 &&
	    !cart_is_valid(scope, strlen(scope)))
		return NULL;
	return scope;
}

static int
reject(struct needs *needs, const struct record *record,
    const struct decode_error *error)
{
	char reason[160];

	snprintf(reason, sizeof(reason), "%s: expected %s", error->field,
	    error->expected);
	return role_reject(needs->ctx, record, reason);
}

int
needs_apply(
    struct needs *needs, const struct record *record, char scope[CART_MAX + 1])
{
	struct decode_error error = { "rules.scope", "the scope of the key" };
	struct replenish_scope levels;
	struct rules rules;
	struct text bad;

	scope[0] = '\0';
	if (record->len > 0 &&
	    rules_decode(record->value, record->len, &rules, &error) == -1)
		return reject(needs, record, &error);
	if (key_scope(record, scope) == NULL ||
	    (record->len > 0 && strcmp(scope, rules.scope) != 0)) {
		scope[0] = '\0';
		return reject(needs, record, &error);
	}
	if (record->len > 0 &&
	    replenish_scope_read(&rules, &levels, &bad) == -1)
		log_warn("stock.bad_rule",
		    "scope=%s key=\"%.*s\" why=\"not units, or not a "
		    "product\"",
		    scope, (int)bad.len, bad.s);
	needs->loaded = false;
	return needs->store->ops->rules_put(needs->store, scope,
	    record->len > 0 ? record->value : NULL, record->len);
}
