/* config: one table, four sources, and words that name the place. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/config.h"
#include "tests/unit/capture.h"

struct settings {
	char *path, *user, *password;
	int64_t wait_ms, room;
	bool tls;
	int trust;
};

static const char *const trusts[] = { "auto", "gnss", "system", NULL };

#define AT(field) offsetof(struct settings, field)
static const struct config_key keys[] = {
	{ "outbox.path", CONFIG_TEXT, AT(path), NULL, "", "where events are", 0,
	    0, NULL },
	{ "mqtt.user", CONFIG_TEXT, AT(user), "", "", "name at the broker", 0,
	    0, NULL },
	{ "mqtt.password", CONFIG_SECRET, AT(password), "hush", "",
	    "secret | of the cart", 0, 0, NULL },
	{ "mqtt.wait_ms", CONFIG_INT, AT(wait_ms), "5000", "ms",
	    "how long to wait", 1, 60000, NULL },
	{ "outbox.room", CONFIG_BYTES, AT(room), "64M", "bytes",
	    "size of the file", 1024, INT64_C(1) << 40, NULL },
	{ "mqtt.tls", CONFIG_BOOL, AT(tls), "no", "", "encrypt", 0, 0, NULL },
	{ "clock.trust", CONFIG_CHOICE, AT(trust), "auto", "",
	    "which clock is right", 0, 0, trusts },
};

static struct config_pass pass = { .prefix = "kafka" };
/* What no single key can say. */
static int
check_whole(void *all, char *why, size_t why_cap)
{
	const struct settings *s = all;

	if (s->tls || s->password[0] != '!')
		return 0;
	snprintf(why, why_cap, "mqtt.password needs mqtt.tls");
	return -1;
}

static const struct config_program program = {
	.name = "pregon-test",
	.summary = "a program of the tests",
	.usage = "[WORD]",
	.keys = keys,
	.key_count = sizeof(keys) / sizeof(*keys),
	.pass = &pass,
	.check = check_whole,
};

static struct settings settings;
static struct capture capture;
static char file[] = "/tmp/pregon-config-XXXXXX";
static const char *words[2];
static size_t word_count;

static int
make_file(void **state)
{
	int fd = mkstemp(file);

	(void)state;
	return fd == -1 ? -1 : close(fd);
}

static int
remove_file(void **state)
{
	(void)state;
	return unlink(file);
}

