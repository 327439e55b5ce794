/*
 * What the API's reader says of a database as a whole: whether it was written
 * to, how far its role is in the log, how members stand.
 */
#include "read_folder.h"

#include <errno.h>

static int64_t
version(struct read_folder *f, enum read_database db)
{
	int64_t v = -1;

	assert_int_equal(f->reader->ops->version(f->reader, db, &v), 0);
	assert_true(v >= 0);
	return v;
}

static void
a_version_is_another_when_somebody_has_written(void **state)
{
	struct read_folder f;
	int64_t before, now, stock;
	char path[96];

	(void)state;
	read_folder_open(&f);
	assert_int_equal(
	    f.reader->ops->version(f.reader, READ_SUPPORT, &now), -1);
	assert_int_equal(errno, ENOENT);
	read_folder_run(&f, &schema_support, "");
	read_folder_run(&f, &schema_stock, "");
	stock = version(&f, READ_STOCK);
	before = version(&f, READ_SUPPORT);
	assert_int_equal(version(&f, READ_SUPPORT), before);
	read_folder_run(&f, &schema_support,
	    "INSERT INTO counter (name, value) VALUES ('a', 1)");
	now = version(&f, READ_SUPPORT);
	assert_int_not_equal(now, before);
	assert_int_equal(version(&f, READ_SUPPORT), now);
	/* And so when another file stands there. */
	snprintf(path, sizeof(path), "%s/support.db", f.path);
	assert_int_equal(unlink(path), 0);
	read_folder_run(&f, &schema_support, "");
	assert_int_not_equal(version(&f, READ_SUPPORT), now);
	/* Of the others nothing is said by it. */
	assert_int_equal(version(&f, READ_STOCK), stock);
	read_folder_close(&f);
}

struct offsets {
	char text[200];
};

static int
note_offset(void *ctx, const struct offset_row *row)
{
	struct offsets *o = ctx;
	size_t len = strlen(o->text);

	snprintf(o->text + len, sizeof(o->text) - len, "%s/%d=%lld ",
	    row->topic, row->partition, (long long)row->next);
	return 0;
}

static void
every_role_says_how_far_it_is(void **state)
{
	static const struct {
		enum read_database db;
		const struct store_schema *schema;
	} all[] = { { READ_POSITIONS, &schema_positions },
		{ READ_SALES, &schema_sales }, { READ_STOCK, &schema_stock },
		{ READ_SUPPORT, &schema_support },
		{ READ_MEMBERS, &schema_members },
		{ READ_NOTIFY, &schema_notify } };
	struct read_folder f;

	(void)state;
	assert_int_equal(sizeof(all) / sizeof(all[0]), READ_DATABASES);
	read_folder_open(&f);
	for (size_t i = 0; i < READ_DATABASES; i++) {
		struct offsets o = { "" };

		assert_int_equal(f.reader->ops->offsets(
				     f.reader, all[i].db, note_offset, &o),
		    -1);
		assert_int_equal(errno, ENOENT);
		read_folder_run(&f, all[i].schema,
		    "INSERT INTO log_offset (topic, part, next)"
		    " VALUES ('b', 1, 7), ('b', 0, 12345678901), ('a', 2, 0)");
		assert_int_equal(f.reader->ops->offsets(
				     f.reader, all[i].db, note_offset, &o),
		    0);
		assert_string_equal(o.text, "a/2=0 b/0=12345678901 b/1=7 ");
	}
	read_folder_close(&f);
}

static int
note_mark(void *ctx, const struct member_mark *mark)
{
	struct offsets *o = ctx;
	size_t len = strlen(o->text);

	snprintf(o->text + len, sizeof(o->text) - len,
	    "%s %s %s premium=%d gate=%d at=%lld enrolled=%lld;", mark->who,
	    member_state_name(mark->state), mark->plate, mark->premium,
	    mark->gate_done, (long long)mark->state_ms,
	    (long long)mark->enrolled_ms);
	return 0;
}

static void
marks_of_members_are_those_of_the_guild_or_one(void **state)
{
	struct read_folder f;
	struct offsets o = { "" };

	(void)state;
	read_folder_open(&f);
	read_folder_run(&f, &schema_members,
	    "INSERT INTO member (who, registration, state, premium, plate,"
	    " enrolment, registered_ms, state_ms, by_whom, reason, enrolled_ms)"
	    " VALUES ('W1', 'r1', 1, 1, 'AB1234', 5, 1, 20, '', '', 30),"
	    " ('W2', 'r2', 0, 0, 'CD5678', 0, 2, 21, '', '', 0),"
	    " ('W3', 'r3', 4, 0, '', 0, 3, 22, '', '', 0);"
	    "INSERT INTO gate (plate, enrolment, wanted, done, done_enrolment)"
	    " VALUES ('AB1234', 5, 1, 1, 5)");
	assert_int_equal(
	    f.reader->ops->member_marks(f.reader, NULL, note_mark, &o), 0);
	assert_string_equal(o.text,
	    "W1 approved AB1234 premium=1 gate=1 at=20 enrolled=30;"
	    "W2 waiting CD5678 premium=0 gate=0 at=21 enrolled=0;");
	o.text[0] = '\0';
	assert_int_equal(
	    f.reader->ops->member_marks(f.reader, "W3", note_mark, &o), 0);
	assert_string_equal(
	    o.text, "W3 left  premium=0 gate=0 at=22 enrolled=0;");
	o.text[0] = '\0';
	assert_int_equal(
	    f.reader->ops->member_marks(f.reader, "W4", note_mark, &o), 0);
	assert_string_equal(o.text, "");
	read_folder_close(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_version_is_another_when_somebody_has_written),
		cmocka_unit_test(every_role_says_how_far_it_is),
		cmocka_unit_test(
		    marks_of_members_are_those_of_the_guild_or_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
