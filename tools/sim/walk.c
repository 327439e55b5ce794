#include "tools/sim/walk.h"

#include <math.h>

/* Santiago's centre, and how far homes lie from it. */
#define CENTRE_LAT (-33.4489)
#define CENTRE_LON (-70.6693)
#define HOMES_DEGREES 0.06
#define METRES_A_DEGREE 111320.0
#define RADIUS_M 2000.0
#define SPEED_M_S 1.3
#define BLOCK_LEAST_M 60
#define BLOCK_SPREAD_M 120
/* After how many corners a stop comes, on average, and how long it is. */
#define CORNERS_A_STOP 6
#define STOP_LEAST_S 60
#define STOP_SPREAD_S 900
/* A cart dated with great strides does not cross the country in one. */
#define STRIDE_MAX_S 600.0

#define RADIANS(degrees) ((degrees)*3.14159265358979323846 / 180)

void
walk_init(struct walk *w, uint64_t seed, uint64_t number)
{
	*w = (struct walk){ .dice = dice_new(seed, number) };
	w->home_lat = CENTRE_LAT + (dice_unit(&w->dice) - 0.5) * HOMES_DEGREES;
	w->home_lon = CENTRE_LON + (dice_unit(&w->dice) - 0.5) * HOMES_DEGREES;
	w->course_deg = (int)dice_below(&w->dice, 4) * 90;
	w->block_left_m = BLOCK_LEAST_M;
}

/* At a corner: a turn (homewards when far from it), or a stop. */
static void
corner(struct walk *w)
{
	static const int turns[] = { 0, 0, 90, 270 };
	double far = hypot(w->north_m, w->east_m);

	w->block_left_m = BLOCK_LEAST_M + dice_below(&w->dice, BLOCK_SPREAD_M);
	if (far > RADIUS_M && fabs(w->north_m) > fabs(w->east_m))
		w->course_deg = w->north_m > 0 ? 180 : 0;
	else if (far > RADIUS_M)
		w->course_deg = w->east_m > 0 ? 270 : 90;
	else
		w->course_deg = (w->course_deg +
				    turns[dice_below(&w->dice, 4)]) %
		    360;
	if (dice_below(&w->dice, CORNERS_A_STOP) == 0)
		w->stop_left_s = STOP_LEAST_S +
		    dice_below(&w->dice, STOP_SPREAD_S);
}

static void
advance(struct walk *w, double seconds)
{
	while (seconds > 0) {
		double metres;

		if (w->stop_left_s > 0) {
			double stood = fmin(seconds, w->stop_left_s);

			w->stop_left_s -= stood;
			seconds -= stood;
			continue;
		}
		metres = fmin(seconds * SPEED_M_S, w->block_left_m);
		w->north_m += metres * cos(RADIANS(w->course_deg));
		w->east_m += metres * sin(RADIANS(w->course_deg));
		w->block_left_m -= metres;
		seconds -= metres / SPEED_M_S;
		if (w->block_left_m <= 0)
			corner(w);
	}
}

void
walk_to(struct walk *w, int64_t ms, struct fix *fix)
{
	double metres_lon = METRES_A_DEGREE * cos(RADIANS(w->home_lat));
	double lat, lon;
	bool stands;

	if (w->started)
		advance(
		    w, fmin((double)(ms - w->last_ms) / 1000, STRIDE_MAX_S));
	w->started = true;
	w->last_ms = ms;
	stands = w->stop_left_s > 0;
	lat = w->home_lat + w->north_m / METRES_A_DEGREE;
	lon = w->home_lon + w->east_m / metres_lon;
	*fix = (struct fix){
		.at.ms = ms,
		.lat_e6 = (int32_t)lround(lat * 1e6),
		.lon_e6 = (int32_t)lround(lon * 1e6),
		.speed_dm_s = stands ? 0 : (uint16_t)(SPEED_M_S * 10),
		.course_deg = (uint16_t)w->course_deg,
		.accuracy_m = (uint16_t)(4 + dice_below(&w->dice, 3)),
		.flags = stands ? FIX_NO_COURSE : 0,
	};
}
