/*
 * The consumer on a mock cluster: each sale counted once whatever befalls the
 * process, its group or its log.
 */
#include "tests/integration/rig.h"

#include <sqlite3.h>
#include <sys/mount.h>

#define EPOCH 0x1234567890
#define AMOUNT 1500

/* What carts send to. */
static uint64_t ledger = 1000;

static struct text
text_of(const char *s)
{
	return (struct text){ s, s == NULL ? 0 : strlen(s) };
}

/* One frame with one sale, number `seq`. */
static void
produce_sale(struct rig *rig, const char *cart, int32_t partition,
    uint64_t epoch, uint64_t seq)
{
	static uint8_t buf[FRAME_BYTES_MAX];
	struct sale sale = {
		.at = { .ms = clock_realtime_ms(&clock_system) },
		.confirmed = true,
		.open_ms = -1,
		.customer = text_of("Ana"),
		.line_count = 1,
		.lines = { { 0, 2, AMOUNT } },
	};
	struct frame_head head = { ledger, epoch, seq, 1, 1 };
	struct mp_writer w;

	mp_writer_init(&w, buf, sizeof(buf));
	frame_encode_head(&head, &w);
	sale_encode(&sale, &w);
	assert_false(w.full);
	rig_produce(rig, TOPIC_VENTAS, partition, cart, SCHEMA_FRAME_SALE,
	    w.buf, w.len);
}

static struct stats_row
stats(struct rig *rig)
{
	struct stats_row row = { .sales = -1 };
	int64_t now_ms = clock_realtime_ms(&clock_system);

	if (rig->reader->ops->stats(rig->reader, now_ms, 60000, &row) == -1)
		row.sales = -1;
	return row;
}

static bool
sales_are(struct rig *rig, void *ctx)
{
	return stats(rig).sales == *(int64_t *)ctx;
}

static void
until_sales(struct rig *rig, int64_t sales)
{
	rig_until(rig, sales_are, &sales, "all sales are counted");
	assert_int_equal(stats(rig).revenue, sales * AMOUNT);
}

static bool
duplicates_are(struct rig *rig, void *ctx)
{
	return stats(rig).duplicates == *(int64_t *)ctx;
}

static int
count_sale(void *ctx, int64_t id, const struct sale_row *row)
{
	int64_t *count = ctx;

	(void)id;
	assert_int_equal(row->amount, AMOUNT);
	(*count)++;
	return 0;
}

static int
any_gap(void *ctx, const struct gap_row *row)
{
	(void)row;
	*(bool *)ctx = true;
	return 0;
}

/* What the rows say, apart from the counters. */
static void
assert_books(struct rig *rig, int64_t sales)
{
	int64_t rows = 0, later = clock_realtime_ms(&clock_system) + 3600000;
	bool gap = false;

	assert_int_equal(rig->reader->ops->sales(
			     rig->reader, 0, INT64_MAX, count_sale, &rows),
	    0);
	assert_int_equal(rows, sales);
	assert_int_equal(
	    rig->reader->ops->gaps(rig->reader, NULL, later, any_gap, &gap), 0);
	assert_false(gap);
}

static void
what_was_there_before_the_start_is_read_from_the_beginning(void **state)
{
	struct rig rig;

	(void)state;
	rig_new(&rig, "sales");
	for (uint64_t i = 0; i < 1000; i++)
		produce_sale(&rig, i % 2 ? "AAAA01" : "BBBB02",
		    (int32_t)(i % 2), EPOCH, i / 2);
	rig_flush(&rig);
	rig_start(&rig);
	until_sales(&rig, 1000);
	produce_sale(&rig, "AAAA01", 1, EPOCH, 500);
	until_sales(&rig, 1001);
	assert_books(&rig, 1001);
	rig_stop(&rig);
	rig_free(&rig);
}

static void
killed_at_any_moment_it_counts_each_sale_once(void **state)
{
	uint64_t seq = 0;
	struct rig rig;

	(void)state;
	rig_new(&rig, "sales");
	for (int round = 0; round < 3; round++) {
		int64_t some = (int64_t)seq + 20;

		rig_start(&rig);
		for (int i = 0; i < 300; i++, seq++)
			produce_sale(&rig, "AAAA01", (int32_t)(seq % 2),
			    EPOCH + seq % 2, seq / 2);
		if (round > 0)
			some = 0;
		while (stats(&rig).sales < some)
			rd_kafka_poll(rig.rk, 1);
		rig_kill(&rig);
	}
	rig_flush(&rig);
	rig_start(&rig);
	until_sales(&rig, (int64_t)seq);
	assert_books(&rig, (int64_t)seq);
	assert_int_equal(stats(&rig).duplicates, 0);
	rig_free(&rig);
}

