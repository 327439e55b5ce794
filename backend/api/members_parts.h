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

/* Adds what is decided about a member.  0, or -1 and it is answered. */
int members_submit(
    struct call *, const struct member_row *, const struct member_decision *);

/* The members of an open object that a gateway comes in with: cart,
 * enrolment, user, password, host, port, tls. */
void enrol_write_credentials(struct call *, const struct member_row *);

#endif
