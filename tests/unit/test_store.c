/* store: versions, kinds, readers, and what faults become. */
#include <errno.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/store.h"

static const char *const steps[] = {
	"CREATE TABLE sale (id INTEGER PRIMARY KEY, folio TEXT UNIQUE,"
	" amount INTEGER, note BLOB, ratio REAL)",
	"CREATE INDEX sale_amount ON sale (amount);"
	"INSERT INTO sale (folio, amount) VALUES ('from step 2', 2)",
	"ALTER TABLE sale ADD COLUMN customer TEXT",
};
static const struct store_schema schema_1 = { "sales", steps, 1 };
static const struct store_schema schema_2 = { "sales", steps, 2 };
static const struct store_schema schema_3 = { "sales", steps, 3 };
static const struct store_schema other = { "positions", steps, 1 };

static char folder[32];
static char path[64];
static char why[512];

static int
make_folder(void **state)
{
	(void)state;
	strcpy(folder, "/tmp/pregon-store-XXXXXX");
	if (mkdtemp(folder) == NULL || chmod(folder, 0755) == -1)
		return -1;
	snprintf(path, sizeof(path), "%s/x.db", folder);
	why[0] = '\0';
	return 0;
}

static int
remove_folder(void **state)
{
	static const char *const ends[] = { "", "-wal", "-shm" };

	(void)state;
	for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++) {
		char name[80];

		snprintf(name, sizeof(name), "%s%s", path, ends[i]);
		unlink(name);
	}
	return rmdir(folder);
}

static struct store *
open_version(const struct store_schema *schema)
{
	struct store *st = store_open(
	    path, schema, STORE_FULL, why, sizeof(why));

	if (st == NULL)
		fail_msg("%s", why);
	return st;
}

static int64_t
ask(struct store *st, const char *sql)
{
	struct statement *s = store_prepare(st, sql);
	int64_t value;

	assert_non_null(s);
	assert_int_equal(statement_step(s), 1);
	value = statement_int(s, 0);
	statement_reset(s);
	return value;
}

static void
run(struct store *st, const char *sql)
{
	struct statement *s = store_prepare(st, sql);

	assert_non_null(s);
	assert_int_equal(statement_run(s), 0);
}

static void
a_new_file_gets_every_step(void **state)
{
	struct store *st = open_version(&schema_3);

	(void)state;
	assert_int_equal(ask(st, "PRAGMA user_version"), 3);
	assert_int_equal(
	    ask(st, "SELECT count(customer IS NULL) FROM sale"), 1);
	store_close(st);
}

static void
an_older_file_is_upgraded_with_what_it_holds(void **state)
{
	struct store *st = open_version(&schema_1);

	(void)state;
	run(st, "INSERT INTO sale (folio, amount) VALUES ('old', 1)");
	store_close(st);
	st = open_version(&schema_3);
	assert_int_equal(ask(st, "SELECT sum(amount) FROM sale"), 3);
	store_close(st);
	st = open_version(&schema_3);
	assert_int_equal(ask(st, "SELECT sum(amount) FROM sale"), 3);
	store_close(st);
}

static void
a_step_that_fails_leaves_the_version_before_it(void **state)
{
	static const char *const bad[] = { "CREATE TABLE a (x)",
		"CREATE TABLE b (x); CREATE TABLE b (x)" };
	static const struct store_schema broken = { "sales", bad, 2 };
	static const struct store_schema first = { "sales", bad, 1 };
	struct store *st;

	(void)state;
	assert_null(store_open(path, &broken, STORE_FULL, why, sizeof(why)));
	assert_non_null(strstr(why, "cannot be made version 2"));
	st = open_version(&first);
	assert_int_equal(ask(st, "SELECT count(*) FROM sqlite_schema"), 1);
	store_close(st);
}

