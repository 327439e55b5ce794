/*
 * members_parts: what the files about members share; nobody else's.
 */
#ifndef PREGON_API_MEMBERS_PARTS_H
#define PREGON_API_MEMBERS_PARTS_H

#include "backend/api/api.h"

#define MEMBERS_PATH "/api/v1/members"

/* The guild's secret; NULL: 503 is answered. */
const struct secret *members_secret(struct call *);

/*
 * The member whom the path names, by a RUT in any form or by their `who`.
 * 1 found, 0 not (404 is answered), or -1 and it is answered.
 */
int find_member(struct call *, struct member_row *);

#endif
