/*
 * Zones laid down, changed, removed.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/api/forms.h"
#include "backend/api/handlers.h"
#include "backend/api/zones_parts.h"

#define ZONES_PATH "/api/v1/zones"
#define NO_ZONE "id: there is no such zone"
/* Of an id that nobody chose. */
#define GIVEN_ID "zone"
#define GIVEN_CHARS 13

struct old_zone {
	struct zone zone;
	bool found;
};

static int
take_zone(void *ctx, const void *value, size_t len)
{
	struct old_zone *old = ctx;
	struct decode_error error = { 0 };

	old->found = zone_decode(value, len, &old->zone, &error) == 0;
	return 0;
}

/* The record of a zone (ZONE_BYTES_MAX of room); 0: it does not fit. */
static size_t
encode(const struct zone *zone, uint8_t *bytes)
{
	int len = zone_encode(zone, bytes, ZONE_BYTES_MAX);

	return len > 0 ? (size_t)len : 0;
}

/* But for who wrote it, and when. */
static bool
says_the_same(const struct zone *old, const struct zone *zone)
{
	uint8_t *bytes = malloc(2 * (size_t)ZONE_BYTES_MAX);
	struct zone *copy = malloc(sizeof(*copy));
	size_t len;
	bool same = false;

	if (bytes != NULL && copy != NULL) {
		*copy = *zone;
		copy->revision = old->revision;
		copy->at_ms = old->at_ms;
		memcpy(copy->by, old->by, sizeof(copy->by));
		len = encode(copy, bytes);
		same = len > 0 && len == encode(old, bytes + ZONE_BYTES_MAX) &&
		    memcmp(bytes, bytes + ZONE_BYTES_MAX, len) == 0;
	}
	free(bytes);
	free(copy);
	return same;
}

static void
submit_zone(struct call *call, const char *key, const struct zone *zone)
{
	uint8_t *bytes = malloc(ZONE_BYTES_MAX);
	size_t len = bytes != NULL ? encode(zone, bytes) : 0;

	if (bytes == NULL)
		answer_problem(call->answer, 503, NULL, NULL, "no memory");
	else if (len == 0)
		answer_problem(call->answer, 422, "geometry", NULL,
		    "geometry: expected fewer positions");
	else if (write_rule(call, key, SCHEMA_ZONE, bytes, len) == 0)
		write_done(call, ZONES_PATH, zone->id, true);
	free(bytes);
}

/* Upon what is there: a new zone, another revision, or nothing at all. */
static void
lay_down(struct call *call, struct zone *zone, bool anew)
{
	struct old_zone *old = calloc(1, sizeof(*old));
	char key[ZONE_KEY_BYTES];

	if (old == NULL) {
		answer_problem(call->answer, 503, NULL, NULL, "no memory");
		return;
	}
	if (zone_key(zone->id, key) == -1 ||
	    (charter_get(call->api->charter, key, take_zone, old) == -1 &&
		(errno != ENOENT || !anew)))
		write_no_rule(call, "id", NO_ZONE);
	else if (old->found && says_the_same(&old->zone, zone))
		write_done(call, ZONES_PATH, zone->id, false);
	else if (old->found && anew)
		answer_problem(call->answer, 409, "id", NULL,
		    "id: there is another zone %s: change it with PUT",
		    zone->id);
	else {
		zone->revision = old->found ? old->zone.revision + 1 : 1;
		zone->at_ms = clock_realtime_ms(call->api->clock);
		write_by(call, zone->by);
		submit_zone(call, key, zone);
	}
	free(old);
}

static int
give_id(struct call *call, struct zone *zone)
{
	char *s;

	if (zone->id[0] != '\0')
		return 0;
	if (call_make_id(call, GIVEN_ID, zone->id, GIVEN_CHARS) == -1)
		return -1;
	for (s = zone->id; *s != '\0'; s++)
		if (*s >= 'A' && *s <= 'Z')
			*s = (char)(*s - 'A' + 'a');
	return 0;
}

void
api_zone_post(struct call *call)
{
	struct zone *zone = zone_room(call);
	struct body body;

	if (zone == NULL)
		return;
	if (write_body(call, &body, false) == 0) {
		if (!form_zone(&body, true, zone))
			body_refuse(&body, call->answer);
		else if (give_id(call, zone) == 0)
			lay_down(call, zone, true);
		body_release(&body);
	}
	free(zone);
}

void
api_zone_put(struct call *call)
{
	struct zone *zone = zone_room(call);
	struct body body;

	if (zone == NULL)
		return;
	errno = ENOENT;
	if (!zone_id_is_valid(call->id, strlen(call->id))) {
		write_no_rule(call, "id", NO_ZONE);
	} else if (write_body(call, &body, false) == 0) {
		memcpy(zone->id, call->id, strlen(call->id) + 1);
		if (!form_zone(&body, false, zone))
			body_refuse(&body, call->answer);
		else
			lay_down(call, zone, false);
		body_release(&body);
	}
	free(zone);
}

static int
found(void *ctx, const void *value, size_t len)
{
	(void)ctx;
	(void)value;
	(void)len;
	return 0;
}

void
api_zone_delete(struct call *call)
{
	char key[ZONE_KEY_BYTES];

	if (zone_key(call->id, key) == -1 ||
	    charter_get(call->api->charter, key, found, NULL) == -1)
		write_no_rule(call, "id", NO_ZONE);
	else if (write_rule(call, key, SCHEMA_ZONE, NULL, 0) == 0)
		write_done(call, NULL, call->id, true);
}
