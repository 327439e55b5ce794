/*
 * forward: what Kafka's refusals do to frames and acks, on librdkafka's mock
 * cluster.  There is no MQTT connection: an ack that is due is counted as
 * lost, and that is how it is seen here.
 */
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include "broker-bridge/forward.h"
#include "lib/clock.h"
#include "lib/log.h"
#include "schemas/status.h"

#define WAIT_MS 20000
#define T0 INT64_C(1763700000000)
#define MAX_FRAMES 50
#define API_PRODUCE 0 /* Kafka's protocol's number */

struct fixture {
	rd_kafka_t *rk; /* the cluster's own client */
	rd_kafka_mock_cluster_t *cluster;
	struct metrics *metrics;
	struct figures figures;
	struct forward *forward;
	uint8_t frame[FRAME_BYTES_MAX];
	size_t len;
};

static int
start(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct config_pair pairs[] = { { (char *)"linger.ms", (char *)"0" },
		{ (char *)"retries", (char *)"1" } };
	struct config_pass pass = {
		.prefix = "kafka", .pairs = pairs, .count = 2
	};
	struct forward_settings settings = { .kafka = { .client_id = "test",
						 .pass = &pass },
		.max_frames = MAX_FRAMES,
		.max_bytes = 2 << 20 };
	int partitions[TOPIC_COUNT];
	char why[512];

	log_init("test", LOG_ERROR);
	f->rk = rd_kafka_new(
	    RD_KAFKA_PRODUCER, rd_kafka_conf_new(), why, sizeof(why));
	f->cluster = rd_kafka_mock_cluster_new(f->rk, 1);
	for (int i = 0; i < TOPIC_COUNT; i++) {
		rd_kafka_mock_topic_create(
		    f->cluster, topic_info((enum topic)i)->name, 3, 1);
		partitions[i] = 3;
	}
	f->metrics = metrics_new();
	assert_int_equal(figures_init(&f->figures, f->metrics), 0);
	settings.kafka.bootstrap = rd_kafka_mock_cluster_bootstraps(f->cluster);
	f->forward = forward_new(&settings, &f->figures, why, sizeof(why));
	if (f->forward == NULL)
		fail_msg("%s", why);
	forward_set_partitions(f->forward, partitions);
	*state = f;
	return 0;
}

static int
stop(void **state)
{
	struct fixture *f = *state;

	forward_free(f->forward, 0);
	metrics_free(f->metrics);
	rd_kafka_mock_cluster_destroy(f->cluster);
	rd_kafka_destroy(f->rk);
	free(f);
	return 0;
}

/* A frame of `good` stock events and then `bad` items that are none. */
static void
make_frame(struct fixture *f, uint64_t first, uint32_t good, uint32_t bad)
{
	struct frame_head head = { .ledger = 1,
		.epoch = 5,
		.first_seq = first,
		.count = good + bad,
		.item_count = good + bad };
	struct stock stock = { .at = { .ms = T0 }, .level = 3 };
	struct mp_writer w;

	mp_writer_init(&w, f->frame, sizeof(f->frame));
	frame_encode_head(&head, &w);
	for (uint32_t i = 0; i < good; i++)
		stock_encode(&stock, &w);
	for (uint32_t i = 0; i < bad; i++)
		mp_write_nil(&w);
	assert_false(w.full);
	f->len = w.len;
}

static void
send_frame(struct fixture *f, uint64_t first, uint32_t good, uint32_t bad)
{
	make_frame(f, first, good, bad);
	forward_message(
	    f->forward, "pregon/AB1234/stock", f->frame, f->len, false);
}

static int64_t
in_flight(struct fixture *f)
{
	forward_gauges(f->forward);
	return metric_get(f->figures.in_flight);
}

/* Until nothing is under way. */
static void
settle(struct fixture *f)
{
	int64_t end = clock_boottime_ms(&clock_system) + WAIT_MS;
	struct pollfd wake = { .fd = kafka_producer_fd(
				   forward_producer(f->forward)),
		.events = POLLIN };

	while (in_flight(f) > 0) {
		assert_true(clock_boottime_ms(&clock_system) < end);
		poll(&wake, 1, 50);
		forward_poll(f->forward);
	}
	assert_int_equal(metric_get(f->figures.in_flight_bytes), 0);
}

