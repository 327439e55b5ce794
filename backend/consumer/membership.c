/*
 * membership: see the header.
 *
 * The rebalance callback only notes what is asked: it runs within a poll, so
 * perhaps in the middle of a batch, which is first brought to its end.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/consumer/membership.h"
#include "lib/log.h"

#define GUILD_TIMEOUT_MS 3000
#define WATERMARK_TIMEOUT_MS 3000

struct property {
	const char *key, *value;
	bool fixed; /* not for a setting to change */
};

/* Live records must pass within milliseconds, and a backlog in big steps. */
static const struct property properties[] = {
	{ "enable.auto.commit", "false", true },
	{ "enable.auto.offset.store", "false", true },
	/* A stored offset outside of the log is an error, never a jump. */
	{ "auto.offset.reset", "error", true },
	/* Cooperative rebalances hang in librdkafka 2.0.2 (mended by 2.10). */
	{ "partition.assignment.strategy", "range", true },
	{ "fetch.wait.max.ms", "50", false },
	{ "fetch.error.backoff.ms", "50", false },
	/* What waits in memory.  librdkafka 2.0.2 pauses for a second when it
	 * is full, so it holds about as much as the role takes in one. */
	{ "queued.min.messages", "100000", false },
	{ "queued.max.messages.kbytes", "65536", false },
	/* Partitions that are added are seen within this. */
	{ "topic.metadata.refresh.interval.ms", "5000", false },
	{ "check.crcs", "true", false },
};

static bool
is_passed(const struct config_pass *pass, const char *key)
{
	for (size_t i = 0; pass != NULL && i < pass->count; i++) {
		if (strcmp(pass->pairs[i].key, key) == 0)
			return true;
	}
	return false;
}

static int
set_all(rd_kafka_conf_t *conf, const struct membership_settings *settings,
    char *why, size_t why_cap)
{
	const struct property names[] = {
		{ "group.id", settings->group, true },
		{ "group.instance.id", settings->instance_id, true },
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (rd_kafka_conf_set(conf, names[i].key, names[i].value, why,
			why_cap) != RD_KAFKA_CONF_OK)
			return -1;
	}
	for (size_t i = 0; i < sizeof(properties) / sizeof(properties[0]);
	     i++) {
		const struct property *p = &properties[i];

		if (!p->fixed && is_passed(settings->kafka.pass, p->key))
			continue;
		if (rd_kafka_conf_set(conf, p->key, p->value, why, why_cap) !=
		    RD_KAFKA_CONF_OK)
			return -1;
	}
	return 0;
}

static int
take_list(struct membership *m, const rd_kafka_topic_partition_list_t *list)
{
	struct partition *partitions = calloc(
	    (size_t)list->cnt + 1, sizeof(*partitions));
	size_t count = 0;

	if (partitions == NULL)
		return -1;
	for (int i = 0; i < list->cnt; i++) {
		struct partition *p = &partitions[count];

		if (topic_parse(list->elems[i].topic, &p->topic) == -1)
			continue;
		p->number = list->elems[i].partition;
		p->stored = p->next = OFFSET_NONE;
		count++;
	}
	free(m->partitions);
	m->partitions = partitions;
	m->count = count;
	return 0;
}

static void
on_rebalance(rd_kafka_t *rk, rd_kafka_resp_err_t err,
    rd_kafka_topic_partition_list_t *list, void *opaque)
{
	struct membership *m = opaque;

	if (m->closing) {
		rd_kafka_assign(rk, NULL);
		return;
	}
	if (err == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS &&
	    take_list(m, list) == 0)
		m->state = MEMBER_ASSIGNED;
	else
		m->state = MEMBER_REVOKED;
}

static void
on_error(rd_kafka_t *rk, int err, const char *reason, void *opaque)
{
	struct membership *m = opaque;
	char words[256];

	if (err == RD_KAFKA_RESP_ERR__FATAL) {
		rd_kafka_fatal_error(rk, words, sizeof(words));
		log_error("consumer.fatal", "why=\"%s\"", words);
		m->state = MEMBER_FAILED;
	} else if (err == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN) {
		log_warn("consumer.no_broker",
		    "brokers=%s why=\"%s: trying "
		    "again until one answers\"",
		    m->settings->kafka.bootstrap, reason);
		/* What answers next may be another log. */
		if (m->state == MEMBER_READING)
			m->state = MEMBER_DOUBTFUL;
	} else {
		log_debug("consumer.kafka", "why=\"%s\"", reason);
	}
}

static int
subscribe(struct membership *m, char *why, size_t why_cap)
{
	const struct role *role = m->settings->role;
	rd_kafka_topic_partition_list_t *list =
	    rd_kafka_topic_partition_list_new((int)role->topic_count);
	rd_kafka_resp_err_t err;

	for (size_t i = 0; i < role->topic_count; i++)
		rd_kafka_topic_partition_list_add(list,
		    topic_info(role->topics[i])->name, RD_KAFKA_PARTITION_UA);
	err = rd_kafka_subscribe(m->rk, list);
	rd_kafka_topic_partition_list_destroy(list);
	if (err == RD_KAFKA_RESP_ERR_NO_ERROR)
		return 0;
	snprintf(why, why_cap, "%s", rd_kafka_err2str(err));
	return -1;
}

