/* Zones: every ring and point is within the struct. */
#include "schemas/zone.h"
#include "tests/fuzz/fuzz.h"

static struct zone zone;

static void
rings_must_be_within(const struct zone_area *area)
{
	must(area->circle ? area->radius_m > 0 : area->count > 0);
	must(area->first + area->count <= zone.ring_count);
	for (uint32_t i = 0; i < area->count; i++) {
		const struct zone_ring *ring = &zone.rings[area->first + i];

		must(ring->count >= 3);
		must(ring->first + ring->count <= zone.point_count);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct decode_error error;

	must_come_back(
	    data, size, &zone, zone_decode, zone_encode, ZONE_BYTES_MAX);
	if (zone_decode(data, size, &zone, &error) == -1)
		return 0;
	must(zone_id_is_valid(zone.id, strlen(zone.id)));
	must(zone.area_count <= ZONE_AREAS_MAX);
	must(zone.ring_count <= ZONE_RINGS_MAX);
	must(zone.point_count <= ZONE_POINTS_MAX);
	must(zone.cart_count <= ZONE_CARTS_MAX);
	for (uint32_t i = 0; i < zone.area_count; i++)
		rings_must_be_within(&zone.areas[i]);
	return 0;
}
