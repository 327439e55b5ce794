/* log: one event, one line, whatever is in it. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/log.h"
#include "tests/unit/capture.h"

static struct capture capture;

/* A line without its time. */
static const char *
after_time(const char *line)
{
	assert_true(strlen(line) > 25);
	assert_int_equal(line[4], '-');
	assert_int_equal(line[10], 'T');
	assert_int_equal(line[23], 'Z');
	assert_int_equal(line[24], ' ');
	return line + 25;
}

static size_t
count_lines(const char *text)
{
	size_t n = 0;

	for (; *text != '\0'; text++)
		n += *text == '\n';
	return n;
}

static void
a_line_is_time_level_event_and_pairs(void **state)
{
	(void)state;
	log_init(NULL, LOG_INFO);
	capture_begin(&capture, STDERR_FILENO);
	log_error("bridge.sale_refused", "cart=%s why=\"%s\"", "AB1234", "no");
	capture_end(&capture);
	assert_string_equal(after_time(capture.text),
	    "error bridge.sale_refused cart=AB1234 why=\"no\"\n");
}

static void
a_named_program_stands_at_the_end(void **state)
{
	(void)state;
	log_init("pregon-bridge", LOG_INFO);
	capture_begin(&capture, STDERR_FILENO);
	log_info("bridge.ready", "%s", "");
	capture_end(&capture);
	assert_string_equal(after_time(capture.text),
	    "info bridge.ready program=pregon-bridge\n");
	log_init(NULL, LOG_INFO);
}

static void
less_than_the_level_is_not_written(void **state)
{
	(void)state;
	log_init(NULL, LOG_WARN);
	capture_begin(&capture, STDERR_FILENO);
	log_info("a", "x=%d", 1);
	log_debug("b", "x=%d", 2);
	log_warn("c", "x=%d", 3);
	capture_end(&capture);
	log_init(NULL, LOG_INFO);
	assert_string_equal(after_time(capture.text), "warn c x=3\n");
}

static void
a_strangers_text_cannot_forge_a_line(void **state)
{
	(void)state;
	capture_begin(&capture, STDERR_FILENO);
	log_warn("x", "why=\"%s\"", "a\nb\r\x1b[31m\x7f\tc");
	capture_end(&capture);
	assert_string_equal(after_time(capture.text),
	    "warn x why=\"a\\nb\\r\\x1b[31m\\x7f\\tc\"\n");
}

static void
a_strangers_text_cannot_forge_a_pair(void **state)
{
	(void)state;
	capture_begin(&capture, STDERR_FILENO);
	log_warn("x", "why=\"%s\" n=%d", "a\" cart=ZZ99 b=\"\\", 7);
	log_warn("x", "why=\"%.*s\" pct=100%%", 3, "a\"bcd");
	capture_end(&capture);
	assert_non_null(
	    strstr(capture.text, "why=\"a\\\" cart=ZZ99 b=\\\"\\\\\" n=7\n"));
	assert_non_null(strstr(capture.text, "why=\"a\\\"b\" pct=100%\n"));
}

static void
every_kind_of_number_is_printed_as_printf_does(void **state)
{
	static const char fmt[] = "a=%d b=%5u c=%ld d=%llu e=%zu f=%jd g=%#x "
				  "h=%.3f i=%hhd j=%c k=%-4d| l=%0*d m=%p";
	char expected[512];

	(void)state;
	snprintf(expected, sizeof(expected), fmt, -1, 2u, -3L,
	    18446744073709551615ULL, (size_t)5, (intmax_t)-6, 0xabu, 1.5,
	    (signed char)-7, 'x', 42, 6, 99, (void *)&capture);
	capture_begin(&capture, STDERR_FILENO);
	log_info("n", fmt, -1, 2u, -3L, 18446744073709551615ULL, (size_t)5,
	    (intmax_t)-6, 0xabu, 1.5, (signed char)-7, 'x', 42, 6, 99,
	    (void *)&capture);
	capture_end(&capture);
	assert_non_null(strstr(capture.text, expected));
}

static void
errno_is_kept_and_can_be_printed(void **state)
{
	(void)state;
	capture_begin(&capture, STDERR_FILENO);
	errno = ENOSPC;
	log_error("disk", "why=\"%m\"");
	assert_int_equal(errno, ENOSPC);
	capture_end(&capture);
	assert_non_null(
	    strstr(capture.text, "why=\"No space left on device\"\n"));
}

static void
what_is_too_long_is_cut_and_says_so(void **state)
{
	char *big = malloc(100001);

	(void)state;
	assert_non_null(big);
	memset(big, 'x', 100000);
	big[100000] = '\0';
	capture_begin(&capture, STDERR_FILENO);
	log_info("long", "what=\"%s\"", big);
	memset(big, '\n', 100000);
	log_info("long", "what=\"%s\"", big);
	capture_end(&capture);
	assert_int_equal(count_lines(capture.text), 2);
	assert_true(strchr(capture.text, '\n') - capture.text < 4096);
	assert_true(strlen(capture.text) <= 2 * 4096);
	assert_non_null(strstr(capture.text, "x...\n"));
	free(big);
}

static void
a_level_is_read_by_its_name(void **state)
{
	enum log_level level;

	(void)state;
	assert_int_equal(log_level_parse("debug", &level), 0);
	assert_int_equal(level, LOG_DEBUG);
	assert_int_equal(log_level_parse("error", &level), 0);
	assert_int_equal(level, LOG_ERROR);
	assert_int_equal(log_level_parse("loud", &level), -1);
	assert_int_equal(errno, EINVAL);
}

static void
a_limit_lets_the_first_through_and_counts_the_rest(void **state)
{
	struct log_limit limit = { 0 };
	unsigned long held = 99;

	(void)state;
	assert_true(log_limited(&limit, 3600000, &held));
	assert_int_equal(held, 0);
	assert_false(log_limited(&limit, 3600000, &held));
	assert_false(log_limited(&limit, 3600000, &held));
	limit.next_ms = 0; /* the hour is over */
	assert_true(log_limited(&limit, 3600000, &held));
	assert_int_equal(held, 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_is_time_level_event_and_pairs),
		cmocka_unit_test(a_named_program_stands_at_the_end),
		cmocka_unit_test(less_than_the_level_is_not_written),
		cmocka_unit_test(a_strangers_text_cannot_forge_a_line),
		cmocka_unit_test(a_strangers_text_cannot_forge_a_pair),
		cmocka_unit_test(
		    every_kind_of_number_is_printed_as_printf_does),
		cmocka_unit_test(errno_is_kept_and_can_be_printed),
		cmocka_unit_test(what_is_too_long_is_cut_and_says_so),
		cmocka_unit_test(a_level_is_read_by_its_name),
		cmocka_unit_test(
		    a_limit_lets_the_first_through_and_counts_the_rest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
