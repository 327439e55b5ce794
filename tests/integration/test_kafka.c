/* kafka: the producer and the guild's record, on librdkafka's mock cluster. */
#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include "lib/clock.h"
#include "lib/kafka.h"
#include "lib/log.h"
#include "tests/integration/tsan_threads.h"

#define WAIT_MS 20000
#define RECORDS_MAX 2000

/* Kafka's protocol's number for Produce. */
#define API_PRODUCE 0

struct fixture {
	rd_kafka_t *rk; /* the cluster's own client */
	rd_kafka_mock_cluster_t *cluster;
	struct kafka_settings settings;
	struct kafka_producer *producer;
	/* by opaque - 1: reports, and the last one */
	int reports[RECORDS_MAX];
	struct kafka_delivery last[RECORDS_MAX];
	int reported;
	char why[512];
};

static void
delivered(void *ctx, const struct kafka_delivery *delivery)
{
	struct fixture *f = ctx;
	size_t i = (size_t)(uintptr_t)delivery->opaque - 1;

	assert_true(i < RECORDS_MAX);
	f->reports[i]++;
	f->last[i] = *delivery;
	f->reported++;
}

static int
start(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	rd_kafka_conf_t *conf = rd_kafka_conf_new();

	if (f == NULL)
		return -1;
	log_init("test", LOG_ERROR);
	f->rk = rd_kafka_new(RD_KAFKA_PRODUCER, conf, f->why, sizeof(f->why));
	f->cluster = rd_kafka_mock_cluster_new(f->rk, 1);
	/* Topics come into being, with 4 partitions, when first asked for. */
	f->settings.bootstrap = rd_kafka_mock_cluster_bootstraps(f->cluster);
	f->settings.client_id = "test";
	f->producer = kafka_producer_new(
	    &f->settings, delivered, f, f->why, sizeof(f->why));
	*state = f;
	return f->producer != NULL ? 0 : -1;
}

static int
stop(void **state)
{
	struct fixture *f = *state;

	kafka_producer_free(f->producer, 1000);
	rd_kafka_mock_cluster_destroy(f->cluster);
	rd_kafka_destroy(f->rk);
	free(f);
	return 0;
}

static int
produce(struct fixture *f, int number, const char *value)
{
	return kafka_produce(f->producer,
	    &(struct kafka_record){ .topic = TOPIC_VENTAS,
		.partition = 1,
		.key = "AB1234",
		.key_len = 6,
		.value = value,
		.value_len = strlen(value),
		.schema = SCHEMA_FRAME_SALE,
		.opaque = (void *)(uintptr_t)(number + 1) });
}

/* Is the fd readable? */
static bool
poll_now(struct fixture *f)
{
	struct pollfd fd = { .fd = kafka_producer_fd(f->producer),
		.events = POLLIN };

	return poll(&fd, 1, 0) == 1;
}

/* Only by the fd, as a loop would: that it wakes is part of the promise. */
static void
wait_for_reports(struct fixture *f, int wanted)
{
	struct pollfd fd = { .fd = kafka_producer_fd(f->producer),
		.events = POLLIN };
	int64_t deadline = clock_boottime_ms(&clock_system) + WAIT_MS;

	while (f->reported < wanted) {
		int64_t left = deadline - clock_boottime_ms(&clock_system);

		if (left <= 0 || poll(&fd, 1, (int)left) == 0)
			fail_msg("%d of %d reports", f->reported, wanted);
		kafka_producer_poll(f->producer);
	}
}

/* The first messages of a partition, as any client reads them. */
struct reader {
	rd_kafka_t *rk;
	rd_kafka_topic_t *rkt;
	rd_kafka_message_t *messages[64];
	int count;
};

static void
reader_open(struct reader *r, struct fixture *f, enum topic topic,
    int32_t partition, int count)
{
	rd_kafka_conf_t *conf = kafka_conf(
	    &f->settings, f->why, sizeof(f->why));

	assert_non_null(conf);
	r->rk = rd_kafka_new(RD_KAFKA_CONSUMER, conf, f->why, sizeof(f->why));
	assert_non_null(r->rk);
	r->rkt = rd_kafka_topic_new(r->rk, topic_info(topic)->name, NULL);
	r->count = count;
	assert_int_equal(rd_kafka_consume_start(r->rkt, partition, 0), 0);
	for (int i = 0; i < count; i++) {
		r->messages[i] = rd_kafka_consume(r->rkt, partition, WAIT_MS);
		assert_non_null(r->messages[i]);
		assert_int_equal(r->messages[i]->err, 0);
	}
	rd_kafka_consume_stop(r->rkt, partition);
}

