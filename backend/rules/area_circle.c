/*
 * area_circle: a circle with its holes, as a polygon.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "backend/rules/area_parts.h"

#define CIRCLE_ERROR_M 0.02
#define CIRCLE_SIDES_MIN 32

/*
 * Its corners are on the true circle: each is as far from the centre as
 * degrees at the latitude midway say.
 */
static GEOSGeometry *
circle_polygon(GEOSContextHandle_t geos, const struct zone_area *area,
    const struct plane *plane)
{
	struct plane_point centre = plane_project(
	    plane, area->centre.lat_e6, area->centre.lon_e6);
	double radius = area->radius_m, north_m, east_m;
	double sides = CIRCLE_SIDES_MIN, *xy;
	GEOSGeometry *polygon;
	unsigned count;

	if (radius > CIRCLE_ERROR_M)
		sides = fmax(
		    sides, ceil(M_PI / acos(1 - CIRCLE_ERROR_M / radius)));
	count = (unsigned)sides;
	xy = malloc((count + 1) * 2 * sizeof(*xy));
	if (xy == NULL)
		return NULL;
	for (unsigned i = 0; i < count; i++) {
		double north = radius * cos(2 * M_PI * i / sides);
		double east = radius * sin(2 * M_PI * i / sides);

		plane_scale(area->centre.lat_e6 + north / plane->north_m / 2,
		    &north_m, &east_m);
		xy[2 * i] = centre.x + east / east_m * plane->east_m;
		xy[2 * i + 1] = centre.y + north / north_m * plane->north_m;
	}
	polygon = area_close_ring(geos, xy, count);
	free(xy);
	return polygon;
}

/* A hole of a circle: 0, or -1 with errno.  *rest is what is left. */
static int
cut(GEOSContextHandle_t geos, const struct zone *zone, int area, int ring,
    const struct plane *plane, GEOSGeometry **rest, struct area_fault *fault)
{
	GEOSGeometry *hole = area_ring_polygon(geos, zone, area, ring, plane);
	GEOSGeometry *left = NULL;
	char name[AREA_RING_NAME];
	int rc = -1;

	if (hole == NULL)
		return -1;
	errno = EINVAL;
	if (!area_ring_is_valid(geos, zone, area, ring, hole, plane, fault))
		goto out;
	if (GEOSDisjoint_r(geos, *rest, hole) == 1) {
		area_ring_name(zone, area, ring, name);
		area_say(fault, area, ring,
		    "%s is not in its circle, or in another hole", name);
		goto out;
	}
	errno = ENOMEM;
	left = GEOSDifference_r(geos, *rest, hole);
	if (left == NULL)
		goto out;
	GEOSGeom_destroy_r(geos, *rest);
	*rest = left;
	rc = 0;
out:
	GEOSGeom_destroy_r(geos, hole);
	return rc;
}

GEOSGeometry *
area_circle(GEOSContextHandle_t geos, const struct zone *zone, int area,
    const struct plane *plane, struct area_fault *fault)
{
	const struct zone_area *a = &zone->areas[area];
	GEOSGeometry *shape = circle_polygon(geos, a, plane);

	errno = ENOMEM;
	if (shape == NULL)
		return NULL;
	for (uint32_t i = 0; i < a->count; i++)
		if (cut(geos, zone, area, (int)i, plane, &shape, fault) == -1)
			goto destroy;
	if (GEOSisEmpty_r(geos, shape) == 0)
		return shape;
	area_say(fault, area, -1, "nothing is left of the circle, area %d",
	    area + 1);
	errno = EINVAL;
destroy:
	GEOSGeom_destroy_r(geos, shape);
	return NULL;
}
