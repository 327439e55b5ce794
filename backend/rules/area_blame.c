/*
 * area_blame: which ring of a polygon is wrong.
 *
 * GEOS says what is wrong with a polygon and where, but not in which ring:
 * rings are asked alone, then with the outline, then with each other.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/rules/area_parts.h"

/* What is looked at while blaming; polygons[i] is ring i without holes. */
struct blame {
	GEOSContextHandle_t geos;
	const struct zone *zone;
	int area, count;
	const struct plane *plane;
	GEOSGeometry *polygons[ZONE_RINGS_MAX];
	struct area_fault *fault;
};

static void
place_text(const struct area_fault *fault, char text[40])
{
	text[0] = '\0';
	if (fault->has_place)
		snprintf(text, 40, " at %.6f,%.6f", fault->lat_e6 / 1e6,
		    fault->lon_e6 / 1e6);
}

bool
area_ring_is_valid(GEOSContextHandle_t geos, const struct zone *zone, int area,
    int ring, const GEOSGeometry *polygon, const struct plane *plane,
    struct area_fault *fault)
{
	char name[AREA_RING_NAME], reason[AREA_WORDS_MAX], at[40];
	const char *what = reason;

	if (area_is_valid(geos, polygon, plane, fault))
		return true;
	snprintf(reason, sizeof(reason), "%s", fault->words);
	if (strstr(reason, "Self-intersection") != NULL)
		what = strncmp(reason, "Ring", 4) == 0 ? "touches itself"
						       : "crosses itself";
	else if (strstr(reason, "Too few") != NULL)
		what = "has fewer than three different points";
	area_ring_name(zone, area, ring, name);
	place_text(fault, at);
	area_say(fault, area, ring, "%s %.60s%s", name, what, at);
	return false;
}

/* Is this hole wrong within the outline? */
static bool
blame_hole(struct blame *b, int hole)
{
	const GEOSGeometry *outline = b->polygons[0], *h = b->polygons[hole];
	char name[AREA_RING_NAME];
	const char *what;

	area_ring_name(b->zone, b->area, hole, name);
	if (GEOSDisjoint_r(b->geos, outline, h) == 1)
		what = "is outside its outline";
	else if (GEOSCovers_r(b->geos, outline, h) == 0)
		what = "crosses its outline";
	else if (GEOSRelatePattern_r(b->geos, outline, h, "****1****") == 1)
		what = "shares a side with its outline";
	else
		return false;
	b->fault->has_place = false;
	area_say(b->fault, b->area, hole, "%s %s", name, what);
	return true;
}

static bool
blame_holes(struct blame *b, int one, int other)
{
	char name[AREA_RING_NAME];
	const char *what;

	if (GEOSRelatePattern_r(b->geos, b->polygons[one], b->polygons[other],
		"T********") == 1)
		what = "overlaps";
	else if (GEOSRelatePattern_r(b->geos, b->polygons[one],
		     b->polygons[other], "****1****") == 1)
		what = "shares a side with";
	else
		return false;
	area_ring_name(b->zone, b->area, other, name);
	b->fault->has_place = false;
	area_say(b->fault, b->area, other, "%s %s hole %d", name, what, one);
	return true;
}

static bool
blame_any(struct blame *b)
{
	for (int i = 0; i < b->count; i++)
		if (!area_ring_is_valid(b->geos, b->zone, b->area, i,
			b->polygons[i], b->plane, b->fault))
			return true;
	for (int i = 1; i < b->count; i++)
		if (blame_hole(b, i))
			return true;
	for (int i = 2; i < b->count; i++)
		for (int j = 1; j < i; j++)
			if (blame_holes(b, j, i))
				return true;
	return false;
}

void
area_blame(GEOSContextHandle_t geos, const struct zone *zone, int area,
    const struct plane *plane, struct area_fault *fault)
{
	struct blame b = { .geos = geos,
		.zone = zone,
		.area = area,
		.plane = plane,
		.fault = fault };
	int rings = (int)zone->areas[area].count;
	char whole[AREA_WORDS_MAX], at[40];

	place_text(fault, at);
	snprintf(whole, sizeof(whole), "%s", fault->words);
	while (b.count < rings) {
		b.polygons[b.count] = area_ring_polygon(
		    geos, zone, area, b.count, plane);
		if (b.polygons[b.count] == NULL)
			break;
		b.count++;
	}
	/* Each ring may be well, and holes that touch cut the inside in two;
	 * GEOS's words must do. */
	if (!blame_any(&b))
		area_say(
		    fault, area, -1, "area %d: %.100s%s", area + 1, whole, at);
	while (b.count > 0)
		GEOSGeom_destroy_r(geos, b.polygons[--b.count]);
}
