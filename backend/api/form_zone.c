#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "backend/api/forms.h"
#include "backend/rules/area.h"

/* A position, [lon, lat] as GeoJSON has it. */
static void
read_position(const struct node *node, struct zone_point *p)
{
	struct node lon = body_item(node, 0), lat = body_item(node, 1);

	if (json_array_size(node->json) != 2) {
		body_wrong(node, "a position: [longitude, latitude]");
		return;
	}
	body_degrees(&lon, LON_E6_MAX, &p->lon_e6);
	body_degrees(&lat, LAT_E6_MAX, &p->lat_e6);
}

/* Closed in GeoJSON, closed by itself in the zone. */
static void
read_ring(const struct node *node, struct zone *zone)
{
	struct zone_ring *ring = &zone->rings[zone->ring_count];
	size_t i, count;

	if (zone->ring_count == ZONE_RINGS_MAX) {
		body_wrong(node, "at most %d rings in all", ZONE_RINGS_MAX);
		return;
	}
	if (!body_list(node, 4, ZONE_POINTS_MAX + 1, &count))
		return;
	if (count - 1 > ZONE_POINTS_MAX - zone->point_count) {
		body_wrong(
		    node, "at most %d positions in all", ZONE_POINTS_MAX);
		return;
	}
	if (!json_equal(json_array_get(node->json, 0),
		json_array_get(node->json, count - 1))) {
		body_wrong(node, "a last position that is the first one");
		return;
	}
	ring->first = zone->point_count;
	ring->count = (uint32_t)count - 1;
	zone->ring_count++;
	for (i = 0; i + 1 < count; i++) {
		struct node position = body_item(node, i);

		read_position(&position, &zone->points[zone->point_count++]);
	}
}

static void
read_rings(const struct node *node, size_t min, struct zone *zone,
    struct zone_area *area)
{
	size_t i, count;

	if (!body_list(node, min, ZONE_RINGS_MAX, &count))
		return;
	for (i = 0; i < count; i++) {
		struct node ring = body_item(node, i);

		read_ring(&ring, zone);
	}
	area->count = zone->ring_count - area->first;
}

/* NULL: it has too many; what is wrong was noted. */
static struct zone_area *
new_area(const struct node *node, struct zone *zone)
{
	struct zone_area *area = &zone->areas[zone->area_count];

	if (zone->area_count == ZONE_AREAS_MAX) {
		body_wrong(node, "at most %d areas in all", ZONE_AREAS_MAX);
		return NULL;
	}
	zone->area_count++;
	*area = (struct zone_area){ .first = zone->ring_count };
	return area;
}

static void
read_polygon(const struct node *coordinates, struct zone *zone)
{
	struct zone_area *area = new_area(coordinates, zone);

	if (area != NULL)
		read_rings(coordinates, 1, zone, area);
}

static void
read_polygons(const struct node *coordinates, struct zone *zone)
{
	size_t i, count;

	if (!body_list(coordinates, 1, ZONE_AREAS_MAX, &count))
		return;
	for (i = 0; i < count; i++) {
		struct node polygon = body_item(coordinates, i);

		read_polygon(&polygon, zone);
	}
}

static void
read_circle(const struct node *node, struct zone *zone)
{
	struct node centre = body_field(node, "center");
	struct node radius = body_field(node, "radius_m");
	struct node holes = body_field(node, "holes");
	struct zone_area *area = new_area(node, zone);
	int64_t radius_m = 0;

	if (area == NULL)
		return;
	area->circle = true;
	read_position(&centre, &area->centre);
	body_int(&radius, 1, ZONE_RADIUS_MAX, &radius_m);
	area->radius_m = (uint32_t)radius_m;
	if (body_has(&holes))
		read_rings(&holes, 0, zone, area);
}

enum shape { POLYGON, MULTIPOLYGON, CIRCLE, COLLECTION, SHAPES };
static const char *const shape_names[SHAPES] = { "Polygon", "MultiPolygon",
	"Circle", "GeometryCollection" };

static enum shape
shape_of(json_t *geometry)
{
	const char *name = json_string_value(json_object_get(geometry, "type"));
	int shape = 0;

	while (shape < SHAPES &&
	    (name == NULL || strcmp(name, shape_names[shape]) != 0))
		shape++;
	return (enum shape)shape;
}

static const char *const shape_fields[SHAPES][5] = {
	[POLYGON] = { "type", "coordinates", NULL },
	[MULTIPOLYGON] = { "type", "coordinates", NULL },
	[CIRCLE] = { "type", "center", "radius_m", "holes", NULL },
	[COLLECTION] = { "type", "geometries", NULL },
};

