/*
 * Members on a mock cluster: premium applicants come first, however many wait;
 * nobody is taken in twice or lost, whatever befalls the process; what must
 * go gets a tombstone where it lies.
 */
#include "tests/integration/rig.h"

#include "lib/secret.h"
#include "schemas/member.h"
#include "tests/unit/rut_maker.h"

#define BASIC 5000
#define KILLS 4
#define PREMIUM_PARTITION 0
#define BASIC_PARTITION 1
#define SOON_MS 1000

static struct rig rig;
static struct secret secret;
static char secret_file[100];

static void
produce_person(int n, bool premium, const char *plate)
{
	uint8_t bytes[MEMBER_BYTES_MAX];
	struct registration data = { .at_ms = clock_realtime_ms(&clock_system),
		.first_name = "Ana",
		.last_name = "Rojas",
		.mail = "ana@example.cl",
		.premium = premium,
		.language = "es" };
	char who[WHO_MAX + 1], key[MEMBER_KEY_MAX + 1];
	int len;

	snprintf(data.id, sizeof(data.id), "R%d", n);
	snprintf(data.plate, sizeof(data.plate), "%s", plate);
	rut_make(n, data.rut);
	secret_who(&secret, data.rut, who);
	assert_int_equal(member_key_format(who, data.id, key), 0);
	len = registration_encode(&data, bytes, sizeof(bytes));
	assert_true(len > 0);
	rig_produce(&rig, TOPIC_NUEVOS_USUARIOS,
	    premium ? PREMIUM_PARTITION : BASIC_PARTITION, key, SCHEMA_MEMBER,
	    bytes, (size_t)len);
}

static void
produce_people(int first, int count, bool premium)
{
	char plate[CART_MAX + 1];

	for (int n = first; n < first + count; n++) {
		snprintf(plate, sizeof(plate), "C%06u", (unsigned)n % 1000000);
		produce_person(n, premium, plate);
	}
	rig_flush(&rig);
}

static int
open_rig(void **state)
{
	char why[256];

	(void)state;
	rig_new(&rig, "members");
	snprintf(secret_file, sizeof(secret_file), "%s/secret", rig.folder);
	assert_int_equal(secret_create(secret_file, why, sizeof(why)), 0);
	assert_int_equal(
	    secret_load(&secret, secret_file, why, sizeof(why)), 0);
	setenv("PREGON_SECRET_FILE", secret_file, 1);
	return 0;
}

static int
close_rig(void **state)
{
	(void)state;
	rig_free(&rig);
	return 0;
}

/* 0 where the role has not made its database yet. */
static struct member_counts
counts(void)
{
	struct member_counts c = { .refused = 0 };

	if (rig.reader->ops->member_counts(rig.reader, &c) == -1)
		return (struct member_counts){ .refused = 0 };
	return c;
}

struct expected {
	int64_t waiting, approved;
};

static bool
members_are(struct rig *r, void *ctx)
{
	const struct expected *expected = ctx;
	struct member_counts c = counts();

	(void)r;
	return c.members[MEMBER_WAITING] == expected->waiting &&
	    c.members[MEMBER_APPROVED] == expected->approved;
}

static void
until_members_are(int64_t waiting, int64_t approved)
{
	struct expected expected = { waiting, approved };

	rig_until(&rig, members_are, &expected, "members");
}

/* No basic one is ever seen while a premium one waits. */
static bool
premium_came_first(struct rig *r, void *ctx)
{
	const struct expected *expected = ctx;
	struct member_counts c = counts();

	(void)r;
	if (c.members[MEMBER_WAITING] > 0)
		assert_int_equal(
		    c.members[MEMBER_APPROVED], expected->approved);
	return c.members[MEMBER_WAITING] == expected->waiting;
}

static void
at_its_start_premium_applicants_come_before_all_others(void **state)
{
	struct expected expected = { BASIC, 3000 };

	(void)state;
	produce_people(0, BASIC, false);
	produce_people(BASIC, 3000, true);
	rig_start(&rig);
	rig_until(&rig, premium_came_first, &expected, "all of them");
	rig_stop(&rig);
}

static void
with_5000_waiting_a_premium_applicant_is_decided_within_a_second(void **state)
{
	struct expected expected = { 0, 0 };

	(void)state;
	rig_start(&rig);
	produce_people(0, BASIC, false);
	until_members_are(BASIC, 0);
	/* As many again come in, and are not read yet. */
	for (int i = 0; i < 5; i++) {
		int first = BASIC + i * (BASIC + 1);
		int64_t began_ms, took_ms;

		produce_people(first, BASIC, false);
		began_ms = clock_boottime_ms(&clock_system);
		produce_people(first + BASIC, 1, true);
		expected.approved = i + 1;
		while (counts().members[MEMBER_APPROVED] < expected.approved)
			assert_true(
			    clock_boottime_ms(&clock_system) - began_ms <
			    RIG_WAIT_MS);
		took_ms = clock_boottime_ms(&clock_system) - began_ms;
		print_message("decided after %lld ms, with %lld of %d read\n",
		    (long long)took_ms,
		    (long long)counts().members[MEMBER_WAITING] -
			BASIC * (i + 1),
		    BASIC);
		assert_true(took_ms < SOON_MS);
		until_members_are(BASIC * (i + 2), expected.approved);
	}
	rig_stop(&rig);
}

