/*
 * report: what a receiver said about one moment, before anyone has judged it.
 */
#ifndef PREGON_GATEWAY_REPORT_H
#define PREGON_GATEWAY_REPORT_H

#include <stdbool.h>
#include <stdint.h>

/* Quantities that were not given are NAN. */
struct report {
	int64_t read_ms; /* boottime when we read it */
	int mode; /* 0 or 1: no fix, 2: 2D, 3: 3D */
	bool has_time;
	int64_t time_ms; /* Unix, as the receiver believes */
	double lat, lon; /* degrees */
	double speed; /* m/s */
	double course; /* degrees, true */
	double error; /* m, horizontal (gpsd's eph) */
	bool again; /* more about a moment reported before */
};

/*
 * Joins what came later about the same moment: gpsd sends several reports
 * until it knows which sentence ends the receiver's cycle.  The later wins,
 * for the first often has a speed that gpsd reckoned itself.
 */
void report_merge(struct report *, const struct report *later);

/* Metres between two places (degrees): good to 0.5 % within some 100 km. */
double report_distance(double lat1, double lon1, double lat2, double lon2);

#endif
