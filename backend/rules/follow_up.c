/*
 * follow_up: see the header.
 */
#include "backend/rules/follow_up.h"

enum follow_up
follow_judge(const struct follow_purchase *p, const struct follow_rules *rules,
    int64_t now_ms)
{
	if (!p->confirmed || p->voided || !p->has_mail ||
	    now_ms - p->at_ms > rules->late_ms)
		return FOLLOW_NONE;
	return p->open_ms < rules->quick_ms ? FOLLOW_THANKS : FOLLOW_APOLOGY;
}