static void
read_geometry(const struct node *node, bool inner, struct zone *zone)
{
	struct node type = body_field(node, "type");
	struct node coordinates = body_field(node, "coordinates");
	struct node list = body_field(node, "geometries");
	enum shape shape = shape_of(node->json);
	size_t i, count;

	if (!body_object(node, shape < SHAPES ? shape_fields[shape] : NULL))
		return;
	switch (shape) {
	case POLYGON:
		read_polygon(&coordinates, zone);
		return;
	case MULTIPOLYGON:
		read_polygons(&coordinates, zone);
		return;
	case CIRCLE:
		read_circle(node, zone);
		return;
	case COLLECTION:
		if (inner || !body_list(&list, 1, ZONE_AREAS_MAX, &count))
			break;
		for (i = 0; i < count; i++) {
			struct node one = body_item(&list, i);

			read_geometry(&one, true, zone);
		}
		return;
	case SHAPES:
		break;
	}
	if (shape != COLLECTION || inner)
		body_wrong(&type, "Polygon, MultiPolygon%s",
		    inner ? " or Circle" : ", Circle or GeometryCollection");
}

static void
read_carts(const struct node *node, struct zone *zone)
{
	size_t i, k, count;

	if (!body_list(node, 0, ZONE_CARTS_MAX, &count))
		return;
	for (i = 0; i < count; i++) {
		struct node cart = body_item(node, i);
		char *plate = zone->carts[zone->cart_count];

		if (!body_cart(&cart, plate))
			continue;
		for (k = 0; k < zone->cart_count; k++)
			if (strcmp(zone->carts[k], plate) == 0)
				break;
		if (k < zone->cart_count)
			body_wrong(&cart, "each plate once");
		else
			zone->cart_count++;
	}
}

/*
 * The way to area number `area` of the geometry, and to a ring of it (-1: to
 * the area as a whole).
 */
static void
fault_field(json_t *geometry, size_t area, int ring, char *path, size_t cap)
{
	json_t *list = json_object_get(geometry, "geometries"), *one = geometry;
	size_t i = 0, areas, len;

	len = (size_t)snprintf(path, cap, "geometry");
	if (shape_of(geometry) == COLLECTION)
		for (;; i++) {
			one = json_array_get(list, i);
			areas = shape_of(one) == MULTIPOLYGON
			    ? json_array_size(
				  json_object_get(one, "coordinates"))
			    : 1;
			if (area < areas) {
				len += (size_t)snprintf(path + len, cap - len,
				    ".geometries[%zu]", i);
				break;
			}
			area -= areas;
		}
	if (shape_of(one) == MULTIPOLYGON)
		len += (size_t)snprintf(
		    path + len, cap - len, ".coordinates[%zu]", area);
	if (ring == -1)
		return;
	snprintf(path + len, cap - len,
	    shape_of(one) == POLYGON	  ? ".coordinates[%d]"
		: shape_of(one) == CIRCLE ? ".holes[%d]"
					  : "[%d]",
	    ring);
}

/* Only of a geometry that could be read whole. */
static void
check_areas(const struct node *geometry, const struct zone *zone)
{
	struct area_fault fault;
	char path[BODY_FIELD_MAX + 1] = "geometry";

	if (area_check(zone, &fault) == 0)
		return;
	if (errno != EINVAL) {
		body_wrong_field(geometry->body, path, "no memory to check it");
		return;
	}
	if (fault.area >= 0)
		fault_field(geometry->json, (size_t)fault.area, fault.ring,
		    path, sizeof(path));
	body_wrong_field(geometry->body, path, "%s", fault.words);
}

static void
read_id(const struct node *node, struct zone *zone)
{
	const char *id = json_string_value(node->json);

	if (id == NULL || !zone_id_is_valid(id, strlen(id)))
		body_wrong(node, "1 to %d of a-z, 0-9 and -", ZONE_ID_MAX);
	else
		snprintf(zone->id, sizeof(zone->id), "%s", id);
}

bool
form_zone(struct body *body, bool with_id, struct zone *zone)
{
	static const char *const known[] = { "name", "carts", "geometry", "id",
		NULL };
	static const char *const known_without_id[] = { "name", "carts",
		"geometry", NULL };
	struct node root = body_root(body);
	struct node id = body_field(&root, "id");
	struct node name = body_field(&root, "name");
	struct node carts = body_field(&root, "carts");
	struct node geometry = body_field(&root, "geometry");
	size_t before;

	if (!body_object(&root, with_id ? known : known_without_id))
		return false;
	zone->cart_count = zone->area_count = 0;
	zone->ring_count = zone->point_count = 0;
	if (with_id)
		zone->id[0] = '\0';
	if (with_id && body_has(&id))
		read_id(&id, zone);
	body_name(&name, zone->name);
	if (body_has(&carts))
		read_carts(&carts, zone);
	before = body->error_count;
	read_geometry(&geometry, false, zone);
	if (body->error_count == before)
		check_areas(&geometry, zone);
	return body_is_good(body);
}