int
membership_open(struct membership *m,
    const struct membership_settings *settings, struct database *db,
    struct runtime_store *store, char *why, size_t why_cap)
{
	rd_kafka_conf_t *conf;

	*m = (struct membership){ .settings = settings,
		.db = db,
		.store = store,
		.state = MEMBER_WAITING };
	conf = kafka_conf(&settings->kafka, why, why_cap);
	if (conf == NULL)
		return -1;
	rd_kafka_conf_set_opaque(conf, m);
	rd_kafka_conf_set_rebalance_cb(conf, on_rebalance);
	rd_kafka_conf_set_error_cb(conf, on_error);
	if (set_all(conf, settings, why, why_cap) == -1)
		goto free_conf;
	m->rk = rd_kafka_new(RD_KAFKA_CONSUMER, conf, why, why_cap);
	if (m->rk == NULL)
		goto free_conf;
	rd_kafka_poll_set_consumer(m->rk);
	if (subscribe(m, why, why_cap) == 0)
		return 0;
	membership_close(m);
	return -1;
free_conf:
	rd_kafka_conf_destroy(conf);
	return -1;
}

void
membership_close(struct membership *m)
{
	if (m->rk == NULL)
		return;
	m->closing = true;
	if (m->state == MEMBER_ASSIGNED || m->state == MEMBER_REVOKED)
		rd_kafka_assign(m->rk, NULL); /* owed since the callback */
	rd_kafka_consumer_close(m->rk);
	rd_kafka_destroy(m->rk);
	m->rk = NULL;
	free(m->partitions);
	m->partitions = NULL;
	m->count = 0;
}

struct partition *
membership_find(struct membership *m, const char *topic, int32_t partition)
{
	for (size_t i = 0; i < m->count; i++) {
		struct partition *p = &m->partitions[i];

		if (p->number == partition &&
		    strcmp(topic_info(p->topic)->name, topic) == 0)
			return p;
	}
	return NULL;
}

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

static int
ask_watermarks(
    struct membership *m, struct log_part *parts, char *why, size_t why_cap)
{
	for (size_t i = 0; i < m->count; i++) {
		const struct partition *p = &m->partitions[i];
		const char *topic = topic_info(p->topic)->name;
		rd_kafka_resp_err_t err;

		parts[i] = (struct log_part){ topic, p->number, p->stored, -1,
			-1 };
		if (p->stored == OFFSET_NONE)
			continue;
		err = rd_kafka_query_watermark_offsets(m->rk, topic, p->number,
		    &parts[i].low, &parts[i].high, WATERMARK_TIMEOUT_MS);
		if (err == RD_KAFKA_RESP_ERR_NO_ERROR)
			continue;
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

static int
assign(struct membership *m, char *why, size_t why_cap)
{
	rd_kafka_topic_partition_list_t *list =
	    rd_kafka_topic_partition_list_new((int)m->count);
	rd_kafka_resp_err_t err;

	for (size_t i = 0; i < m->count; i++) {
		const struct partition *p = &m->partitions[i];

		rd_kafka_topic_partition_list_add(
		    list, topic_info(p->topic)->name, p->number)
		    ->offset = p->stored == OFFSET_NONE
		    ? RD_KAFKA_OFFSET_BEGINNING
		    : p->stored;
	}
	err = rd_kafka_assign(m->rk, list);
	rd_kafka_topic_partition_list_destroy(list);
	if (err == RD_KAFKA_RESP_ERR_NO_ERROR)
		return 0;
	snprintf(why, why_cap, "assign: %s", rd_kafka_err2str(err));
	return -1;
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
	if (assign(m, why, why_cap) == -1)
		return MEMBERSHIP_LATER;
	m->state = MEMBER_READING;
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

void
membership_give_back(struct membership *m)
{
	rd_kafka_assign(m->rk, NULL);
	m->count = 0;
	m->state = MEMBER_WAITING;
}

void
membership_commit(struct membership *m)
{
	rd_kafka_topic_partition_list_t *list =
	    rd_kafka_topic_partition_list_new((int)m->count);

	for (size_t i = 0; i < m->count; i++) {
		const struct partition *p = &m->partitions[i];

		if (p->stored != OFFSET_NONE)
			rd_kafka_topic_partition_list_add(
			    list, topic_info(p->topic)->name, p->number)
			    ->offset = p->stored;
	}
	if (list->cnt > 0)
		rd_kafka_commit(m->rk, list, 1);
	rd_kafka_topic_partition_list_destroy(list);
}

int64_t
membership_lag(struct membership *m)
{
	int64_t lag = 0, low, high;

	for (size_t i = 0; i < m->count; i++) {
		const struct partition *p = &m->partitions[i];

		if (rd_kafka_get_watermark_offsets(m->rk,
			topic_info(p->topic)->name, p->number, &low,
			&high) != RD_KAFKA_RESP_ERR_NO_ERROR ||
		    high < 0)
			continue;
		if (p->stored != OFFSET_NONE)
			low = p->stored;
		if (low >= 0 && high > low)
			lag += high - low;
	}
	return lag;
}