static int64_t
acks_due(struct fixture *f)
{
	return metric_get(f->figures.acks_lost);
}

static void
an_ack_is_due_when_kafka_has_the_frame_and_not_before(void **state)
{
	struct fixture *f = *state;

	send_frame(f, 0, 2, 0);
	assert_int_equal(in_flight(f), 1);
	assert_int_equal(acks_due(f), 0);
	settle(f);
	assert_int_equal(acks_due(f), 1);
}

static void
a_frame_that_kafka_refuses_is_not_acknowledged(void **state)
{
	struct fixture *f = *state;

	rd_kafka_mock_push_request_errors(
	    f->cluster, API_PRODUCE, 1, RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE);
	send_frame(f, 0, 2, 0);
	settle(f);
	assert_int_equal(acks_due(f), 0);
	assert_int_equal(metric_get(f->figures.failed), 1);
	/* The cart sends it again. */
	send_frame(f, 0, 2, 0);
	settle(f);
	assert_int_equal(acks_due(f), 1);
}

static void
a_fatal_error_costs_no_slot_and_the_next_frames_go(void **state)
{
	struct fixture *f = *state;

	send_frame(f, 0, 1, 0);
	settle(f);
	rd_kafka_test_fatal_error(
	    kafka_producer_handle(forward_producer(f->forward)),
	    RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER, "a trial");
	for (uint64_t i = 1; i <= 10; i++)
		send_frame(f, i, 1, 0);
	settle(f);
	for (int tries = 0; acks_due(f) < 5 && tries < 200; tries++) {
		poll(NULL, 0, 20);
		forward_poll(f->forward);
		send_frame(f, 100 + (uint64_t)tries, 1, 0);
	}
	settle(f);
	assert_true(acks_due(f) >= 5);
}

static void
a_recut_frame_is_acknowledged_after_what_was_refused_is_kept(void **state)
{
	struct fixture *f = *state;

	rd_kafka_mock_topic_set_error(f->cluster, "topic_rechazados",
	    RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED);
	send_frame(f, 0, 1, 1);
	settle(f);
	assert_int_equal(acks_due(f), 0);
	assert_int_equal(metric_get(f->figures.failed), 1);
	assert_int_equal(metric_get(f->figures.refused[REFUSED_ITEM]), 1);
	/* A good one goes as ever; and now the topic's error comes at once. */
	send_frame(f, 2, 1, 0);
	send_frame(f, 3, 1, 1);
	settle(f);
	assert_int_equal(acks_due(f), 1);
}

static void
a_frame_over_64_KiB_is_kept_and_never_acknowledged(void **state)
{
	size_t len = FRAME_BYTES_MAX + 1;
	uint8_t *huge = calloc(1, 1000000);
	struct fixture *f = *state;

	make_frame(f, 0, 1, 0);
	memcpy(huge, f->frame, f->len);
	forward_message(f->forward, "pregon/AB1234/sale", huge, len, false);
	assert_int_equal(in_flight(f), 1);
	settle(f);
	assert_int_equal(metric_get(f->figures.refused[REFUSED_SIZE]), 1);
	assert_int_equal(metric_get(f->figures.refused_sales), 1);
	/* Again: it is known. */
	forward_message(f->forward, "pregon/AB1234/sale", huge, len, false);
	assert_int_equal(in_flight(f), 0);
	assert_int_equal(metric_get(f->figures.refused_known), 1);
	/* Too much even for that. */
	forward_message(f->forward, "pregon/AB1234/sale", huge, 1000000, false);
	assert_int_equal(in_flight(f), 0);
	assert_int_equal(metric_get(f->figures.refused_huge), 1);
	assert_int_equal(metric_get(f->figures.refused[REFUSED_SIZE]), 3);
	assert_int_equal(acks_due(f), 0);
	free(huge);
}

