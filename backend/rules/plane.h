/*
 * plane: metres around a place.
 *
 * A local equirectangular plane on the WGS 84 ellipsoid: x is east, y north.
 * Which side of a line a place is on comes out the same as in degrees;
 * lengths are too long or short by the place's distance north or south of the
 * origin, over 6,400 km, times tan(latitude): at Santiago 0.01 % at 1 km,
 * 0.1 % at 10 km, 1 % at 100 km.
 */
#ifndef PREGON_RULES_PLANE_H
#define PREGON_RULES_PLANE_H

#include <stdint.h>

struct plane {
	int32_t lat_e6, lon_e6; /* the origin */
	double north_m, east_m; /* of 1e-6 degrees there */
};
struct plane_point {
	double x, y; /* m */
};

struct plane plane_at(int32_t lat_e6, int32_t lon_e6);
/* Goes the short way round the earth. */
struct plane_point plane_project(
    const struct plane *, int32_t lat_e6, int32_t lon_e6);

/* The length of 1e-6 degrees at a latitude. */
void plane_scale(double lat_e6, double *north_m, double *east_m);

/* Metres between two places, over a plane midway between them. */
double plane_metres(
    int32_t lat1_e6, int32_t lon1_e6, int32_t lat2_e6, int32_t lon2_e6);

/* Metres from p to the stretch a-b. */
double plane_off_stretch(
    struct plane_point p, struct plane_point a, struct plane_point b);

#endif
