/*
 * What enrolment gave: whole in its file or not there, and before the
 * settings.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "firmware-gateway/credentials.h"
#include "firmware-gateway/credentials_file.h"

static char folder[64], path[96], why[400];
static struct settings settings;

static const struct credentials given = { .cart = "AB1234",
	.enrolment = 3621234,
	.host = "broker.example",
	.port = 8883,
	.user = "AB1234",
	.password = "SECRET",
	.cafile = "/etc/ssl/ca.pem" };

static int
begin(void **state)
{
	(void)state;
	strcpy(folder, "/tmp/pregon-credentials-XXXXXX");
	if (mkdtemp(folder) == NULL)
		return -1;
	snprintf(path, sizeof(path), "%s/outbox.db.credentials", folder);
	return 0;
}

static int
end(void **state)
{
	char command[120];

	(void)state;
	config_release(&settings_program, &settings);
	memset(&settings, 0, sizeof(settings));
	snprintf(command, sizeof(command), "rm -r %s", folder);
	return system(command);
}

/* As the program does, with its own check. */
static enum config_verdict
load(const char *cart)
{
	char one[40], two[120], three[] = "--mqtt.password=OLD";
	char *argv[] = { "pregon-gateway", one, two, three, NULL };
	size_t words;

	config_release(&settings_program, &settings);
	memset(&settings, 0, sizeof(settings));
	snprintf(one, sizeof(one), "--cart=%s", cart);
	snprintf(two, sizeof(two), "--outbox.path=%s/outbox.db", folder);
	return config_load(
	    &settings_program, &settings, 4, argv, NULL, 0, &words);
}

static void
keep(const char *ca)
{
	struct credentials c = given;

	assert_int_equal(credentials_keep(path, &c, ca, why, sizeof(why)), 0);
}

static void
what_was_given_goes_before_the_settings(void **state)
{
	struct stat st;

	(void)state;
	assert_int_equal(load("AB1234"), CONFIG_RUN);
	assert_string_equal(settings.mqtt.password, "OLD");
	assert_int_equal(settings.enrolment, 0);
	keep(NULL);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	/* The plate comes with it. */
	assert_int_equal(load(""), CONFIG_RUN);
	assert_string_equal(settings.cart, "AB1234");
	assert_string_equal(settings.mqtt.host, "broker.example");
	assert_int_equal(settings.mqtt.port, 8883);
	assert_string_equal(settings.mqtt.user, "AB1234");
	assert_string_equal(settings.mqtt.password, "SECRET");
	assert_string_equal(settings.mqtt.cafile, "/etc/ssl/ca.pem");
	assert_int_equal(settings.enrolment, 3621234);
}

static void
another_carts_are_not_taken(void **state)
{
	(void)state;
	assert_int_equal(load("ZZ9999"), CONFIG_RUN);
	keep(NULL);
	assert_int_equal(credentials_take(&settings, why, sizeof(why)), -1);
	assert_non_null(strstr(why, "ZZ9999"));
	assert_non_null(strstr(why, "AB1234"));
	assert_string_equal(settings.mqtt.password, "OLD");
}

static void
a_certificate_that_came_stands_beside_it(void **state)
{
	char text[100], ca[120];

	(void)state;
	keep("PEM\n");
	assert_int_equal(load("AB1234"), CONFIG_RUN);
	snprintf(ca, sizeof(ca), "%s.ca", path);
	assert_string_equal(settings.mqtt.cafile, ca);
	assert_int_equal(credentials_file_read(ca, text, sizeof(text)), 0);
	assert_string_equal(text, "PEM\n");
}

static void
a_file_that_is_not_whole_is_refused_by_name(void **state)
{
	static const char *const wrong[] = { "", "cart = AB1234\n",
		"nonsense\n",
		"cart = AB1234\nenrolment = 1\nmqtt.host = h\nmqtt.port = 0\n"
		"mqtt.user = u\nmqtt.password = p\nmqtt.cafile = \n",
		"cart = ab\nenrolment = 1\nmqtt.host = h\nmqtt.port = 1\n"
		"mqtt.user = u\nmqtt.password = p\nmqtt.cafile = \n",
		"cart = AB1234\nenrolment = 1\nmqtt.host = h\nmqtt.port = 1\n"
		"mqtt.user = u\nmqtt.password = \nmqtt.cafile = \n",
		"cart = AB1234\nenrolment = 1\nmqtt.host = h\nmqtt.port = 1\n"
		"mqtt.user = u\nmqtt.password = p\nkeep.park_s = 1\n" };

	(void)state;
	assert_int_equal(load("AB1234"), CONFIG_RUN);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		assert_int_equal(credentials_file_write(path, wrong[i]), 0);
		assert_int_equal(
		    credentials_take(&settings, why, sizeof(why)), -1);
		assert_non_null(strstr(why, path));
		assert_string_equal(settings.mqtt.password, "OLD");
	}
}

static void
a_gateway_keeps_its_word(void **state)
{
	char first[CREDENTIALS_WORD + 1], again[CREDENTIALS_WORD + 1];
	char file[120];

	(void)state;
	assert_int_equal(credentials_word(path, first, why, sizeof(why)), 0);
	assert_int_equal(strlen(first), CREDENTIALS_WORD);
	assert_int_equal(credentials_word(path, again, why, sizeof(why)), 0);
	assert_string_equal(first, again);
	/* One that was cut off was never said. */
	snprintf(file, sizeof(file), "%s.word", path);
	assert_int_equal(truncate(file, 5), 0);
	assert_int_equal(credentials_word(path, again, why, sizeof(why)), 0);
	assert_string_not_equal(first, again);
}

static void
what_cannot_be_written_leaves_what_was_there(void **state)
{
	struct credentials c = given;
	char lost[120], fresh[120];

	(void)state;
	snprintf(lost, sizeof(lost), "%s/none/credentials", folder);
	assert_int_equal(
	    credentials_keep(lost, &c, NULL, why, sizeof(why)), -1);
	assert_non_null(strstr(why, lost));
	keep(NULL);
	/* A folder in its way, which even root cannot write over. */
	snprintf(fresh, sizeof(fresh), "%s.new", path);
	assert_int_equal(mkdir(fresh, 0700), 0);
	strcpy(c.password, "OTHER");
	assert_int_equal(
	    credentials_keep(path, &c, NULL, why, sizeof(why)), -1);
	assert_int_equal(load("AB1234"), CONFIG_RUN);
	assert_string_equal(settings.mqtt.password, "SECRET");
}

static void
text_that_could_end_a_line_is_no_credential(void **state)
{
	(void)state;
	assert_true(credentials_text_is_valid("broker.example"));
	assert_false(credentials_text_is_valid(""));
	assert_false(credentials_text_is_valid("a b"));
	assert_false(credentials_text_is_valid("a\nmqtt.user"));
	assert_false(credentials_text_is_valid("\xc3\xb1"));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_was_given_goes_before_the_settings),
		TEST(another_carts_are_not_taken),
		TEST(a_certificate_that_came_stands_beside_it),
		TEST(a_file_that_is_not_whole_is_refused_by_name),
		TEST(a_gateway_keeps_its_word),
		TEST(what_cannot_be_written_leaves_what_was_there),
		TEST(text_that_could_end_a_line_is_no_credential),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
