/*
 * roles_parts: what roles.c finds out and roles_write.c shows; nobody else's.
 */
#ifndef PREGON_API_ROLES_PARTS_H
#define PREGON_API_ROLES_PARTS_H

#include "backend/api/api.h"

#define OFFSET_UNKNOWN INT64_C(-1)

struct part {
	enum topic topic;
	int32_t number;
	int64_t next; /* to be applied; OFFSET_UNKNOWN: none was yet */
	int64_t low, end; /* of Kafka's; OFFSET_UNKNOWN */
	/* Of the newest applied, and of the oldest that is not. */
	int64_t applied_ms, waiting_ms; /* INSTANT_MISSING */
};

/* Records that Kafka has no more are not waited for. */
static inline int64_t
part_next(const struct part *p)
{
	return p->next > p->low ? p->next : p->low;
}

static inline int64_t
part_waiting(const struct part *p)
{
	return p->end > part_next(p) ? p->end - part_next(p) : 0;
}

struct role_state {
	const char *name;
	enum read_database db;
	enum topic topic; /* what it lives by; its rows tell of others */
	bool present; /* its database is */
	struct part *parts;
	size_t count, cap;
	bool failed; /* no memory */
};

#define ROLES_SHOWN 6
struct roles_state {
	struct role_state roles[ROLES_SHOWN];
};

/* `why` Kafka was not reached; NULL: it was. */
void roles_write(struct call *, const struct roles_state *, const char *why);

#endif
