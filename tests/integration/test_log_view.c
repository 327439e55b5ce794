/*
 * log_view: where partitions end, and records from here or there, on
 * librdkafka's mock cluster; and a Kafka that is away.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include "backend/api/log_view.h"
#include "lib/clock.h"
#include "lib/log.h"
#include "tests/integration/tsan_threads.h"

#define LONG_MS 20000
#define PARTITIONS 3
#define RECORDS 40 /* in each but the last, which is empty */

struct fixture {
	rd_kafka_t *rk; /* the cluster's own client, which writes too */
	rd_kafka_mock_cluster_t *cluster;
	struct kafka_settings settings;
	atomic_bool stop;
	struct log_view *view;
};

static int64_t
now_ms(void)
{
	return clock_boottime_ms(&clock_system);
}

static void
write_record(struct fixture *f, enum topic topic, int32_t partition, int n)
{
	char value[20];
	int len = snprintf(value, sizeof(value), "%d", n);

	assert_int_equal(
	    rd_kafka_producev(f->rk, RD_KAFKA_V_TOPIC(topic_info(topic)->name),
		RD_KAFKA_V_PARTITION(partition),
		RD_KAFKA_V_VALUE(value, (size_t)len),
		RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_END),
	    RD_KAFKA_RESP_ERR_NO_ERROR);
}

static int
start(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	rd_kafka_conf_t *conf = rd_kafka_conf_new();
	char why[512];

	assert_non_null(f);
	log_init("test", LOG_ERROR);
	rd_kafka_conf_set(conf, "test.mock.num.brokers", "2", why, sizeof(why));
	f->rk = rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, sizeof(why));
	assert_non_null(f->rk);
	f->cluster = rd_kafka_handle_mock_cluster(f->rk);
	assert_non_null(f->cluster);
	for (int t = 0; t < 2; t++)
		rd_kafka_mock_topic_create(f->cluster,
		    topic_info(t == 0 ? TOPIC_VENTAS : TOPIC_RECHAZADOS)->name,
		    PARTITIONS, 1);
	for (int i = 0; i < RECORDS; i++)
		for (int p = 0; p < PARTITIONS - 1; p++)
			write_record(f, TOPIC_RECHAZADOS, p, i);
	assert_int_equal(rd_kafka_flush(f->rk, LONG_MS), 0);
	f->settings.bootstrap = rd_kafka_mock_cluster_bootstraps(f->cluster);
	f->settings.client_id = "test";
	f->view = log_view_new(&f->settings, &f->stop);
	assert_non_null(f->view);
	*state = f;
	return 0;
}

static int
stop(void **state)
{
	struct fixture *f = *state;

	log_view_free(f->view);
	rd_kafka_destroy(f->rk);
	free(f);
	return 0;
}

static void
the_ends_are_those_of_our_topics(void **state)
{
	struct fixture *f = *state;
	const struct log_end *ends;
	size_t count;

	rd_kafka_mock_topic_create(f->cluster, "somebody_elses", 2, 1);
	for (int more = 0; more < 2; more++) {
		assert_int_equal(
		    log_view_ends(f->view, now_ms() + LONG_MS, &ends, &count),
		    0);
		assert_int_equal(count, 2 * PARTITIONS);
		for (size_t i = 0; i < count; i++) {
			bool filled = ends[i].topic == TOPIC_RECHAZADOS &&
			    ends[i].partition < PARTITIONS - 1;

			assert_int_equal(ends[i].partition, i % PARTITIONS);
			assert_int_equal(ends[i].low, 0);
			assert_int_equal(ends[i].end,
			    filled && ends[i].partition == 0
				? RECORDS + more
				: (filled ? RECORDS : 0));
		}
		write_record(f, TOPIC_RECHAZADOS, 0, RECORDS);
		assert_int_equal(rd_kafka_flush(f->rk, LONG_MS), 0);
	}
}

struct taken {
	int64_t next[PARTITIONS];
	int count;
	int enough; /* of one partition; 0: all */
};

static bool
take(void *ctx, const rd_kafka_message_t *m)
{
	struct taken *t = ctx;
	char value[20];

	assert_int_equal(m->offset, t->next[m->partition]++);
	snprintf(value, sizeof(value), "%d", (int)m->offset);
	assert_int_equal(m->len, strlen(value));
	assert_memory_equal(m->payload, value, m->len);
	t->count++;
	return t->enough == 0 || t->next[m->partition] % RECORDS != t->enough;
}

