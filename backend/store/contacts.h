/*
 * contacts: how a member is reached: what the role notify asks of the
 * database of the role members, read-only, when it sends; it keeps no
 * address itself, so that one who has left is not written to any more.
 *
 * One thread.  The database may not be there (nobody is found then).
 */
#ifndef PREGON_STORE_CONTACTS_H
#define PREGON_STORE_CONTACTS_H

#include "schemas/member.h"

struct contact {
	char mail[MAIL_MAX + 1];
	char first_name[TEXT_NAME_MAX + 1];
	char language[LANGUAGE_MAX + 1];
};

struct contacts;
/* Of members.db in this folder.  NULL: ENOMEM. */
struct contacts *contacts_open(const char *folder);
void contacts_close(struct contacts *);

/* 1: found, 0: not there (any more), -1: errno, try later. */
int contacts_of_registration(
    struct contacts *, const char *id, struct contact *);
/* The approved or suspended member with this plate. */
int contacts_of_plate(struct contacts *, const char *plate, struct contact *);

#endif
