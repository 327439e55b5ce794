/*
 * What must be commanded so that a cart is in or out.
 *
 * The plugin looks at "disabled" where it checks passwords, so it lets a
 * certificate in all the same: a cart that is out loses its role as well, and
 * without one nothing is allowed.  A new password ends the connection that
 * the old one opened: so it is set only where it is another.
 */
#include "backend/consumer/gate_parts.h"

static unsigned
plan_in(const struct gate_seen *seen, uint64_t mark)
{
	unsigned steps = 0;

	if (!seen->present)
		return GATE_MAKE_ROLE | GATE_MAKE_CLIENT;
	if (!seen->role)
		steps |= GATE_MAKE_ROLE | GATE_SET;
	if (seen->mark != mark)
		steps |= GATE_SET;
	if (seen->disabled)
		steps |= GATE_ENABLE;
	return steps;
}

static unsigned
plan_out(const struct gate_seen *seen)
{
	unsigned steps = 0;

	if (!seen->present)
		return 0;
	if (!seen->disabled)
		steps |= GATE_DISABLE;
	if (seen->role)
		steps |= GATE_TAKE_ROLE;
	return steps;
}

unsigned
gate_plan(const struct gate_seen *seen, bool in, uint64_t mark)
{
	if (!seen->known)
		return GATE_ASK;
	if (seen->foreign)
		return 0;
	return in ? plan_in(seen, mark) : plan_out(seen);
}

void
gate_settle(struct gate_seen *seen, bool in, uint64_t mark)
{
	if (!in && !seen->present)
		return;
	seen->present = true;
	seen->disabled = !in;
	seen->role = in;
	if (in)
		seen->mark = mark;
}