static void
a_frame_sent_again_is_a_duplicate_in_any_partition(void **state)
{
	int64_t duplicates = 60;
	struct rig rig;

	(void)state;
	rig_new(&rig, "sales");
	for (int copy = 0; copy < 3; copy++)
		for (uint64_t i = 0; i < 30; i++)
			produce_sale(&rig, "AAAA01", copy % 2, EPOCH, i);
	rig_start(&rig);
	until_sales(&rig, 30);
	rig_until(&rig, duplicates_are, &duplicates, "duplicates are seen");
	assert_books(&rig, 30);
	rig_free(&rig);
}

static void
another_log_is_refused_until_the_ledger_is_raised(void **state)
{
	struct rig rig;

	(void)state;
	rig_new(&rig, "sales");
	for (uint64_t i = 0; i < 10; i++)
		produce_sale(&rig, "AAAA01", 0, EPOCH, i);
	rig_start(&rig);
	until_sales(&rig, 10);
	rig_stop(&rig);

	rig_lose_log(&rig);
	/* The bridge's own first word on a new log, longer than the old. */
	rig_guild(&rig, 2000, -1, 0xbb);
	for (uint64_t i = 5; i < 25; i++)
		produce_sale(&rig, "AAAA01", 0, EPOCH, i);
	rig_flush(&rig);
	rig_start(&rig);
	assert_int_equal(rig_wait_end(&rig), 3);
	assert_true(rig_log_has(&rig, "another log"));
	assert_int_equal(stats(&rig).sales, 10);

	rig_guild(&rig, 2001, 0, 0xbb);
	rig_start(&rig);
	until_sales(&rig, 25);
	assert_books(&rig, 25);
	rig_stop(&rig);
	/* And it is this log from then on. */
	rig_start(&rig);
	produce_sale(&rig, "AAAA01", 0, EPOCH, 25);
	until_sales(&rig, 26);
	rig_free(&rig);
}

static void
a_log_cut_off_below_the_offset_is_refused(void **state)
{
	struct rig rig;

	(void)state;
	rig_new(&rig, "sales");
	for (uint64_t i = 0; i < 10; i++)
		produce_sale(&rig, "AAAA01", 0, EPOCH, i);
	rig_start(&rig);
	until_sales(&rig, 10);
	rig_stop(&rig);

	rig_lose_log(&rig);
	rig_guild(&rig, 1000, -1, 0xaa);
	for (uint64_t i = 0; i < 4; i++)
		produce_sale(&rig, "AAAA01", 0, EPOCH, i);
	rig_flush(&rig);
	rig_start(&rig);
	assert_int_equal(rig_wait_end(&rig), 3);
	assert_true(rig_log_has(&rig, "cut off"));
	assert_int_equal(stats(&rig).sales, 10);
	rig_free(&rig);
}

/* Another member of the group, in this process. */
static rd_kafka_t *
join_group(struct rig *rig)
{
	rd_kafka_topic_partition_list_t *list =
	    rd_kafka_topic_partition_list_new(1);
	rd_kafka_conf_t *conf = rd_kafka_conf_new();
	rd_kafka_t *rk;
	char why[256];

	rd_kafka_conf_set(
	    conf, "bootstrap.servers", rig->kafka.bootstrap, NULL, 0);
	rd_kafka_conf_set(conf, "group.id", "pregon-sales", NULL, 0);
	rd_kafka_conf_set(
	    conf, "partition.assignment.strategy", "range", NULL, 0);
	rd_kafka_conf_set(conf, "enable.auto.commit", "false", NULL, 0);
	rd_kafka_conf_set(conf, "session.timeout.ms", "3100", NULL, 0);
	rk = rd_kafka_new(RD_KAFKA_CONSUMER, conf, why, sizeof(why));
	assert_non_null(rk);
	rd_kafka_poll_set_consumer(rk);
	rd_kafka_topic_partition_list_add(
	    list, topic_info(TOPIC_VENTAS)->name, RD_KAFKA_PARTITION_UA);
	assert_int_equal(rd_kafka_subscribe(rk, list), 0);
	rd_kafka_topic_partition_list_destroy(list);
	return rk;
}

static bool
has_partition(struct rig *rig, void *ctx)
{
	rd_kafka_topic_partition_list_t *list = NULL;
	rd_kafka_message_t *message = rd_kafka_consumer_poll(ctx, 1);
	bool has;

	(void)rig;
	if (message != NULL)
		rd_kafka_message_destroy(message);
	assert_int_equal(rd_kafka_assignment(ctx, &list), 0);
	has = list->cnt > 0;
	rd_kafka_topic_partition_list_destroy(list);
	return has;
}

