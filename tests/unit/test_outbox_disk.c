/*
 * A disk that is really full, or takes no writing: on a file system of this
 * test's own.
 */
#include <sched.h>
#include <sys/mount.h>

#include "tests/unit/outbox_fixture.h"

static bool mounted;

/* In a namespace of its own, where that is allowed. */
static int
group_setup(void **state)
{
	(void)state;
	mounted = unshare(CLONE_NEWNS) == 0 ||
	    unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0;
	if (mounted)
		mounted = mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) ==
		    0;
	return 0;
}

static void
open_on_disk(struct fixture *f)
{
	if (!mounted || mount("tmpfs", f->dir, "tmpfs", 0, "size=4m") == -1) {
		print_message("no file system of one's own is allowed here\n");
		skip();
	}
	fixture_open(f);
}

static int
setup(void **state)
{
	struct fixture *f;

	if (fixture_setup(state) == -1)
		return -1;
	f = *state;
	outbox_close(f->ob);
	f->ob = NULL;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	outbox_close(f->ob);
	f->ob = NULL;
	umount(f->dir);
	return fixture_teardown(state);
}

/* Something else takes all that is left. */
static void
fill_disk(struct fixture *f)
{
	shell(f,
	    "! dd if=/dev/zero of=${D:?}/ballast bs=4k count=4096 2>/dev/null");
}

static void
on_a_full_disk_a_sale_is_refused_and_no_number_is_used_twice(void **state)
{
	struct fixture *f = *state;
	uint64_t first, seq, sold = 0;
	struct fix fix = walking(1);

	open_on_disk(f);
	first = outbox_epoch(f->ob);
	assert_int_equal(add_sale(f->ob, NOON, &seq), 0);
	fill_disk(f);
	while (add_sale(f->ob, NOON, &seq) == 0)
		assert_true(++sold < 100000);
	assert_int_equal(errno, ENOSPC);
	/* Numbers of what was undone may have been sent. */
	assert_int_not_equal(outbox_epoch(f->ob), first);
	assert_int_equal(outbox_depth(f->ob, STREAM_SALE), sold + 1);

	shell(f, "rm ${D:?}/ballast");
	assert_int_equal(add_sale(f->ob, NOON, &seq), 0);
	assert_int_equal(seq, 0);
	assert_int_equal(add_fix(f->ob, &fix, &seq), 0);
	fixture_reopen(f);
	assert_false(f->damaged);
	assert_int_equal(outbox_depth(f->ob, STREAM_SALE), sold + 2);
	assert_int_equal(outbox_depth(f->ob, STREAM_POS), 1);
}

static void
a_disk_that_takes_no_writing_is_said_in_words(void **state)
{
	struct fixture *f = *state;
	uint64_t seq;

	open_on_disk(f);
	assert_int_equal(add_sale(f->ob, NOON, &seq), 0);
	outbox_close(f->ob);
	f->ob = NULL;
	assert_int_equal(
	    mount(NULL, f->dir, NULL, MS_REMOUNT | MS_RDONLY, NULL), 0);
	f->ob = outbox_open(&f->settings, &f->damaged, f->why, sizeof(f->why));
	assert_null(f->ob);
	assert_int_equal(errno, EROFS);
	assert_non_null(strstr(f->why, "must lie where"));
	/* But it can be read. */
	f->ob = outbox_open_reader(f->path, f->why, sizeof(f->why));
	assert_non_null(f->ob);
	assert_int_equal(outbox_depth(f->ob, STREAM_SALE), 1);
}

static void
a_new_outbox_on_a_full_disk_is_refused_in_words(void **state)
{
	struct fixture *f = *state;

	open_on_disk(f);
	outbox_close(f->ob);
	f->ob = NULL;
	shell(f, "rm ${D:?}/outbox.db*");
	fill_disk(f);
	f->ob = outbox_open(&f->settings, &f->damaged, f->why, sizeof(f->why));
	assert_null(f->ob);
	assert_int_equal(errno, ENOSPC);
	assert_non_null(strstr(f->why, "make room"));
	assert_false(f->damaged);
}

#define ON_DISK(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		ON_DISK(
		    on_a_full_disk_a_sale_is_refused_and_no_number_is_used_twice),
		ON_DISK(a_disk_that_takes_no_writing_is_said_in_words),
		ON_DISK(a_new_outbox_on_a_full_disk_is_refused_in_words),
	};

	return cmocka_run_group_tests_name(
	    "outbox, disk", tests, group_setup, NULL);
}
