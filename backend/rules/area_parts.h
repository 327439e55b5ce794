/*
 * area_parts: what the files of area share: a zone's shape on its plane.
 */
#ifndef PREGON_RULES_AREA_PARTS_H
#define PREGON_RULES_AREA_PARTS_H

#include <geos_c.h>

#include "backend/rules/area.h"
#include "backend/rules/plane.h"

/* The plane in the middle of a zone.  -1: EINVAL, it has no area, or goes too
 * far. */
int area_plane(const struct zone *, struct plane *, struct area_fault *);

/*
 * The union of a zone's areas on that plane, for GEOSGeom_destroy_r.  NULL:
 * EINVAL and *fault, or ENOMEM.
 */
GEOSGeometry *area_shape(GEOSContextHandle_t, const struct zone *,
    const struct plane *, struct area_fault *);

/* An areas[area] that is a circle; as area_shape. */
GEOSGeometry *area_circle(GEOSContextHandle_t, const struct zone *, int area,
    const struct plane *, struct area_fault *);

/* Says in *fault which ring of a polygon is wrong, given that the whole is. */
void area_blame(GEOSContextHandle_t, const struct zone *, int area,
    const struct plane *, struct area_fault *);

/* A polygon without holes; xy has room for a point after the last.  NULL:
 * out of memory. */
GEOSGeometry *area_close_ring(GEOSContextHandle_t, double *xy, unsigned count);
/* One ring of an area as such; NULL: out of memory. */
GEOSGeometry *area_ring_polygon(GEOSContextHandle_t, const struct zone *,
    int area, int ring, const struct plane *);
/* Sees that it is valid; false: *fault names the ring. */
bool area_ring_is_valid(GEOSContextHandle_t, const struct zone *, int area,
    int ring, const GEOSGeometry *polygon, const struct plane *,
    struct area_fault *);

/* Sees that a polygon is valid; false: *fault has GEOS's words and place. */
bool area_is_valid(GEOSContextHandle_t, const GEOSGeometry *,
    const struct plane *, struct area_fault *);

void area_say(struct area_fault *, int area, int ring, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* "hole 2 of area 1", "the outline of area 1". */
#define AREA_RING_NAME 48
void area_ring_name(
    const struct zone *, int area, int ring, char name[AREA_RING_NAME]);

#endif
