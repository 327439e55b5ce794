/*
 * daybook: see the header.
 */
#include "backend/rules/daybook.h"

bool
daybook_equal(const struct daybook_figures *a, const struct daybook_figures *b)
{
	return a->sales == b->sales && a->units == b->units &&
	    a->revenue == b->revenue && a->customers == b->customers &&
	    a->frequent == b->frequent && a->abandoned == b->abandoned &&
	    a->voided == b->voided && a->provisional == b->provisional;
}

bool
daybook_is_empty(const struct daybook_figures *f)
{
	return f->sales == 0 && f->abandoned == 0 && f->voided == 0;
}

/* part * scale / whole, halves up; neither is negative. */
static int64_t
ratio(int64_t part, int64_t whole, int64_t scale)
{
	if (whole <= 0)
		return -1;
	return (part * 2 * scale / whole + 1) / 2;
}

int64_t
daybook_units_per_customer(const struct daybook_figures *f)
{
	return ratio(f->units, f->customers, 100);
}

int64_t
daybook_abandoned_share(const struct daybook_figures *f)
{
	return ratio(f->abandoned, f->sales + f->voided + f->abandoned, 10000);
}

/* A clock that was set back says nothing about how long ago it was. */
static bool
is_past(int64_t since_ms, int64_t wait_ms, int64_t now_ms)
{
	return now_ms < since_ms || now_ms - since_ms >= wait_ms;
}

bool
daybook_is_due(const struct daybook_changes *changes, int64_t end_ms,
    const struct daybook_rules *rules, int64_t now_ms)
{
	if (changes->last_ms == 0 || now_ms < end_ms + rules->wait_ms)
		return false;
	return is_past(changes->last_ms, rules->quiet_ms, now_ms) ||
	    is_past(
		changes->first_ms, DAYBOOK_BURST_MAX * rules->quiet_ms, now_ms);
}
