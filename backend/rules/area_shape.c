/*
 * area_shape: a zone on its plane, as GEOS knows it.
 */
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/rules/area_parts.h"

#define LAT_MAX_E6 85000000
#define SPAN_MAX_E6 20000000

void
area_say(struct area_fault *fault, int area, int ring, const char *format, ...)
{
	va_list args;

	fault->area = area;
	fault->ring = ring;
	va_start(args, format);
	vsnprintf(fault->words, sizeof(fault->words), format, args);
	va_end(args);
}

void
area_ring_name(
    const struct zone *zone, int area, int ring, char name[AREA_RING_NAME])
{
	bool circle = zone->areas[area].circle;

	if (ring == 0 && !circle)
		snprintf(
		    name, AREA_RING_NAME, "the outline of area %d", area + 1);
	else
		snprintf(name, AREA_RING_NAME, "hole %d of area %d",
		    circle ? ring + 1 : ring, area + 1);
}

/* The box around a zone, in 1e-6 degrees; longitudes to either side of the
 * first, the short way. */
struct box {
	int32_t lon_e6;
	double south, north, west, east;
};

static void
box_add(struct box *box, double lat, double lon_e6, double dlat, double dlon)
{
	double lon = remainder(lon_e6 - box->lon_e6, 360e6);

	box->south = fmin(box->south, lat - dlat);
	box->north = fmax(box->north, lat + dlat);
	box->west = fmin(box->west, lon - dlon);
	box->east = fmax(box->east, lon + dlon);
}

static void
box_add_area(
    struct box *box, const struct zone *zone, const struct zone_area *area)
{
	const struct zone_ring *ring = &zone->rings[area->first];
	double north_m, east_m;

	if (area->circle) {
		plane_scale(area->centre.lat_e6, &north_m, &east_m);
		box_add(box, area->centre.lat_e6, area->centre.lon_e6,
		    area->radius_m / north_m, area->radius_m / east_m);
		return;
	}
	for (uint32_t i = 0; i < ring->count; i++) {
		const struct zone_point *p = &zone->points[ring->first + i];

		box_add(box, p->lat_e6, p->lon_e6, 0, 0);
	}
}

static int32_t
first_lon(const struct zone *zone)
{
	const struct zone_area *area = &zone->areas[0];

	return area->circle
	    ? area->centre.lon_e6
	    : zone->points[zone->rings[area->first].first].lon_e6;
}

int
area_plane(
    const struct zone *zone, struct plane *plane, struct area_fault *fault)
{
	struct box box = { 0, INFINITY, -INFINITY, INFINITY, -INFINITY };
	double lon;

	errno = EINVAL;
	if (zone->area_count == 0) {
		area_say(fault, -1, -1, "the zone has no area");
		return -1;
	}
	for (uint32_t i = 0; i < zone->area_count; i++)
		if (!zone->areas[i].circle && zone->areas[i].count == 0) {
			area_say(
			    fault, (int)i, -1, "area %u has no outline", i + 1);
			return -1;
		}
	box.lon_e6 = first_lon(zone);
	for (uint32_t i = 0; i < zone->area_count; i++)
		box_add_area(&box, zone, &zone->areas[i]);
	if (box.south < -LAT_MAX_E6 || box.north > LAT_MAX_E6) {
		area_say(fault, -1, -1,
		    "the zone goes beyond 85 degrees north or south");
		return -1;
	}
	if (box.north - box.south > SPAN_MAX_E6 ||
	    box.east - box.west > SPAN_MAX_E6) {
		area_say(
		    fault, -1, -1, "the zone is over 20 degrees wide or high");
		return -1;
	}
	lon = remainder(box.lon_e6 + (box.west + box.east) / 2, 360e6);
	*plane = plane_at(
	    (int32_t)lround((box.south + box.north) / 2), (int32_t)lround(lon));
	return 0;
}

GEOSGeometry *
area_close_ring(GEOSContextHandle_t geos, double *xy, unsigned count)
{
	GEOSCoordSequence *sequence;
	GEOSGeometry *ring;

	xy[2 * count] = xy[0];
	xy[2 * count + 1] = xy[1];
	sequence = GEOSCoordSeq_copyFromBuffer_r(geos, xy, count + 1, 0, 0);
	if (sequence == NULL)
		return NULL;
	ring = GEOSGeom_createLinearRing_r(geos, sequence);
	if (ring == NULL)
		return NULL;
	return GEOSGeom_createPolygon_r(geos, ring, NULL, 0);
}

