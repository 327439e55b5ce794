/* event: limits and what the golden bytes do not show. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "schemas/event.h"

#define NOW INT64_C(1795192205000)

static uint8_t buf[ITEM_BYTES_MAX];
static struct decode_error error;

static struct mp_writer
writer(void)
{
	struct mp_writer w;

	mp_writer_init(&w, buf, sizeof(buf));
	return w;
}

static struct mp_reader
reader(const struct mp_writer *w)
{
	struct mp_reader r;

	assert_false(w->full);
	mp_reader_init(&r, w->buf, w->len, &error);
	return r;
}

static struct text
text_of(size_t len)
{
	static char x[TEXT_NOTE_MAX + 1];

	memset(x, 'x', sizeof(x));
	return (struct text){ x, len };
}

static struct sale
largest_sale(void)
{
	struct sale s = { .at = { NOW, UINT64_MAX },
		.confirmed = true,
		.open_ms = 1000,
		.customer = text_of(TEXT_NAME_MAX),
		.contact = text_of(TEXT_NAME_MAX),
		.request_id = text_of(TEXT_NAME_MAX),
		.place = { true, -90000000, -180000000, UINT32_MAX },
		.line_count = SALE_LINES_MAX };

	s.at.ms = 300000000000;
	for (int i = 0; i < SALE_LINES_MAX; i++)
		s.lines[i] = (struct sale_line){ PRODUCT_MAX, UNITS_MAX,
			AMOUNT_MAX };
	return s;
}

static void
the_largest_sale_fits_and_comes_back(void **state)
{
	struct sale s = largest_sale(), got;
	struct mp_writer w = writer();
	struct mp_reader r;

	(void)state;
	sale_encode(&s, &w);
	r = reader(&w);
	assert_int_equal(sale_decode(&r, &got), 0);
	assert_int_equal(mp_left(&r), 0);
	assert_true(got.at.ms == s.at.ms && got.at.boot == UINT64_MAX);
	assert_int_equal(got.line_count, SALE_LINES_MAX);
	assert_memory_equal(got.lines, s.lines, sizeof(s.lines));
	assert_int_equal(got.customer.len, TEXT_NAME_MAX);
	assert_int_equal(got.place.age_s, UINT32_MAX);
}

static void
a_sale_cut_anywhere_is_refused(void **state)
{
	struct sale s = largest_sale(), got;
	struct mp_writer w = writer();

	(void)state;
	s.line_count = 2;
	sale_encode(&s, &w);
	for (size_t len = 0; len < w.len; len++) {
		/* Exactly so large: a sanitizer sees a read beyond it. */
		uint8_t *piece = malloc(len + (len == 0));
		struct mp_reader r;

		memcpy(piece, buf, len);
		mp_reader_init(&r, piece, len, &error);
		assert_int_equal(sale_decode(&r, &got), -1);
		assert_int_equal(errno, EBADMSG);
		free(piece);
	}
}

static void
the_largest_help_fits(void **state)
{
	struct help h = { { NOW, 0 }, text_of(TEXT_NOTE_MAX),
		{ true, 1, 2, 3 } },
		    got;
	struct mp_writer w = writer();
	struct mp_reader r;

	(void)state;
	help_encode(&h, &w);
	r = reader(&w);
	assert_int_equal(help_decode(&r, &got), 0);
	assert_int_equal(got.note.len, TEXT_NOTE_MAX);
	w = writer();
	h.note.len++;
	help_encode(&h, &w);
	r = reader(&w);
	assert_int_equal(help_decode(&r, &got), -1);
	assert_string_equal(error.field, "help.note");
}