static void
killed_at_any_moment_nobody_is_lost_or_taken_twice(void **state)
{
	(void)state;
	produce_people(0, BASIC, false);
	produce_people(BASIC, BASIC, true);
	/* Each of them again: the same RUTs and plates, under other ids. */
	for (int n = 0; n < 100; n++) {
		char plate[CART_MAX + 1];

		snprintf(plate, sizeof(plate), "C%06u",
		    (unsigned)(BASIC + n) % 1000000);
		produce_person(3 * BASIC + n, false, plate);
	}
	rig_flush(&rig);
	for (int i = 0; i < KILLS; i++) {
		struct expected some = { 0, 1 + i * (BASIC / KILLS) };

		rig_start(&rig);
		while (counts().members[MEMBER_APPROVED] < some.approved)
			assert_int_equal(waitpid(rig.child, NULL, WNOHANG), 0);
		rig_kill(&rig);
	}
	rig_start(&rig);
	until_members_are(BASIC, BASIC);
	rig_stop(&rig);
	assert_int_equal(counts().refused, 100);
	assert_int_equal(counts().gate_waiting, BASIC);
}

/* Tombstones of a partition: the number, and the last one's key. */
static int
tombstones(int32_t partition, int wanted, char last[MEMBER_KEY_MAX + 1])
{
	rd_kafka_topic_partition_list_t *list =
	    rd_kafka_topic_partition_list_new(1);
	rd_kafka_conf_t *conf = rd_kafka_conf_new();
	int64_t end = clock_boottime_ms(&clock_system) + RIG_WAIT_MS;
	rd_kafka_t *rk;
	char why[256];
	int seen = 0;

	rd_kafka_conf_set(
	    conf, "bootstrap.servers", rig.kafka.bootstrap, NULL, 0);
	rd_kafka_conf_set(conf, "group.id", "test", NULL, 0);
	rk = rd_kafka_new(RD_KAFKA_CONSUMER, conf, why, sizeof(why));
	assert_non_null(rk);
	rd_kafka_topic_partition_list_add(
	    list, topic_info(TOPIC_NUEVOS_USUARIOS)->name, partition)
	    ->offset = RD_KAFKA_OFFSET_BEGINNING;
	assert_int_equal(rd_kafka_assign(rk, list), 0);
	rd_kafka_topic_partition_list_destroy(list);
	while (seen < wanted && clock_boottime_ms(&clock_system) < end) {
		rd_kafka_message_t *m = rd_kafka_consumer_poll(rk, 100);

		if (m != NULL && m->err == 0 && m->payload == NULL) {
			seen++;
			snprintf(last, MEMBER_KEY_MAX + 1, "%.*s",
			    (int)m->key_len, (const char *)m->key);
		}
		if (m != NULL)
			rd_kafka_message_destroy(m);
	}
	rd_kafka_consumer_close(rk);
	rd_kafka_destroy(rk);
	return seen;
}

static bool
one_is_refused(struct rig *r, void *ctx)
{
	(void)r;
	(void)ctx;
	return counts().refused == 1;
}

static void
a_refused_premium_registration_gets_its_tombstone_where_it_is(void **state)
{
	char key[MEMBER_KEY_MAX + 1] = "";

	(void)state;
	rig_start(&rig);
	produce_person(1, true, "ABCD12");
	rig_flush(&rig);
	until_members_are(0, 1);
	produce_person(2, true, "ABCD12");
	rig_flush(&rig);
	rig_until(&rig, one_is_refused, NULL, "the refusal");
	assert_int_equal(tombstones(PREMIUM_PARTITION, 1, key), 1);
	assert_non_null(strstr(key, "/R2"));
	/* Which the role reads itself, and goes on. */
	produce_person(3, true, "WXYZ99");
	rig_flush(&rig);
	until_members_are(0, 2);
	rig_stop(&rig);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_rig, close_rig)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(at_its_start_premium_applicants_come_before_all_others),
		TEST(
		    with_5000_waiting_a_premium_applicant_is_decided_within_a_second),
		TEST(killed_at_any_moment_nobody_is_lost_or_taken_twice),
		TEST(
		    a_refused_premium_registration_gets_its_tombstone_where_it_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
