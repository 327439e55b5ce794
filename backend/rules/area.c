/*
 * area: see the header.
 */
#include "backend/rules/area.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "backend/rules/area_parts.h"
#include "schemas/pos.h"

struct ready_zone {
	char id[ZONE_ID_MAX + 1];
	char name[TEXT_NAME_MAX + 1];
	uint32_t cart_count;
	char (*carts)[CART_MAX + 1];
	struct plane plane;
	double south, north, west, east; /* the box around it, m */
	GEOSGeometry *shape, *edge;
	const GEOSPreparedGeometry *ready_shape, *ready_edge;
};

/* A zone that names a cart. */
struct naming {
	const char *cart;
	const struct ready_zone *zone;
};

struct area_set {
	GEOSContextHandle_t geos;
	size_t count, cap;
	struct ready_zone **zones;
	/* Made of the zones when they change. */
	size_t naming_count, for_all_count;
	struct naming *namings; /* sorted by cart */
	const struct ready_zone **for_all;
};

const char *
area_where_name(enum area_where where)
{
	static const char *const names[] = { "free", "inside", "near",
		"outside" };

	return names[where];
}

int
area_check(const struct zone *zone, struct area_fault *fault)
{
	GEOSContextHandle_t geos = GEOS_init_r();
	GEOSGeometry *shape = NULL;
	struct plane plane;
	int rc = -1, saved;

	memset(fault, 0, sizeof(*fault));
	errno = ENOMEM;
	if (geos == NULL)
		return -1;
	if (area_plane(zone, &plane, fault) == -1)
		goto finish;
	shape = area_shape(geos, zone, &plane, fault);
	if (shape == NULL)
		goto finish;
	rc = 0;
	GEOSGeom_destroy_r(geos, shape);
finish:
	saved = errno;
	GEOS_finish_r(geos);
	errno = saved;
	return rc;
}

static void
zone_free(GEOSContextHandle_t geos, struct ready_zone *z)
{
	if (z->ready_shape != NULL)
		GEOSPreparedGeom_destroy_r(geos, z->ready_shape);
	if (z->ready_edge != NULL)
		GEOSPreparedGeom_destroy_r(geos, z->ready_edge);
	if (z->shape != NULL)
		GEOSGeom_destroy_r(geos, z->shape);
	if (z->edge != NULL)
		GEOSGeom_destroy_r(geos, z->edge);
	free(z->carts);
	free(z);
}

/* -1: ENOMEM. */
static int
zone_prepare(GEOSContextHandle_t geos, struct ready_zone *z)
{
	z->edge = GEOSBoundary_r(geos, z->shape);
	if (z->edge == NULL)
		return -1;
	z->ready_shape = GEOSPrepare_r(geos, z->shape);
	z->ready_edge = GEOSPrepare_r(geos, z->edge);
	if (z->ready_shape == NULL || z->ready_edge == NULL ||
	    GEOSGeom_getXMin_r(geos, z->shape, &z->west) == 0 ||
	    GEOSGeom_getXMax_r(geos, z->shape, &z->east) == 0 ||
	    GEOSGeom_getYMin_r(geos, z->shape, &z->south) == 0 ||
	    GEOSGeom_getYMax_r(geos, z->shape, &z->north) == 0)
		return -1;
	return 0;
}

static struct ready_zone *
zone_new(
    GEOSContextHandle_t geos, const struct zone *zone, struct area_fault *fault)
{
	struct ready_zone *z = calloc(1, sizeof(*z));

	if (z == NULL)
		return NULL;
	memcpy(z->id, zone->id, sizeof(z->id));
	memcpy(z->name, zone->name, sizeof(z->name));
	z->cart_count = zone->cart_count;
	z->carts = calloc(zone->cart_count + 1, sizeof(*z->carts));
	if (z->carts == NULL)
		goto free_zone;
	memcpy(z->carts, zone->carts, zone->cart_count * sizeof(*z->carts));
	if (area_plane(zone, &z->plane, fault) == -1)
		goto free_zone;
	z->shape = area_shape(geos, zone, &z->plane, fault);
	if (z->shape == NULL)
		goto free_zone;
	if (zone_prepare(geos, z) == 0)
		return z;
	errno = ENOMEM;
free_zone : {
	int saved = errno;

	zone_free(geos, z);
	errno = saved;
}
	return NULL;
}

struct area_set *
area_set_new(void)
{
	struct area_set *set = calloc(1, sizeof(*set));

	if (set == NULL)
		return NULL;
	set->geos = GEOS_init_r();
	if (set->geos == NULL) {
		free(set);
		errno = ENOMEM;
		return NULL;
	}
	return set;
}

void
area_set_free(struct area_set *set)
{
	if (set == NULL)
		return;
	for (size_t i = 0; i < set->count; i++)
		zone_free(set->geos, set->zones[i]);
	GEOS_finish_r(set->geos);
	free(set->zones);
	free(set->namings);
	free(set->for_all);
	free(set);
}

static int
naming_order(const void *a, const void *b)
{
	return strcmp(
	    ((const struct naming *)a)->cart, ((const struct naming *)b)->cart);
}

/* Room for the indexes of all zones and one more. */
static int
reserve(struct area_set *set, const struct ready_zone *extra)
{
	size_t namings = extra->cart_count + 1, cap = set->count + 8;
	void *p;

	for (size_t i = 0; i < set->count; i++)
		namings += set->zones[i]->cart_count;
	p = realloc(set->namings, namings * sizeof(*set->namings));
	if (p == NULL)
		return -1;
	set->namings = p;
	p = realloc(set->for_all, cap * sizeof(*set->for_all));
	if (p == NULL)
		return -1;
	set->for_all = p;
	if (set->count < set->cap)
		return 0;
	p = realloc(set->zones, cap * sizeof(*set->zones));
	if (p == NULL)
		return -1;
	set->zones = p;
	set->cap = cap;
	return 0;
}

