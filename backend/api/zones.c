/*
 * Zones: where carts may be, as GeoJSON shows places.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/api/handlers.h"
#include "backend/api/zones_parts.h"

static void
write_position(struct jsonw *j, const struct zone_point *p)
{
	jsonw_open(j, '[');
	jsonw_decimal(j, p->lon_e6, 6);
	jsonw_decimal(j, p->lat_e6, 6);
	jsonw_close(j, ']');
}

/* Rings of an area, each closed by its first position. */
static void
write_rings(
    struct jsonw *j, const struct zone *zone, const struct zone_area *area)
{
	const struct zone_ring *ring;
	uint32_t i, k;

	jsonw_open(j, '[');
	for (i = 0; i < area->count; i++) {
		ring = &zone->rings[area->first + i];
		jsonw_open(j, '[');
		for (k = 0; k <= ring->count; k++)
			write_position(
			    j, &zone->points[ring->first + k % ring->count]);
		jsonw_close(j, ']');
	}
	jsonw_close(j, ']');
}

static void
write_area(
    struct jsonw *j, const struct zone *zone, const struct zone_area *area)
{
	jsonw_open(j, '{');
	jsonw_key(j, "type");
	jsonw_text(j, area->circle ? "Circle" : "Polygon");
	if (area->circle) {
		jsonw_key(j, "center");
		write_position(j, &area->centre);
		jsonw_key(j, "radius_m");
		jsonw_int(j, area->radius_m);
	}
	if (!area->circle || area->count > 0) {
		jsonw_key(j, area->circle ? "holes" : "coordinates");
		write_rings(j, zone, area);
	}
	jsonw_close(j, '}');
}

static void
write_areas(struct jsonw *j, const struct zone *zone, bool circles)
{
	uint32_t i;

	jsonw_open(j, '{');
	jsonw_key(j, "type");
	jsonw_text(j, circles ? "GeometryCollection" : "MultiPolygon");
	jsonw_key(j, circles ? "geometries" : "coordinates");
	jsonw_open(j, '[');
	for (i = 0; i < zone->area_count; i++) {
		if (circles)
			write_area(j, zone, &zone->areas[i]);
		else
			write_rings(j, zone, &zone->areas[i]);
	}
	jsonw_close(j, ']');
	jsonw_close(j, '}');
}

static void
write_geometry(struct jsonw *j, const struct zone *zone)
{
	bool circles = false;
	uint32_t i;

	for (i = 0; i < zone->area_count; i++)
		circles |= zone->areas[i].circle;
	if (zone->area_count == 1)
		write_area(j, zone, &zone->areas[0]);
	else
		write_areas(j, zone, circles);
}

static void
write_zone(struct jsonw *j, const struct zone *zone)
{
	uint32_t i;

	jsonw_open(j, '{');
	jsonw_key(j, "id");
	jsonw_text(j, zone->id);
	jsonw_key(j, "name");
	jsonw_text(j, zone->name);
	jsonw_key(j, "carts");
	jsonw_open(j, '[');
	for (i = 0; i < zone->cart_count; i++)
		jsonw_text(j, zone->carts[i]);
	jsonw_close(j, ']');
	jsonw_key(j, "revision");
	jsonw_int(j, zone->revision);
	jsonw_key(j, "at");
	jsonw_time(j, zone->at_ms);
	jsonw_key(j, "by");
	jsonw_text(j, zone->by);
	jsonw_key(j, "geometry");
	write_geometry(j, zone);
	jsonw_close(j, '}');
}

struct zones_walk {
	struct jsonw *json;
	struct zone *zone; /* room for one */
};

static int
show_zone(void *ctx, const void *value, size_t len)
{
	struct zones_walk *walk = ctx;
	struct decode_error error = { 0 };

	/* One that cannot be read binds nobody either. */
	if (zone_decode(value, len, walk->zone, &error) == 0)
		write_zone(walk->json, walk->zone);
	return jsonw_failed(walk->json);
}

int
zone_key(const char *id, char key[ZONE_KEY_BYTES])
{
	if (!zone_id_is_valid(id, strlen(id))) {
		errno = ENOENT;
		return -1;
	}
	snprintf(key, ZONE_KEY_BYTES, ZONE_KEY "%s", id);
	return 0;
}

struct zone *
zone_room(struct call *call)
{
	struct zone *zone = calloc(1, sizeof(*zone));

	if (zone == NULL)
		answer_problem(call->answer, 503, NULL, NULL, "no memory");
	return zone;
}

void
api_zones(struct call *call)
{
	struct jsonw *j = &call->answer->body;
	struct zones_walk walk = { j, zone_room(call) };

	if (walk.zone == NULL)
		return;
	jsonw_open(j, '{');
	jsonw_key(j, "zones");
	jsonw_open(j, '[');
	if (charter_walk(call->api->charter, ZONE_KEY, show_zone, &walk) ==
	    -1) {
		write_no_rule(call, NULL, "");
	} else {
		jsonw_close(j, ']');
		jsonw_close(j, '}');
		call->answer->cacheable = true;
	}
	free(walk.zone);
}

void
api_zone(struct call *call)
{
	struct zones_walk walk = { &call->answer->body, zone_room(call) };
	char key[ZONE_KEY_BYTES];

	if (walk.zone == NULL)
		return;
	errno = ENOENT;
	if (zone_key(call->id, key) == -1 ||
	    charter_get(call->api->charter, key, show_zone, &walk) == -1 ||
	    call->answer->body.len == 0)
		write_no_rule(call, "id", "id: there is no such zone");
	else
		call->answer->cacheable = true;
	free(walk.zone);
}