GEOSGeometry *
area_ring_polygon(GEOSContextHandle_t geos, const struct zone *zone, int area,
    int ring, const struct plane *plane)
{
	const struct zone_ring *r =
	    &zone->rings[zone->areas[area].first + (uint32_t)ring];
	double *xy = malloc((r->count + 1) * 2 * sizeof(*xy));
	GEOSGeometry *polygon;

	if (xy == NULL)
		return NULL;
	for (uint32_t i = 0; i < r->count; i++) {
		const struct zone_point *p = &zone->points[r->first + i];
		struct plane_point at = plane_project(
		    plane, p->lat_e6, p->lon_e6);

		xy[2 * i] = at.x;
		xy[2 * i + 1] = at.y;
	}
	polygon = area_close_ring(geos, xy, r->count);
	free(xy);
	return polygon;
}

static void
fault_place(GEOSContextHandle_t geos, const GEOSGeometry *point,
    const struct plane *plane, struct area_fault *fault)
{
	double x, y;

	if (point == NULL || GEOSGeomGetX_r(geos, point, &x) != 1 ||
	    GEOSGeomGetY_r(geos, point, &y) != 1)
		return;
	fault->has_place = true;
	fault->lat_e6 = plane->lat_e6 + (int32_t)lround(y / plane->north_m);
	fault->lon_e6 = (int32_t)lround(
	    remainder(plane->lon_e6 + x / plane->east_m, 360e6));
}

bool
area_is_valid(GEOSContextHandle_t geos, const GEOSGeometry *polygon,
    const struct plane *plane, struct area_fault *fault)
{
	GEOSGeometry *place = NULL;
	char *reason = NULL;
	char valid = GEOSisValidDetail_r(geos, polygon, 0, &reason, &place);

	fault->has_place = false;
	if (valid == 0) {
		snprintf(fault->words, sizeof(fault->words), "%s",
		    reason != NULL ? reason : "not valid");
		fault_place(geos, place, plane, fault);
	}
	if (reason != NULL)
		GEOSFree_r(geos, reason);
	if (place != NULL)
		GEOSGeom_destroy_r(geos, place);
	return valid != 0;
}

/* Takes polygons[1..] away from polygons[0], all of which it takes over. */
static GEOSGeometry *
polygon_with_holes(
    GEOSContextHandle_t geos, GEOSGeometry **polygons, unsigned count)
{
	GEOSGeometry *rings[ZONE_RINGS_MAX], *polygon = NULL;
	unsigned cloned = 0;

	while (cloned < count) {
		const GEOSGeometry *ring = GEOSGetExteriorRing_r(
		    geos, polygons[cloned]);

		rings[cloned] = GEOSGeom_clone_r(geos, ring);
		if (rings[cloned] == NULL)
			break;
		cloned++;
	}
	if (cloned == count)
		polygon = GEOSGeom_createPolygon_r(
		    geos, rings[0], rings + 1, count - 1);
	else
		for (unsigned i = 0; i < cloned; i++)
			GEOSGeom_destroy_r(geos, rings[i]);
	return polygon;
}

static GEOSGeometry *
polygon_shape(GEOSContextHandle_t geos, const struct zone *zone, int area,
    const struct plane *plane, struct area_fault *fault)
{
	unsigned count = zone->areas[area].count, made;
	GEOSGeometry *parts[ZONE_RINGS_MAX], *polygon = NULL;

	for (made = 0; made < count; made++) {
		parts[made] = area_ring_polygon(
		    geos, zone, area, (int)made, plane);
		if (parts[made] == NULL)
			break;
	}
	errno = ENOMEM;
	if (made == count)
		polygon = polygon_with_holes(geos, parts, count);
	for (unsigned i = 0; i < made; i++)
		GEOSGeom_destroy_r(geos, parts[i]);
	if (polygon == NULL || area_is_valid(geos, polygon, plane, fault))
		return polygon;
	GEOSGeom_destroy_r(geos, polygon);
	area_blame(geos, zone, area, plane, fault);
	errno = EINVAL;
	return NULL;
}

GEOSGeometry *
area_shape(GEOSContextHandle_t geos, const struct zone *zone,
    const struct plane *plane, struct area_fault *fault)
{
	GEOSGeometry *parts[ZONE_AREAS_MAX], *all, *shape;
	unsigned made;

	for (made = 0; made < zone->area_count; made++) {
		parts[made] = zone->areas[made].circle
		    ? area_circle(geos, zone, (int)made, plane, fault)
		    : polygon_shape(geos, zone, (int)made, plane, fault);
		if (parts[made] == NULL)
			goto destroy;
	}
	errno = ENOMEM;
	/* Takes the parts over, also if it fails. */
	all = GEOSGeom_createCollection_r(
	    geos, GEOS_GEOMETRYCOLLECTION, parts, made);
	if (all == NULL)
		return NULL;
	shape = GEOSUnaryUnion_r(geos, all);
	GEOSGeom_destroy_r(geos, all);
	return shape;
destroy:
	while (made > 0)
		GEOSGeom_destroy_r(geos, parts[--made]);
	return NULL;
}
