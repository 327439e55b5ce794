/*
 * route: nearest neighbour.  At most DELIVERY_STOPS_MAX stops: each step looks
 * at all that are left.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "backend/rules/route.h"

#define EARTH_M 6371008.8 /* mean radius, IUGG */
#define RADIANS_PER_E6 (M_PI / 180e6)

double
route_distance(
    int32_t lat_e6, int32_t lon_e6, int32_t to_lat_e6, int32_t to_lon_e6)
{
	double lat = lat_e6 * RADIANS_PER_E6,
	       to_lat = to_lat_e6 * RADIANS_PER_E6;
	double up = sin((to_lat - lat) / 2);
	double across = sin(((double)to_lon_e6 - lon_e6) * RADIANS_PER_E6 / 2);
	double h = up * up + cos(lat) * cos(to_lat) * across * across;

	return 2 * EARTH_M * asin(sqrt(h < 1 ? h : 1));
}

/* Degrees to `max_e6`, rounded; *end is what follows.  0, or -1. */
static int
degrees_read(const char *s, const char **end, int32_t max_e6, int32_t *e6)
{
	char *after;
	double degrees;

	/* No "nan", "inf", "0x", white space. */
	if (strchr("+-.0123456789", *s) == NULL || *s == '\0')
		return -1;
	degrees = strtod(s, &after);
	if (after == s || memchr(s, 'x', (size_t)(after - s)) != NULL ||
	    !(fabs(degrees) * 1e6 <= max_e6))
		return -1;
	*e6 = (int32_t)lround(degrees * 1e6);
	*end = after;
	return 0;
}

int
route_place_parse(const char *text, struct route_place *place)
{
	const char *s;

	*place = (struct route_place){ .known = false };
	if (*text == '\0')
		return 0;
	if (degrees_read(text, &s, LAT_E6_MAX, &place->lat_e6) == -1 ||
	    *s != ',')
		goto refuse;
	for (s++; *s == ' '; s++)
		continue;
	if (degrees_read(s, &s, LON_E6_MAX, &place->lon_e6) == -1 || *s != '\0')
		goto refuse;
	place->known = true;
	return 0;
refuse:
	errno = EINVAL;
	return -1;
}

/* Those whose place is known first, by plate, by order. */
static int
compare(const void *a, const void *b)
{
	const struct delivery_stop *s = a, *t = b;
	int by_plate;

	if (s->has_place != t->has_place)
		return s->has_place ? -1 : 1;
	by_plate = strcmp(s->cart, t->cart);
	return by_plate != 0 ? by_plate : strcmp(s->order, t->order);
}

/* Puts stops[from] at `to`; those between move up by one. */
static void
bring_forward(struct delivery_stop *stops, size_t from, size_t to)
{
	struct delivery_stop next = stops[from];

	memmove(&stops[to + 1], &stops[to], (from - to) * sizeof(*stops));
	stops[to] = next;
}

void
route_sort(
    const struct route_place *depot, struct delivery_stop *stops, size_t count)
{
	struct route_place at = *depot;
	size_t known = 0;

	qsort(stops, count, sizeof(*stops), compare);
	while (known < count && stops[known].has_place)
		known++;
	for (size_t next = 0; next < known; next++) {
		size_t nearest = next;
		double least = INFINITY;

		for (size_t i = next; at.known && i < known; i++) {
			double m = route_distance(at.lat_e6, at.lon_e6,
			    stops[i].lat_e6, stops[i].lon_e6);

			if (m < least) {
				least = m;
				nearest = i;
			}
		}
		bring_forward(stops, nearest, next);
		at = (struct route_place){ true, stops[next].lat_e6,
			stops[next].lon_e6 };
	}
}
