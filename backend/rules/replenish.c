/*
 * replenish: reading the guild's rules, and the arithmetic.
 */
#include <errno.h>
#include <string.h>

#include "backend/rules/replenish.h"

#define THRESHOLD "stock.threshold"
#define TARGET "stock.target"

/* Digits alone, to `max`: 0, or -1. */
static int
number_read(const char *s, size_t len, int64_t max, int64_t *number)
{
	int64_t n = 0;

	if (len == 0)
		return -1;
	for (size_t i = 0; i < len; i++) {
		if (s[i] < '0' || s[i] > '9')
			return -1;
		n = n * 10 + (s[i] - '0');
		if (n > max)
			return -1;
	}
	*number = n;
	return 0;
}

static bool
starts_with(struct text text, const char *start)
{
	size_t len = strlen(start);

	return text.len >= len && memcmp(text.s, start, len) == 0 &&
	    (text.len == len || text.s[len] == '.');
}

/* 1: a rule about stock; 0: it is about something else; -1: it is none. */
static int
rule_read(const struct setting *setting, struct replenish_rule *rule)
{
	const char *name = THRESHOLD;
	struct text rest = setting->key;
	int64_t product = REPLENISH_EVERY_PRODUCT;

	rule->is_target = starts_with(setting->key, TARGET);
	if (rule->is_target)
		name = TARGET;
	else if (!starts_with(setting->key, THRESHOLD))
		return 0;
	rest.s += strlen(name);
	rest.len -= strlen(name);
	if (rest.len > 0 &&
	    number_read(rest.s + 1, rest.len - 1, PRODUCT_MAX, &product) == -1)
		return -1;
	rule->product = (int32_t)product;
	if (number_read(setting->value.s, setting->value.len, UNITS_MAX,
		&rule->units) == -1)
		return -1;
	return 1;
}

static void
rule_put(struct replenish_scope *scope, const struct replenish_rule *rule)
{
	size_t i = 0;

	while (i < scope->count &&
	    (scope->rules[i].is_target != rule->is_target ||
		scope->rules[i].product != rule->product))
		i++;
	scope->rules[i] = *rule;
	if (i == scope->count)
		scope->count++;
}

int
replenish_scope_read(
    const struct rules *rules, struct replenish_scope *scope, struct text *bad)
{
	int rc = 0;

	*scope = (struct replenish_scope){ .count = 0 };
	for (size_t i = 0; i < rules->count; i++) {
		struct replenish_rule rule;
		int kind = rule_read(&rules->settings[i], &rule);

		if (kind == 1)
			rule_put(scope, &rule);
		if (kind == -1 && rc == 0) {
			*bad = rules->settings[i].key;
			errno = EINVAL;
			rc = -1;
		}
	}
	return rc;
}

static bool
find(const struct replenish_scope *scope, bool is_target, int64_t product,
    int64_t *units)
{
	for (size_t i = 0; scope != NULL && i < scope->count; i++) {
		const struct replenish_rule *rule = &scope->rules[i];

		if (rule->is_target == is_target && rule->product == product) {
			*units = rule->units;
			return true;
		}
	}
	return false;
}

static int64_t
nearest(const struct replenish_scope *cart, const struct replenish_scope *all,
    bool is_target, uint32_t product, int64_t setting)
{
	int64_t units = setting;

	if (!find(cart, is_target, product, &units) &&
	    !find(cart, is_target, REPLENISH_EVERY_PRODUCT, &units) &&
	    !find(all, is_target, product, &units))
		find(all, is_target, REPLENISH_EVERY_PRODUCT, &units);
	return units;
}

struct replenish_levels
replenish_find(const struct replenish_scope *cart,
    const struct replenish_scope *all, uint32_t product,
    const struct replenish_levels *settings)
{
	return (struct replenish_levels){
		.threshold = nearest(
		    cart, all, false, product, settings->threshold),
		.target = nearest(cart, all, true, product, settings->target),
	};
}

int64_t
replenish_day_first(const struct stock *first)
{
	if (first->reason == STOCK_COUNT || first->reason == STOCK_RESTOCK)
		return first->level;
	return (int64_t)first->level - first->delta;
}

int64_t
replenish_target(const struct replenish_levels *levels, int64_t day_first)
{
	if (levels->target > 0)
		return levels->target;
	if (day_first != INSTANT_MISSING && day_first > levels->threshold)
		return day_first;
	return REPLENISH_TARGET_UNKNOWN;
}

int64_t
replenish_unseen(const struct replenish_delivered *delivered, int64_t seen_ms,
    int64_t now_ms, int64_t wait_ms)
{
	if (delivered->confirmed)
		return 0;
	if (seen_ms != INSTANT_MISSING && seen_ms > delivered->at_ms)
		return 0;
	if (now_ms - delivered->at_ms >= wait_ms)
		return 0;
	return delivered->units;
}

bool
replenish_due(
    int64_t position, int64_t threshold, int64_t target, bool has_open_line)
{
	return !has_open_line && position < threshold && target > position;
}

uint32_t
replenish_units(int64_t position, int64_t target)
{
	int64_t units = target - position;

	if (units < 0)
		return 0;
	return units > UNITS_MAX ? UNITS_MAX : (uint32_t)units;
}