static void
a_newer_file_is_refused_with_what_to_do(void **state)
{
	char expected[256];

	(void)state;
	store_close(open_version(&schema_3));
	assert_null(store_open(path, &schema_2, STORE_FULL, why, sizeof(why)));
	assert_int_equal(errno, ENOTSUP);
	snprintf(expected, sizeof(expected),
	    "%s is of version 3, this program knows 2: upgrade the program",
	    path);
	assert_string_equal(why, expected);
	assert_null(store_open_reader(path, &schema_2, why, sizeof(why)));
	assert_int_equal(errno, ENOTSUP);
}

static void
a_file_of_another_kind_is_refused_untouched(void **state)
{
	sqlite3 *db;
	struct store *st;

	(void)state;
	store_close(open_version(&schema_1));
	assert_null(store_open(path, &other, STORE_FULL, why, sizeof(why)));
	assert_int_equal(errno, EMEDIUMTYPE);
	assert_non_null(strstr(why, "is not a database of positions"));
	st = open_version(&schema_1);
	store_close(st);

	/* Nor is a stranger's SQLite file taken for a new one. */
	unlink(path);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(
	    sqlite3_exec(db, "CREATE TABLE t (x)", NULL, NULL, NULL),
	    SQLITE_OK);
	sqlite3_close(db);
	assert_null(store_open(path, &schema_1, STORE_FULL, why, sizeof(why)));
	assert_int_equal(errno, EMEDIUMTYPE);
}

static void
a_damaged_file_is_said_to_be_so(void **state)
{
	FILE *f = fopen(path, "w");

	(void)state;
	assert_non_null(f);
	for (int i = 0; i < 1000; i++)
		fputs("this is no database ", f);
	fclose(f);
	assert_null(store_open(path, &schema_1, STORE_FULL, why, sizeof(why)));
	assert_int_equal(errno, EBADMSG);
	assert_non_null(strstr(why, path));
	assert_non_null(strstr(why, "restore it from a copy"));
}

static void
a_folder_that_is_not_there_is_said_to_be_so(void **state)
{
	(void)state;
	assert_null(store_open(
	    "/nowhere/at/all.db", &schema_1, STORE_FULL, why, sizeof(why)));
	assert_int_equal(errno, ENOENT);
	assert_non_null(strstr(why, "make its folder first"));
	assert_null(
	    store_open(folder, &schema_1, STORE_FULL, why, sizeof(why)));
	assert_true(errno == EISDIR || errno == EACCES);
}

static void
a_reader_waits_for_its_writer(void **state)
{
	struct store *st;

	(void)state;
	assert_null(store_open_reader(path, &schema_1, why, sizeof(why)));
	assert_int_equal(errno, ENOENT);
	store_close(open_version(&schema_1));
	assert_null(store_open_reader(path, &schema_2, why, sizeof(why)));
	assert_int_equal(errno, ENOENT);
	store_close(open_version(&schema_2));
	st = store_open_reader(path, &schema_2, why, sizeof(why));
	assert_non_null(st);
	store_close(st);
}

static void
a_reader_sees_what_was_committed_and_writes_nothing(void **state)
{
	struct store *writer = open_version(&schema_1);
	struct store *reader = store_open_reader(
	    path, &schema_1, why, sizeof(why));
	struct statement *s;

	(void)state;
	assert_non_null(reader);
	assert_int_equal(store_begin(writer), 0);
	run(writer, "INSERT INTO sale (amount) VALUES (7)");
	assert_int_equal(ask(reader, "SELECT count(*) FROM sale"), 0);
	assert_int_equal(store_commit(writer), 0);
	assert_int_equal(ask(reader, "SELECT count(*) FROM sale"), 1);
	s = store_prepare(reader, "INSERT INTO sale (amount) VALUES (8)");
	assert_non_null(s);
	assert_int_equal(statement_run(s), -1);
	assert_int_equal(errno, EROFS);
	/* One snapshot for several reads. */
	assert_int_equal(store_begin(reader), 0);
	assert_int_equal(ask(reader, "SELECT count(*) FROM sale"), 1);
	run(writer, "INSERT INTO sale (amount) VALUES (9)");
	assert_int_equal(ask(reader, "SELECT count(*) FROM sale"), 1);
	assert_int_equal(store_commit(reader), 0);
	assert_int_equal(ask(reader, "SELECT count(*) FROM sale"), 2);
	store_close(reader);
	store_close(writer);
}

