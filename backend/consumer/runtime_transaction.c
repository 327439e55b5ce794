/*
 * runtime: the transaction: what goes into it beside the role's own, and how
 * memory follows when it is committed or undone.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "backend/consumer/runtime_parts.h"

#define RETRY_MS 1000

void
runtime_wait(struct runtime *rt, const char *event, const char *why)
{
	unsigned long held;

	if (runtime_now_ms(rt) >= rt->retry_ms)
		rt->retry_ms = runtime_now_ms(rt) + RETRY_MS;
	health_say(rt->health, false, "%s", why);
	if (log_limited(&rt->limit, 10000, &held))
		log_warn(event, "role=%s held_back=%lu why=\"%s\"",
		    rt->role->name, held, why);
}

void
runtime_undo(struct runtime *rt, int error)
{
	char why[300];

	if (error == ESTALE)
		snprintf(why, sizeof(why),
		    "another process has written this "
		    "role's database: reading it again");
	else
		snprintf(why, sizeof(why), "%s: %s; trying again",
		    strerror(error), rt->db->ops->error(rt->db));
	rt->db->ops->rollback(rt->db);
	rt->role->forget(rt->self);
	memset(rt->ctx.tally, 0, sizeof(rt->ctx.tally));
	memset(rt->ctx.late, 0, sizeof(rt->ctx.late));
	rt->ctx.sends = false;
	rt->ctx.erases = false;
	/* Else the next transaction would store what this one did not do. */
	for (size_t i = 0; i < rt->member.count; i++)
		rt->member.partitions[i].next = rt->member.partitions[i].stored;
	metric_add(rt->meters->rollbacks, 1);
	if (rt->member.state == GROUP_READING)
		rt->member.state = GROUP_DOUBTFUL;
	runtime_wait(rt, "consumer.rolled_back", why);
}

static int
put_offsets(struct runtime *rt)
{
	struct membership *m = &rt->member;
	struct runtime_store *store = rt->ctx.store;

	for (size_t i = 0; i < m->count; i++) {
		const struct partition *p = &m->partitions[i];

		if (p->next != p->stored &&
		    store->ops->offset_swap(store, topic_info(p->topic)->name,
			p->number, p->stored, p->next) == -1)
			return -1;
	}
	return 0;
}

static int
put_tallies(struct runtime *rt)
{
	struct runtime_store *store = rt->ctx.store;
	int64_t minute = clock_realtime_ms(rt->clock) / MINUTE_MS;

	for (int i = 0; i < TALLY_COUNT; i++) {
		if (rt->ctx.tally[i] != 0 &&
		    store->ops->counter_add(store, tally_name((enum tally)i),
			rt->ctx.tally[i]) == -1)
			return -1;
	}
	for (int i = 0; i < LATE_BUCKETS; i++) {
		if (rt->ctx.late[i] != 0 &&
		    store->ops->late_add(store, minute, i, rt->ctx.late[i]) ==
			-1)
			return -1;
	}
	return 0;
}

/* After the commit: memory follows. */
static void
committed(struct runtime *rt)
{
	for (size_t i = 0; i < rt->member.count; i++)
		rt->member.partitions[i].stored = rt->member.partitions[i].next;
	for (int i = 0; i < TALLY_COUNT; i++) {
		if (rt->ctx.tally[i] != 0)
			metric_add(rt->meters->tally[i], rt->ctx.tally[i]);
		rt->ctx.tally[i] = 0;
	}
	memset(rt->ctx.late, 0, sizeof(rt->ctx.late));
	outbound_deleted(rt->outbound);
	if (rt->ctx.sends)
		outbound_wake(rt->outbound);
	rt->ctx.sends = false;
	rt->scrub |= rt->ctx.erases;
	rt->ctx.erases = false;
	if (rt->role->committed != NULL)
		rt->role->committed(rt->self);
}

int
runtime_commit(struct runtime *rt)
{
	if (rt->role->flush(rt->self) == -1 || put_offsets(rt) == -1 ||
	    put_tallies(rt) == -1 || outbound_delete(rt->outbound) == -1 ||
	    rt->db->ops->commit(rt->db) == -1) {
		runtime_undo(rt, errno);
		return -1;
	}
	committed(rt);
	return 0;
}
