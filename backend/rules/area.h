/*
 * area: where carts may be: zones made ready to be asked about places.
 *
 * A cart's area is the union of the zones that name it, or, if none does, of
 * the zones for all.  A cart with no zone at all may be anywhere.  A hole of
 * one zone that another zone covers is allowed.
 *
 * Places are judged in metres on a plane around each zone (plane.h: edges are
 * straight in degrees, and stand where they were drawn; distances to them are
 * off by 0.1 % where a zone is 10 km from its middle, 1 % where it is 100 km).
 * A circle is a polygon within 0.1 m of its true line (geodesics, up to 20 km;
 * 1 m at 100 km and Santiago's latitude, 4 m at 60 degrees).
 *
 * One thread at a time may use a set.  Nothing here logs.
 */
#ifndef PREGON_RULES_AREA_H
#define PREGON_RULES_AREA_H

#include "schemas/zone.h"

/* For a fix whose accuracy is not known: what a consumer receiver in a
 * street of houses keeps 95 % of the time. */
#define AREA_ACCURACY_DEFAULT_M 20

/* What is wrong with a zone's geometry. */
#define AREA_WORDS_MAX 200
struct area_fault {
	int area; /* its index; -1: of the zone as a whole */
	int ring; /* within the area, as in struct zone: 0 is a polygon's
		     outline, or a circle's first hole; -1: of the area
		     as a whole */
	bool has_place; /* of the fault */
	int32_t lat_e6, lon_e6;
	char words
	    [AREA_WORDS_MAX]; /* "hole 2 of area 1 crosses itself at -33.437800,-70.650500" */
};
/*
 * Sees whether a zone can be judged by: no ring that crosses itself or has no
 * area; a polygon's holes inside their outline and apart from each other; a
 * circle's not outside it, and something left of it; nothing beyond 85
 * degrees north or south, no zone over 20 degrees wide or high.  0, or -1: EINVAL and *fault says what; ENOMEM.
 */
int area_check(const struct zone *, struct area_fault *);

struct area_set;
struct area_set *area_set_new(void); /* NULL: ENOMEM */
void area_set_free(struct area_set *);
/*
 * Adds a zone, or replaces the one of its id; does not keep the struct.
 * -1: EINVAL (as area_check; the old one stays), ENOMEM.
 */
int area_set_put(struct area_set *, const struct zone *, struct area_fault *);
/* false: there was none. */
bool area_set_remove(struct area_set *, const char *id);
size_t area_set_count(const struct area_set *);

enum area_where {
	AREA_FREE, /* no zone binds this cart */
	AREA_INSIDE,
	AREA_NEAR, /* outside by no more than the accuracy: proves nothing */
	AREA_OUTSIDE
};
const char *area_where_name(enum area_where);

/* Text is the set's, until the zone is put again or removed. */
struct area_verdict {
	enum area_where where;
	double distance_m; /* to the area; 0 inside.  FREE: 0 */
	double depth_m; /* inside: to the area's edge, up to the edge of the
			   zone that it is deepest in; else 0 */
	const char *zone_id; /* the nearest, or that it is in; NULL: FREE */
	const char *zone_name;
};
/* FIX_ACCURACY_UNKNOWN (pos.h) counts as the default.  -1: ENOMEM. */
int area_judge(const struct area_set *, const char *cart, int32_t lat_e6,
    int32_t lon_e6, uint16_t accuracy_m, struct area_verdict *);

#endif
