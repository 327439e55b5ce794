/*
 * runtime: its loop and its life.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/consumer/runtime_parts.h"
#include "lib/daemon.h"

#define TICK_MS 1000
#define COMMIT_MS 5000
/* A cart may claim any ledger: so often at most is it looked up. */
#define LEDGER_MS 60000
/* Nothing to do: how long a poll may wait, and while reports are awaited. */
#define POLL_IDLE_MS 100
#define POLL_BUSY_MS 5
#define SEND_TIMEOUT_MS 3000
#define ACCOUNT_KEPT_MS (INT64_C(400) * 86400 * 1000)

static bool
role_has_news(struct runtime *rt)
{
	return rt->role->has_news != NULL && rt->role->has_news(rt->self);
}

/* Acknowledged rows of `outgoing`, and what the role has heard elsewhere, when
 * no batch comes by to take them. */
static void
commit_between(struct runtime *rt)
{
	if (!outbound_has_delivered(rt->outbound) && !role_has_news(rt))
		return;
	if (rt->db->ops->begin(rt->db) == -1) {
		runtime_undo(rt, errno);
		return;
	}
	runtime_commit(rt);
}

static int
housekeep(struct runtime *rt, int64_t unix_ms)
{
	struct runtime_store *store = rt->ctx.store;
	int64_t gaps;
	int dropped;

	if (rt->role->tick(rt->self, unix_ms,
		membership_caught_up(&rt->member, runtime_now_ms(rt))) == -1 ||
	    store->ops->accounts_expire(
		store, unix_ms - ACCOUNT_KEPT_MS, &dropped) == -1 ||
	    store->ops->late_expire(
		store, unix_ms / MINUTE_MS - 2 * LATE_RECENT_MINUTES) == -1 ||
	    store->ops->gaps_open(store, unix_ms - MINUTE_MS, &gaps) == -1)
		return -1;
	/* A row in memory may be gone from the store. */
	if (dropped > 0) {
		if (rt->role->flush(rt->self) == -1)
			return -1;
		rt->role->forget(rt->self);
	}
	metric_set(rt->meters->gaps, gaps);
	return 0;
}

/* Carts send to a higher ledger than the one that is kept: the guild has
 * raised it, and a raise that is not kept would one day pass for a new one. */
static void
look_up_ledger(struct runtime *rt)
{
	if (rt->ctx.ledger_heard <= rt->member.ledger ||
	    runtime_now_ms(rt) < rt->ledger_ms)
		return;
	rt->ledger_ms = runtime_now_ms(rt) + LEDGER_MS;
	rt->member.state = GROUP_DOUBTFUL;
}

/* What was erased is gone from the database's log too; if somebody reads
 * there, at the next tick. */
static void
scrub(struct runtime *rt)
{
	if (rt->scrub && rt->db->ops->scrub(rt->db) == 0)
		rt->scrub = false;
}

static void
tick(struct runtime *rt)
{
	struct membership *m = &rt->member;
	int64_t lag;

	if (runtime_now_ms(rt) < rt->tick_ms)
		return;
	/* It was held up, or the host slept: what is known is old. */
	if (rt->tick_ms != 0 && runtime_now_ms(rt) - rt->tick_ms > 2 * TICK_MS)
		m->trouble_ms = runtime_now_ms(rt);
	rt->tick_ms = runtime_now_ms(rt) + TICK_MS;
	if (rt->db->ops->begin(rt->db) == -1 ||
	    housekeep(rt, clock_realtime_ms(rt->clock)) == -1) {
		runtime_undo(rt, errno);
		return;
	}
	if (runtime_commit(rt) == -1)
		return;
	scrub(rt);
	metric_set(rt->meters->assigned,
	    m->state == GROUP_READING ? (int64_t)m->count : 0);
	if (m->state != GROUP_READING)
		return;
	membership_look(m);
	lag = membership_lag(m);
	metric_set(rt->meters->lag, lag);
	health_say(rt->health, true, "%zu partitions, lag %lld records",
	    m->count, (long long)lag);
	if (runtime_now_ms(rt) >= rt->commit_ms) {
		rt->commit_ms = runtime_now_ms(rt) + COMMIT_MS;
		membership_commit(m);
	}
	look_up_ledger(rt);
}

