/*
 * route: the order of a delivery's stops.
 *
 * Nearest neighbour: from the depot to the nearest stop, from there to the
 * nearest of the rest, and so on; at equal distance by plate, then by order.
 * Stops whose place is not known come last, by plate.  Great circles, no
 * streets.
 */
#ifndef PREGON_RULES_ROUTE_H
#define PREGON_RULES_ROUTE_H

#include "schemas/order.h"

struct route_place {
	bool known;
	int32_t lat_e6, lon_e6;
};

/* "-33.45,-70.66" in degrees; "" is a place not known.  0, or -1: EINVAL. */
int route_place_parse(const char *, struct route_place *);

/* Without a depot the drive starts at the first stop by plate. */
void route_sort(
    const struct route_place *depot, struct delivery_stop *, size_t count);

/* Metres. */
double route_distance(
    int32_t lat_e6, int32_t lon_e6, int32_t to_lat_e6, int32_t to_lon_e6);

#endif