static void
a_partition_that_goes_and_comes_back_is_read_from_where_it_was(void **state)
{
	struct rig rig;
	rd_kafka_t *other;

	(void)state;
	rig_new(&rig, "sales");
	rig_start(&rig);
	for (uint64_t i = 0; i < 10; i++)
		produce_sale(
		    &rig, "AAAA01", (int32_t)(i % 2), EPOCH + i % 2, i / 2);
	until_sales(&rig, 10);
	other = join_group(&rig);
	rig_until(&rig, has_partition, other, "the other has a partition");
	for (uint64_t i = 10; i < 30; i++)
		produce_sale(
		    &rig, "AAAA01", (int32_t)(i % 2), EPOCH + i % 2, i / 2);
	rig_flush(&rig);
	/* Half of it is the other's, which counts nothing. */
	until_sales(&rig, 20);
	rd_kafka_consumer_close(other);
	rd_kafka_destroy(other);
	until_sales(&rig, 30);
	assert_books(&rig, 30);
	assert_int_equal(stats(&rig).duplicates, 0);
	rig_free(&rig);
}

static void
a_row_that_another_process_wrote_is_read_again(void **state)
{
	char path[128];
	sqlite3 *db;
	struct rig rig;

	(void)state;
	rig_new(&rig, "sales");
	rig_start(&rig);
	for (uint64_t i = 0; i < 5; i++)
		produce_sale(&rig, "AAAA01", 0, EPOCH, i);
	until_sales(&rig, 5);
	snprintf(path, sizeof(path), "%s/sales.db", rig.folder);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	sqlite3_busy_timeout(db, 5000);
	assert_int_equal(sqlite3_exec(db,
			     "UPDATE account SET next = 7,"
			     " version = version + 1",
			     NULL, NULL, NULL),
	    SQLITE_OK);
	sqlite3_close(db);
	/* By the other's word 5 and 6 were seen. */
	for (uint64_t i = 5; i < 9; i++)
		produce_sale(&rig, "AAAA01", 0, EPOCH, i);
	until_sales(&rig, 7);
	assert_true(rig_log_has(&rig, "another process has written"));
	rig_free(&rig);
}

static void
a_second_process_of_a_role_is_refused(void **state)
{
	struct rig rig;
	pid_t first;

	(void)state;
	rig_new(&rig, "sales");
	rig_start(&rig);
	produce_sale(&rig, "AAAA01", 0, EPOCH, 0);
	until_sales(&rig, 1);
	first = rig.child;
	rig_start(&rig);
	assert_int_equal(rig_wait_end(&rig), 1);
	assert_true(rig_log_has(&rig, "a role is one process"));
	rig.child = first;
	rig_stop(&rig);
	rig_free(&rig);
}

static rd_kafka_message_t *
next_record(rd_kafka_t *rk)
{
	rd_kafka_message_t *message = rd_kafka_consumer_poll(rk, RIG_WAIT_MS);

	assert_non_null(message);
	assert_int_equal(message->err, 0);
	return message;
}

static void
assert_header(
    const rd_kafka_message_t *message, const char *name, const char *expected)
{
	rd_kafka_headers_t *headers;
	const void *value;
	size_t len;

	assert_int_equal(rd_kafka_message_headers(message, &headers), 0);
	assert_int_equal(
	    rd_kafka_header_get_last(headers, name, &value, &len), 0);
	assert_int_equal(len, strlen(expected));
	assert_memory_equal(value, expected, len);
}

static void
what_cannot_be_read_is_kept_whole_and_stops_nothing(void **state)
{
	static const char junk[] = "\x96\x01junk";
	rd_kafka_message_t *message;
	struct rig rig;
	rd_kafka_t *rk;

	(void)state;
	rig_new(&rig, "sales");
	rk = rig_open_topic(&rig, TOPIC_RECHAZADOS);
	produce_sale(&rig, "AAAA01", 0, EPOCH, 0);
	rig_produce(&rig, TOPIC_VENTAS, 0, "AAAA01", SCHEMA_FRAME_SALE, junk,
	    sizeof(junk));
	produce_sale(&rig, "AAAA01", 0, EPOCH, 1);
	rig_start(&rig);
	until_sales(&rig, 2);
	message = next_record(rk);
	assert_int_equal(message->len, sizeof(junk));
	assert_memory_equal(message->payload, junk, sizeof(junk));
	assert_header(message, HEADER_ORIGIN, "topic_ventas/0/1");
	assert_header(message, HEADER_SCHEMA, SCHEMA_REJECT);
	rd_kafka_message_destroy(message);
	rd_kafka_consumer_close(rk);
	rd_kafka_destroy(rk);
	rig_free(&rig);
}

