/*
 * zone: where carts may be, a record of topic_reglas.
 *
 *     [version, id, revision, name, at, by, [cart, ...], [area, ...]]
 *
 * Key: "zone/<id>"; a tombstone removes it.  No carts: it is for all that no
 * zone names.  An area is [0, ring, hole...] with rings [lat, lon, lat, lon,
 * ...] in 1e-6 degrees, closed by themselves, the first one the outline; or
 * [1, lat, lon, radius_m, hole...].
 */
#ifndef PREGON_ZONE_H
#define PREGON_ZONE_H

#include "schemas/event.h"
#include "schemas/identity.h"

#define ZONE_VERSION 1
#define ZONE_ID_MAX 32 /* [a-z0-9-]+ */
#define ZONE_POINTS_MAX 4000 /* in all rings */
#define ZONE_RINGS_MAX 64
#define ZONE_AREAS_MAX 16
#define ZONE_CARTS_MAX 256
#define ZONE_RADIUS_MAX 100000 /* m */
#define ZONE_BYTES_MAX 49152
#define ZONE_KEY "zone/"

struct zone_point {
	int32_t lat_e6, lon_e6;
};
struct zone_ring {
	uint32_t first, count; /* in points; count at least 3 */
};
struct zone_area {
	bool circle;
	struct zone_point centre; /* of a circle */
	uint32_t radius_m;
	uint32_t first, count; /* in rings; a circle's are holes alone */
};
/* Large: keep it on the heap. */
struct zone {
	char id[ZONE_ID_MAX + 1];
	uint32_t revision; /* 1, 2, ... */
	char name[TEXT_NAME_MAX + 1];
	int64_t at_ms; /* since when this revision holds */
	char by[TEXT_NAME_MAX + 1];
	uint32_t cart_count, area_count, ring_count, point_count;
	char carts[ZONE_CARTS_MAX][CART_MAX + 1];
	struct zone_area areas[ZONE_AREAS_MAX];
	struct zone_ring rings[ZONE_RINGS_MAX];
	struct zone_point points[ZONE_POINTS_MAX];
};
bool zone_id_is_valid(const char *, size_t len);
int zone_encode(const struct zone *, void *buf, size_t cap);
/* Checks bounds and forms, not geometry (rings that cross: rules/area.h). */
int zone_decode(const void *, size_t, struct zone *, struct decode_error *);

#endif
