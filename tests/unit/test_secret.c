/* secret: its file, and what is derived from it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/secret.h"

#define DIGITS                                                                 \
	"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"

static char folder[32];
static char path[64];
static char why[512];

static int
make_folder(void **state)
{
	(void)state;
	strcpy(folder, "/tmp/pregon-secret-XXXXXX");
	if (mkdtemp(folder) == NULL)
		return -1;
	snprintf(path, sizeof(path), "%s/secret", folder);
	why[0] = '\0';
	return 0;
}

static int
remove_folder(void **state)
{
	(void)state;
	unlink(path);
	return rmdir(folder);
}

static void
put(const char *text, size_t len, mode_t mode)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_int_equal(fwrite(text, 1, len, f), len);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(chmod(path, mode), 0);
}

static void
assert_refused(const char *words)
{
	struct secret secret;

	assert_int_equal(secret_load(&secret, path, why, sizeof(why)), -1);
	if (strstr(why, path) != why || strstr(why, words) == NULL)
		fail_msg("%s, not: %s", words, why);
	/* Nothing of it is said. */
	assert_null(strstr(why, "0001"));
}

static void
one_that_was_made_is_loaded(void **state)
{
	struct secret secret, again;
	struct stat st;

	(void)state;
	assert_int_equal(secret_create(path, why, sizeof(why)), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(st.st_size, 65);
	assert_int_equal(secret_load(&secret, path, why, sizeof(why)), 0);
	assert_int_equal(secret_load(&again, path, why, sizeof(why)), 0);
	assert_memory_equal(&secret, &again, sizeof(secret));
	unlink(path);
	assert_int_equal(secret_create(path, why, sizeof(why)), 0);
	assert_int_equal(secret_load(&again, path, why, sizeof(why)), 0);
	assert_memory_not_equal(&secret, &again, sizeof(secret));
}

static void
a_loose_umask_does_not_show_it(void **state)
{
	mode_t before = umask(0);
	struct stat st;

	(void)state;
	assert_int_equal(secret_create(path, why, sizeof(why)), 0);
	umask(before);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
}

static void
one_that_is_there_stays(void **state)
{
	struct secret secret;

	(void)state;
	put(DIGITS, 64, 0600);
	assert_int_equal(secret_create(path, why, sizeof(why)), -1);
	assert_non_null(strstr(why, "there already"));
	assert_int_equal(secret_load(&secret, path, why, sizeof(why)), 0);
	assert_int_equal(secret.bytes[31], 31);
}

static void
where_there_is_no_folder_none_is_made(void **state)
{
	char lost[80];

	(void)state;
	snprintf(lost, sizeof(lost), "%s/none/secret", folder);
	assert_int_equal(secret_create(lost, why, sizeof(why)), -1);
	assert_non_null(strstr(why, "No such file"));
}

static void
a_name_alone_is_of_the_folder_one_is_in(void **state)
{
	char here[4096];

	(void)state;
	assert_non_null(getcwd(here, sizeof(here)));
	assert_int_equal(chdir(folder), 0);
	assert_int_equal(secret_create("secret", why, sizeof(why)), 0);
	assert_int_equal(chdir(here), 0);
	assert_int_equal(access(path, R_OK), 0);
}

static void
only_its_owner_may_write_it_and_its_group_read(void **state)
{
	static const mode_t refused[] = { 0604, 0620, 0660, 0644, 0601, 0777 };
	struct secret secret;

	(void)state;
	put(DIGITS, 64, 0600);
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		assert_int_equal(chmod(path, refused[i]), 0);
		assert_refused("its mode is 0");
	}
	assert_int_equal(chmod(path, 0640), 0);
	assert_int_equal(secret_load(&secret, path, why, sizeof(why)), 0);
	assert_int_equal(chmod(path, 0400), 0);
	assert_int_equal(secret_load(&secret, path, why, sizeof(why)), 0);
}

