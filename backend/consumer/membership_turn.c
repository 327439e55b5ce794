/*
 * membership: what has been read: how far behind the log, and whether to read
 * all partitions or first those that the others are judged by.
 */
#include <stdio.h>

#include "backend/consumer/membership.h"

/* What was fetched before a connection failed says nothing of now. */
#define SETTLE_MS 2000
#define FRESH_MS 2000
/* A record or two come and go in a moment; what is still there at the second
 * tick is a backlog. */
#define BEHIND_TICKS 2

/*
 * Records of one partition from `from` on, as far as is known without asking;
 * -1: not known.  What compaction has left of its end may be less than the
 * numbers say: where the end was seen, there is nothing before it.
 */
static int64_t
records_after(
    const struct membership *m, const struct partition *p, int64_t from)
{
	int64_t low, high;

	if (rd_kafka_get_watermark_offsets(m->rk, topic_info(p->topic)->name,
		p->number, &low, &high) != RD_KAFKA_RESP_ERR_NO_ERROR ||
	    high < 0)
		return -1;
	if (from != OFFSET_NONE)
		low = from;
	if (p->end > low)
		low = p->end;
	if (low < 0)
		return -1;
	return high > low ? high - low : 0;
}

/* Records not applied yet; -1: not known. */
static int64_t
partition_lag(const struct membership *m, const struct partition *p)
{
	return records_after(m, p, p->stored);
}

/* A record of a first partition; *more: none is here, but some are on their
 * way. */
static rd_kafka_message_t *
poll_first(struct membership *m, int wait_ms, bool *more)
{
	rd_kafka_message_t *message;

	*more = false;
	for (size_t i = 0; i < m->count; i++) {
		const struct partition *p = &m->partitions[i];
		bool waits;

		if (p->queue == NULL)
			continue;
		waits = m->state == GROUP_READING &&
		    records_after(m, p, p->next) > 0;
		message = rd_kafka_consume_queue(p->queue, waits ? wait_ms : 0);
		if (message != NULL)
			return message;
		*more |= waits;
	}
	return NULL;
}

rd_kafka_message_t *
membership_poll(struct membership *m, int wait_ms)
{
	rd_kafka_message_t *message;
	bool more;

	if (!m->settings->role->reserved_first)
		return rd_kafka_consumer_poll(m->rk, wait_ms);
	/* Then none of the others comes this way, but the group's word. */
	message = m->prior_only ? rd_kafka_consumer_poll(m->rk, 0) : NULL;
	if (message == NULL)
		message = poll_first(m, wait_ms, &more);
	if (message != NULL || more)
		return message;
	return rd_kafka_consumer_poll(m->rk, wait_ms);
}

int64_t
membership_lag(struct membership *m)
{
	int64_t lag = 0;

	for (size_t i = 0; i < m->count; i++) {
		int64_t one = partition_lag(m, &m->partitions[i]);

		lag += one > 0 ? one : 0;
	}
	return lag;
}

void
membership_took(struct partition *p, bool young, int64_t now_ms)
{
	p->at_end = false;
	if (young)
		p->fresh_ms = now_ms;
}

void
membership_at_end(struct partition *p, int64_t offset)
{
	p->at_end = true;
	p->end = offset;
	p->behind = 0;
}

bool
membership_caught_up(struct membership *m, int64_t now_ms)
{
	if (m->state != GROUP_READING || m->prior_only ||
	    (m->trouble_ms != 0 && now_ms - m->trouble_ms < SETTLE_MS))
		return false;
	for (size_t i = 0; i < m->count; i++) {
		const struct partition *p = &m->partitions[i];

		if (!p->at_end &&
		    (p->fresh_ms == 0 || now_ms - p->fresh_ms > FRESH_MS))
			return false;
	}
	return m->count > 0;
}

void
membership_look(struct membership *m)
{
	for (size_t i = 0; i < m->count; i++) {
		struct partition *p = &m->partitions[i];

		p->behind = p->prior && partition_lag(m, p) > 0 ? p->behind + 1
								: 0;
	}
}

static bool
prior_behind(const struct membership *m)
{
	for (size_t i = 0; i < m->count; i++) {
		if (m->partitions[i].behind >= BEHIND_TICKS)
			return true;
	}
	return false;
}

static bool
prior_done(const struct membership *m)
{
	for (size_t i = 0; i < m->count; i++) {
		if (m->partitions[i].prior && !m->partitions[i].at_end)
			return false;
	}
	return true;
}

int
membership_turn(struct membership *m, char *why, size_t why_cap)
{
	if (m->state != GROUP_READING ||
	    !(m->prior_only ? prior_done(m) : prior_behind(m)))
		return 0;
	m->prior_only = !m->prior_only;
	return membership_assign(m, why, why_cap);
}