static void
a_full_disk_is_waited_for_and_costs_nothing(void **state)
{
	char words[] = "No space left";
	struct rig rig;

	(void)state;
	rig_new(&rig, "sales");
	if (mount("tmpfs", rig.folder, "tmpfs", 0, "size=700k") == -1) {
		rig_free(&rig);
		skip(); /* it takes a root */
	}
	rig_start(&rig);
	for (uint64_t i = 0; i < 5000; i++)
		produce_sale(
		    &rig, "AAAA01", (int32_t)(i % 2), EPOCH + i % 2, i / 2);
	rig_until(&rig, rig_log_says, words, "it says that the disk is full");
	assert_int_equal(
	    mount(NULL, rig.folder, NULL, MS_REMOUNT, "size=64m"), 0);
	until_sales(&rig, 5000);
	assert_books(&rig, 5000);
	assert_int_equal(stats(&rig).duplicates, 0);
	rig_stop(&rig);
	rig.reader->ops->close(rig.reader);
	rig.reader = reader_open_sqlite(rig.folder);
	assert_int_equal(umount(rig.folder), 0);
	rig_free(&rig);
}

static bool
ledger_is(struct rig *rig, void *ctx)
{
	char path[128];
	sqlite3_stmt *stmt;
	sqlite3 *db;
	bool is;

	snprintf(path, sizeof(path), "%s/sales.db", rig->folder);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(
	    sqlite3_prepare_v2(db, "SELECT ledger FROM guild", -1, &stmt, NULL),
	    SQLITE_OK);
	is = sqlite3_step(stmt) == SQLITE_ROW &&
	    sqlite3_column_int64(stmt, 0) == *(int64_t *)ctx;
	sqlite3_finalize(stmt);
	sqlite3_close(db);
	return is;
}

static void
a_ledger_raised_while_it_runs_is_kept(void **state)
{
	int64_t raised = 1001;
	struct rig rig;

	(void)state;
	rig_new(&rig, "sales");
	rig_start(&rig);
	produce_sale(&rig, "AAAA01", 0, EPOCH, 0);
	until_sales(&rig, 1);
	rig_guild(&rig, 1001, 5, 0xaa);
	ledger = 1001;
	produce_sale(&rig, "AAAA01", 0, EPOCH, 1);
	ledger = 1000;
	rig_until(&rig, ledger_is, &raised, "the ledger is kept");
	produce_sale(&rig, "AAAA01", 0, EPOCH, 2);
	until_sales(&rig, 3);
	rig_free(&rig);
}

static void
a_log_without_identity_is_waited_for(void **state)
{
	char words[] = "no identity yet";
	struct rig rig;

	(void)state;
	rig_new(&rig, "sales");
	rig_lose_log(&rig);
	produce_sale(&rig, "AAAA01", 0, EPOCH, 0);
	rig_flush(&rig);
	rig_start(&rig);
	rig_until(&rig, rig_log_says, words, "it says what it waits for");
	rig_guild(&rig, 1000, -1, 0xaa);
	until_sales(&rig, 1);
	rig_free(&rig);
}

/* With a word: the tests of that name (* stands for any). */
int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    what_was_there_before_the_start_is_read_from_the_beginning),
		cmocka_unit_test(killed_at_any_moment_it_counts_each_sale_once),
		cmocka_unit_test(
		    a_frame_sent_again_is_a_duplicate_in_any_partition),
		cmocka_unit_test(
		    another_log_is_refused_until_the_ledger_is_raised),
		cmocka_unit_test(a_log_cut_off_below_the_offset_is_refused),
		cmocka_unit_test(
		    a_partition_that_goes_and_comes_back_is_read_from_where_it_was),
		cmocka_unit_test(
		    a_row_that_another_process_wrote_is_read_again),
		cmocka_unit_test(a_second_process_of_a_role_is_refused),
		cmocka_unit_test(
		    what_cannot_be_read_is_kept_whole_and_stops_nothing),
		cmocka_unit_test(a_full_disk_is_waited_for_and_costs_nothing),
		cmocka_unit_test(a_ledger_raised_while_it_runs_is_kept),
		cmocka_unit_test(a_log_without_identity_is_waited_for),
	};

	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