static void
refused_bytes_that_kafka_did_not_take_are_kept_the_next_time(void **state)
{
	struct fixture *f = *state;

	rd_kafka_mock_push_request_errors(
	    f->cluster, API_PRODUCE, 1, RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE);
	forward_message(f->forward, "pregon/AB1234/sale", "x", 1, false);
	settle(f);
	forward_message(f->forward, "pregon/AB1234/sale", "x", 1, false);
	assert_int_equal(in_flight(f), 1);
	settle(f);
	assert_int_equal(metric_get(f->figures.refused_known), 0);
}

static void
a_repetition_waits_for_the_first_ones_ack(void **state)
{
	struct fixture *f = *state;

	send_frame(f, 0, 1, 0);
	send_frame(f, 0, 1, 0);
	send_frame(f, 0, 4, 0); /* cut longer meanwhile */
	assert_int_equal(in_flight(f), 1);
	assert_int_equal(metric_get(f->figures.dropped[DROPPED_REPEAT]), 2);
	settle(f);
	assert_int_equal(acks_due(f), 1);
}

static void
more_than_is_allowed_is_let_fall(void **state)
{
	struct fixture *f = *state;

	for (uint64_t i = 0; i < MAX_FRAMES + 7; i++)
		send_frame(f, i, 1, 0);
	assert_int_equal(in_flight(f), MAX_FRAMES);
	assert_int_equal(metric_get(f->figures.dropped[DROPPED_FULL]), 7);
	settle(f);
	assert_int_equal(acks_due(f), MAX_FRAMES);
}

static void
a_retained_status_that_was_lost_is_asked_for_again(void **state)
{
	struct status status = { .epoch = 5,
		.count = 1,
		.connection = 1,
		.state = STATUS_ONLINE,
		.at = { .ms = T0 },
		.boot = 9,
		.battery = BATTERY_UNKNOWN };
	struct fixture *f = *state;
	uint8_t bytes[STATUS_BYTES_MAX];
	int len = status_encode(&status, bytes, sizeof(bytes));

	assert_true(len > 0);
	for (uint64_t i = 0; i < MAX_FRAMES; i++)
		send_frame(f, i, 1, 0);
	forward_message(
	    f->forward, "pregon/AB1234/status", bytes, (size_t)len, true);
	assert_false(forward_take_retained_lost(f->forward));
	settle(f);
	assert_true(forward_take_retained_lost(f->forward));
	assert_false(forward_take_retained_lost(f->forward));
	/* An empty one is no status, and a live one that is lost is not. */
	forward_message(f->forward, "pregon/AB1234/status", NULL, 0, true);
	assert_int_equal(in_flight(f), 0);
	assert_int_equal(metric_get(f->figures.refused[REFUSED_STATUS]), 0);
}

static void
a_topic_that_is_gone_makes_the_log_doubtful(void **state)
{
	struct fixture *f = *state;

	assert_false(forward_take_log_doubt(f->forward));
	rd_kafka_mock_topic_set_error(
	    f->cluster, "topic_stock", RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
	send_frame(f, 0, 1, 0);
	settle(f);
	assert_true(forward_take_log_doubt(f->forward));
	assert_false(forward_take_log_doubt(f->forward));
	assert_int_equal(acks_due(f), 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, start, stop)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_ack_is_due_when_kafka_has_the_frame_and_not_before),
		TEST(a_frame_that_kafka_refuses_is_not_acknowledged),
		TEST(a_fatal_error_costs_no_slot_and_the_next_frames_go),
		TEST(
		    a_recut_frame_is_acknowledged_after_what_was_refused_is_kept),
		TEST(a_frame_over_64_KiB_is_kept_and_never_acknowledged),
		TEST(
		    refused_bytes_that_kafka_did_not_take_are_kept_the_next_time),
		TEST(a_repetition_waits_for_the_first_ones_ack),
		TEST(more_than_is_allowed_is_let_fall),
		TEST(a_retained_status_that_was_lost_is_asked_for_again),
		TEST(a_topic_that_is_gone_makes_the_log_doubtful),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