static void
reader_close(struct reader *r)
{
	for (int i = 0; i < r->count; i++)
		rd_kafka_message_destroy(r->messages[i]);
	rd_kafka_topic_destroy(r->rkt);
	rd_kafka_destroy(r->rk);
}

/* NULL: the message has no such header. */
static const char *
header(rd_kafka_message_t *message, const char *name)
{
	static char text[256];
	rd_kafka_headers_t *headers;
	const void *value;
	size_t len;

	if (rd_kafka_message_headers(message, &headers) != 0 ||
	    rd_kafka_header_get_last(headers, name, &value, &len) != 0)
		return NULL;
	snprintf(text, sizeof(text), "%.*s", (int)len, (const char *)value);
	return text;
}

static int64_t
records_in_log(struct fixture *f, enum topic topic, int32_t partition)
{
	int64_t low, high;

	assert_int_equal(
	    rd_kafka_query_watermark_offsets(kafka_producer_handle(f->producer),
		topic_info(topic)->name, partition, &low, &high, WAIT_MS),
	    0);
	return high - low;
}

static void
each_record_has_one_report_with_its_place(void **state)
{
	struct fixture *f = *state;
	bool seen[1000] = { false };

	for (int i = 0; i < 1000; i++)
		assert_int_equal(produce(f, i, "x"), 0);
	wait_for_reports(f, 1000);
	assert_int_equal(kafka_producer_queued(f->producer), 0);
	for (int i = 0; i < 1000; i++) {
		assert_int_equal(f->reports[i], 1);
		assert_int_equal(f->last[i].err, 0);
		assert_int_equal(f->last[i].partition, 1);
		assert_in_range(f->last[i].offset, 0, 999);
		assert_false(seen[f->last[i].offset]);
		seen[f->last[i].offset] = true;
	}
}

static void
a_record_arrives_as_it_was_given(void **state)
{
	struct fixture *f = *state;
	struct reader r;

	assert_int_equal(kafka_produce(f->producer,
			     &(struct kafka_record){ .topic = TOPIC_RECHAZADOS,
				 .partition = 2,
				 .key = "AB1234",
				 .key_len = 6,
				 .value = "\0\1\2",
				 .value_len = 3,
				 .schema = SCHEMA_REJECT,
				 .reason = "sale.lines: expected an array",
				 .timestamp_ms = 1795190700123,
				 .opaque = (void *)1 }),
	    0);
	wait_for_reports(f, 1);
	reader_open(&r, f, TOPIC_RECHAZADOS, 2, 1);
	assert_int_equal(r.messages[0]->key_len, 6);
	assert_memory_equal(r.messages[0]->key, "AB1234", 6);
	assert_int_equal(r.messages[0]->len, 3);
	assert_memory_equal(r.messages[0]->payload, "\0\1\2", 3);
	assert_string_equal(header(r.messages[0], HEADER_SCHEMA), "reject/1");
	assert_string_equal(header(r.messages[0], HEADER_REASON),
	    "sale.lines: expected an array");
	assert_null(header(r.messages[0], HEADER_ORIGIN));
	assert_true(
	    rd_kafka_message_timestamp(r.messages[0], NULL) == 1795190700123);
	reader_close(&r);
}

static void
an_empty_value_is_no_tombstone(void **state)
{
	struct fixture *f = *state;
	struct kafka_record record = { .topic = TOPIC_COMANDOS,
		.partition = 0,
		.key = "k",
		.key_len = 1,
		.opaque = (void *)1 };
	struct reader r;

	assert_int_equal(kafka_produce(f->producer, &record), 0);
	record.tombstone = true;
	record.opaque = (void *)2;
	assert_int_equal(kafka_produce(f->producer, &record), 0);
	wait_for_reports(f, 2);
	reader_open(&r, f, TOPIC_COMANDOS, 0, 2);
	assert_non_null(r.messages[0]->payload);
	assert_int_equal(r.messages[0]->len, 0);
	assert_null(r.messages[1]->payload);
	reader_close(&r);
}