static void
exactly_64_digits_are_a_secret(void **state)
{
	struct secret lower, upper;
	char text[80] = DIGITS "\n";

	(void)state;
	put(text, 65, 0600);
	assert_int_equal(secret_load(&lower, path, why, sizeof(why)), 0);
	for (int i = 0; i < SECRET_BYTES; i++)
		assert_int_equal(lower.bytes[i], i);
	text[21] = 'A'; /* of 0a */
	put(text, 64, 0600);
	assert_int_equal(secret_load(&upper, path, why, sizeof(why)), 0);
	assert_memory_equal(&lower, &upper, sizeof(lower));

	put("", 0, 0600);
	assert_refused("64 hexadecimal digits");
	put(text, 63, 0600);
	assert_refused("64 hexadecimal digits");
	put(DIGITS "\n\n", 66, 0600);
	assert_refused("64 hexadecimal digits");
	put(DIGITS "0", 65, 0600);
	assert_refused("64 hexadecimal digits");
	put(DIGITS "\r\n", 66, 0600);
	assert_refused("64 hexadecimal digits");
	text[63] = 'g';
	put(text, 64, 0600);
	assert_refused("64 hexadecimal digits");
	text[63] = '\0';
	put(text, 64, 0600);
	assert_refused("64 hexadecimal digits");
}

static void
what_is_not_a_file_is_not_read(void **state)
{
	struct secret secret;

	(void)state;
	assert_refused("pregonctl secret create makes it");
	assert_int_equal(secret_load(&secret, folder, why, sizeof(why)), -1);
	assert_non_null(strstr(why, "not a file"));
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_refused("not a file");
}

/*
 * By Python, with secret = bytes(range(32)):
 *
 *	def derived(*words):
 *	    d = hmac.new(secret, b"".join(w + b"\0" for w in words),
 *	                 hashlib.sha256).digest()
 *	    bits = int.from_bytes(d, "big") >> 256 - 130
 *	    return "".join("0123456789ABCDEFGHJKMNPQRSTVWXYZ"[bits >> 5 * i & 31]
 *	                   for i in reversed(range(26)))
 *	derived(b"pregon/who/1", b"12345678-5")
 *	derived(b"pregon/cart-password/1", b"DEMO01", b"0")
 */
static void
names_and_passwords_are_those_that_python_derives(void **state)
{
	char who[WHO_MAX + 1], password[CART_PASSWORD_MAX + 1];
	struct secret s;

	(void)state;
	for (int i = 0; i < SECRET_BYTES; i++)
		s.bytes[i] = (uint8_t)i;
	secret_who(&s, "12345678-5", who);
	assert_string_equal(who, "YMHTNA4NPBSDC92TFAEHRE3JVX");
	assert_true(who_is_valid(who, strlen(who)));
	secret_who(&s, "1-9", who);
	assert_string_equal(who, "SFFF89AX4BY2NBDQ82X17KFBY9");
	secret_cart_password(&s, "DEMO01", 0, password);
	assert_string_equal(password, "9S21BR9RQKC8C5T3N7782G5BQJ");
	secret_cart_password(&s, "DEMO01", 1, password);
	assert_string_equal(password, "9YB1VC3QA5FBZ6W00GZQGP7PRF");
	secret_cart_password(&s, "ABCD1234", UINT32_MAX, password);
	assert_string_equal(password, "K9S3MZAMZPPEWPASQ3K7NYBGD6");
	memset(s.bytes, 0xff, sizeof(s.bytes));
	secret_who(&s, "12345678-5", who);
	assert_string_equal(who, "X9JZWJ0WVP7EQC5NCDQ4JGZ17V");
}

#define IN_FOLDER(test)                                                        \
	cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		IN_FOLDER(one_that_was_made_is_loaded),
		IN_FOLDER(a_loose_umask_does_not_show_it),
		IN_FOLDER(one_that_is_there_stays),
		IN_FOLDER(where_there_is_no_folder_none_is_made),
		IN_FOLDER(a_name_alone_is_of_the_folder_one_is_in),
		IN_FOLDER(only_its_owner_may_write_it_and_its_group_read),
		IN_FOLDER(exactly_64_digits_are_a_secret),
		IN_FOLDER(what_is_not_a_file_is_not_read),
		cmocka_unit_test(
		    names_and_passwords_are_those_that_python_derives),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
