/*
 * The guild's record: which log this is, and since when everything is wanted.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "lib/clock.h"
#include "lib/kafka_parts.h"

#define GUILD_PARTITION 0
#define HOUR_MS INT64_C(3600000)
#define YEAR_2020_MS INT64_C(1577836800000)

/* Assigned by hand and never committed: the group exists in name only. */
static const struct kafka_property reader_properties[] = {
	{ "group.id", "pregon-guild-reader" },
	{ "enable.auto.commit", "false" },
	{ "enable.partition.eof", "true" },
	{ "fetch.wait.max.ms", "50" },
	{ "auto.offset.reset", "error" },
};

static int
remaining_ms(int64_t deadline_ms)
{
	int64_t left = deadline_ms - clock_boottime_ms(&clock_system);

	return left > 0 ? (int)left : 0;
}

static int
fail(int error, char *why, size_t why_cap, const char *words)
{
	snprintf(
	    why, why_cap, "%s: %s", topic_info(TOPIC_COMANDOS)->name, words);
	errno = error;
	return -1;
}

static int
errno_of(rd_kafka_resp_err_t err)
{
	switch (err) {
	case RD_KAFKA_RESP_ERR__TIMED_OUT:
	case RD_KAFKA_RESP_ERR__TRANSPORT:
	case RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN:
	case RD_KAFKA_RESP_ERR__RESOLVE:
		return ETIMEDOUT;
	default:
		return EIO;
	}
}

static bool
is_guild_record(const rd_kafka_message_t *message)
{
	return message->key_len == strlen(COMMAND_KEY_GUILD) &&
	    memcmp(message->key, COMMAND_KEY_GUILD, message->key_len) == 0;
}

/* What the newest record of the guild was so far. */
enum finding { FOUND_NONE, FOUND_GUILD, FOUND_UNREADABLE };

/* The newest wins; a tombstone takes it back. */
static void
take_record(
    const rd_kafka_message_t *message, struct guild *guild, enum finding *found)
{
	struct decode_error error;

	if (!is_guild_record(message))
		return;
	if (message->payload == NULL)
		*found = FOUND_NONE;
	else if (guild_decode(message->payload, message->len, guild, &error) ==
	    0)
		*found = FOUND_GUILD;
	else
		*found = FOUND_UNREADABLE;
}

/*
 * From the assigned start to the record before `high`, or to the partition's
 * end: a fetch that finds nothing keeps one waiting.
 */
static int
read_to_end(rd_kafka_t *rk, int64_t high, int64_t deadline_ms,
    struct guild *guild, enum finding *found, char *why, size_t why_cap)
{
	rd_kafka_message_t *message;
	bool ended = false;
	int rc = 0;

	*found = FOUND_NONE;
	while (!ended && rc == 0) {
		message = rd_kafka_consumer_poll(rk, remaining_ms(deadline_ms));
		if (message == NULL)
			return fail(ETIMEDOUT, why, why_cap,
			    "Kafka did not answer in time");
		switch (message->err) {
		case RD_KAFKA_RESP_ERR_NO_ERROR:
			take_record(message, guild, found);
			ended = message->offset >= high - 1;
			break;
		case RD_KAFKA_RESP_ERR__PARTITION_EOF:
			ended = true;
			break;
		case RD_KAFKA_RESP_ERR__TRANSPORT:
		case RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN:
			break; /* it tries again until the deadline */
		default:
			rc = fail(errno_of(message->err), why, why_cap,
			    rd_kafka_message_errstr(message));
		}
		rd_kafka_message_destroy(message);
	}
	return rc;
}

static int
assign_partition(rd_kafka_t *rk, int64_t start, char *why, size_t why_cap)
{
	rd_kafka_topic_partition_list_t *list =
	    rd_kafka_topic_partition_list_new(1);
	rd_kafka_resp_err_t err;

	rd_kafka_topic_partition_list_add(
	    list, topic_info(TOPIC_COMANDOS)->name, GUILD_PARTITION)
	    ->offset = start;
	err = rd_kafka_assign(rk, list);
	rd_kafka_topic_partition_list_destroy(list);
	if (err != RD_KAFKA_RESP_ERR_NO_ERROR)
		return fail(errno_of(err), why, why_cap, rd_kafka_err2str(err));
	return 0;
}

/*
 * A topic that is not there is an error, not a log without a record: after a
 * broker's start it can be that it is only not known yet, and to take that
 * for a new guild would raise the ledger for nothing.
 */
