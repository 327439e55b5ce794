/*
 * plane: see the header.
 */
#include "backend/rules/plane.h"

#include <math.h>

#define HALF_TURN_E6 180000000

/* 1e-6 degrees of longitude, the short way from b to a. */
static double
east_of(int32_t a, int32_t b)
{
	int64_t d = (int64_t)a - b;

	if (d > HALF_TURN_E6)
		d -= 2 * (int64_t)HALF_TURN_E6;
	else if (d < -HALF_TURN_E6)
		d += 2 * (int64_t)HALF_TURN_E6;
	return (double)d;
}

/* On WGS 84: the usual series, good to 1 cm a degree (US National
 * Geospatial-Intelligence Agency, "Length of a degree"). */
void
plane_scale(double lat_e6, double *north_m, double *east_m)
{
	double lat = lat_e6 * 1e-6 * M_PI / 180;

	*north_m = 1e-6 *
	    (111132.92 - 559.82 * cos(2 * lat) + 1.175 * cos(4 * lat) -
		0.0023 * cos(6 * lat));
	*east_m = 1e-6 *
	    (111412.84 * cos(lat) - 93.5 * cos(3 * lat) + 0.118 * cos(5 * lat));
}

struct plane
plane_at(int32_t lat_e6, int32_t lon_e6)
{
	struct plane p = { .lat_e6 = lat_e6, .lon_e6 = lon_e6 };

	plane_scale(lat_e6, &p.north_m, &p.east_m);
	return p;
}

struct plane_point
plane_project(const struct plane *p, int32_t lat_e6, int32_t lon_e6)
{
	return (struct plane_point){
		.x = east_of(lon_e6, p->lon_e6) * p->east_m,
		.y = ((double)lat_e6 - p->lat_e6) * p->north_m,
	};
}

double
plane_metres(int32_t lat1_e6, int32_t lon1_e6, int32_t lat2_e6, int32_t lon2_e6)
{
	double north_m, east_m;

	plane_scale(((double)lat1_e6 + lat2_e6) / 2, &north_m, &east_m);
	return hypot(east_of(lon1_e6, lon2_e6) * east_m,
	    ((double)lat1_e6 - lat2_e6) * north_m);
}

double
plane_off_stretch(
    struct plane_point p, struct plane_point a, struct plane_point b)
{
	double dx = b.x - a.x, dy = b.y - a.y;
	double square = dx * dx + dy * dy;
	double t = 0;

	if (square > 0)
		t = ((p.x - a.x) * dx + (p.y - a.y) * dy) / square;
	t = t < 0 ? 0 : t > 1 ? 1 : t;
	return hypot(p.x - a.x - t * dx, p.y - a.y - t * dy);
}