/* false: it ends, *end says how. */
static bool
begin(struct runtime *rt, enum runtime_end *end)
{
	rt->words[0] = '\0';
	rt->role->forget(rt->self);
	switch (membership_begin(&rt->member, rt->words, sizeof(rt->words))) {
	case MEMBERSHIP_BEGUN:
		rt->retry_ms = 0;
		health_say(
		    rt->health, true, "%zu partitions", rt->member.count);
		log_info("consumer.reading", "role=%s partitions=%zu",
		    rt->role->name, rt->member.count);
		daemon_notify("STATUS=reading");
		return true;
	case MEMBERSHIP_LATER:
		runtime_wait(rt, "consumer.waiting", rt->words);
		return true;
	case MEMBERSHIP_STOP:
		break;
	}
	log_error("consumer.other_log", "role=%s why=\"%s\"", rt->role->name,
	    rt->words);
	*end = RUNTIME_OTHER_LOG;
	return false;
}

/* Heeds what the group or a doubt asks for.  false: it ends. */
static bool
heed_membership(struct runtime *rt, enum runtime_end *end)
{
	switch (rt->member.state) {
	case GROUP_FAILED:
		*end = RUNTIME_FAILED;
		return false;
	case GROUP_REVOKED:
		rt->role->forget(rt->self);
		membership_give_back(&rt->member);
		health_say(rt->health, false, "waiting for partitions");
		return true;
	case GROUP_ASSIGNED:
	case GROUP_DOUBTFUL:
		if (runtime_now_ms(rt) < rt->retry_ms)
			return true;
		return begin(rt, end);
	case GROUP_WAITING:
	case GROUP_READING:
		break;
	}
	return true;
}

/* What is judged by comes before what is judged. */
static void
turn(struct runtime *rt)
{
	if (membership_turn(&rt->member, rt->words, sizeof(rt->words)) == 0)
		return;
	rt->member.state = GROUP_DOUBTFUL;
	runtime_wait(rt, "consumer.waiting", rt->words);
}

static void
step(struct runtime *rt)
{
	bool busy = outbound_is_busy(rt->outbound) || role_has_news(rt);
	rd_kafka_message_t *message;

	message = runtime_next(rt, busy ? POLL_BUSY_MS : POLL_IDLE_MS);
	if (message != NULL && rt->member.state == GROUP_READING)
		runtime_batch(rt, message);
	else if (message != NULL)
		rd_kafka_message_destroy(message);
	else
		commit_between(rt);
	outbound_run(rt->outbound, runtime_now_ms(rt));
	tick(rt);
	turn(rt);
}

enum runtime_end
runtime_run(struct runtime *rt, struct ev_loop *loop)
{
	enum runtime_end end = RUNTIME_STOPPED;

	/* Kafka may be away for long: that is no failed start. */
	daemon_notify("READY=1\nSTATUS=joining the group");
	while (!rt->stopping && heed_membership(rt, &end)) {
		step(rt);
		ev_run(loop, EVRUN_NOWAIT);
	}
	if (rt->member.state == GROUP_READING)
		membership_commit(&rt->member);
	return end;
}

void
runtime_stop(struct runtime *rt)
{
	rt->stopping = true;
}

struct runtime *
runtime_new(const struct role *role, const struct runtime_settings *settings,
    struct database *db, const struct clock *clock, struct meters *meters,
    struct health *health, char *why, size_t why_cap)
{
	struct runtime *rt = calloc(1, sizeof(*rt));

	if (rt == NULL)
		goto say;
	rt->role = role;
	rt->settings = settings;
	rt->db = db;
	rt->clock = clock;
	rt->meters = meters;
	rt->health = health;
	rt->ctx.db = db;
	rt->ctx.clock = clock;
	rt->ctx.store = runtime_store_sqlite(db);
	if (rt->ctx.store == NULL)
		goto free_rt;
	snprintf(rt->group, sizeof(rt->group), "pregon-%s", role->name);
	rt->member_settings = (struct membership_settings){ settings->kafka,
		rt->group, settings->instance_id, role };
	rt->self = role->open(&rt->ctx, &settings->role, why, why_cap);
	if (rt->self == NULL)
		goto close;
	rt->outbound = outbound_new(
	    rt->ctx.store, &settings->kafka, why, why_cap);
	if (rt->outbound == NULL ||
	    membership_open(&rt->member, &rt->member_settings, db,
		rt->ctx.store, why, why_cap) == -1)
		goto close;
	return rt;
close:
	runtime_free(rt);
	return NULL;
free_rt:
	free(rt);
say:
	snprintf(why, why_cap, "%s", strerror(errno));
	return NULL;
}

void
runtime_free(struct runtime *rt)
{
	if (rt == NULL)
		return;
	membership_close(&rt->member);
	outbound_free(rt->outbound, SEND_TIMEOUT_MS);
	if (rt->self != NULL)
		rt->role->close(rt->self);
	rt->ctx.store->ops->close(rt->ctx.store);
	free(rt);
}