static void
what_can_be_tried_again_is_and_arrives_once(void **state)
{
	struct fixture *f = *state;

	rd_kafka_mock_push_request_errors(f->cluster, API_PRODUCE, 4,
	    RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION,
	    RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS, RD_KAFKA_RESP_ERR__TRANSPORT,
	    RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT);
	for (int i = 0; i < 50; i++)
		assert_int_equal(produce(f, i, "x"), 0);
	wait_for_reports(f, 50);
	for (int i = 0; i < 50; i++) {
		assert_int_equal(f->reports[i], 1);
		assert_int_equal(f->last[i].err, 0);
	}
	assert_int_equal(records_in_log(f, TOPIC_VENTAS, 1), 50);
}

static void
a_broker_that_was_away_gets_what_waited(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(produce(f, 0, "x"), 0);
	wait_for_reports(f, 1);
	rd_kafka_mock_broker_set_down(f->cluster, 1);
	for (int i = 1; i < 20; i++)
		assert_int_equal(produce(f, i, "x"), 0);
	assert_in_range(kafka_producer_queued(f->producer), 19, 100);
	rd_kafka_mock_broker_set_up(f->cluster, 1);
	wait_for_reports(f, 20);
	for (int i = 0; i < 20; i++)
		assert_int_equal(f->last[i].err, 0);
	assert_int_equal(records_in_log(f, TOPIC_VENTAS, 1), 20);
}

static void
after_a_fatal_error_the_producer_is_made_anew(void **state)
{
	struct fixture *f = *state;
	int fd = kafka_producer_fd(f->producer);
	rd_kafka_t *before = kafka_producer_handle(f->producer);
	int64_t deadline = clock_boottime_ms(&clock_system) + WAIT_MS;

	log_init("test", LOG_ERROR);
	assert_int_equal(produce(f, 0, "x"), 0);
	wait_for_reports(f, 1);
	/* Some on the wire, some in the queue, when it happens. */
	rd_kafka_mock_broker_set_rtt(f->cluster, 1, 300);
	for (int i = 1; i < 100; i++)
		assert_int_equal(produce(f, i, "x"), 0);
	assert_int_equal(
	    rd_kafka_test_fatal_error(before,
		RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER, "made up"),
	    0);
	wait_for_reports(f, 100);
	for (int i = 0; i < 100; i++)
		assert_int_equal(f->reports[i], 1);
	assert_int_not_equal(f->last[99].err, 0);
	/* The same fd serves the new one, which takes records and delivers. */
	rd_kafka_mock_broker_set_rtt(f->cluster, 1, 0);
	while (produce(f, 100, "x") == -1) {
		assert_int_equal(errno, ENOBUFS);
		assert_true(clock_boottime_ms(&clock_system) < deadline);
	}
	wait_for_reports(f, 101);
	assert_int_equal(f->last[100].err, 0);
	assert_int_equal(kafka_producer_fd(f->producer), fd);
	assert_ptr_not_equal(kafka_producer_handle(f->producer), before);
}

static void
one_fatal_error_after_the_other_is_outlived(void **state)
{
	struct fixture *f = *state;

	for (int i = 0; i < 3; i++) {
		int64_t deadline = clock_boottime_ms(&clock_system) + WAIT_MS;

		rd_kafka_test_fatal_error(kafka_producer_handle(f->producer),
		    RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH, "made up");
		while (produce(f, i, "x") == -1) {
			assert_int_equal(errno, ENOBUFS);
			assert_true(
			    clock_boottime_ms(&clock_system) < deadline);
			if (poll_now(f))
				kafka_producer_poll(f->producer);
		}
		wait_for_reports(f, i + 1);
	}
	assert_int_equal(f->reports[0] + f->reports[1] + f->reports[2], 3);
}