static void
each_partition_is_read_from_its_place_to_its_end(void **state)
{
	struct fixture *f = *state;
	struct log_start starts[PARTITIONS] = {
		{ .topic = TOPIC_RECHAZADOS, .partition = 0, .offset = 10 },
		{ .topic = TOPIC_RECHAZADOS, .partition = 1, .offset = 39 },
		{ .topic = TOPIC_RECHAZADOS, .partition = 2, .offset = 0 },
	};

	/* Again and again: what was fetched for one is not the next one's. */
	for (int i = 0; i < 5; i++) {
		struct taken taken = { .next = { 10, 39, 0 } };

		assert_int_equal(log_view_read(f->view, starts, PARTITIONS,
				     now_ms() + LONG_MS, take, &taken),
		    0);
		assert_int_equal(taken.count, RECORDS - 10 + 1);
	}
}

static void
who_has_enough_gets_no_more(void **state)
{
	struct fixture *f = *state;
	struct log_start starts[2] = {
		{ .topic = TOPIC_RECHAZADOS, .partition = 0, .offset = 1 },
		{ .topic = TOPIC_RECHAZADOS, .partition = 1, .offset = 20 },
	};
	struct taken taken = { .next = { 1, 20 }, .enough = 25 };

	assert_int_equal(
	    log_view_read(f->view, starts, 2, now_ms() + LONG_MS, take, &taken),
	    0);
	assert_int_equal(taken.next[0], 25);
	assert_int_equal(taken.next[1], 25);
	/* Of none at all: at once. */
	assert_int_equal(
	    log_view_read(f->view, starts, 0, now_ms() + LONG_MS, take, &taken),
	    0);
}

static void
a_place_that_is_not_there_is_not_waited_for(void **state)
{
	struct fixture *f = *state;
	struct log_start starts[2] = {
		{ .topic = TOPIC_RECHAZADOS, .partition = 0, .offset = 9999 },
		{ .topic = TOPIC_RECHAZADOS, .partition = 1, .offset = 38 },
	};
	struct taken taken = { .next = { 0, 38 } };

	assert_int_equal(
	    log_view_read(f->view, starts, 2, now_ms() + LONG_MS, take, &taken),
	    0);
	assert_int_equal(taken.count, 2);
}

static void
a_stop_ends_the_wait(void **state)
{
	struct fixture *f = *state;
	struct log_start begin = { .topic = TOPIC_RECHAZADOS };
	struct taken taken = { .count = 0 };

	atomic_store(&f->stop, true);
	assert_int_equal(
	    log_view_read(f->view, &begin, 1, now_ms() + LONG_MS, take, &taken),
	    1);
	assert_int_equal(taken.count, 0);
}

static void
a_kafka_that_is_away_is_said_in_time_and_not_asked_again_at_once(void **state)
{
	static const struct kafka_settings nobody = { "127.0.0.1:1", "test",
		NULL };
	atomic_bool never = false;
	struct log_view *view = log_view_new(&nobody, &never);
	const struct log_end *ends;
	struct log_start begin = { .topic = TOPIC_VENTAS };
	int64_t began = now_ms();
	size_t count;

	(void)state;
	assert_non_null(view);
	assert_int_equal(
	    log_view_ends(view, began + LONG_MS, &ends, &count), -1);
	assert_true(now_ms() - began < LONG_MS / 2);
	assert_non_null(strstr(log_view_why(view), "Kafka"));
	began = now_ms();
	assert_int_equal(
	    log_view_read(view, &begin, 1, began + LONG_MS, take, NULL), -1);
	assert_true(now_ms() - began < LONG_MS / 2);
	log_view_free(view);
}

#define CLUSTER(f) cmocka_unit_test_setup_teardown(f, start, stop)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CLUSTER(the_ends_are_those_of_our_topics),
		CLUSTER(each_partition_is_read_from_its_place_to_its_end),
		CLUSTER(who_has_enough_gets_no_more),
		CLUSTER(a_place_that_is_not_there_is_not_waited_for),
		CLUSTER(a_stop_ends_the_wait),
		cmocka_unit_test(
		    a_kafka_that_is_away_is_said_in_time_and_not_asked_again_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
