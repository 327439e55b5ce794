/*
 * area_probe: asks backend/rules/area.h what a test reads on standard input.
 *
 *     zone ID [CART ...]         a zone begins
 *     circle LAT LON RADIUS_M    an area of it
 *     ring LAT LON LAT LON ...   the outline of the next area
 *     hole LAT LON LAT LON ...   of the area before it
 *     put                        "ok", or "fault AREA RING WORDS"
 *     remove ID
 *     judge CART LAT LON ACCURACY_M   "WHERE METRES DEPTH ZONE"
 *
 * Degrees are in 1e-6.  One answer a put or judge.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/rules/area.h"

static struct zone zone;

static void
read_zone(char *words)
{
	char *word = strtok(words, " ");

	memset(&zone, 0, sizeof(zone));
	snprintf(zone.id, sizeof(zone.id), "%s", word);
	while ((word = strtok(NULL, " ")) != NULL)
		snprintf(zone.carts[zone.cart_count++], sizeof(*zone.carts),
		    "%s", word);
}

static void
read_ring(char *words)
{
	struct zone_ring *ring = &zone.rings[zone.ring_count++];

	ring->first = zone.point_count;
	for (char *w = strtok(words, " "); w != NULL; w = strtok(NULL, " ")) {
		struct zone_point *p = &zone.points[zone.point_count++];

		p->lat_e6 = atoi(w);
		w = strtok(NULL, " ");
		p->lon_e6 = w != NULL ? atoi(w) : 0;
	}
	ring->count = zone.point_count - ring->first;
	zone.areas[zone.area_count - 1].count++;
}

static void
begin_area(void)
{
	zone.areas[zone.area_count++].first = zone.ring_count;
}

static void
read_circle(const char *words)
{
	struct zone_area *area;

	begin_area();
	area = &zone.areas[zone.area_count - 1];
	area->circle = true;
	sscanf(words, "%d %d %u", &area->centre.lat_e6, &area->centre.lon_e6,
	    &area->radius_m);
}

static void
put(struct area_set *set)
{
	struct area_fault fault;

	if (area_set_put(set, &zone, &fault) == 0)
		printf("ok\n");
	else
		printf("fault %d %d %s\n", fault.area, fault.ring, fault.words);
}

static void
judge(const struct area_set *set, const char *words)
{
	struct area_verdict verdict;
	unsigned accuracy_m;
	char cart[CART_MAX + 1];
	int lat_e6, lon_e6;

	if (sscanf(words, "%8s %d %d %u", cart, &lat_e6, &lon_e6,
		&accuracy_m) != 4 ||
	    area_judge(set, cart, lat_e6, lon_e6, (uint16_t)accuracy_m,
		&verdict) == -1)
		exit(1);
	printf("%s %.6f %.6f %s\n", area_where_name(verdict.where),
	    verdict.distance_m, verdict.depth_m,
	    verdict.zone_id != NULL ? verdict.zone_id : "-");
}

int
main(void)
{
	struct area_set *set = area_set_new();
	char *line = NULL;
	size_t cap = 0;
	ssize_t len;

	while ((len = getline(&line, &cap, stdin)) > 0) {
		char *words = strchr(line, ' ');

		line[len - 1] = '\0';
		words = words != NULL ? words + 1 : line + strlen(line);
		if (strncmp(line, "zone", 4) == 0) {
			read_zone(words);
		} else if (strncmp(line, "circle", 6) == 0) {
			read_circle(words);
		} else if (strncmp(line, "ring", 4) == 0) {
			begin_area();
			read_ring(words);
		} else if (strncmp(line, "hole", 4) == 0) {
			read_ring(words);
		} else if (strcmp(line, "put") == 0) {
			put(set);
		} else if (strncmp(line, "remove", 6) == 0) {
			area_set_remove(set, words);
		} else if (strncmp(line, "judge", 5) == 0) {
			judge(set, words);
		}
	}
	free(line);
	area_set_free(set);
	return 0;
}
