/*
 * Databases that an earlier version made go on: what waited to be sent is
 * sent, and days that were sold on get their books.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "backend/store/daybooks_store.h"
#include "backend/store/members_store.h"
#include "backend/store/runtime_store.h"
#include "backend/store/schema.h"

static char folder[] = "/tmp/pregon-upgrade-XXXXXX";

static struct database *
open_steps(const struct store_schema *schema, int step_count)
{
	struct store_schema part = { schema->name, schema->steps, step_count };
	char why[300] = "";
	struct database *db = database_open_sqlite(
	    folder, &part, why, sizeof(why));

	if (db == NULL)
		fail_msg("%s", why);
	return db;
}

static void
run(struct database *db, const char *sql)
{
	assert_int_equal(
	    sqlite3_exec(store_handle(db->sqlite), sql, NULL, NULL, NULL),
	    SQLITE_OK);
}

static int
take_row(void *ctx, int64_t id, const struct outgoing *row)
{
	assert_int_equal(id, 7);
	assert_int_equal(row->topic, TOPIC_AVISOS);
	assert_memory_equal(row->value, "v", row->value_len);
	assert_string_equal(row->schema, "notice/1");
	assert_false(row->fixed_partition);
	(*(int *)ctx)++;
	return 0;
}

/* From the first step on, with a row that waited. */
static void
upgrade(const struct store_schema *schema)
{
	struct database *db = open_steps(schema, 1);
	struct runtime_store *store;
	int rows = 0;

	run(db,
	    "INSERT INTO outgoing (id, topic, key, value, schema,"
	    " route_len, each_partition) VALUES (7, 'topic_avisos',"
	    " x'6b', x'76', 'notice/1', 0, 0)");
	db->ops->close(db);
	db = open_steps(schema, schema->step_count);
	store = runtime_store_sqlite(db);
	assert_non_null(store);
	assert_int_equal(
	    store->ops->outgoing_list(store, 0, 10, take_row, &rows), 0);
	assert_int_equal(rows, 1);
	store->ops->close(store);
	db->ops->close(db);
}

static void
what_waited_to_be_sent_still_waits(void **state)
{
	(void)state;
	upgrade(&schema_positions);
	upgrade(&schema_sales);
	upgrade(&schema_stock);
}

static void
days_that_were_sold_on_are_looked_at(void **state)
{
	struct database *db = open_steps(&schema_sales, 2);
	struct daybook_day day = { .day = "" };
	struct daybooks_store *store;

	(void)state;
	run(db,
	    "INSERT INTO day_total VALUES"
	    " ('2026-01-02', 'AAAA01', 1, 1, 1, 0, 0, 0, 0),"
	    " ('2026-01-02', 'AAAA02', 1, 1, 1, 0, 0, 0, 0)");
	db->ops->close(db);
	db = open_steps(&schema_sales, schema_sales.step_count);
	store = daybooks_store_sqlite(db);
	assert_non_null(store);
	assert_int_equal(store->ops->changed_next(store, "", &day), 1);
	assert_string_equal(day.day, "2026-01-02");
	assert_int_equal(day.edition, 0);
	assert_int_equal(store->ops->changed_next(store, day.day, &day), 0);
	store->ops->close(store);
	db->ops->close(db);
}

static void
members_of_before_have_taken_no_code(void **state)
{
	struct database *db = open_steps(&schema_members, 1);
	struct members_store *store;
	struct member member;

	(void)state;
	run(db,
	    "INSERT INTO member VALUES"
	    " ('WHO', 'r1', 1, 0, 'AAAA01', 7, 1, 1, 'admin', '')");
	db->ops->close(db);
	db = open_steps(&schema_members, schema_members.step_count);
	store = members_store_sqlite(db);
	assert_non_null(store);
	assert_int_equal(store->ops->member_get(store, "WHO", &member), 1);
	assert_int_equal(member.enrolment, 7);
	assert_true(member.enrolled_ms == 0);
	assert_string_equal(member.gateway, "");
	store->ops->close(store);
	db->ops->close(db);
}

static int
make_folder(void **state)
{
	(void)state;
	snprintf(folder, sizeof(folder), "/tmp/pregon-upgrade-XXXXXX");
	return mkdtemp(folder) == NULL ? -1 : 0;
}

static int
remove_folder(void **state)
{
	char command[64];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf %s", folder);
	return system(command);
}

#define TEST(name)                                                             \
	cmocka_unit_test_setup_teardown(name, make_folder, remove_folder)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_waited_to_be_sent_still_waits),
		TEST(days_that_were_sold_on_are_looked_at),
		TEST(members_of_before_have_taken_no_code),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
