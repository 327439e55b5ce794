/*
 * The role positions on a mock cluster: what it judges by is read first, and
 * its verdicts outlive its process and its database.
 */
#include "tests/integration/rig.h"

#include <sqlite3.h>

#include "schemas/alert.h"
#include "schemas/report.h"
#include "schemas/rules.h"
#include "schemas/status.h"

#define EPOCH 0x1234567890
#define LAT (-33450000)
#define LON (-70660000)

static int64_t
now_ms(void)
{
	return clock_realtime_ms(&clock_system);
}

static void
produce_at(struct rig *rig, enum topic topic, int32_t partition,
    const char *key, const char *schema, const void *value, size_t len,
    int64_t at_ms)
{
	size_t key_len = key != NULL ? strlen(key) : 0;
	rd_kafka_resp_err_t err = rd_kafka_producev(rig->rk,
	    RD_KAFKA_V_TOPIC(topic_info(topic)->name),
	    RD_KAFKA_V_PARTITION(partition),
	    RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
	    RD_KAFKA_V_KEY((void *)(uintptr_t)key, key_len),
	    RD_KAFKA_V_VALUE((void *)(uintptr_t)value, len),
	    RD_KAFKA_V_TIMESTAMP(at_ms),
	    RD_KAFKA_V_HEADER(HEADER_SCHEMA, schema, -1), RD_KAFKA_V_END);

	assert_int_equal(err, 0);
}

static void
produce_beat(struct rig *rig, int64_t at_ms)
{
	struct beat beat = { .bridge = "bridge", .count = 1 };
	uint8_t bytes[BEAT_BYTES_MAX];
	int len = beat_encode(&beat, bytes, sizeof(bytes));

	assert_true(len > 0);
	produce_at(rig, TOPIC_COORDENADAS, 1, NULL, SCHEMA_BEAT, bytes,
	    (size_t)len, at_ms);
}

static void
produce_status(struct rig *rig, const char *cart, uint64_t count, int64_t at_ms)
{
	struct status status = { .epoch = EPOCH,
		.count = count,
		.connection = 1,
		.state = STATUS_ONLINE,
		.at = { .ms = at_ms },
		.boot = 7,
		.fix_mode = FIX_MODE_3D,
		.has_fix = true,
		.fix = { .at = { .ms = at_ms },
		    .lat_e6 = LAT,
		    .lon_e6 = LON,
		    .accuracy_m = 5 },
		.day_open = true,
		.battery = BATTERY_UNKNOWN,
		.oldest = { .ms = INSTANT_MISSING },
		.version = "0.1.0" };
	uint8_t bytes[STATUS_BYTES_MAX];
	int len = status_encode(&status, bytes, sizeof(bytes));

	assert_true(len > 0);
	produce_at(rig, TOPIC_COORDENADAS, 1, cart, SCHEMA_STATUS, bytes,
	    (size_t)len, at_ms);
}

static void
produce_rule(
    struct rig *rig, const char *scope, const char *name, const char *value)
{
	struct rules rules = { .at_ms = now_ms(), .by = "ana", .count = 1 };
	uint8_t bytes[512];
	char key[32];
	int len;

	snprintf(rules.scope, sizeof(rules.scope), "%s", scope);
	rules.settings[0] = (struct setting){ { name, strlen(name) },
		{ value, strlen(value) } };
	len = rules_encode(&rules, bytes, sizeof(bytes));
	assert_true(len > 0);
	snprintf(key, sizeof(key), RULES_KEY "%s", scope);
	produce_at(rig, TOPIC_REGLAS, 0, key, SCHEMA_RULES, bytes, (size_t)len,
	    now_ms());
}

/* So many that they take longer to be read than all that is judged. */
static void
produce_tokens(struct rig *rig)
{
	static const uint8_t junk[100];

	for (int i = 0; i < 30000; i++) {
		produce_at(rig, TOPIC_REGLAS, 0, TOKEN_KEY "x", SCHEMA_TOKEN,
		    junk, sizeof(junk), now_ms());
		rd_kafka_poll(rig->rk, 0);
	}
}

/* Two carts, of which nothing was heard for the last two minutes. */
static void
produce_silence(struct rig *rig)
{
	int64_t from_ms = now_ms() - 125000;

	for (int64_t i = 0; i <= 125; i++) {
		if (i == 1) {
			produce_status(rig, "AAAA01", 1, from_ms + i * 1000);
			produce_status(rig, "BBBB02", 1, from_ms + i * 1000);
		}
		produce_beat(rig, from_ms + i * 1000);
	}
	rig_flush(rig);
}

struct look {
	struct alert_row rows[16];
	size_t count;
	int64_t beat_ms; /* of the last beat that was sent */
	size_t wanted;
	bool closed_too;
};

static int
add_row(void *ctx, const struct alert_row *row)
{
	struct look *look = ctx;

	assert_true(look->count < 16);
	look->rows[look->count++] = *row;
	return 0;
}

static void
look_at_alerts(struct rig *rig, struct look *look)
{
	struct alerts_query query = { .cause = -1,
		.open_only = !look->closed_too };

	look->count = 0;
	if (rig->reader->ops->alerts(rig->reader, &query, add_row, look) == -1)
		look->count = 0;
}

/* The bridge goes on beating meanwhile. */
static bool
as_many_as_wanted(struct rig *rig, void *ctx)
{
	struct look *look = ctx;

	if (now_ms() - look->beat_ms >= 1000) {
		look->beat_ms = now_ms();
		produce_beat(rig, look->beat_ms);
		rd_kafka_poll(rig->rk, 0);
	}
	look_at_alerts(rig, look);
	return look->count == look->wanted;
}

