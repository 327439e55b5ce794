/* topics: who goes where (schemas/vectors/partition.json has the hashes). */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "schemas/topics_admin.h"

static void
a_reserved_partition_never_gets_a_hashed_key(void **state)
{
	int hits[5] = { 0 };

	(void)state;
	for (int i = 0; i < 10000; i++) {
		char key[16];
		int len = snprintf(key, sizeof(key), "CART%04d", i);
		int32_t p = topic_partition(
		    TOPIC_COORDENADAS, key, (size_t)len, 5);

		assert_in_range(p, 1, 4);
		hits[p]++;
	}
	for (int p = 1; p < 5; p++) /* a quarter each, more or less */
		assert_in_range(hits[p], 2200, 2800);
}

static void
with_one_free_partition_all_go_there(void **state)
{
	(void)state;
	assert_int_equal(topic_partition(TOPIC_COORDENADAS, "AB12", 4, 2), 1);
	assert_int_equal(topic_partition(TOPIC_VENTAS, "AB12", 4, 1), 0);
}

static void
a_stream_of_a_cart_has_one_topic_and_schema(void **state)
{
	(void)state;
	assert_int_equal(topic_of_stream(STREAM_POS), TOPIC_COORDENADAS);
	assert_int_equal(topic_of_stream(STREAM_SALE), TOPIC_VENTAS);
	assert_int_equal(topic_of_stream(STREAM_STOCK), TOPIC_STOCK);
	assert_int_equal(topic_of_stream(STREAM_HELP), TOPIC_SOPORTE);
	assert_string_equal(schema_of_stream(STREAM_POS), "pos/1");
	assert_string_equal(schema_of_stream(STREAM_HELP), "help/1");
}

static void
each_topic_is_found_by_its_name(void **state)
{
	enum topic topic;

	(void)state;
	for (int i = 0; i < TOPIC_COUNT; i++) {
		assert_int_equal(
		    topic_parse(topic_info((enum topic)i)->name, &topic), 0);
		assert_int_equal(topic, i);
	}
	assert_int_equal(topic_parse("topic_", &topic), -1);
	assert_int_equal(errno, EINVAL);
}

static void
only_positions_may_be_lost_to_a_power_cut(void **state)
{
	(void)state;
	for (int i = 0; i < TOPIC_COUNT; i++)
		assert_int_equal(topic_info((enum topic)i)->flush_each,
		    i != TOPIC_COORDENADAS);
	assert_string_equal(topic_info(TOPIC_VENTAS)->retention_ms, "-1");
}

static void
what_the_newest_replaces_is_compacted(void **state)
{
	(void)state;
	for (int i = 0; i < TOPIC_COUNT; i++)
		assert_int_equal(topic_info((enum topic)i)->compacted,
		    i == TOPIC_COMANDOS || i == TOPIC_REGLAS ||
			i == TOPIC_NUEVOS_USUARIOS);
	assert_string_equal(topic_info(TOPIC_REGLAS)->name, "topic_reglas");
	assert_string_equal(topic_info(TOPIC_REGLAS)->retention_ms, "-1");
}

/* What is for all carts is a key that no cart has. */
static void
no_cart_s_key_is_that_for_all(void **state)
{
	const char *slash = strchr(COMMAND_KEY_ALL, '/');

	(void)state;
	assert_non_null(slash);
	assert_string_equal(slash, "/catalogue");
	assert_false(
	    cart_is_valid(COMMAND_KEY_ALL, (size_t)(slash - COMMAND_KEY_ALL)));
}

static struct topics_settings
settings_of(int partitions)
{
	struct topics_settings s = { .replication = 1, .min_insync = 1 };

	for (int i = 0; i < TOPIC_COUNT; i++)
		s.partitions[i] = partitions;
	return s;
}

static void
the_reserved_partition_comes_on_top(void **state)
{
	struct topics_settings s = settings_of(0);

	(void)state;
	assert_int_equal(topics_wanted(&s, TOPIC_COORDENADAS), 3);
	assert_int_equal(topics_wanted(&s, TOPIC_NUEVOS_USUARIOS), 3);
	assert_int_equal(topics_wanted(&s, TOPIC_VENTAS), 2);
	assert_int_equal(topics_wanted(&s, TOPIC_REGLAS), 2);
	s = settings_of(1);
	assert_int_equal(topics_wanted(&s, TOPIC_COORDENADAS), 2);
	assert_int_equal(topics_wanted(&s, TOPIC_VENTAS), 1);
}

static void
wrong_partition_counts_are_refused_with_words(void **state)
{
	struct topics_settings s = settings_of(2);
	int actual[TOPIC_COUNT];
	char why[200];

	(void)state;
	for (int i = 0; i < TOPIC_COUNT; i++)
		actual[i] = topics_wanted(&s, (enum topic)i);
	s.check_exact = true;
	assert_int_equal(topics_check(&s, actual, why, sizeof(why)), 0);
	actual[TOPIC_VENTAS] = 1;
	assert_int_equal(topics_check(&s, actual, why, sizeof(why)), -1);
	assert_int_equal(errno, EINVAL);
	assert_non_null(strstr(why, "topic_ventas has 1 partition, 2 are"));
	actual[TOPIC_VENTAS] = 5;
	assert_int_equal(topics_check(&s, actual, why, sizeof(why)), -1);
	assert_non_null(strstr(why, "topic_ventas has 5 partitions, 2 are"));
	s.check_exact = false;
	assert_int_equal(topics_check(&s, actual, why, sizeof(why)), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_reserved_partition_never_gets_a_hashed_key),
		cmocka_unit_test(with_one_free_partition_all_go_there),
		cmocka_unit_test(a_stream_of_a_cart_has_one_topic_and_schema),
		cmocka_unit_test(each_topic_is_found_by_its_name),
		cmocka_unit_test(only_positions_may_be_lost_to_a_power_cut),
		cmocka_unit_test(what_the_newest_replaces_is_compacted),
		cmocka_unit_test(no_cart_s_key_is_that_for_all),
		cmocka_unit_test(the_reserved_partition_comes_on_top),
		cmocka_unit_test(wrong_partition_counts_are_refused_with_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
