#include <stdlib.h>

#include "lib/mqtt_parts.h"

/* Twice the room; the ring's packets move to its start. */
static int
grow_ring(struct unsent *u)
{
	size_t size = u->ring_size > 0 ? u->ring_size * 2 : 64;
	struct unsent_packet *ring = malloc(size * sizeof(*ring));

	if (ring == NULL)
		return -1;
	for (size_t i = 0; i < u->count; i++)
		ring[i] = u->ring[(u->first + i) % u->ring_size];
	free(u->ring);
	u->ring = ring;
	u->ring_size = size;
	u->first = 0;
	return 0;
}

static int
grow_kept(struct unsent *u)
{
	size_t size = u->kept_size > 0 ? u->kept_size * 2 : 16;
	struct unsent_packet *kept = realloc(u->kept, size * sizeof(*kept));

	if (kept == NULL)
		return -1;
	u->kept = kept;
	u->kept_size = size;
	return 0;
}

int
unsent_add(struct unsent *u, int mid, size_t bytes, int qos)
{
	const struct unsent_packet packet = { mid, (uint32_t)bytes };

	if (qos == 0) {
		if (u->count == u->ring_size && grow_ring(u) == -1)
			return -1;
		u->ring[(u->first + u->count++) % u->ring_size] = packet;
	} else {
		if (u->kept_count == u->kept_size && grow_kept(u) == -1)
			return -1;
		u->kept[u->kept_count++] = packet;
	}
	u->bytes += bytes;
	return 0;
}

void
unsent_done(struct unsent *u, int mid)
{
	if (u->count > 0 && u->ring[u->first].mid == mid) {
		u->bytes -= u->ring[u->first].bytes;
		u->first = (u->first + 1) % u->ring_size;
		u->count--;
		return;
	}
	for (size_t i = 0; i < u->kept_count; i++) {
		if (u->kept[i].mid == mid) {
			u->bytes -= u->kept[i].bytes;
			u->kept[i] = u->kept[--u->kept_count];
			return;
		}
	}
}

void
unsent_forget(struct unsent *u)
{
	for (; u->count > 0; u->count--) {
		u->bytes -= u->ring[u->first].bytes;
		u->first = (u->first + 1) % u->ring_size;
	}
}

void
unsent_release(struct unsent *u)
{
	free(u->ring);
	free(u->kept);
	*u = (struct unsent){ 0 };
}