/* Who is named by which zone; there is room. */
static void
index_zones(struct area_set *set)
{
	set->naming_count = set->for_all_count = 0;
	for (size_t i = 0; i < set->count; i++) {
		const struct ready_zone *z = set->zones[i];

		if (z->cart_count == 0)
			set->for_all[set->for_all_count++] = z;
		for (uint32_t j = 0; j < z->cart_count; j++)
			set->namings[set->naming_count++] = (struct naming){
				z->carts[j], z
			};
	}
	if (set->naming_count > 0)
		qsort(set->namings, set->naming_count, sizeof(*set->namings),
		    naming_order);
}

static struct ready_zone **
find(const struct area_set *set, const char *id)
{
	for (size_t i = 0; i < set->count; i++)
		if (strcmp(set->zones[i]->id, id) == 0)
			return &set->zones[i];
	return NULL;
}

int
area_set_put(
    struct area_set *set, const struct zone *zone, struct area_fault *fault)
{
	struct ready_zone *z, **old;

	memset(fault, 0, sizeof(*fault));
	z = zone_new(set->geos, zone, fault);
	if (z == NULL)
		return -1;
	if (reserve(set, z) == -1) {
		zone_free(set->geos, z);
		errno = ENOMEM;
		return -1;
	}
	old = find(set, zone->id);
	if (old != NULL) {
		zone_free(set->geos, *old);
		*old = z;
	} else {
		set->zones[set->count++] = z;
	}
	index_zones(set);
	return 0;
}

bool
area_set_remove(struct area_set *set, const char *id)
{
	struct ready_zone **z = find(set, id);

	if (z == NULL)
		return false;
	zone_free(set->geos, *z);
	*z = set->zones[--set->count];
	index_zones(set);
	return true;
}

size_t
area_set_count(const struct area_set *set)
{
	return set->count;
}

/* Metres to the box around a zone: never more than to the zone. */
static double
box_metres(const struct ready_zone *z, struct plane_point p)
{
	double x = fmax(fmax(z->west - p.x, p.x - z->east), 0);
	double y = fmax(fmax(z->south - p.y, p.y - z->north), 0);

	return hypot(x, y);
}

/* Takes a zone into the verdict.  -1: ENOMEM. */
static int
judge_zone(const struct area_set *set, const struct ready_zone *z,
    int32_t lat_e6, int32_t lon_e6, struct area_verdict *verdict)
{
	struct plane_point p = plane_project(&z->plane, lat_e6, lon_e6);
	GEOSGeometry *point;
	double metres = 0, depth = 0;
	char inside;
	int ok;

	if (verdict->zone_id != NULL && box_metres(z, p) > verdict->distance_m)
		return 0;
	point = GEOSGeom_createPointFromXY_r(set->geos, p.x, p.y);
	if (point == NULL)
		return -1;
	inside = GEOSPreparedIntersects_r(set->geos, z->ready_shape, point);
	ok = GEOSPreparedDistance_r(
	    set->geos, z->ready_edge, point, inside == 1 ? &depth : &metres);
	GEOSGeom_destroy_r(set->geos, point);
	if (inside == 2 || ok == 0)
		return -1;
	if (verdict->zone_id != NULL &&
	    (metres > verdict->distance_m ||
		(metres == verdict->distance_m && depth <= verdict->depth_m)))
		return 0;
	verdict->distance_m = metres;
	verdict->depth_m = depth;
	verdict->zone_id = z->id;
	verdict->zone_name = z->name;
	return 0;
}

/* The first of the namings of a cart; naming_count: none. */
static size_t
first_naming(const struct area_set *set, const char *cart)
{
	size_t low = 0, high = set->naming_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(set->namings[middle].cart, cart) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static int
judge_zones(const struct area_set *set, const char *cart, int32_t lat_e6,
    int32_t lon_e6, struct area_verdict *verdict)
{
	size_t first = first_naming(set, cart), i;

	for (i = first;
	     i < set->naming_count && strcmp(set->namings[i].cart, cart) == 0;
	     i++)
		if (judge_zone(set, set->namings[i].zone, lat_e6, lon_e6,
			verdict) == -1)
			return -1;
	if (i > first)
		return 0;
	for (i = 0; i < set->for_all_count; i++)
		if (judge_zone(set, set->for_all[i], lat_e6, lon_e6, verdict) ==
		    -1)
			return -1;
	return 0;
}

int
area_judge(const struct area_set *set, const char *cart, int32_t lat_e6,
    int32_t lon_e6, uint16_t accuracy_m, struct area_verdict *verdict)
{
	if (accuracy_m == FIX_ACCURACY_UNKNOWN)
		accuracy_m = AREA_ACCURACY_DEFAULT_M;
	*verdict = (struct area_verdict){ .where = AREA_FREE };
	if (judge_zones(set, cart, lat_e6, lon_e6, verdict) == -1) {
		errno = ENOMEM;
		return -1;
	}
	if (verdict->zone_id == NULL)
		return 0;
	if (verdict->distance_m > accuracy_m)
		verdict->where = AREA_OUTSIDE;
	else if (verdict->distance_m > 0)
		verdict->where = AREA_NEAR;
	else
		verdict->where = AREA_INSIDE;
	return 0;
}