static int64_t
beats_applied_ms(struct rig *rig)
{
	char path[128];
	sqlite3_stmt *stmt;
	int64_t ms = 0;
	sqlite3 *db;

	snprintf(path, sizeof(path), "%s/positions.db", rig->folder);
	if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL) !=
	    SQLITE_OK) {
		sqlite3_close(db);
		return 0;
	}
	if (sqlite3_prepare_v2(db, "SELECT max(beat_ms) FROM witness", -1,
		&stmt, NULL) == SQLITE_OK) {
		if (sqlite3_step(stmt) == SQLITE_ROW)
			ms = sqlite3_column_int64(stmt, 0);
		sqlite3_finalize(stmt);
	}
	sqlite3_close(db);
	return ms;
}

/* Some beats later than now have been judged. */
static bool
has_gone_on(struct rig *rig, void *ctx)
{
	struct look *look = ctx;

	(void)as_many_as_wanted(rig, look);
	return beats_applied_ms(rig) > look->rows[15].opened_ms;
}

static void
let_it_go_on(struct rig *rig, struct look *look)
{
	look->rows[15].opened_ms = now_ms() + 2000;
	rig_until(rig, has_gone_on, look, "beats are judged");
}

static void
rules_written_last_are_read_first(void **state)
{
	struct look look = { .wanted = 1 };
	struct rig rig;

	(void)state;
	rig_new(&rig, "positions");
	produce_silence(&rig);
	produce_tokens(&rig);
	produce_rule(&rig, "AAAA01", "missing.s", "3600");
	rig_flush(&rig);
	rig_start(&rig);
	rig_until(&rig, as_many_as_wanted, &look, "one is missing");
	look.closed_too = true;
	let_it_go_on(&rig, &look);
	look.closed_too = false;
	assert_int_equal(look.count, 1);
	assert_string_equal(look.rows[0].event.cart, "BBBB02");
	/* And while it runs. */
	produce_rule(&rig, "AAAA01", "missing.s", "60");
	look.wanted = 2;
	rig_until(&rig, as_many_as_wanted, &look, "both are missing");
	rig_stop(&rig);
	/* And again at a restart, after what it was told while it was away. */
	produce_status(&rig, "AAAA01", 2, now_ms());
	rig_flush(&rig);
	rig_start(&rig);
	look.wanted = 1;
	rig_until(&rig, as_many_as_wanted, &look, "one came back");
	assert_string_equal(look.rows[0].event.cart, "BBBB02");
	rig_stop(&rig);
	rig_free(&rig);
}

static void
alerts_outlive_the_process_once_each(void **state)
{
	struct look look = { .wanted = 2 };
	struct rig rig;

	(void)state;
	rig_new(&rig, "positions");
	produce_silence(&rig);
	rig_start(&rig);
	rig_until(&rig, as_many_as_wanted, &look, "both are missing");
	for (int i = 0; i < 2; i++) {
		rig_kill(&rig);
		rig_start(&rig);
		let_it_go_on(&rig, &look);
		assert_int_equal(look.count, 2);
		assert_int_equal(look.rows[0].event.revision, 0);
		assert_int_equal(look.rows[1].event.revision, 0);
	}
	rig_free(&rig);
}

static void
a_database_that_is_lost_comes_back_with_the_same_alerts(void **state)
{
	struct look look = { .wanted = 2 }, again = { .wanted = 2 };
	char command[128];
	struct rig rig;

	(void)state;
	rig_new(&rig, "positions");
	produce_silence(&rig);
	rig_start(&rig);
	rig_until(&rig, as_many_as_wanted, &look, "both are missing");
	rig_kill(&rig);
	snprintf(
	    command, sizeof(command), "rm -f %s/positions.db*", rig.folder);
	assert_int_equal(system(command), 0);
	rig_start(&rig);
	rig_until(&rig, as_many_as_wanted, &again, "both are missing again");
	for (size_t i = 0; i < 2; i++) {
		const struct alert_event *a = &look.rows[i].event;
		const struct alert_event *b = strcmp(again.rows[0].event.cart,
						  a->cart) == 0
		    ? &again.rows[0].event
		    : &again.rows[1].event;

		assert_string_equal(a->id, b->id);
		assert_int_equal(a->since_ms, b->since_ms);
	}
	rig_free(&rig);
}

static void
a_report_is_judged_though_other_partitions_are_idle(void **state)
{
	struct strange_report report = { .id = "r1",
		.at_ms = now_ms(),
		.lat_e6 = LAT,
		.lon_e6 = LON,
		.note = "" };
	struct look look = { .wanted = 1 };
	uint8_t bytes[REPORT_BYTES_MAX];
	struct rig rig;
	int len;

	(void)state;
	rig_new(&rig, "positions");
	len = report_encode(&report, bytes, sizeof(bytes));
	assert_true(len > 0);
	produce_at(&rig, TOPIC_COORDENADAS, 0, report.id, SCHEMA_REPORT, bytes,
	    (size_t)len, now_ms());
	rig_flush(&rig);
	rig_start(&rig);
	rig_until(&rig, as_many_as_wanted, &look, "it is a fugitive");
	assert_string_equal(look.rows[0].event.id, "fugitive-r1");
	rig_stop(&rig);
	rig_free(&rig);
}

/* With a word: the tests of that name (* stands for any). */
int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rules_written_last_are_read_first),
		cmocka_unit_test(alerts_outlive_the_process_once_each),
		cmocka_unit_test(
		    a_database_that_is_lost_comes_back_with_the_same_alerts),
		cmocka_unit_test(
		    a_report_is_judged_though_other_partitions_are_idle),
	};

	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
