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
	/* What is judged by the clock waits until all is read. */
	{ "enable.partition.eof", "true", true },
};

/* Of a role that is patient. */
static const struct property patience[] = {
	{ "fetch.wait.max.ms", "200", false },
	{ "fetch.min.bytes", "65536", false },
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
set_each(rd_kafka_conf_t *conf, const struct property *list, size_t count,
    const struct membership_settings *settings, char *why, size_t why_cap)
{
	for (size_t i = 0; i < count; i++) {
		const struct property *p = &list[i];

		if (!p->fixed && is_passed(settings->kafka.pass, p->key))
			continue;
		if (rd_kafka_conf_set(conf, p->key, p->value, why, why_cap) !=
		    RD_KAFKA_CONF_OK)
			return -1;
	}
	return 0;
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
	if (set_each(conf, properties,
		sizeof(properties) / sizeof(properties[0]), settings, why,
		why_cap) == -1)
		return -1;
	if (!settings->role->patient)
		return 0;
	return set_each(conf, patience, sizeof(patience) / sizeof(patience[0]),
	    settings, why, why_cap);
}

static bool
is_first(const struct role *role, const struct partition *p)
{
	return role->reserved_first && topic_info(p->topic)->reserved &&
	    p->number == 0;
}

static bool
is_prior(const struct role *role, enum topic topic)
{
	for (size_t i = 0; i < role->prior_count; i++) {
		if (role->topics[i] == topic)
			return true;
	}
	return false;
}

static void
forget_partitions(struct membership *m)
{
	for (size_t i = 0; i < m->count; i++) {
		if (m->partitions[i].queue != NULL)
			rd_kafka_queue_destroy(m->partitions[i].queue);
	}
	free(m->partitions);
	m->partitions = NULL;
	m->count = 0;
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
		p->stored = p->next = p->end = OFFSET_NONE;
		p->first = is_first(m->settings->role, p);
		p->prior = p->first || is_prior(m->settings->role, p->topic);
		count++;
	}
	forget_partitions(m);
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
		m->state = GROUP_ASSIGNED;
	else
		m->state = GROUP_REVOKED;
}

static void
on_error(rd_kafka_t *rk, int err, const char *reason, void *opaque)
{
	struct membership *m = opaque;
	char words[256];

	m->trouble_ms = clock_boottime_ms(&clock_system);
	if (err == RD_KAFKA_RESP_ERR__FATAL) {
		rd_kafka_fatal_error(rk, words, sizeof(words));
		log_error("consumer.fatal", "why=\"%s\"", words);
		m->state = GROUP_FAILED;
	} else if (err == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN) {
		log_warn("consumer.no_broker",
		    "brokers=%s why=\"%s: trying "
		    "again until one answers\"",
		    m->settings->kafka.bootstrap, reason);
		/* What answers next may be another log. */
		if (m->state == GROUP_READING)
			m->state = GROUP_DOUBTFUL;
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
		.state = GROUP_WAITING };
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
	if (m->state == GROUP_ASSIGNED || m->state == GROUP_REVOKED)
		rd_kafka_assign(m->rk, NULL); /* owed since the callback */
	rd_kafka_consumer_close(m->rk);
	forget_partitions(m);
	kafka_destroy(m->rk);
	m->rk = NULL;
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

void
membership_give_back(struct membership *m)
{
	rd_kafka_assign(m->rk, NULL);
	forget_partitions(m);
	m->state = GROUP_WAITING;
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
