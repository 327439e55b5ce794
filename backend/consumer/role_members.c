/*
 * members: who is of the guild, and whose cart Mosquitto lets in.
 *
 * Premium applicants have a partition of their own, whose records come before
 * all others.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/consumer/gate.h"
#include "backend/consumer/roll.h"
#include "backend/store/schema.h"

#define DAY_MS (INT64_C(24) * 3600 * 1000)
/* Plates that are read at once, to be handed to the gate. */
#define PLATES_AT_ONCE 200

struct members_role {
	struct roll roll;
	struct gate *gate; /* NULL: nobody is let in or out */
	bool handed_all; /* since the start; then only what is not done */
	bool scrubbed; /* what a crash may have left was asked to go */
};

static int
members_apply(void *self, const struct record *record)
{
	struct members_role *role = self;

	return roll_apply(&role->roll, record);
}

static int
members_flush(void *self)
{
	(void)self; /* nothing is in memory only */
	return 0;
}

static void
members_forget(void *self)
{
	(void)self;
}

static int
keep_done(void *ctx, const char *plate, bool in, uint32_t n)
{
	struct members_store *store = ctx;
	struct gate_row row = { .in = in, .enrolment = n };

	snprintf(row.plate, sizeof(row.plate), "%s", plate);
	return store->ops->gate_done(store, &row);
}

static int
hand_over(struct members_role *role)
{
	struct members_store *store = role->roll.store;
	struct gate_row rows[PLATES_AT_ONCE];
	char after[CART_MAX + 1] = "";
	int count;

	do {
		count = store->ops->gate_list(
		    store, role->handed_all, after, rows, PLATES_AT_ONCE);
		for (int i = 0; i < count; i++) {
			if (gate_want(role->gate, rows[i].plate, rows[i].in,
				rows[i].enrolment) == -1)
				return -1;
			memcpy(after, rows[i].plate, sizeof(after));
		}
	} while (count == PLATES_AT_ONCE);
	if (count == -1)
		return -1;
	role->handed_all = true;
	return 0;
}

/* While the log is being read again, nobody is let in or out by what was
 * decided otherwise later. */
static int
members_tick(void *self, int64_t now_ms, bool caught_up)
{
	struct members_role *role = self;

	if (!role->scrubbed) {
		role->roll.ctx->erases = true;
		role->scrubbed = true;
	}
	if (role->gate != NULL &&
	    gate_done(role->gate, keep_done, role->roll.store) == -1)
		return -1;
	if (!caught_up)
		return 0;
	if (roll_expire(&role->roll, now_ms) == -1)
		return -1;
	return role->gate != NULL ? hand_over(role) : 0;
}

static void
members_close(void *self)
{
	struct members_role *role = self;

	gate_free(role->gate);
	if (role->roll.store != NULL)
		role->roll.store->ops->close(role->roll.store);
	free(role);
}

static void *
members_open(struct role_context *ctx, const struct role_settings *settings,
    char *why, size_t why_cap)
{
	struct members_role *role = calloc(1, sizeof(*role));

	if (role == NULL)
		goto say;
	role->roll.ctx = ctx;
	role->roll.refused_keep_ms = settings->refused_keep_days * DAY_MS;
	role->roll.store = members_store_sqlite(ctx->db);
	if (role->roll.store == NULL)
		goto say;
	if (secret_load(
		&role->roll.secret, settings->secret_file, why, why_cap) == -1)
		goto close;
	if (settings->gate_host[0] != '\0') {
		role->gate = gate_new(
		    settings, &role->roll.secret, why, why_cap);
		if (role->gate == NULL)
			goto close;
	}
	return role;
say:
	snprintf(why, why_cap, "%s", strerror(errno));
close:
	if (role != NULL)
		members_close(role);
	return NULL;
}

static const enum topic members_topics[] = { TOPIC_NUEVOS_USUARIOS };

const struct role role_members = {
	.name = "members",
	.schema = &schema_members,
	.topics = members_topics,
	.topic_count = 1,
	.reserved_first = true,
	.open = members_open,
	.close = members_close,
	.apply = members_apply,
	.flush = members_flush,
	.forget = members_forget,
	.tick = members_tick,
};
