#include "firmware-gateway/quality.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

/* A shorter time between two fixes says nothing about a speed. */
#define SHORTEST_S 0.5
/* A receiver whose time goes back by more begins a new life. */
#define SET_BACK_MS 2000

const char *
quality_name(enum quality q)
{
	static const char *const names[] = { "good", "no_fix", "no_time",
		"not_finite", "out_of_range", "inaccurate", "repeated",
		"warming_up", "jump", "drift" };

	return names[q];
}

void
quality_init(struct quality_gate *g, const struct quality_limits *limits)
{
	memset(g, 0, sizeof(*g));
	g->limits = *limits;
}

static void
begin_again(struct quality_gate *g)
{
	g->warm = g->has_last = 0;
	g->streak_3d = g->streak_any = g->elsewhere = 0;
}

/* What can be said of a report by itself. */
static enum quality
judge_alone(const struct quality_gate *g, const struct report *r)
{
	if (r->mode < 2)
		return QUALITY_NO_FIX;
	if (!isfinite(r->lat) || !isfinite(r->lon))
		return QUALITY_NOT_FINITE;
	if (fabs(r->lat) > 90 || fabs(r->lon) > 180 ||
	    (r->lat == 0 && r->lon == 0))
		return QUALITY_OUT_OF_RANGE;
	if (!r->has_time)
		return QUALITY_NO_TIME;
	/* No figure is no reason to refuse: many receivers give none. */
	if (isfinite(r->error) && r->error > g->limits.max_error_m)
		return QUALITY_INACCURATE;
	return QUALITY_GOOD;
}

static bool
reachable(const struct quality_gate *g, const struct quality_place *from,
    const struct quality_place *to)
{
	double s = (double)(to->time_ms - from->time_ms) / 1000;

	if (s < SHORTEST_S)
		s = SHORTEST_S;
	return report_distance(from->lat, from->lon, to->lat, to->lon) <=
	    s * g->limits.max_speed_m_s;
}

static enum quality
warm_up(struct quality_gate *g, const struct report *r)
{
	g->streak_any++;
	g->streak_3d = r->mode >= 3 ? g->streak_3d + 1 : 0;
	if (g->streak_3d < QUALITY_WARM_UP_3D &&
	    g->streak_any < QUALITY_WARM_UP_2D)
		return QUALITY_WARMING_UP;
	g->warm = 1;
	return QUALITY_GOOD;
}

/* A jump may also be the end of a long error: then the next ones agree. */
static enum quality
judge_jump(struct quality_gate *g, const struct quality_place *here)
{
	if (g->elsewhere > 0 && reachable(g, &g->jumper, here))
		g->elsewhere++;
	else
		g->elsewhere = 1;
	g->jumper = *here;
	return g->elsewhere < QUALITY_ELSEWHERE ? QUALITY_JUMP : QUALITY_GOOD;
}

static enum quality
judge(struct quality_gate *g, const struct report *r)
{
	struct quality_place here = { r->time_ms, r->lat, r->lon };
	enum quality verdict = judge_alone(g, r);

	if (verdict != QUALITY_GOOD) {
		if (!g->warm)
			g->streak_3d = g->streak_any = 0;
		return verdict;
	}
	if (g->has_last &&
	    (r->time_ms < g->last.time_ms - SET_BACK_MS ||
		r->read_ms - g->last_read_ms > QUALITY_LOST_MS))
		begin_again(g);
	if (g->has_last && r->time_ms <= g->last.time_ms)
		return QUALITY_REPEATED;
	if (g->has_last && !reachable(g, &g->last, &here)) {
		if (g->warm) {
			verdict = judge_jump(g, &here);
			if (verdict != QUALITY_GOOD)
				return verdict;
		} else {
			begin_again(g);
		}
	}
	g->elsewhere = 0;
	g->has_last = 1;
	g->last = here;
	g->last_read_ms = r->read_ms;
	return g->warm ? QUALITY_GOOD : warm_up(g, r);
}

enum quality
quality_judge(struct quality_gate *g, const struct report *r)
{
	enum quality verdict = judge(g, r);

	g->counts[verdict]++;
	return verdict;
}
