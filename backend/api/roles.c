/*
 * How far each role is in what Kafka has for it: from its database what it
 * has applied, from Kafka where the partitions end, and the times of the
 * records at both places.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "backend/api/handlers.h"
#include "backend/api/log_view.h"
#include "backend/api/roles_parts.h"

/* For all that Kafka is asked. */
#define ASK_MS 900

static const struct role_state nothing_known[ROLES_SHOWN] = {
	{ .name = "positions",
	    .db = READ_POSITIONS,
	    .topic = TOPIC_COORDENADAS },
	{ .name = "sales", .db = READ_SALES, .topic = TOPIC_VENTAS },
	{ .name = "stock", .db = READ_STOCK, .topic = TOPIC_STOCK },
	{ .name = "members",
	    .db = READ_MEMBERS,
	    .topic = TOPIC_NUEVOS_USUARIOS },
	{ .name = "notify", .db = READ_NOTIFY, .topic = TOPIC_AVISOS },
	{ .name = "support", .db = READ_SUPPORT, .topic = TOPIC_SOPORTE },
};

static void
add_part(
    struct role_state *role, enum topic topic, int32_t number, int64_t next)
{
	size_t cap = role->cap == 0 ? 16 : 2 * role->cap;
	struct part *parts;

	if (role->count == role->cap) {
		parts = realloc(role->parts, cap * sizeof(*parts));
		if (parts == NULL) {
			role->failed = true;
			return;
		}
		role->parts = parts;
		role->cap = cap;
	}
	role->parts[role->count++] = (struct part){ topic, number, next,
		OFFSET_UNKNOWN, OFFSET_UNKNOWN, INSTANT_MISSING,
		INSTANT_MISSING };
}

static int
offset_row(void *ctx, const struct offset_row *row)
{
	struct role_state *role = ctx;
	enum topic topic;

	if (topic_parse(row->topic, &topic) == 0)
		add_part(role, topic, row->partition, row->next);
	return role->failed;
}

static struct part *
find_part(struct role_state *role, enum topic topic, int32_t number)
{
	for (size_t i = 0; i < role->count; i++)
		if (role->parts[i].topic == topic &&
		    role->parts[i].number == number)
			return &role->parts[i];
	return NULL;
}

static bool
reads_topic(const struct role_state *role, enum topic topic)
{
	for (size_t i = 0; i < role->count; i++)
		if (role->parts[i].topic == topic)
			return true;
	return topic == role->topic;
}

/* A partition of a topic of theirs from which nothing was applied yet is
 * theirs, too. */
static void
take_ends(struct role_state *role, const struct log_end *ends, size_t count)
{
	struct part *part;

	for (size_t i = 0; i < count; i++) {
		const struct log_end *e = &ends[i];

		if (!reads_topic(role, e->topic))
			continue;
		if (find_part(role, e->topic, e->partition) == NULL)
			add_part(role, e->topic, e->partition, OFFSET_UNKNOWN);
		part = find_part(role, e->topic, e->partition);
		if (part == NULL)
			return;
		part->low = e->low;
		part->end = e->end;
	}
}

/* The newest that was applied comes first, then the oldest that was not. */
static bool
take_time(void *ctx, const rd_kafka_message_t *m)
{
	rd_kafka_timestamp_type_t type;
	int64_t at_ms = rd_kafka_message_timestamp(m, &type);
	struct part *part;
	enum topic topic;

	if (topic_parse(rd_kafka_topic_name(m->rkt), &topic) == -1)
		return false;
	part = find_part(ctx, topic, m->partition);
	if (part == NULL)
		return false;
	if (m->offset >= part_next(part)) {
		part->waiting_ms = at_ms;
		return false;
	}
	part->applied_ms = at_ms;
	return part_waiting(part) > 0;
}

static void
read_times(struct role_state *role, struct log_view *view, int64_t deadline_ms)
{
	struct log_start *starts = calloc(role->count + 1, sizeof(*starts));
	size_t count = 0;

	for (size_t i = 0; starts != NULL && i < role->count; i++) {
		const struct part *p = &role->parts[i];
		int64_t next = part_next(p);

		if (p->end == OFFSET_UNKNOWN || p->low == OFFSET_UNKNOWN ||
		    p->end <= p->low || next > p->end)
			continue;
		starts[count++] = (struct log_start){ .topic = p->topic,
			.partition = p->number,
			.offset = next > p->low ? next - 1 : next };
	}
	/* What it does not say in time is not known. */
	if (count > 0)
		log_view_read(
		    view, starts, count, deadline_ms, take_time, role);
	free(starts);
}

static void
ask_kafka(struct call *call, struct log_view *view)
{
	struct roles_state *state = call->errand_ctx;
	int64_t deadline_ms = clock_boottime_ms(&clock_system) + ASK_MS;
	const struct log_end *ends;
	size_t count;

	if (view == NULL) {
		roles_write(call, state, CALL_NO_VIEW);
		return;
	}
	if (log_view_ends(view, deadline_ms, &ends, &count) == -1) {
		roles_write(call, state, log_view_why(view));
		return;
	}
	for (size_t i = 0; i < ROLES_SHOWN; i++) {
		struct role_state *role = &state->roles[i];

		if (!role->present)
			continue;
		take_ends(role, ends, count);
		read_times(role, view, deadline_ms);
	}
	roles_write(call, state, NULL);
}

static void
release_state(void *ctx)
{
	struct roles_state *state = ctx;

	for (size_t i = 0; i < ROLES_SHOWN; i++)
		free(state->roles[i].parts);
	free(state);
}

void
api_roles(struct call *call)
{
	struct roles_state *state = calloc(1, sizeof(*state));

	if (state == NULL) {
		answer_problem(call->answer, 503, NULL, NULL, "no memory");
		call->answer->retry_s = 1;
		return;
	}
	call->errand_ctx = state;
	call->errand_release = release_state;
	memcpy(state->roles, nothing_known, sizeof(nothing_known));
	for (size_t i = 0; i < ROLES_SHOWN; i++) {
		struct role_state *role = &state->roles[i];
		int rc = call->reader->ops->offsets(
		    call->reader, role->db, offset_row, role);

		role->present = rc == 0 || errno != ENOENT;
		/* What is locked for a moment says nothing now. */
		if (rc == -1 && errno != ENOENT && errno != EBUSY) {
			api_read_failed(call, role->name);
			return;
		}
	}
	call->errand = ask_kafka;
}
