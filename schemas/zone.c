/*
 * zone: schemas/zone.md is the text.
 */
#include <string.h>

#include "schemas/envelope.h"
#include "schemas/record_parts.h"
#include "schemas/zone.h"

/* An area's first value. */
enum { AREA_RINGS = 0, AREA_CIRCLE = 1 };

bool
zone_id_is_valid(const char *id, size_t len)
{
	if (len == 0 || len > ZONE_ID_MAX)
		return false;
	for (size_t i = 0; i < len; i++) {
		if ((id[i] < 'a' || id[i] > 'z') &&
		    (id[i] < '0' || id[i] > '9') && id[i] != '-')
			return false;
	}
	return true;
}

static void
ring_write(
    const struct zone *zone, const struct zone_ring *ring, struct mp_writer *w)
{
	mp_write_array(w, 2 * ring->count);
	for (uint32_t i = 0; i < ring->count; i++) {
		const struct zone_point *p = &zone->points[ring->first + i];

		record_point_write(p->lat_e6, p->lon_e6, w);
	}
}

static void
area_write(
    const struct zone *zone, const struct zone_area *area, struct mp_writer *w)
{
	mp_write_array(w, (area->circle ? 4 : 1) + area->count);
	mp_write_int(w, area->circle ? AREA_CIRCLE : AREA_RINGS);
	if (area->circle) {
		record_point_write(area->centre.lat_e6, area->centre.lon_e6, w);
		mp_write_uint(w, area->radius_m);
	}
	for (uint32_t i = 0; i < area->count; i++)
		ring_write(zone, &zone->rings[area->first + i], w);
}

int
zone_encode(const struct zone *zone, void *buf, size_t cap)
{
	struct mp_writer w;

	mp_writer_init(&w, buf, cap);
	mp_write_array(&w, 8);
	mp_write_int(&w, ZONE_VERSION);
	mp_write_cstr(&w, zone->id);
	mp_write_uint(&w, zone->revision);
	mp_write_cstr(&w, zone->name);
	mp_write_int(&w, zone->at_ms);
	mp_write_cstr(&w, zone->by);
	mp_write_array(&w, zone->cart_count);
	for (uint32_t i = 0; i < zone->cart_count; i++)
		mp_write_cstr(&w, zone->carts[i]);
	mp_write_array(&w, zone->area_count);
	for (uint32_t i = 0; i < zone->area_count; i++)
		area_write(zone, &zone->areas[i], &w);
	return envelope_len(&w);
}

static int
id_read(struct mp_reader *r, struct zone *zone)
{
	if (record_word_read(r, "zone.id", ZONE_ID_MAX, zone->id) == -1)
		return -1;
	if (!zone_id_is_valid(zone->id, strlen(zone->id)))
		return mp_refuse(r, "zone.id", "a name, [a-z0-9-]+");
	return 0;
}

static int
carts_read(struct mp_reader *r, struct zone *zone)
{
	if (mp_read_array(
		r, "zone.carts", 0, ZONE_CARTS_MAX, &zone->cart_count) == -1)
		return -1;
	for (uint32_t i = 0; i < zone->cart_count; i++) {
		if (record_cart_read(r, "zone.carts", zone->carts[i]) == -1)
			return -1;
	}
	return 0;
}

static int
ring_read(struct mp_reader *r, struct zone *zone)
{
	uint32_t left = ZONE_POINTS_MAX - zone->point_count;
	struct zone_ring *ring;
	uint32_t numbers;

	if (zone->ring_count == ZONE_RINGS_MAX)
		return mp_refuse(r, "zone.areas", "at most 64 rings");
	if (mp_read_array(r, "zone.areas.ring", 6, UINT32_MAX, &numbers) == -1)
		return -1;
	if (numbers % 2 != 0)
		return mp_refuse(r, "zone.areas.ring", "pairs of lat, lon");
	if (numbers / 2 > left)
		return mp_refuse(r, "zone.areas", "at most 4000 points");
	ring = &zone->rings[zone->ring_count++];
	ring->first = zone->point_count;
	ring->count = numbers / 2;
	for (uint32_t i = 0; i < ring->count; i++) {
		struct zone_point *p = &zone->points[zone->point_count++];

		if (record_point_read(
			r, "zone.areas.point", &p->lat_e6, &p->lon_e6) == -1)
			return -1;
	}
	return 0;
}

static int
circle_read(struct mp_reader *r, struct zone_area *area)
{
	int64_t radius;

	if (record_point_read(r, "zone.areas.centre", &area->centre.lat_e6,
		&area->centre.lon_e6) == -1 ||
	    mp_read_int(r, "zone.areas.radius", 1, ZONE_RADIUS_MAX, &radius) ==
		-1)
		return -1;
	area->radius_m = (uint32_t)radius;
	return 0;
}

static int
area_read(struct mp_reader *r, struct zone *zone, struct zone_area *area)
{
	uint32_t fields;
	int form;

	*area = (struct zone_area){ .first = zone->ring_count };
	if (mp_read_array(r, "zone.areas", 2, UINT32_MAX, &fields) == -1 ||
	    record_choice_read(r, "zone.areas.form", 2, &form) == -1)
		return -1;
	area->circle = form == AREA_CIRCLE;
	area->count = fields - 1;
	if (area->circle) {
		if (fields < 4)
			return mp_refuse(r, "zone.areas", "a whole circle");
		if (circle_read(r, area) == -1)
			return -1;
		area->count = fields - 4;
	}
	for (uint32_t i = 0; i < area->count; i++) {
		if (ring_read(r, zone) == -1)
			return -1;
	}
	return 0;
}

int
zone_decode(const void *bytes, size_t len, struct zone *zone,
    struct decode_error *error)
{
	struct mp_reader r;
	uint32_t appended;

	zone->ring_count = zone->point_count = 0;
	mp_reader_init(&r, bytes, len, error);
	if (envelope_begin(&r, "zone", ZONE_VERSION, 7, &appended) == -1 ||
	    id_read(&r, zone) == -1 ||
	    record_uint32_read(&r, "zone.revision", 1, &zone->revision) == -1 ||
	    record_word_read(&r, "zone.name", TEXT_NAME_MAX, zone->name) ==
		-1 ||
	    record_time_read(&r, "zone.at", &zone->at_ms) == -1 ||
	    record_word_read(&r, "zone.by", TEXT_NAME_MAX, zone->by) == -1 ||
	    carts_read(&r, zone) == -1 ||
	    mp_read_array(
		&r, "zone.areas", 1, ZONE_AREAS_MAX, &zone->area_count) == -1)
		return -1;
	for (uint32_t i = 0; i < zone->area_count; i++) {
		if (area_read(&r, zone, &zone->areas[i]) == -1)
			return -1;
	}
	return envelope_end(&r, "zone", appended);
}
