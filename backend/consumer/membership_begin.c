/*
 * membership: the beginning: is it the log that we know, and where to go on.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/consumer/membership.h"
#include "lib/log.h"

#define GUILD_TIMEOUT_MS 3000
#define WATERMARK_TIMEOUT_MS 3000

/* From the database; what was in memory may be of a batch undone. */
static int
read_offsets(struct membership *m)
{
	for (size_t i = 0; i < m->count; i++) {
		struct partition *p = &m->partitions[i];
		int rc = m->store->ops->offset_get(m->store,
		    topic_info(p->topic)->name, p->number, &p->stored);

		if (rc == -1)
			return -1;
		if (rc == 0)
			p->stored = OFFSET_NONE;
		p->next = p->stored;
	}
	return 0;
}

/* A topic that is bounded by bytes may be cut while its reader is away: what
 * was lost there is no fault of the log. */
static void
go_on_after_cut(struct partition *p, struct log_part *part)
{
	if (topic_info(p->topic)->retention_bytes == NULL ||
	    part->low <= p->stored)
		return;
	log_warn("consumer.records_gone",
	    "topic=%s partition=%d records=%lld why=\"more was written than "
	    "the topic keeps while the role was away\"",
	    part->topic, (int)p->number, (long long)(part->low - p->stored));
	p->next = part->low;
	part->next = part->low;
}

static int
ask_watermarks(
    struct membership *m, struct log_part *parts, char *why, size_t why_cap)
{
	for (size_t i = 0; i < m->count; i++) {
		struct partition *p = &m->partitions[i];
		const char *topic = topic_info(p->topic)->name;
		rd_kafka_resp_err_t err;

		parts[i] = (struct log_part){ topic, p->number, p->stored, -1,
			-1 };
		if (p->stored == OFFSET_NONE)
			continue;
		err = rd_kafka_query_watermark_offsets(m->rk, topic, p->number,
		    &parts[i].low, &parts[i].high, WATERMARK_TIMEOUT_MS);
		if (err == RD_KAFKA_RESP_ERR_NO_ERROR) {
			go_on_after_cut(p, &parts[i]);
			continue;
		}
		snprintf(why, why_cap, "%s partition %d: %s", topic,
		    (int)p->number, rd_kafka_err2str(err));
		return -1;
	}
	return 0;
}

/* The log's identity, and where it begins anew the offsets, in one
 * transaction. */
static int
keep_log(struct membership *m, const struct guild *guild, bool begin)
{
	struct log_identity log = { .ledger = guild->ledger };

	memcpy(log.log_id, guild->log_id, LOG_ID_BYTES);
	if (m->db->ops->begin(m->db) == -1)
		return -1;
	if ((begin && m->store->ops->offsets_clear(m->store) == -1) ||
	    m->store->ops->log_put(m->store, &log) == -1 ||
	    m->db->ops->commit(m->db) == -1) {
		m->db->ops->rollback(m->db);
		return -1;
	}
	return begin ? read_offsets(m) : 0;
}

/*
 * Its records stay in its own queue, whatever is assigned later: librdkafka
 * joins it with the others' when it is assigned, unless it was told before;
 * one that is joined elsewhere is parted from it when it is assigned anew.
 */
static void
set_apart(struct membership *m, struct partition *p)
{
	if (p->queue == NULL)
		p->queue = rd_kafka_queue_get_partition(
		    m->rk, topic_info(p->topic)->name, p->number);
	if (p->queue != NULL)
		rd_kafka_queue_forward(p->queue, NULL);
}

/* From the stored offsets on; where only prior partitions are read, the
 * others are not fetched at all. */