static void
times_have_their_range(void **state)
{
	static const struct {
		struct instant at;
		bool good;
	} cases[] = { { { TIME_MIN_MS, 0 }, true },
		{ { TIME_MIN_MS - 1, 0 }, false }, { { TIME_MAX_MS, 0 }, true },
		{ { TIME_MAX_MS + 1, 0 }, false }, { { 0, 1 }, true },
		{ { -1, 1 }, false },
		{ { INT64_C(10) * 366 * 86400000, 1 }, true },
		{ { INT64_C(10) * 366 * 86400000 + 1, 1 }, false },
		{ { INSTANT_MISSING, 0 }, true } };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct mp_writer w = writer();
		struct mp_reader r;
		struct instant got;

		instant_encode(cases[i].at, &w);
		r = reader(&w);
		assert_int_equal(
		    instant_decode(&r, "x.at", &got), cases[i].good ? 0 : -1);
		if (!cases[i].good) {
			assert_string_equal(error.field, "x.at");
			continue;
		}
		assert_true(got.ms == cases[i].at.ms);
		assert_true(got.boot == cases[i].at.boot);
	}
}

static void
a_missing_time_has_no_boot(void **state)
{
	struct mp_writer w = writer();
	struct mp_reader r;
	struct instant got;

	(void)state;
	mp_write_nil(&w);
	mp_write_uint(&w, 77);
	r = reader(&w);
	assert_int_equal(instant_decode(&r, "at", &got), 0);
	assert_true(got.ms == INSTANT_MISSING && got.boot == 0);
}

static void
a_gap_over_two_boots_tells_its_beginning(void **state)
{
	struct gap gap = { 5, { 1000, 7 }, { NOW, 0 }, GAP_FULL }, got;
	struct mp_writer w = writer();
	struct mp_reader r;

	(void)state;
	gap_encode(&gap, &w);
	r = reader(&w);
	assert_int_equal(gap_decode(&r, &got), 0);
	assert_true(got.from.ms == 1000 && got.from.boot == 7);
	assert_true(got.to.ms == INSTANT_MISSING);
	gap.from.ms = INSTANT_MISSING;
	w = writer();
	gap_encode(&gap, &w);
	r = reader(&w);
	assert_int_equal(gap_decode(&r, &got), 0);
	assert_true(got.from.ms == INSTANT_MISSING && got.to.ms == NOW);
	assert_true(got.to.boot == 0);
}

static void
a_gap_takes_at_least_one_number(void **state)
{
	struct gap gap = { .from = { INSTANT_MISSING, 0 },
		.to = { INSTANT_MISSING, 0 } };
	static const uint64_t bad[] = { 0, (UINT64_C(1) << 40) + 1 };

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct mp_writer w = writer();
		struct mp_reader r;
		struct gap got;

		gap.count = bad[i];
		gap_encode(&gap, &w);
		r = reader(&w);
		assert_int_equal(gap_decode(&r, &got), -1);
		assert_string_equal(error.field, "gap.count");
	}
}

static void
reasons_are_found_by_their_names(void **state)
{
	enum stock_reason reason;

	(void)state;
	for (int i = 0; i < STOCK_REASONS; i++) {
		const char *name = stock_reason_name((enum stock_reason)i);

		assert_int_equal(
		    stock_reason_parse(name, strlen(name), &reason), 0);
		assert_int_equal(reason, i);
	}
	assert_int_equal(stock_reason_parse("theft", 5, &reason), -1);
	assert_int_equal(errno, EINVAL);
	for (int i = 0; i < GAP_REASONS; i++)
		assert_non_null(gap_reason_name((enum gap_reason)i));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_largest_sale_fits_and_comes_back),
		cmocka_unit_test(a_sale_cut_anywhere_is_refused),
		cmocka_unit_test(the_largest_help_fits),
		cmocka_unit_test(times_have_their_range),
		cmocka_unit_test(a_missing_time_has_no_boot),
		cmocka_unit_test(a_gap_over_two_boots_tells_its_beginning),
		cmocka_unit_test(a_gap_takes_at_least_one_number),
		cmocka_unit_test(reasons_are_found_by_their_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