static int
query_start(rd_kafka_t *rk, int64_t deadline_ms, int64_t *low, int64_t *high,
    char *why, size_t why_cap)
{
	rd_kafka_resp_err_t err;

	err = rd_kafka_query_watermark_offsets(rk,
	    topic_info(TOPIC_COMANDOS)->name, GUILD_PARTITION, low, high,
	    remaining_ms(deadline_ms));
	if (err == RD_KAFKA_RESP_ERR_NO_ERROR)
		return 0;
	return fail(errno_of(err), why, why_cap, rd_kafka_err2str(err));
}

int
kafka_guild_read(const struct kafka_settings *settings, int timeout_ms,
    struct guild *guild, char *why, size_t why_cap)
{
	int64_t deadline_ms = clock_boottime_ms(&clock_system) + timeout_ms;
	int64_t low, high;
	enum finding found = FOUND_NONE;
	int rc = -1, saved;
	rd_kafka_conf_t *conf;
	rd_kafka_t *rk;
	char words[256];

	conf = kafka_conf_with(settings, reader_properties,
	    sizeof(reader_properties) / sizeof(*reader_properties), why,
	    why_cap);
	if (conf == NULL)
		return -1;
	rk = rd_kafka_new(RD_KAFKA_CONSUMER, conf, words, sizeof(words));
	if (rk == NULL) {
		rd_kafka_conf_destroy(conf);
		return fail(EIO, why, why_cap, words);
	}
	rd_kafka_poll_set_consumer(rk);
	if (query_start(rk, deadline_ms, &low, &high, why, why_cap) == -1)
		goto out;
	if (low < high &&
	    (assign_partition(rk, low, why, why_cap) == -1 ||
		read_to_end(
		    rk, high, deadline_ms, guild, &found, why, why_cap) == -1))
		goto out;
	if (found == FOUND_UNREADABLE)
		fail(EIO, why, why_cap,
		    "its newest record `guild` cannot be read");
	else
		rc = found == FOUND_GUILD ? 0 : 1;
out:
	saved = errno;
	rd_kafka_consumer_close(rk);
	kafka_destroy(rk);
	errno = saved;
	return rc;
}

/* What the writer waits for. */
struct fate {
	bool known;
	rd_kafka_resp_err_t err;
};

static void
on_delivered(void *ctx, const struct kafka_delivery *delivery)
{
	struct fate *fate = ctx;

	fate->known = true;
	fate->err = delivery->err;
}

static void
wait_for_fate(
    struct kafka_producer *p, const struct fate *fate, int64_t deadline_ms)
{
	struct pollfd wake = { .fd = kafka_producer_fd(p), .events = POLLIN };

	while (!fate->known && remaining_ms(deadline_ms) > 0) {
		poll(&wake, 1, remaining_ms(deadline_ms));
		kafka_producer_poll(p);
	}
}

int
kafka_guild_write(const struct kafka_settings *settings, int timeout_ms,
    const struct guild *guild, char *why, size_t why_cap)
{
	int64_t deadline_ms = clock_boottime_ms(&clock_system) + timeout_ms;
	uint8_t value[GUILD_BYTES_MAX];
	struct fate fate = { false, RD_KAFKA_RESP_ERR__TIMED_OUT };
	struct kafka_producer *p;
	int len = guild_encode(guild, value, sizeof(value)), rc;

	if (len == -1)
		return fail(EINVAL, why, why_cap, "not a guild to write");
	p = kafka_producer_new(settings, on_delivered, &fate, why, why_cap);
	if (p == NULL)
		return -1;
	rc = kafka_produce(p,
	    &(struct kafka_record){ .topic = TOPIC_COMANDOS,
		.partition = GUILD_PARTITION,
		.key = COMMAND_KEY_GUILD,
		.key_len = strlen(COMMAND_KEY_GUILD),
		.value = value,
		.value_len = (size_t)len,
		.schema = SCHEMA_GUILD });
	if (rc == 0)
		wait_for_fate(p, &fate, deadline_ms);
	/* Freeing it gives the fate that was not known in time. */
	kafka_producer_free(p, 0);
	if (rc == -1)
		return fail(EIO, why, why_cap, "it could not be written");
	if (fate.err == RD_KAFKA_RESP_ERR__PURGE_QUEUE ||
	    fate.err == RD_KAFKA_RESP_ERR__PURGE_INFLIGHT)
		fate.err = RD_KAFKA_RESP_ERR__TIMED_OUT;
	if (fate.err != RD_KAFKA_RESP_ERR_NO_ERROR)
		return fail(errno_of(fate.err), why, why_cap,
		    rd_kafka_err2str(fate.err));
	return 0;
}

uint64_t
guild_next_ledger(int64_t now_ms, uint64_t over)
{
	uint64_t hours = 0;

	if (now_ms > YEAR_2020_MS)
		hours = (uint64_t)((now_ms - YEAR_2020_MS) / HOUR_MS);
	return hours > over ? hours : over + 1;
}
