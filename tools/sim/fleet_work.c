/*
 * What the fleet does while it runs: events by chance, or drains.
 */
#include <stdio.h>

#include "tools/sim/fleet_parts.h"

#define HOUR_US (INT64_C(3600) * 1000000)

static struct cart *
any_cart(struct fleet *f)
{
	return &f->carts[dice_below(&f->dice, (uint32_t)f->count)];
}

void
fleet_make_events(struct fleet *f, int64_t passed_us, struct moment *m)
{
	const struct settings *s = f->settings;

	f->sales_owed += (double)passed_us / 60e6 * (double)s->sales_per_minute;
	for (; f->sales_owed >= 1; f->sales_owed--) {
		struct cart *c = any_cart(f);

		*m = fleet_now(f);
		cart_sell(c, &f->world, m);
		fleet_look_later(f, c->index);
	}
	if (s->fix_interval_ms > 0)
		f->fixes_owed += (double)passed_us / 1000 * (double)f->count /
		    (double)s->fix_interval_ms;
	for (; f->fixes_owed >= 1; f->fixes_owed--) {
		*m = fleet_now(f);
		cart_move(&f->carts[f->next_to_move], &f->world, m);
		fleet_look_later(f, f->next_to_move);
		f->next_to_move = (f->next_to_move + 1) % f->count;
	}
	f->crashes_owed += (double)passed_us / HOUR_US * (double)f->count *
	    (double)s->net.crashes_per_hour;
	for (; f->crashes_owed >= 1; f->crashes_owed--) {
		struct cart *c = any_cart(f);

		cart_crash(c, &f->world, m);
		fleet_look_later(f, c->index);
	}
}

/* All carts at once. */
static void
drain_round(struct fleet *f, struct moment *m)
{
	f->draining = true;
	*m = fleet_now(f);
	for (size_t i = 0; i < f->count; i++) {
		struct cart *c = &f->carts[i];

		/* Made first, then sent as one frame. */
		c->up = false;
		for (int64_t n = f->settings->drain_fixes; n > 0; n--) {
			struct moment then = *m;

			then.at_ms -= (n - 1) * 1000;
			cart_move(c, &f->world, &then);
		}
		c->up = true;
	}
	*m = fleet_now(f);
	f->drain_us = m->us;
	for (size_t i = 0; i < f->count; i++) {
		cart_pump(&f->carts[i], &f->world, m);
		fleet_look_later(f, i);
	}
}

void
fleet_drain(struct fleet *f, struct moment *m)
{
	double seconds;

	if (f->draining && !fleet_all_done(f)) {
		if (m->us - f->drain_us >= f->settings->finish_s * 1000000)
			fleet_enter(f, PHASE_OVER, m);
		return;
	}
	*m = fleet_now(f);
	seconds = (double)(m->us - f->drain_us) / 1e6;
	if (f->draining) {
		f->rounds_left--;
		printf("drain: carts=%zu fixes=%lld seconds=%.3f"
		       " frames_s=%.0f resent=%llu\n",
		    f->count, (long long)f->settings->drain_fixes, seconds,
		    (double)f->count / seconds,
		    (unsigned long long)f->world.tally->resent);
		fflush(stdout);
	}
	if (f->rounds_left == 0)
		fleet_enter(f, PHASE_OVER, m);
	else
		drain_round(f, m);
}
