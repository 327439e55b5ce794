/*
 * The gateway's settings: what the table cannot say, and what may be set from
 * above.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "firmware-gateway/battery.h"
#include "firmware-gateway/settings.h"
#include "schemas/status.h"

static struct settings settings;
static char why[300];

/* The program's own check is left out, for it to be called by itself. */
static void
load(const char *a, const char *b)
{
	char cart[] = "--cart=AB1234", one[200], two[200];
	char *argv[] = { "pregon-gateway", cart, one, two, NULL };
	struct config_program program = settings_program;
	size_t words;

	memset(&settings, 0, sizeof(settings));
	snprintf(one, sizeof(one), "%s", a);
	snprintf(two, sizeof(two), "%s", b);
	program.check = NULL;
	assert_int_equal(
	    config_load(&program, &settings, 4, argv, NULL, 0, &words),
	    CONFIG_RUN);
}

static int
end(void **state)
{
	(void)state;
	config_release(&settings_program, &settings);
	return 0;
}

static void
the_defaults_are_good(void **state)
{
	(void)state;
	load("--keep.distance_m=20", "--log.level=warn");
	assert_int_equal(settings_check(&settings, why, sizeof(why)), 0);
	assert_int_equal(settings.keep.interval_s, 60);
	assert_int_equal(settings.link.linger_s, 60);
	assert_int_equal(settings.heartbeat.moving_s, 20);
	assert_int_equal(settings.outbox.max_bytes, 64 << 20);
	assert_int_equal(settings.page.port, 0);
	assert_string_equal(settings.page.host, "127.0.0.1");
}

static void
a_pin_is_neither_too_short_nor_too_long(void **state)
{
	static const char pin[] = "0123456789012345678901234567890123";

	(void)state;
	load("--page.port=8080", "--page.pin=123");
	for (size_t len = 0; len < sizeof(pin); len++) {
		free(settings.page.pin);
		settings.page.pin = strndup(pin, len);
		assert_int_equal(settings_check(&settings, why, sizeof(why)),
		    len == 0 || (len >= 4 && len <= 32) ? 0 : -1);
	}
	assert_non_null(strstr(why, "page.pin"));
}

static void
a_plate_must_be_one(void **state)
{
	(void)state;
	load("--cart=ab-12", "--log.level=warn");
	assert_int_equal(settings_check(&settings, why, sizeof(why)), -1);
	assert_non_null(strstr(why, "ab-12"));
}

static void
certificate_and_key_go_together(void **state)
{
	(void)state;
	load("--mqtt.cafile=/ca", "--mqtt.certfile=/crt");
	assert_int_equal(settings_check(&settings, why, sizeof(why)), -1);
	assert_non_null(strstr(why, "mqtt.keyfile"));
}

static void
the_password_is_the_files_first_line(void **state)
{
	char path[] = "/tmp/password-XXXXXX", flag[64];
	int fd = mkstemp(path);

	(void)state;
	assert_int_equal(write(fd, "s3cret\nmore\n", 12), 12);
	close(fd);
	snprintf(flag, sizeof(flag), "--mqtt.password_file=%s", path);
	load(flag, "--log.level=warn");
	assert_int_equal(settings_check(&settings, why, sizeof(why)), 0);
	assert_string_equal(settings.mqtt.password, "s3cret");
	unlink(path);
	assert_int_equal(settings_check(&settings, why, sizeof(why)), -1);
	assert_non_null(strstr(why, path));
}

static void
only_tuning_may_come_from_above(void **state)
{
	(void)state;
	assert_true(settings_remote("keep.distance_m", 15));
	assert_true(settings_remote("link.linger_s", 13));
	assert_false(settings_remote("link.linger_s", 12));
	assert_false(settings_remote("mqtt.host", 9));
	assert_false(settings_remote("outbox.path", 11));
	load("--keep.distance_m=20", "--log.level=warn");
}

static void
the_battery_is_the_kernels(void **state)
{
	char dir[] = "/tmp/power-XXXXXX", command[300];

	(void)state;
	assert_non_null(mkdtemp(dir));
	assert_int_equal(battery_percent(dir), BATTERY_UNKNOWN);
	snprintf(command, sizeof(command),
	    "cd %s && mkdir AC BAT0 && echo Mains > AC/type &&"
	    " echo Battery > BAT0/type && echo 81 > BAT0/capacity",
	    dir);
	assert_int_equal(system(command), 0);
	assert_int_equal(battery_percent(dir), 81);
	snprintf(command, sizeof(command), "rm -r %s", dir);
	assert_int_equal(system(command), 0);
	assert_int_equal(battery_percent("/no/such"), BATTERY_UNKNOWN);
	load("--keep.distance_m=20", "--log.level=warn");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(the_defaults_are_good, end),
		cmocka_unit_test_teardown(a_plate_must_be_one, end),
		cmocka_unit_test_teardown(certificate_and_key_go_together, end),
		cmocka_unit_test_teardown(
		    the_password_is_the_files_first_line, end),
		cmocka_unit_test_teardown(only_tuning_may_come_from_above, end),
		cmocka_unit_test_teardown(
		    a_pin_is_neither_too_short_nor_too_long, end),
		cmocka_unit_test_teardown(the_battery_is_the_kernels, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
