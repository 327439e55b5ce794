/* notice: words that are kept, values that are cut, what is too much. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "schemas/notice.h"

static struct decode_error error;
static struct notice got;
static uint8_t buf[NOTICE_BYTES_MAX];

static const struct notice plain = { .id = "DEMO01-missing-mwp736iw/0",
	.to = "admins",
	.event = "alert.opened",
	.subject = "DEMO01-missing-mwp736iw",
	.at_ms = TIME_MIN_MS,
	.value_count = 2,
	.values = { { "cart", "DEMO01" }, { "note", "" } } };

static int
encode(const struct notice *notice)
{
	return notice_encode(notice, buf, sizeof(buf));
}

static void
the_words_are_the_reader_s_own(void **state)
{
	int len = encode(&plain);

	(void)state;
	assert_true(len > 0);
	assert_int_equal(notice_decode(buf, (size_t)len, &got, &error), 0);
	memset(buf, 'x', sizeof(buf));
	assert_string_equal(got.id, plain.id);
	assert_string_equal(got.to, "admins");
	assert_string_equal(got.event, "alert.opened");
	assert_string_equal(got.subject, plain.subject);
	assert_true(got.at_ms == TIME_MIN_MS);
	assert_int_equal(got.value_count, 2);
	assert_string_equal(got.values[0].name, "cart");
	assert_string_equal(got.values[0].value, "DEMO01");
	assert_string_equal(got.values[1].name, "note");
	assert_string_equal(got.values[1].value, "");
}

static void
part_of_a_notice_is_none(void **state)
{
	int len = encode(&plain);

	(void)state;
	for (size_t cut = 0; cut < (size_t)len; cut++)
		assert_int_equal(notice_decode(buf, cut, &got, &error), -1);
	assert_int_equal(notice_encode(&plain, buf, (size_t)len - 1), -1);
	assert_int_equal(errno, ENOBUFS);
}

static void
no_subject_and_no_value_are_empty(void **state)
{
	struct notice n = plain;
	int len;

	(void)state;
	n.subject = NULL;
	n.values[1].value = NULL;
	len = encode(&n);
	assert_int_equal(notice_decode(buf, (size_t)len, &got, &error), 0);
	assert_string_equal(got.subject, "");
	assert_string_equal(got.values[1].value, "");
}

static void
a_long_value_is_cut_at_a_whole_character(void **state)
{
	char value[TEXT_NOTE_MAX + 4];
	struct notice n = plain;
	int len;

	(void)state;
	memset(value, 'a', sizeof(value));
	memcpy(value + TEXT_NOTE_MAX - 1, "ñbc", 5);
	n.values[0].value = value;
	len = encode(&n);
	assert_int_equal(notice_decode(buf, (size_t)len, &got, &error), 0);
	assert_int_equal(strlen(got.values[0].value), TEXT_NOTE_MAX - 1);
	value[TEXT_NOTE_MAX + 1] = '\0'; /* now the ñ is the last */
	n.values[0].value = value + 1;
	len = encode(&n);
	assert_int_equal(notice_decode(buf, (size_t)len, &got, &error), 0);
	assert_string_equal(got.values[0].value, value + 1);
}

static void
a_notice_to_nobody_is_not_written(void **state)
{
	char to[NOTICE_TO_MAX + 2] = "mail:";
	struct notice n = plain;

	(void)state;
	n.to = "";
	assert_int_equal(encode(&n), -1);
	assert_int_equal(errno, EINVAL);
	memset(to + 5, 'a', sizeof(to) - 6);
	n.to = to;
	assert_int_equal(encode(&n), -1);
	to[NOTICE_TO_MAX] = '\0';
	assert_true(encode(&n) > 0);
	n.event = NULL;
	assert_int_equal(encode(&n), -1);
	n = plain;
	n.values[1].name = "";
	assert_int_equal(encode(&n), -1);
	n = plain;
	n.value_count = NOTICE_VALUES_MAX + 1;
	assert_int_equal(encode(&n), -1);
	assert_int_equal(errno, EINVAL);
}

/* 16 values at their longest are more than a notice may be. */
static void
what_would_not_fit_in_it_is_neither_written_nor_read(void **state)
{
	static char name[NOTICE_NAME_MAX + 1], value[TEXT_NOTE_MAX + 1];
	static uint8_t large[2 * NOTICE_BYTES_MAX];
	struct notice n = plain;
	struct mp_writer w;
	int len;

	(void)state;
	memset(name, 'n', NOTICE_NAME_MAX);
	memset(value, 'v', TEXT_NOTE_MAX);
	for (int i = 0; i < NOTICE_VALUES_MAX; i++)
		n.values[i] = (struct notice_value){ name, value };
	n.value_count = NOTICE_VALUES_MAX;
	assert_int_equal(notice_encode(&n, large, sizeof(large)), -1);
	assert_int_equal(errno, ENOBUFS);
	n.value_count = 14;
	len = notice_encode(&n, large, sizeof(large));
	assert_true(len > 0);
	assert_int_equal(notice_decode(large, (size_t)len, &got, &error), 0);
	assert_string_equal(got.values[13].value, value);

	mp_writer_init(&w, large, sizeof(large));
	mp_write_array(&w, 7);
	mp_write_int(&w, NOTICE_VERSION);
	for (int i = 0; i < 4; i++)
		mp_write_cstr(&w, name);
	mp_write_int(&w, TIME_MIN_MS);
	mp_write_array(&w, NOTICE_VALUES_MAX);
	for (int i = 0; i < NOTICE_VALUES_MAX; i++) {
		mp_write_array(&w, 2);
		mp_write_cstr(&w, name);
		mp_write_cstr(&w, value);
	}
	assert_int_equal(notice_decode(large, w.len, &got, &error), -1);
	assert_string_equal(error.field, "notice");
	assert_string_equal(error.expected, "at most 8192 bytes");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_words_are_the_reader_s_own),
		cmocka_unit_test(part_of_a_notice_is_none),
		cmocka_unit_test(no_subject_and_no_value_are_empty),
		cmocka_unit_test(a_long_value_is_cut_at_a_whole_character),
		cmocka_unit_test(a_notice_to_nobody_is_not_written),
		cmocka_unit_test(
		    what_would_not_fit_in_it_is_neither_written_nor_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
