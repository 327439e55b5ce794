/*
 * The role positions over its database, seen through the reader.
 */
#include "tests/unit/desk.h"

#include "schemas/status.h"

#define BOOT 77

static struct fix
fix_at(int64_t at_ms, uint64_t boot, int32_t lat)
{
	return (struct fix){ .at = { at_ms, boot },
		.lat_e6 = lat,
		.lon_e6 = -70660000,
		.speed_dm_s = 12,
		.course_deg = 90,
		.accuracy_m = 8 };
}

static void
apply_run(struct desk *d, uint64_t seq, const struct fix *fixes, size_t count,
    int64_t record_ms)
{
	struct mp_writer w;

	desk_frame_begin(d, &w, DESK_EPOCH, seq, count, 1);
	assert_int_equal(run_encode(fixes, count, &w), 0);
	desk_frame_end(d, &w, DESK_CART, SCHEMA_FRAME_POS, record_ms);
}

static void
apply_marker(struct desk *d, uint64_t seq, int64_t offset_ms)
{
	struct time_marker marker = { BOOT, offset_ms };
	struct mp_writer w;

	desk_frame_begin(d, &w, DESK_EPOCH, seq, 1, 1);
	time_marker_encode(&marker, &w);
	desk_frame_end(d, &w, DESK_CART, SCHEMA_FRAME_POS, DESK_NOW);
}

struct track {
	struct track_point points[5000];
	size_t count;
};

static int
add_point(void *ctx, const struct track_point *point)
{
	struct track *track = ctx;

	track->points[track->count++] = *point;
	return 0;
}

static const struct track *
track_of(struct desk *d, int64_t from_ms, int64_t to_ms)
{
	static struct track track;

	track.count = 0;
	assert_int_equal(d->reader->ops->track(d->reader, DESK_CART, from_ms,
			     to_ms, add_point, &track),
	    0);
	return &track;
}

static int
copy_cart(void *ctx, const struct cart_row *row)
{
	*(struct cart_row *)ctx = *row;
	return 0;
}

static struct cart_row
cart_of(struct desk *d)
{
	struct cart_row row = { .contact_ms = -1 };

	assert_int_equal(d->reader->ops->carts(d->reader, DESK_CART, DESK_NOW,
			     60000, copy_cart, &row),
	    0);
	return row;
}

static void
late_and_repeated_fixes_come_out_once_and_in_order(void **state)
{
	struct fix fixes[40];
	const struct track *track;
	struct desk d;

	(void)state;
	desk_open(&d, &role_positions);
	for (int i = 0; i < 40; i++)
		fixes[i] = fix_at(DESK_NOW - 7200000 + i * 300000, 0, i);
	apply_run(&d, 20, fixes + 20, 20, DESK_NOW + 7200000);
	apply_run(&d, 0, fixes, 25, DESK_NOW + 7200000);
	apply_run(&d, 0, fixes, 40, DESK_NOW + 7200000);
	track = track_of(&d, 0, INT64_MAX);
	assert_int_equal(track->count, 40);
	for (int i = 0; i < 40; i++) {
		assert_int_equal(track->points[i].fix.lat_e6, i);
		assert_int_equal(track->points[i].fix.at.ms, fixes[i].at.ms);
		assert_false(track->points[i].provisional);
	}
	track = track_of(&d, fixes[3].at.ms, fixes[30].at.ms);
	assert_int_equal(track->count, 27);
	assert_int_equal(track->points[0].fix.lat_e6, 3);
	assert_int_equal(cart_of(&d).fix.lat_e6, 39);
	assert_int_equal(d.total[TALLY_FIXES], 40);
	assert_int_equal(d.total[TALLY_DUPLICATES], 45);
	desk_close(&d);
}

