#include "firmware-gateway/report.h"

#include <math.h>

#define EARTH_M_PER_DEGREE 111195.0 /* mean radius 6371.0088 km */

static void
take(double *to, double later)
{
	if (isfinite(later))
		*to = later;
}

void
report_merge(struct report *r, const struct report *later)
{
	if (later->mode < r->mode)
		return;
	r->mode = later->mode;
	if (later->has_time) {
		r->has_time = true;
		r->time_ms = later->time_ms;
	}
	/* A place is taken whole. */
	if (isfinite(later->lat) && isfinite(later->lon)) {
		r->lat = later->lat;
		r->lon = later->lon;
	}
	take(&r->speed, later->speed);
	take(&r->course, later->course);
	take(&r->error, later->error);
}

double
report_distance(double lat1, double lon1, double lat2, double lon2)
{
	double mean = (lat1 + lat2) / 2 * M_PI / 180;
	double dlon = fabs(lon2 - lon1);
	double x, y;

	if (dlon > 180)
		dlon = 360 - dlon;
	x = dlon * cos(mean) * EARTH_M_PER_DEGREE;
	y = (lat2 - lat1) * EARTH_M_PER_DEGREE;
	return hypot(x, y);
}