static void
write_file(const char *text)
{
	FILE *f = fopen(file, "w");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

/* Loads with the flags given (NULL at the end), what is said in capture. */
static enum config_verdict
load(const char *flag, ...)
{
	static char *argv[16];
	enum config_verdict verdict;
	int argc = 0;
	va_list ap;

	argv[argc++] = (char *)(uintptr_t) "pregon-test";
	va_start(ap, flag);
	for (; flag != NULL; flag = va_arg(ap, const char *))
		argv[argc++] = (char *)(uintptr_t)flag;
	va_end(ap);
	memset(&settings, 0, sizeof(settings));
	capture_begin(&capture, STDERR_FILENO);
	verdict = config_load(
	    &program, &settings, argc, argv, words, 2, &word_count);
	capture_end(&capture);
	return verdict;
}

static void
release(void)
{
	config_release(&program, &settings);
}

static void
assert_said(const char *fmt, ...)
{
	char expected[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(expected, sizeof(expected), fmt, ap);
	va_end(ap);
	assert_string_equal(capture.text, expected);
}

static void
what_nobody_sets_has_the_tables_value(void **state)
{
	(void)state;
	assert_int_equal(load("--outbox.path=/x", NULL), CONFIG_RUN);
	assert_string_equal(settings.path, "/x");
	assert_string_equal(settings.user, "");
	assert_int_equal(settings.wait_ms, 5000);
	assert_int_equal(settings.room, 64 * 1024 * 1024);
	assert_false(settings.tls);
	assert_int_equal(settings.trust, 0);
	assert_int_equal(word_count, 0);
	release();
}

static void
flags_outdo_the_environment_and_that_the_file(void **state)
{
	(void)state;
	write_file("[outbox]\npath = /file\nroom = 2k ; a comment\n"
		   "# another\n[mqtt]\nuser = file\nwait_ms = 1\n");
	setenv("PREGON_OUTBOX_PATH", "/env", 1);
	setenv("PREGON_MQTT_WAIT_MS", "2", 1);
	setenv("PREGON_SOMETHING_ELSE", "is another program's", 1);
	assert_int_equal(
	    load("--config", file, "--mqtt.wait_ms", "3", NULL), CONFIG_RUN);
	unsetenv("PREGON_OUTBOX_PATH");
	unsetenv("PREGON_MQTT_WAIT_MS");
	assert_string_equal(settings.path, "/env");
	assert_int_equal(settings.wait_ms, 3);
	assert_string_equal(settings.user, "file");
	assert_int_equal(settings.room, 2048);
	release();
}

static void
an_unknown_key_is_refused_with_file_and_line(void **state)
{
	(void)state;
	write_file("[outbox]\npath = /x\n\npth = /y\n");
	assert_int_equal(load("--config", file, NULL), CONFIG_BAD);
	assert_said("pregon-test: %s:4: unknown key [outbox] pth\n", file);
}

static void
a_wrong_value_is_refused_with_its_place(void **state)
{
	(void)state;
	write_file("[mqtt]\nwait_ms = soon\n");
	assert_int_equal(load("--config", file, NULL), CONFIG_BAD);
	assert_said("pregon-test: %s:2: mqtt.wait_ms takes a whole number "
		    "from 1 to 60000, not \"soon\"\n",
	    file);
	setenv("PREGON_MQTT_TLS", "perhaps", 1);
	assert_int_equal(load("--outbox.path=/x", NULL), CONFIG_BAD);
	unsetenv("PREGON_MQTT_TLS");
	assert_said("pregon-test: PREGON_MQTT_TLS: mqtt.tls takes true or "
		    "false, not \"perhaps\"\n");
	assert_int_equal(load("--clock.trust=moon", NULL), CONFIG_BAD);
	assert_said("pregon-test: clock.trust takes auto or gnss or system, "
		    "not \"moon\"\n");
}

static void
numbers_out_of_their_range_are_wrong(void **state)
{
	static const char *const bad[] = { "--mqtt.wait_ms=0",
		"--mqtt.wait_ms=60001", "--mqtt.wait_ms=", "--mqtt.wait_ms= 5",
		"--mqtt.wait_ms=5x", "--mqtt.wait_ms=5k",
		"--mqtt.wait_ms=99999999999999999999", "--outbox.room=1023",
		"--outbox.room=1T", "--outbox.room=9007199254740993G",
		"--outbox.room=1kk" };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_int_equal(
		    load("--outbox.path=/x", bad[i], NULL), CONFIG_BAD);
}

static void
a_line_that_is_none_is_refused_with_its_number(void **state)
{
	(void)state;
	write_file("[outbox]\npath = /x\njust words\n");
	assert_int_equal(load("--config", file, NULL), CONFIG_BAD);
	assert_said(
	    "pregon-test: %s:3: neither [section] nor key = value\n", file);
	write_file("[outbox\npath = /x\n");
	assert_int_equal(load("--config", file, NULL), CONFIG_BAD);
	assert_said(
	    "pregon-test: %s:1: neither [section] nor key = value\n", file);
}

static void
a_key_given_twice_is_a_mistake(void **state)
{
	(void)state;
	write_file("[outbox]\npath = /x\n[mqtt]\ntls = on\n[outbox]\n"
		   "path = /y\n");
	assert_int_equal(load("--config", file, NULL), CONFIG_BAD);
	assert_said("pregon-test: %s:6: [outbox] path is given in line 2 "
		    "already\n",
	    file);
}

static void
a_long_line_is_taken_whole_and_an_endless_one_refused(void **state)
{
	char text[6000] = "[outbox]\npath = /";

	(void)state;
	memset(text + strlen(text), 'a', 3000);
	write_file(text);
	assert_int_equal(load("--config", file, NULL), CONFIG_RUN);
	assert_int_equal(strlen(settings.path), 3001);
	release();
	memset(text + strlen(text), 'a', 2000);
	write_file(text);
	assert_int_equal(load("--config", file, NULL), CONFIG_BAD);
	assert_non_null(strstr(capture.text, ":2: longer than "));
}

static void
a_file_that_is_not_there_is_said_so(void **state)
{
	(void)state;
	assert_int_equal(load("--config=/nowhere/x.ini", NULL), CONFIG_BAD);
	assert_said("pregon-test: /nowhere/x.ini: No such file or directory\n");
}

static void
a_missing_required_key_says_how_to_set_it(void **state)
{
	(void)state;
	assert_int_equal(load(NULL), CONFIG_BAD);
	assert_said("pregon-test: outbox.path is required (where events are): "
		    "set `path` under [outbox] in the file, "
		    "PREGON_OUTBOX_PATH or --outbox.path=\n");
}

static void
an_unknown_flag_or_one_without_a_value_is_refused(void **state)
{
	(void)state;
	assert_int_equal(load("--outbox.pth=/x", NULL), CONFIG_BAD);
	assert_said("pregon-test: unknown flag --outbox.pth; see --help\n");
	assert_int_equal(load("--outbox.path", NULL), CONFIG_BAD);
	assert_said("pregon-test: --outbox.path needs a value\n");
	assert_int_equal(
	    load("--outbox.path", "--mqtt.tls=1", NULL), CONFIG_BAD);
	assert_said("pregon-test: --outbox.path needs a value\n");
	assert_int_equal(load("--outbox.path=/x", "-q", NULL), CONFIG_BAD);
	assert_said("pregon-test: unknown flag -q; see --help\n");
}

static void
words_are_handed_on_up_to_the_bound(void **state)
{
	(void)state;
	assert_int_equal(
	    load("sales", "--outbox.path", "/x", "--", "--odd", NULL),
	    CONFIG_RUN);
	assert_int_equal(word_count, 2);
	assert_string_equal(words[0], "sales");
	assert_string_equal(words[1], "--odd");
	release();
	assert_int_equal(
	    load("--outbox.path=/x", "a", "b", "c", NULL), CONFIG_BAD);
	assert_said("pregon-test: one word too many: c; see --help\n");
}

static void
a_librarys_properties_pass_through_and_the_later_wins(void **state)
{
	(void)state;
	write_file("[outbox]\npath = /x\n[kafka]\nlinger.ms = 9\n"
		   "sasl.username = me\n");
	assert_int_equal(load("--config", file, "--kafka.linger.ms=7",
			     "--kafka.debug=all", NULL),
	    CONFIG_RUN);
	assert_int_equal(pass.count, 3);
	assert_string_equal(pass.pairs[0].key, "linger.ms");
	assert_string_equal(pass.pairs[0].value, "7");
	assert_string_equal(pass.pairs[1].key, "sasl.username");
	assert_string_equal(pass.pairs[2].key, "debug");
	release();
	assert_int_equal(pass.count, 0);
	assert_null(pass.pairs);
}

static void
a_setting_is_changed_whole_or_not_at_all(void **state)
{
	char why[256];

	(void)state;
	assert_int_equal(load("--outbox.path=/x", NULL), CONFIG_RUN);
	assert_int_equal(config_set(&program, &settings, "mqtt.wait_ms", "7",
			     why, sizeof(why)),
	    0);
	assert_int_equal(settings.wait_ms, 7);
	assert_int_equal(config_set(&program, &settings, "mqtt.wait_ms", "-7",
			     why, sizeof(why)),
	    -1);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(settings.wait_ms, 7);
	assert_string_equal(why,
	    "mqtt.wait_ms takes a whole number from 1 to 60000, not \"-7\"");
	assert_int_equal(
	    config_set(&program, &settings, "nothing", "7", why, sizeof(why)),
	    -1);
	assert_string_equal(why, "unknown key nothing");
	assert_int_equal(config_set(&program, &settings, "outbox.path", "/y",
			     why, sizeof(why)),
	    0);
	assert_string_equal(settings.path, "/y");
	release();
}

static enum config_verdict
load_printing(const char *flag)
{
	static struct capture out;
	enum config_verdict verdict;

	capture_begin(&out, STDOUT_FILENO);
	verdict = load("--outbox.path=/x", flag, NULL);
	capture_end(&out);
	capture = out;
	return verdict;
}

static void
check_config_says_that_it_is_good(void **state)
{
	(void)state;
	assert_int_equal(load_printing("--check-config"), CONFIG_DONE);
	assert_said("pregon-test: the settings are good\n");
	assert_int_equal(load("--check-config", NULL), CONFIG_BAD);
}

static void
settings_that_contradict_each_other_are_refused(void **state)
{
	(void)state;
	assert_int_equal(
	    load("--outbox.path=/x", "--mqtt.password=!", NULL), CONFIG_BAD);
	assert_said("pregon-test: mqtt.password needs mqtt.tls\n");
	assert_int_equal(load("--check-config", "--outbox.path=/x",
			     "--mqtt.password=!", NULL),
	    CONFIG_BAD);
	assert_int_equal(load("--outbox.path=/x", "--mqtt.password=!",
			     "--mqtt.tls=on", NULL),
	    CONFIG_RUN);
	release();
}

static void
help_and_reference_name_every_key_and_no_secret(void **state)
{
	(void)state;
	assert_int_equal(load_printing("--help"), CONFIG_DONE);
	for (size_t i = 0; i < program.key_count; i++) {
		assert_non_null(strstr(capture.text, keys[i].name));
		assert_non_null(strstr(capture.text, keys[i].text));
	}
	assert_non_null(strstr(capture.text, "kafka.<property>"));
	assert_null(strstr(capture.text, "hush"));
	assert_int_equal(load_printing("--reference"), CONFIG_DONE);
	assert_non_null(strstr(capture.text,
	    "| `mqtt.wait_ms` | `PREGON_MQTT_WAIT_MS` | 5000 | ms | a whole "
	    "number from 1 to 60000 | how long to wait |\n"));
	assert_non_null(strstr(capture.text, "secret \\| of the cart"));
	assert_null(strstr(capture.text, "hush"));
}

static void
the_version_is_told(void **state)
{
	(void)state;
	assert_int_equal(load_printing("--version"), CONFIG_DONE);
	assert_said("pregon-test " PREGON_VERSION "\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_nobody_sets_has_the_tables_value),
		cmocka_unit_test(flags_outdo_the_environment_and_that_the_file),
		cmocka_unit_test(an_unknown_key_is_refused_with_file_and_line),
		cmocka_unit_test(a_wrong_value_is_refused_with_its_place),
		cmocka_unit_test(numbers_out_of_their_range_are_wrong),
		cmocka_unit_test(
		    a_line_that_is_none_is_refused_with_its_number),
		cmocka_unit_test(a_key_given_twice_is_a_mistake),
		cmocka_unit_test(
		    a_long_line_is_taken_whole_and_an_endless_one_refused),
		cmocka_unit_test(a_file_that_is_not_there_is_said_so),
		cmocka_unit_test(a_missing_required_key_says_how_to_set_it),
		cmocka_unit_test(
		    an_unknown_flag_or_one_without_a_value_is_refused),
		cmocka_unit_test(words_are_handed_on_up_to_the_bound),
		cmocka_unit_test(
		    a_librarys_properties_pass_through_and_the_later_wins),
		cmocka_unit_test(a_setting_is_changed_whole_or_not_at_all),
		cmocka_unit_test(check_config_says_that_it_is_good),
		cmocka_unit_test(
		    settings_that_contradict_each_other_are_refused),
		cmocka_unit_test(
		    help_and_reference_name_every_key_and_no_secret),
		cmocka_unit_test(the_version_is_told),
	};

	return cmocka_run_group_tests(tests, make_file, remove_file);
}