static void
parts_that_fill_up_and_memory_that_is_lost_change_nothing(void **state)
{
	struct fix fixes[50];
	const struct track *track;
	struct desk d;

	(void)state;
	desk_open(&d, &role_positions);
	for (int f = 0; f < 60; f++) {
		for (int i = 0; i < 50; i++)
			fixes[i] = fix_at(DESK_NOW + (f * 50 + i) * 1000, 0,
			    (f * 50 + i) * 1009 % 90000000);
		apply_run(&d, (uint64_t)f * 50, fixes, 50, DESK_NOW + 3600000);
		if (f % 7 == 0)
			desk_forget(&d);
	}
	track = track_of(&d, DESK_NOW, DESK_NOW + 3600000);
	assert_int_equal(track->count, 3000);
	for (int i = 0; i < 3000; i++) {
		assert_int_equal(
		    track->points[i].fix.at.ms, DESK_NOW + i * 1000);
		assert_int_equal(
		    track->points[i].fix.lat_e6, i * 1009 % 90000000);
	}
	desk_close(&d);
}

static void
fixes_without_a_clock_wait_for_their_marker(void **state)
{
	struct fix fixes[3] = { fix_at(10000, BOOT, 1), fix_at(20000, BOOT, 2),
		fix_at(30000, BOOT, 3) };
	const struct track *track;
	struct desk d;

	(void)state;
	desk_open(&d, &role_positions);
	apply_run(&d, 0, fixes, 2, DESK_NOW);
	track = track_of(&d, DESK_NOW - 60000, DESK_NOW + 60000);
	assert_int_equal(track->count, 2);
	assert_true(track->points[0].provisional);
	assert_int_equal(track->points[0].fix.at.ms, DESK_NOW);
	assert_int_equal(cart_of(&d).fix.at.ms, DESK_NOW);
	apply_marker(&d, 2, DESK_NOW - 50000);
	/* And one that comes after its marker. */
	apply_run(&d, 3, fixes + 2, 1, DESK_NOW);
	track = track_of(&d, DESK_NOW - 60000, DESK_NOW + 60000);
	assert_int_equal(track->count, 3);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(
		    track->points[i].fix.at.ms, DESK_NOW - 40000 + i * 10000);
		assert_false(track->points[i].provisional);
	}
	assert_int_equal(cart_of(&d).fix.at.ms, DESK_NOW - 20000);
	desk_close(&d);
}

static void
a_time_ahead_of_its_record_counts_as_the_records(void **state)
{
	struct fix fixes[2] = { fix_at(DESK_NOW, 0, 1),
		fix_at(DESK_NOW + 86400000, 0, 2) };
	const struct track *track;
	struct desk d;

	(void)state;
	desk_open(&d, &role_positions);
	apply_run(&d, 0, fixes, 2, DESK_NOW + 1000);
	track = track_of(&d, 0, INT64_MAX);
	assert_int_equal(track->count, 2);
	assert_false(track->points[0].provisional);
	assert_true(track->points[1].provisional);
	assert_int_equal(track->points[1].fix.at.ms, DESK_NOW + 1000);
	desk_close(&d);
}

static void
apply_status(struct desk *d, const struct status *status, int64_t record_ms)
{
	uint8_t bytes[STATUS_BYTES_MAX];
	int len = status_encode(status, bytes, sizeof(bytes));

	assert_true(len > 0);
	desk_begin(d);
	desk_apply(d, DESK_CART, SCHEMA_STATUS, record_ms, bytes, (size_t)len);
	desk_commit(d);
}

