/*
 * bridge_log: the start as Kafka sees it: the topics, the guild's record, and
 * the word that follows from it.
 *
 * While Kafka does not answer, the calls that wait for it are short: 1 s.
 */
#include <errno.h>
#include <stdio.h>
#include <sys/random.h>

#include "broker-bridge/bridge_parts.h"

#define PROBE_MS 1000 /* how long a look at Kafka may take */
#define ENSURE_MS 20000 /* ten new topics on a slow disk */
#define GUILD_MS 5000
#define CATCH_UP_MS 10000

void
bridge_say_waiting(struct bridge *b, const char *what, const char *why)
{
	unsigned long held;

	if (log_limited(&b->waiting, 30000, &held))
		log_warn("bridge.waiting", "for=%s brokers=\"%s\" why=\"%s\"",
		    what, b->settings->brokers, why);
}

void
bridge_tell_ledger(struct bridge *b)
{
	downlink_set_ledger(b->downlink, b->word.now.ledger);
	metric_set(b->figures->ledger, (int64_t)b->word.now.ledger);
}

/* Kafka and the topics. */

bool
bridge_look(struct bridge *b, char *why, size_t why_cap)
{
	const struct rd_kafka_metadata *md;
	rd_kafka_resp_err_t err;
	enum topic topic;

	err = rd_kafka_metadata(
	    kafka_producer_handle(forward_producer(b->forward)), 0, NULL, &md,
	    PROBE_MS);
	atomic_store(&b->kafka_answers, err == RD_KAFKA_RESP_ERR_NO_ERROR);
	if (err != RD_KAFKA_RESP_ERR_NO_ERROR) {
		snprintf(why, why_cap, "%s", rd_kafka_err2str(err));
		return false;
	}
	for (int i = 0; i < md->topic_cnt; i++) {
		const struct rd_kafka_metadata_topic *t = &md->topics[i];

		if (t->err != RD_KAFKA_RESP_ERR_NO_ERROR ||
		    topic_parse(t->topic, &topic) == -1 ||
		    t->partition_cnt <= b->partitions[topic])
			continue;
		if (b->partitions[topic] > 0)
			log_info("bridge.partitions_added",
			    "topic=%s partitions=%d before=%d", t->topic,
			    t->partition_cnt, b->partitions[topic]);
		b->partitions[topic] = t->partition_cnt;
	}
	rd_kafka_metadata_destroy(md);
	if (b->state == BRIDGE_RUN)
		forward_set_partitions(b->forward, b->partitions);
	return true;
}

static void
step_topics(struct bridge *b)
{
	char why[512];
	int created = 0;

	if (!bridge_look(b, why, sizeof(why))) {
		bridge_say_waiting(b, "kafka", why);
		return;
	}
	if (topics_ensure(kafka_producer_handle(forward_producer(b->forward)),
		&b->topics, ENSURE_MS, b->partitions, &created, why,
		sizeof(why)) == -1) {
		if (errno != EINVAL) {
			bridge_say_waiting(b, "topics", why);
			return;
		}
		log_error("bridge.topics_wrong", "why=\"%s\"", why);
		b->status = 2;
		ev_break(b->loop, EVBREAK_ALL);
		return;
	}
	if (created > 0)
		log_info("bridge.topics_made", "count=%d", created);
	b->made_topics |= created > 0;
	forward_set_partitions(b->forward, b->partitions);
	b->state = BRIDGE_GUILD;
	b->next_try_ms = 0;
}

/* The guild's record. */

bool
bridge_read_commands(struct bridge *b)
{
	char why[512];

	if (downlink_read(b->downlink, b->partitions[TOPIC_COMANDOS], why,
		sizeof(why)) == 0)
		return true;
	bridge_say_waiting(b, "topic_comandos", why);
	return false;
}

static void
run(struct bridge *b, bool new_log)
{
	if ((new_log || b->reread) && !bridge_read_commands(b))
		return;
	b->reread = false;
	bridge_tell_ledger(b);
	b->state = BRIDGE_RUN;
	b->made_topics = b->looked_twice = false;
	b->next_look_ms = bridge_now_ms() + LOOK_EVERY_MS;
	log_info("bridge.runs", "ledger=%llu",
	    (unsigned long long)b->word.now.ledger);
	if (b->subscribed)
		return;
	b->subscribed = true;
	bridge_subscribe(b);
}

