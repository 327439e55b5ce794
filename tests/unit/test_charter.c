/*
 * What the guild has laid down, as a reader of topic_reglas keeps it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "backend/api/charter.h"

static void
feed(struct charter *charter, const char *key, const char *value)
{
	charter_feed.record(charter, key, strlen(key), value,
	    value != NULL ? strlen(value) : 0);
}

/* Values one after another. */
static int
gather(void *ctx, const void *value, size_t len)
{
	strncat(ctx, value, len);
	strcat(ctx, " ");
	return 0;
}

static void
nothing_is_said_before_all_was_read(void **state)
{
	struct charter *charter = charter_new();
	char text[100] = "";

	(void)state;
	charter_feed.begin(charter);
	feed(charter, "zone/a", "A1");
	assert_int_equal(charter_get(charter, "zone/a", gather, text), -1);
	assert_int_equal(errno, EAGAIN);
	assert_int_equal(charter_walk(charter, "zone/", gather, text), -1);
	assert_int_equal(errno, EAGAIN);
	charter_feed.caught_up(charter);
	assert_int_equal(charter_get(charter, "zone/a", gather, text), 0);
	assert_string_equal(text, "A1 ");
	assert_int_equal(charter_get(charter, "zone/b", gather, text), -1);
	assert_int_equal(errno, ENOENT);
	charter_free(charter);
}

static void
the_newest_record_of_a_key_is_kept_and_a_tombstone_ends_it(void **state)
{
	struct charter *charter = charter_new();
	char text[200] = "";

	(void)state;
	charter_feed.begin(charter);
	charter_feed.caught_up(charter);
	feed(charter, "zone/c", "C1");
	feed(charter, "rules/*", "R");
	feed(charter, "zone/a", "A1");
	feed(charter, "zonez", "Z");
	feed(charter, "zone/b", "B1");
	feed(charter, "zone/c", "C2");
	feed(charter, "token/x", "T");
	feed(charter, "zone/none", NULL);
	assert_int_equal(charter_walk(charter, "zone/", gather, text), 0);
	assert_string_equal(text, "A1 B1 C2 ");
	feed(charter, "zone/b", NULL);
	text[0] = '\0';
	assert_int_equal(charter_walk(charter, "", gather, text), 0);
	assert_string_equal(text, "R A1 C2 Z ");
	charter_free(charter);
}

static void
another_log_is_another_charter(void **state)
{
	struct charter *charter = charter_new();
	char text[100] = "";

	(void)state;
	charter_feed.begin(charter);
	feed(charter, "products", "P");
	charter_feed.caught_up(charter);
	charter_feed.begin(charter);
	assert_int_equal(charter_get(charter, "products", gather, text), -1);
	assert_int_equal(errno, EAGAIN);
	charter_feed.caught_up(charter);
	assert_int_equal(charter_get(charter, "products", gather, text), -1);
	assert_int_equal(errno, ENOENT);
	charter_free(charter);
}

static int
count_up(void *ctx, const void *value, size_t len)
{
	(void)value;
	(void)len;
	return ++*(int *)ctx == 3 ? 7 : 0;
}

static void
it_is_bounded_and_a_walk_may_end_early(void **state)
{
	struct charter *charter = charter_new();
	char key[40], text[100] = "";
	int i, count = 0;

	(void)state;
	charter_feed.begin(charter);
	charter_feed.caught_up(charter);
	for (i = 0; i <= CHARTER_KEYS_MAX; i++) {
		snprintf(key, sizeof(key), "zone/%06d", i);
		feed(charter, key, "x");
	}
	assert_int_equal(charter_walk(charter, "zone/", count_up, &count), 7);
	assert_int_equal(count, 3);
	assert_int_equal(charter_get(charter, key, gather, text), -1);
	/* what is there may still change */
	feed(charter, "zone/000007", "new");
	assert_int_equal(charter_get(charter, "zone/000007", gather, text), 0);
	assert_string_equal(text, "new ");
	charter_free(charter);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_said_before_all_was_read),
		cmocka_unit_test(
		    the_newest_record_of_a_key_is_kept_and_a_tombstone_ends_it),
		cmocka_unit_test(another_log_is_another_charter),
		cmocka_unit_test(it_is_bounded_and_a_walk_may_end_early),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