static void
a_status_shows_its_fix_at_once_and_adds_none_to_the_track(void **state)
{
	struct status status = { .epoch = DESK_EPOCH,
		.count = 3,
		.connection = 1,
		.state = STATUS_ONLINE,
		.at = { .ms = DESK_NOW },
		.boot = BOOT,
		.fix_mode = FIX_MODE_3D,
		.has_fix = true,
		.fix = fix_at(DESK_NOW, 0, 5),
		.day_open = true,
		.backlog = 12,
		.battery = 80,
		.ledger = 1000,
		.version = "0.1.0" };
	struct cart_row row;
	struct desk d;

	(void)state;
	desk_open(&d, &role_positions);
	apply_status(&d, &status, DESK_NOW + 5);
	row = cart_of(&d);
	assert_int_equal(row.fix.lat_e6, 5);
	assert_int_equal(row.contact_ms, DESK_NOW + 5);
	assert_true(row.live);
	assert_true(row.day_open);
	assert_int_equal(row.backlog, 12);
	assert_int_equal(row.battery, 80);
	assert_int_equal(row.boot, BOOT);
	assert_string_equal(row.version, "0.1.0");
	assert_int_equal(track_of(&d, 0, INT64_MAX)->count, 0);
	desk_close(&d);
}

static int
copy_gap(void *ctx, const struct gap_row *row)
{
	*(struct gap_row *)ctx = *row;
	return 0;
}

static void
a_hole_is_shown_after_a_minute_and_closes_by_itself(void **state)
{
	struct fix fix = fix_at(DESK_NOW, 0, 1);
	struct gap_row gap = { .count = 0 };
	struct desk d;

	(void)state;
	desk_open(&d, &role_positions);
	apply_run(&d, 5, &fix, 1, DESK_NOW);
	assert_int_equal(d.reader->ops->gaps(
			     d.reader, NULL, DESK_NOW + 59000, copy_gap, &gap),
	    0);
	assert_int_equal(gap.count, 0);
	assert_int_equal(d.reader->ops->gaps(
			     d.reader, NULL, DESK_NOW + 60000, copy_gap, &gap),
	    0);
	assert_int_equal(gap.count, 5);
	assert_int_equal(gap.first_seq, 0);
	assert_int_equal(gap.reason, -1);
	assert_string_equal(gap.cart, DESK_CART);
	for (uint64_t i = 0; i < 5; i++)
		apply_run(&d, i, &fix, 1, DESK_NOW);
	gap.count = 0;
	assert_int_equal(d.reader->ops->gaps(
			     d.reader, NULL, DESK_NOW + 60000, copy_gap, &gap),
	    0);
	assert_int_equal(gap.count, 0);
	desk_close(&d);
}

static void
a_gap_marker_is_shown_with_its_times_and_reason(void **state)
{
	struct gap given = { .count = 100,
		.from = { .ms = DESK_NOW - 9000 },
		.to = { .ms = DESK_NOW - 8000 },
		.reason = GAP_FULL };
	struct gap_row gap = { .count = 0 };
	struct mp_writer w;
	struct desk d;

	(void)state;
	desk_open(&d, &role_positions);
	desk_frame_begin(&d, &w, DESK_EPOCH, 0, 100, 1);
	gap_encode(&given, &w);
	desk_frame_end(&d, &w, DESK_CART, SCHEMA_FRAME_POS, DESK_NOW);
	assert_int_equal(
	    d.reader->ops->gaps(d.reader, DESK_CART, DESK_NOW, copy_gap, &gap),
	    0);
	assert_int_equal(gap.count, 100);
	assert_int_equal(gap.reason, GAP_FULL);
	assert_int_equal(gap.from_ms, DESK_NOW - 9000);
	assert_int_equal(gap.to_ms, DESK_NOW - 8000);
	assert_int_equal(cart_of(&d).gap_numbers, 0);
	desk_close(&d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    late_and_repeated_fixes_come_out_once_and_in_order),
		cmocka_unit_test(
		    parts_that_fill_up_and_memory_that_is_lost_change_nothing),
		cmocka_unit_test(fixes_without_a_clock_wait_for_their_marker),
		cmocka_unit_test(
		    a_time_ahead_of_its_record_counts_as_the_records),
		cmocka_unit_test(
		    a_status_shows_its_fix_at_once_and_adds_none_to_the_track),
		cmocka_unit_test(
		    a_hole_is_shown_after_a_minute_and_closes_by_itself),
		cmocka_unit_test(
		    a_gap_marker_is_shown_with_its_times_and_reason),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