/* As another user, who may read the folder but not write there. */
static int
read_as_stranger(void)
{
	pid_t pid = fork();
	int status = -1;

	if (pid == 0) {
		struct store *st;

		if (setresgid(65534, 65534, 65534) == -1 ||
		    setresuid(65534, 65534, 65534) == -1)
			_exit(2);
		st = store_open_reader(path, &schema_1, why, sizeof(why));
		if (st == NULL)
			_exit(3);
		_exit(ask(st, "SELECT count(*) FROM sale") == 1 ? 0 : 4);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void
a_reader_of_another_user_works_after_the_writers_clean_stop(void **state)
{
	struct store *st;

	(void)state;
	if (geteuid() != 0)
		skip();
	st = open_version(&schema_1);
	run(st, "INSERT INTO sale (amount) VALUES (1)");
	assert_int_equal(read_as_stranger(), 0);
	store_close(st);
	assert_int_equal(read_as_stranger(), 0);
}

static bool
folder_holds(const char *word)
{
	char command[128];

	snprintf(command, sizeof(command), "grep -qa '%s' %s/*", word, folder);
	return system(command) == 0;
}

static void
what_was_deleted_is_scrubbed_from_the_files_once_nobody_reads(void **state)
{
	struct store *st = store_open(
	    path, &schema_1, STORE_NORMAL, why, sizeof(why));
	struct store *reader;

	(void)state;
	assert_non_null(st);
	run(st, "PRAGMA secure_delete = ON");
	run(st, "INSERT INTO sale (folio) VALUES ('a secret')");
	reader = store_open_reader(path, &schema_1, why, sizeof(why));
	assert_non_null(reader);
	assert_int_equal(store_begin(reader), 0);
	run(reader, "SELECT * FROM sale");
	run(st, "DELETE FROM sale");
	assert_true(folder_holds("a secret"));
	assert_int_equal(store_scrub(st), -1);
	assert_int_equal(errno, EBUSY);
	store_rollback(reader);
	assert_int_equal(store_scrub(st), 0);
	assert_false(folder_holds("a secret"));
	store_close(reader);
	store_close(st);
}

static void
each_type_is_bound_and_read_back(void **state)
{
	struct store *st = open_version(&schema_1);
	struct statement *s = store_prepare(st, "SELECT ?, ?, ?, ?, ?, ?, ?");
	size_t len = 99;

	(void)state;
	assert_non_null(s);
	assert_int_equal(
	    statement_bind(s, "iIdstbn", -5, INT64_C(0x123456789abcdef), 2.5,
		"text", "abcdef", (size_t)3, "\0\1", (size_t)2),
	    0);
	assert_int_equal(statement_step(s), 1);
	assert_int_equal(statement_int(s, 0), -5);
	assert_int_equal(statement_int(s, 1), INT64_C(0x123456789abcdef));
	assert_true(
	    statement_double(s, 2) > 2.4 && statement_double(s, 2) < 2.6);
	assert_string_equal(statement_text(s, 3), "text");
	assert_string_equal(statement_text(s, 4), "abc");
	assert_memory_equal(statement_blob(s, 5, &len), "\0\1", 2);
	assert_int_equal(len, 2);
	assert_true(statement_null(s, 6));
	assert_false(statement_null(s, 0));
	assert_null(statement_text(s, 6));
	assert_int_equal(statement_step(s), 0);
	store_close(st);
}

static void
empty_is_not_null(void **state)
{
	struct store *st = open_version(&schema_1);
	struct statement *s = store_prepare(st, "SELECT ?, ?, ?, ?");
	size_t len = 99;

	(void)state;
	assert_int_equal(statement_bind(s, "tbsb", NULL, (size_t)0, NULL,
			     (size_t)0, (char *)NULL, "", (size_t)0),
	    0);
	assert_int_equal(statement_step(s), 1);
	assert_false(statement_null(s, 0));
	assert_string_equal(statement_text(s, 0), "");
	assert_false(statement_null(s, 1));
	assert_non_null(statement_blob(s, 1, &len));
	assert_int_equal(len, 0);
	assert_true(statement_null(s, 2));
	assert_false(statement_null(s, 3));
	store_close(st);
}

static void
a_wrong_number_of_values_is_a_mistake_of_ours(void **state)
{
	struct store *st = open_version(&schema_1);
	struct statement *s = store_prepare(st, "SELECT ?, ?");

	(void)state;
	assert_int_equal(statement_bind(s, "i", 1), -1);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(statement_bind(s, "iii", 1, 2, 3), -1);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(statement_bind(s, "ix", 1), -1);
	assert_int_equal(errno, EINVAL);
	assert_null(store_prepare(st, "SELEC"));
	assert_int_equal(errno, EINVAL);
	assert_non_null(strstr(store_error(st), "SELEC"));
	store_close(st);
}

static void
changes_are_those_of_the_statement_itself(void **state)
{
	struct store *st = open_version(&schema_2);
	struct statement *add = store_prepare(
	    st, "INSERT INTO sale (amount) VALUES (?)");
	struct statement *swap = store_prepare(
	    st, "UPDATE sale SET amount = ? WHERE amount = ?");

	(void)state;
	for (int i = 0; i < 3; i++) {
		assert_int_equal(statement_bind(add, "i", 5), 0);
		assert_int_equal(statement_run(add), 0);
		assert_int_equal(statement_changes(add), 1);
	}
	assert_int_equal(statement_bind(swap, "ii", 6, 5), 0);
	assert_int_equal(statement_run(swap), 0);
	assert_int_equal(statement_changes(swap), 3);
	assert_int_equal(statement_bind(swap, "ii", 6, 5), 0);
	assert_int_equal(statement_run(swap), 0);
	assert_int_equal(statement_changes(swap), 0);
	assert_int_equal(statement_changes(add), 1);
	store_close(st);
}

static void
a_second_row_of_a_unique_key_is_told_from_a_fault(void **state)
{
	struct store *st = open_version(&schema_1);
	struct statement *s = store_prepare(
	    st, "INSERT INTO sale (folio) VALUES (?)");

	(void)state;
	assert_int_equal(statement_bind(s, "s", "AB1234-1"), 0);
	assert_int_equal(statement_run(s), 0);
	assert_int_equal(statement_bind(s, "s", "AB1234-1"), 0);
	assert_int_equal(statement_run(s), -1);
	assert_int_equal(errno, EEXIST);
	assert_non_null(strstr(store_error(st), "UNIQUE"));
	store_close(st);
}

static void
a_rollback_takes_all_back(void **state)
{
	struct store *st = open_version(&schema_1);

	(void)state;
	assert_int_equal(store_begin(st), 0);
	run(st, "INSERT INTO sale (amount) VALUES (1)");
	store_rollback(st);
	assert_int_equal(ask(st, "SELECT count(*) FROM sale"), 0);
	store_rollback(st); /* harmless without a transaction */
	assert_int_equal(store_begin(st), 0);
	assert_int_equal(store_commit(st), 0);
	store_close(st);
}

static void
two_writers_do_not_mix(void **state)
{
	struct store *a = open_version(&schema_1);
	struct store *b = open_version(&schema_1);

	(void)state;
	sqlite3_busy_timeout(store_handle(b), 0);
	assert_int_equal(store_begin(a), 0);
	assert_int_equal(store_begin(b), -1);
	assert_int_equal(errno, EBUSY);
	assert_int_equal(store_commit(a), 0);
	assert_int_equal(store_begin(b), 0);
	store_rollback(b);
	store_close(a);
	store_close(b);
}

/* The folder as a small disk of its own, in this process's eyes alone. */
static bool
mount_disk(const char *options)
{
	return geteuid() == 0 && unshare(CLONE_NEWNS) == 0 &&
	    mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
	    mount("none", folder, "tmpfs", 0, options) == 0;
}

static void
a_full_disk_is_said_to_be_so_and_loses_nothing(void **state)
{
	char blob[4096] = { 1 };
	struct store *st;
	struct statement *s;
	int rc = 0, rows;

	(void)state;
	if (!mount_disk("size=512k,mode=755"))
		skip();
	st = open_version(&schema_1);
	s = store_prepare(st, "INSERT INTO sale (note) VALUES (?)");
	for (rows = 0; rows < 1000 && rc == 0; rows++) {
		assert_int_equal(statement_bind(s, "b", blob, sizeof(blob)), 0);
		rc = statement_run(s);
	}
	assert_int_equal(rc, -1);
	assert_int_equal(errno, ENOSPC);
	store_rollback(st);
	assert_int_equal(ask(st, "SELECT count(*) FROM sale"), rows - 1);
	store_close(st);
	umount(folder);
}

static void
a_disk_that_may_not_be_written_is_said_to_be_so(void **state)
{
	struct store *st;

	(void)state;
	if (!mount_disk("size=1m,mode=755"))
		skip();
	store_close(open_version(&schema_1));
	assert_int_equal(
	    mount("none", folder, "tmpfs", MS_REMOUNT | MS_RDONLY, NULL), 0);
	st = store_open(path, &schema_1, STORE_FULL, why, sizeof(why));
	assert_null(st);
	assert_int_equal(errno, EROFS);
	assert_non_null(strstr(why, "must lie where this program may write"));
	umount(folder);
}

static void
a_file_without_the_right_to_write_is_said_to_be_so(void **state)
{
	int status = -1;
	pid_t pid;

	(void)state;
	if (geteuid() != 0)
		skip();
	store_close(open_version(&schema_1));
	pid = fork();
	if (pid == 0) {
		if (setresuid(65534, 65534, 65534) == -1)
			_exit(2);
		if (store_open(path, &schema_1, STORE_FULL, why, sizeof(why)) !=
		    NULL)
			_exit(3);
		_exit(errno == EACCES ? 0 : errno);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

#define IN_FOLDER(test)                                                        \
	cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		IN_FOLDER(a_new_file_gets_every_step),
		IN_FOLDER(an_older_file_is_upgraded_with_what_it_holds),
		IN_FOLDER(a_step_that_fails_leaves_the_version_before_it),
		IN_FOLDER(a_newer_file_is_refused_with_what_to_do),
		IN_FOLDER(a_file_of_another_kind_is_refused_untouched),
		IN_FOLDER(a_damaged_file_is_said_to_be_so),
		IN_FOLDER(a_folder_that_is_not_there_is_said_to_be_so),
		IN_FOLDER(a_reader_waits_for_its_writer),
		IN_FOLDER(a_reader_sees_what_was_committed_and_writes_nothing),
		IN_FOLDER(
		    a_reader_of_another_user_works_after_the_writers_clean_stop),
		IN_FOLDER(
		    what_was_deleted_is_scrubbed_from_the_files_once_nobody_reads),
		IN_FOLDER(each_type_is_bound_and_read_back),
		IN_FOLDER(empty_is_not_null),
		IN_FOLDER(a_wrong_number_of_values_is_a_mistake_of_ours),
		IN_FOLDER(changes_are_those_of_the_statement_itself),
		IN_FOLDER(a_second_row_of_a_unique_key_is_told_from_a_fault),
		IN_FOLDER(a_rollback_takes_all_back),
		IN_FOLDER(two_writers_do_not_mix),
		IN_FOLDER(a_full_disk_is_said_to_be_so_and_loses_nothing),
		IN_FOLDER(a_disk_that_may_not_be_written_is_said_to_be_so),
		IN_FOLDER(a_file_without_the_right_to_write_is_said_to_be_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