static void
a_topic_that_is_not_there_is_reported(void **state)
{
	struct fixture *f = *state;

	rd_kafka_mock_topic_set_error(f->cluster,
	    topic_info(TOPIC_ALERTAS)->name,
	    RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
	assert_int_equal(kafka_produce(f->producer,
			     &(struct kafka_record){ .topic = TOPIC_ALERTAS,
				 .partition = 0,
				 .value = "x",
				 .value_len = 1,
				 .opaque = (void *)1 }),
	    0);
	wait_for_reports(f, 1);
	assert_true(f->last[0].err == RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC ||
	    f->last[0].err == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
}

static void
a_partition_that_is_not_there_is_refused_or_reported(void **state)
{
	struct fixture *f = *state;
	struct kafka_record record = { .topic = TOPIC_VENTAS,
		.partition = 9,
		.value = "x",
		.value_len = 1,
		/* librdkafka 2.0.2 frees headers of its own making twice. */
		.schema = SCHEMA_FRAME_SALE,
		.opaque = (void *)1 };

	/* Before the topic is known it can only be told later. */
	if (kafka_produce(f->producer, &record) == 0) {
		wait_for_reports(f, 1);
		assert_int_not_equal(f->last[0].err, 0);
	}
	assert_int_equal(kafka_produce(f->producer, &record), -1);
	assert_int_equal(errno, EIO);
	f->reported = 0;
	assert_int_equal(produce(f, 1, "x"), 0);
	wait_for_reports(f, 1);
}

/* A second producer, which this test frees itself. */
static struct kafka_producer *
producer_with(struct fixture *f, struct config_pair *pair)
{
	struct config_pass pass = { "kafka", pair, 1 };
	struct kafka_settings settings = f->settings;

	settings.pass = &pass;
	return kafka_producer_new(
	    &settings, delivered, f, f->why, sizeof(f->why));
}

static void
a_full_queue_says_so_and_freeing_reports_the_rest(void **state)
{
	struct fixture *f = *state;
	struct config_pair ten = { (char[]){ "queue.buffering.max.messages" },
		(char[]){ "10" } };
	struct kafka_producer *first = f->producer;

	rd_kafka_mock_broker_set_down(f->cluster, 1);
	f->producer = producer_with(f, &ten);
	assert_non_null(f->producer);
	for (int i = 0; i < 10; i++)
		assert_int_equal(produce(f, i, "x"), 0);
	assert_int_equal(produce(f, 10, "x"), -1);
	assert_int_equal(errno, ENOBUFS);
	kafka_producer_free(f->producer, 0);
	f->producer = first;
	assert_int_equal(f->reported, 10);
	for (int i = 0; i < 10; i++) {
		assert_int_equal(f->reports[i], 1);
		assert_int_not_equal(f->last[i].err, 0);
	}
}

static void
a_wrong_property_is_named(void **state)
{
	struct fixture *f = *state;
	struct config_pair unknown = { (char[]){ "linger.mss" },
		(char[]){ "1" } };
	struct config_pair weak = { (char[]){ "acks" }, (char[]){ "1" } };
	struct config_pair twice = { (char[]){ "enable.idempotence" },
		(char[]){ "false" } };

	assert_null(producer_with(f, &unknown));
	assert_int_equal(errno, EINVAL);
	assert_non_null(strstr(f->why, "kafka.linger.mss"));
	assert_null(producer_with(f, &weak));
	assert_int_equal(errno, EINVAL);
	assert_non_null(strstr(f->why, "kafka.acks"));
	assert_null(producer_with(f, &twice));
	assert_non_null(strstr(f->why, "kafka.enable.idempotence"));
}

static void
a_new_log_has_no_guild_and_then_the_newest(void **state)
{
	struct fixture *f = *state;
	struct guild guild = { .ledger = 60000, .since_ms = -1 }, read;

	assert_int_equal(kafka_guild_read(&f->settings, WAIT_MS, &read, f->why,
			     sizeof(f->why)),
	    1);
	/* Commands of carts lie in the same partition. */
	assert_int_equal(kafka_produce(f->producer,
			     &(struct kafka_record){ .topic = TOPIC_COMANDOS,
				 .partition = 0,
				 .key = "AB1234/settings",
				 .key_len = 15,
				 .value = "x",
				 .value_len = 1,
				 .opaque = (void *)1 }),
	    0);
	wait_for_reports(f, 1);
	assert_int_equal(kafka_guild_read(&f->settings, WAIT_MS, &read, f->why,
			     sizeof(f->why)),
	    1);
	assert_int_equal(kafka_guild_write(&f->settings, WAIT_MS, &guild,
			     f->why, sizeof(f->why)),
	    0);
	guild.ledger = 60001;
	guild.since_ms = 1795190700000; /* whole seconds */
	guild.has_log_id = true;
	memset(guild.log_id, 0xa5, sizeof(guild.log_id));
	assert_int_equal(kafka_guild_write(&f->settings, WAIT_MS, &guild,
			     f->why, sizeof(f->why)),
	    0);
	assert_int_equal(kafka_guild_read(&f->settings, WAIT_MS, &read, f->why,
			     sizeof(f->why)),
	    0);
	assert_int_equal(read.ledger, 60001);
	assert_int_equal(read.since_ms, 1795190700000);
	assert_true(read.has_log_id);
	assert_memory_equal(read.log_id, guild.log_id, sizeof(guild.log_id));
}

static int
write_and_read(struct fixture *f, const char *value, bool tombstone)
{
	struct guild guild;

	f->reported = 0;
	assert_int_equal(kafka_produce(f->producer,
			     &(struct kafka_record){ .topic = TOPIC_COMANDOS,
				 .partition = 0,
				 .key = COMMAND_KEY_GUILD,
				 .key_len = 5,
				 .value = value,
				 .value_len = strlen(value),
				 .tombstone = tombstone,
				 .opaque = (void *)1 }),
	    0);
	wait_for_reports(f, 1);
	return kafka_guild_read(
	    &f->settings, WAIT_MS, &guild, f->why, sizeof(f->why));
}

static void
only_the_newest_record_of_the_guild_must_be_readable(void **state)
{
	struct fixture *f = *state;
	struct guild guild = { .ledger = 60000, .since_ms = -1 };

	assert_int_equal(write_and_read(f, "garbage", false), -1);
	assert_int_equal(errno, EIO);
	assert_non_null(strstr(f->why, "cannot be read"));
	assert_int_equal(kafka_guild_write(&f->settings, WAIT_MS, &guild,
			     f->why, sizeof(f->why)),
	    0);
	assert_int_equal(kafka_guild_read(&f->settings, WAIT_MS, &guild, f->why,
			     sizeof(f->why)),
	    0);
	assert_int_equal(guild.ledger, 60000);
	assert_int_equal(write_and_read(f, "", true), 1);
}

static void
a_guild_that_nobody_can_tell_is_no_new_one(void **state)
{
	struct fixture *f = *state;
	struct kafka_settings nobody = f->settings;
	struct guild guild = { .ledger = 1, .since_ms = -1 };
	int64_t start_ms = clock_boottime_ms(&clock_system);

	log_init("test", LOG_ERROR);
	nobody.bootstrap = "127.0.0.1:1";
	assert_int_equal(
	    kafka_guild_read(&nobody, 300, &guild, f->why, sizeof(f->why)), -1);
	assert_int_equal(errno, ETIMEDOUT);
	assert_int_equal(
	    kafka_guild_write(&nobody, 300, &guild, f->why, sizeof(f->why)),
	    -1);
	assert_int_equal(errno, ETIMEDOUT);
	assert_true(clock_boottime_ms(&clock_system) - start_ms < WAIT_MS);
	rd_kafka_mock_topic_set_error(f->cluster,
	    topic_info(TOPIC_COMANDOS)->name,
	    RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
	assert_int_equal(
	    kafka_guild_read(&f->settings, 300, &guild, f->why, sizeof(f->why)),
	    -1);
}

static void
a_ledger_grows_with_the_hours_and_never_falls(void **state)
{
	(void)state;
	assert_int_equal(guild_next_ledger(1577836800000, 0), 1);
	assert_int_equal(guild_next_ledger(1577836800000 + 5 * 3600000, 0), 5);
	assert_int_equal(guild_next_ledger(1577836800000 + 5 * 3600000, 5), 6);
	assert_int_equal(guild_next_ledger(0, 77), 78);
	assert_int_equal(guild_next_ledger(1795190700123, 0), 60376);
}

#define ON_CLUSTER(test) cmocka_unit_test_setup_teardown(test, start, stop)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		ON_CLUSTER(each_record_has_one_report_with_its_place),
		ON_CLUSTER(a_record_arrives_as_it_was_given),
		ON_CLUSTER(an_empty_value_is_no_tombstone),
		ON_CLUSTER(what_can_be_tried_again_is_and_arrives_once),
		ON_CLUSTER(a_broker_that_was_away_gets_what_waited),
		ON_CLUSTER(after_a_fatal_error_the_producer_is_made_anew),
		ON_CLUSTER(one_fatal_error_after_the_other_is_outlived),
		ON_CLUSTER(a_topic_that_is_not_there_is_reported),
		ON_CLUSTER(
		    a_partition_that_is_not_there_is_refused_or_reported),
		ON_CLUSTER(a_full_queue_says_so_and_freeing_reports_the_rest),
		ON_CLUSTER(a_wrong_property_is_named),
		ON_CLUSTER(a_new_log_has_no_guild_and_then_the_newest),
		ON_CLUSTER(
		    only_the_newest_record_of_the_guild_must_be_readable),
		ON_CLUSTER(a_guild_that_nobody_can_tell_is_no_new_one),
		cmocka_unit_test(a_ledger_grows_with_the_hours_and_never_falls),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
