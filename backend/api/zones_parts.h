/*
 * zones_parts: what reading and writing of zones share.
 */
#ifndef PREGON_API_ZONES_PARTS_H
#define PREGON_API_ZONES_PARTS_H

#include "backend/api/writes.h"
#include "schemas/zone.h"

#define ZONE_KEY_BYTES (sizeof(ZONE_KEY) + ZONE_ID_MAX)
/* A zone's key in topic_reglas; -1: ENOENT, no zone has such an id. */
int zone_key(const char *id, char key[ZONE_KEY_BYTES]);

/* Room for a zone; NULL: 503 is answered. */
struct zone *zone_room(struct call *);

#endif