static void
say_log_lost(const struct bridge *b)
{
	log_error("bridge.log_lost",
	    "ledger=%llu why=\"Kafka's log is a new one: to have the carts "
	    "send again what they keep, run pregonctl ledger raise --since "
	    "TIME\"",
	    (unsigned long long)b->word.now.ledger);
}

/* What the carts were told last must be known before a new log is begun. */
static void
begin_log(struct bridge *b)
{
	bool lost = b->word.known || b->word.heard_known;
	struct guild_word word;
	char why[512];
	uint8_t jitter = 0;

	if (!b->word.known && !b->word.heard_known &&
	    (!mqtt_is_connected(b->down) ||
		bridge_now_ms() < b->hear_until_ms)) {
		if (!mqtt_is_connected(b->down))
			bridge_say_waiting(b, "mqtt",
			    "the log is new: what have the carts been told?");
		return;
	}
	if (!b->made_topics && !b->looked_twice) {
		/* A bridge that made the topics may be about to write. */
		b->looked_twice = true;
		if (getrandom(&jitter, 1, 0) != 1)
			jitter = 0;
		b->next_try_ms = bridge_now_ms() + 2000 + jitter * 4;
		return;
	}
	word = b->word;
	if (guild_begin(&word, clock_realtime_ms(&clock_system)) == -1 ||
	    kafka_guild_write(
		&b->kafka, GUILD_MS, &word.now, why, sizeof(why)) == -1) {
		bridge_say_waiting(b, "kafka", why);
		return;
	}
	b->word = word;
	metric_add(b->figures->new_logs, 1);
	if (lost)
		say_log_lost(b);
	else
		log_info("bridge.log_begun", "ledger=%llu",
		    (unsigned long long)word.now.ledger);
	run(b, true);
}

static void
step_guild(struct bridge *b)
{
	struct guild record = { 0 };
	bool other;
	char why[512];

	switch (
	    kafka_guild_read(&b->kafka, GUILD_MS, &record, why, sizeof(why))) {
	case 0:
		/* Another bridge's, or ours whose acknowledgement was lost. */
		other = guild_take(&b->word, &record) == GUILD_NEW_LOG;
		if (other && b->subscribed)
			say_log_lost(b);
		run(b, other || !b->subscribed);
		break;
	case 1:
		begin_log(b);
		break;
	default:
		bridge_say_waiting(b, "guild_record", why);
		b->state = BRIDGE_TOPICS;
	}
}

void
bridge_step(struct bridge *b)
{
	if (b->state == BRIDGE_TOPICS)
		step_topics(b);
	else
		step_guild(b);
}

void
bridge_see_to_guild(struct bridge *b, int64_t now)
{
	char why[512];

	if (!mqtt_is_connected(b->down) ||
	    (!b->word.heard_known && now < b->hear_until_ms))
		return;
	if (guild_must_say(&b->word)) {
		bridge_say_guild(b);
		/* Its echo is what we hear next. */
		b->hear_until_ms = now + HEAR_MS;
	}
	if (!b->word.heard_known ||
	    b->word.heard.ledger <= b->word.now.ledger) {
		b->ahead_since_ms = now;
		return;
	}
	/* Another bridge may only have read a record before us. */
	if (now - b->ahead_since_ms < CATCH_UP_MS || !guild_catch_up(&b->word))
		return;
	log_error("bridge.log_restored",
	    "ledger=%llu why=\"the carts follow a higher ledger than the log "
	    "knew: it is an older copy; pregonctl ledger raise --since TIME "
	    "has the carts fill it\"",
	    (unsigned long long)b->word.now.ledger);
	if (kafka_guild_write(
		&b->kafka, GUILD_MS, &b->word.now, why, sizeof(why)) == -1)
		bridge_say_waiting(b, "kafka", why);
	bridge_tell_ledger(b);
}