int
membership_assign(struct membership *m, char *why, size_t why_cap)
{
	rd_kafka_topic_partition_list_t *list =
	    rd_kafka_topic_partition_list_new((int)m->count);
	rd_kafka_resp_err_t err;

	for (size_t i = 0; i < m->count; i++) {
		struct partition *p = &m->partitions[i];

		p->at_end = false;
		p->end = OFFSET_NONE;
		p->fresh_ms = 0;
		p->behind = 0;
		if (p->first)
			set_apart(m, p);
		if (m->prior_only && !p->prior)
			continue;
		rd_kafka_topic_partition_list_add(
		    list, topic_info(p->topic)->name, p->number)
		    ->offset = p->next == OFFSET_NONE
		    ? RD_KAFKA_OFFSET_BEGINNING
		    : p->next;
	}
	err = rd_kafka_assign(m->rk, list);
	rd_kafka_topic_partition_list_destroy(list);
	if (err == RD_KAFKA_RESP_ERR_NO_ERROR)
		return 0;
	snprintf(why, why_cap, "assign: %s", rd_kafka_err2str(err));
	return -1;
}

static bool
has_prior(const struct membership *m)
{
	for (size_t i = 0; i < m->count; i++) {
		if (m->partitions[i].prior)
			return true;
	}
	return false;
}

/* What the judgement asks for, before anything is read. */
static enum membership_verdict
heed(struct membership *m, enum log_verdict verdict, const struct guild *guild,
    char *why, size_t why_cap)
{
	int rc = 0;

	switch (verdict) {
	case LOG_OTHER:
	case LOG_CUT:
		return MEMBERSHIP_STOP;
	case LOG_FIRST:
	case LOG_RAISED:
		rc = keep_log(m, guild, false);
		break;
	case LOG_BEGIN:
		log_warn("consumer.log_begun",
		    "ledger=%llu why=\"the ledger "
		    "was raised: from this log's beginning, with all that "
		    "is known\"",
		    (unsigned long long)guild->ledger);
		rc = keep_log(m, guild, true);
		break;
	case LOG_SAME:
		break;
	}
	if (rc == -1) {
		snprintf(why, why_cap, "%s", m->db->ops->error(m->db));
		return MEMBERSHIP_LATER;
	}
	m->prior_only = has_prior(m);
	if (membership_assign(m, why, why_cap) == -1)
		return MEMBERSHIP_LATER;
	m->ledger = guild->ledger;
	m->state = GROUP_READING;
	return MEMBERSHIP_BEGUN;
}

static enum membership_verdict
judge(
    struct membership *m, const struct guild *guild, char *why, size_t why_cap)
{
	struct log_part *parts = calloc(m->count + 1, sizeof(*parts));
	enum membership_verdict out = MEMBERSHIP_LATER;
	enum log_verdict verdict;
	struct log_identity kept;
	size_t bad;
	int rc;

	if (parts == NULL)
		return out;
	rc = m->store->ops->log_get(m->store, &kept);
	if (rc == -1 || read_offsets(m) == -1) {
		snprintf(why, why_cap, "%s", m->db->ops->error(m->db));
		goto free_parts;
	}
	if (ask_watermarks(m, parts, why, why_cap) == -1)
		goto free_parts;
	verdict = log_judge(
	    rc == 1 ? &kept : NULL, guild, parts, m->count, &bad);
	if (verdict == LOG_OTHER || verdict == LOG_CUT)
		log_words(verdict, &kept, guild, &parts[bad], why, why_cap);
	out = heed(m, verdict, guild, why, why_cap);
free_parts:
	free(parts);
	return out;
}

enum membership_verdict
membership_begin(struct membership *m, char *why, size_t why_cap)
{
	struct guild guild;
	int rc;

	rc = kafka_guild_read(
	    &m->settings->kafka, GUILD_TIMEOUT_MS, &guild, why, why_cap);
	if (rc == -1)
		return MEMBERSHIP_LATER;
	if (rc == 1 || !guild.has_log_id) {
		snprintf(why, why_cap,
		    "the log has no identity yet: "
		    "pregon-bridge writes one when it starts");
		return MEMBERSHIP_LATER;
	}
	return judge(m, &guild, why, why_cap);
}
