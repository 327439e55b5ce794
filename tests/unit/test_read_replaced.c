/*
 * The API's reader when a database is taken away or put back under it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backend/store/read.h"
#include "backend/store/schema.h"

struct folder {
	char path[64];
	char database[96];
	struct reader *reader;
};

static void
remove_database(const struct folder *f)
{
	char path[110];

	unlink(f->database);
	snprintf(path, sizeof(path), "%s-wal", f->database);
	unlink(path);
	snprintf(path, sizeof(path), "%s-shm", f->database);
	unlink(path);
}

/* A stock database in which the cart has `level` of product 0. */
static void
make_database(const struct folder *f, int level)
{
	char why[256], sql[200];
	struct store *store = store_open(
	    f->database, &schema_stock, STORE_NORMAL, why, sizeof(why));

	assert_non_null(store);
	snprintf(sql, sizeof(sql),
	    "INSERT INTO level (cart, product, level, at_ms, please_count)"
	    " VALUES ('AB1234', 0, %d, 0, 0)",
	    level);
	if (sqlite3_exec(store_handle(store), sql, NULL, NULL, NULL) !=
	    SQLITE_OK)
		fail_msg("%s", sqlite3_errmsg(store_handle(store)));
	store_close(store);
}

static int
setup(void **state)
{
	struct folder *f = calloc(1, sizeof(*f));

	strcpy(f->path, "/tmp/pregon-read-XXXXXX");
	assert_non_null(mkdtemp(f->path));
	snprintf(f->database, sizeof(f->database), "%s/stock.db", f->path);
	f->reader = reader_open_sqlite(f->path);
	assert_non_null(f->reader);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct folder *f = *state;

	f->reader->ops->close(f->reader);
	remove_database(f);
	rmdir(f->path);
	free(f);
	return 0;
}

static int
take_level(void *ctx, const struct stock_row *row)
{
	*(int *)ctx = row->level;
	return 0;
}

/* -1: errno. */
static int
level(struct folder *f)
{
	int n = -1;

	if (f->reader->ops->stock(f->reader, NULL, take_level, &n) == -1)
		return -1;
	return n;
}

static void
a_database_that_comes_later_is_found(void **state)
{
	assert_int_equal(level(*state), -1);
	assert_int_equal(errno, ENOENT);
	make_database(*state, 7);
	assert_int_equal(level(*state), 7);
}

static void
one_that_is_put_back_is_read_instead_of_the_old(void **state)
{
	struct folder *f = *state;

	make_database(f, 7);
	assert_int_equal(level(f), 7);
	remove_database(f);
	assert_int_equal(level(f), -1);
	assert_int_equal(errno, ENOENT);
	make_database(f, 9);
	assert_int_equal(level(f), 9);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    a_database_that_comes_later_is_found, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    one_that_is_put_back_is_read_instead_of_the_old, setup,
		    teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
