/*
 * A mail's bytes: whatever is in the values, it has the headers it should and
 * no other.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "backend/consumer/mail_text.h"
#include "tests/unit/chance.h"

static const struct mail plain = {
	.from = "pregon@gremio.example",
	.from_name = "Gremio",
	.to = "ana@example.cl",
	.subject = "Hello",
	.body = "One.\nTwo.\n",
	.id = "0123456789abcdef0123456789abcdef",
	.thread = "feedfacefeedface",
	.at_ms = INT64_C(1795190400000),
};

/* The mail; freed by the next call. */
static const char *
text_of(const struct mail *mail)
{
	static char *text;
	size_t len;

	free(text);
	text = mail_text(mail, &len);
	assert_non_null(text);
	assert_int_equal(strlen(text), len);
	return text;
}

static void
assert_has(const char *text, const char *part)
{
	if (strstr(text, part) == NULL)
		fail_msg("no \"%s\" in:\n%s", part, text);
}

static void
it_has_the_headers_it_should(void **state)
{
	const char *text = text_of(&plain);

	(void)state;
	setenv("TZ", "UTC", 1);
	tzset();
	text = text_of(&plain);
	assert_has(text, "Date: Fri, 20 Nov 2026 16:00:00 +0000\r\n");
	assert_has(
	    text, "From: =?UTF-8?B?R3JlbWlv?=\r\n <pregon@gremio.example>\r\n");
	assert_has(text, "\r\nTo: <ana@example.cl>\r\n");
	assert_has(text, "\r\nSubject: Hello\r\n");
	assert_has(text,
	    "\r\nMessage-ID: "
	    "<0123456789abcdef0123456789abcdef@gremio.example>\r\n");
	assert_has(text,
	    "\r\nReferences: <feedfacefeedface.thread@gremio.example>\r\n");
	assert_has(text, "\r\nAuto-Submitted: auto-generated\r\n");
	assert_has(text, "\r\nList-Id: <pregon.gremio.example>\r\n");
	assert_has(text, "\r\n\r\nOne.\r\nTwo.\r\n");
}

static void
a_subject_of_another_script_is_encoded(void **state)
{
	struct mail mail = plain;

	(void)state;
	mail.subject = "Ñandú";
	assert_has(text_of(&mail), "\r\nSubject: =?UTF-8?B?w5FhbmTDug==?=\r\n");
	/* What looks encoded is, so that it is read as it was meant. */
	mail.subject = "=?UTF-8?B?eA==?=";
	assert_has(text_of(&mail),
	    "\r\nSubject: =?UTF-8?B?PT9VVEYtOD9CP2VBPT0/PQ==?=\r\n");
}

static void
no_value_makes_a_header(void **state)
{
	struct mail mail = plain;
	const char *text;

	(void)state;
	mail.subject = "Hi\r\nBcc: all@example.cl\r\n\r\nBody";
	mail.from_name = "Guild\r\nX-Evil: yes";
	text = text_of(&mail);
	assert_null(strstr(text, "\nBcc"));
	assert_null(strstr(text, "X-Evil"));
	/* "Hi  Bcc: all@example.cl    Body" */
	assert_has(
	    text, "=?UTF-8?B?SGkgIEJjYzogYWxsQGV4YW1wbGUuY2wgICAgQm9keQ==?=");
}

static void
the_body_is_quoted_printable(void **state)
{
	struct mail mail = plain;

	(void)state;
	mail.body = "ñ = x \n.\r\nlast";
	assert_has(text_of(&mail), "\r\n\r\n=C3=B1 =3D x=20\r\n.\r\nlast\r\n");
}

/* Each line ends with CR LF and fits; the head has the known names alone. */
static void
assert_sound(const char *text)
{
	static const char *const names[] = { "Date", "From", "To", "Subject",
		"Message-ID", "References", "Auto-Submitted",
		"X-Auto-Response-Suppress", "List-Id", "MIME-Version",
		"Content-Type", "Content-Transfer-Encoding" };
	size_t next = 0;
	bool head = true;

	while (*text != '\0') {
		const char *end = strchr(text, '\n');
		size_t len;

		assert_non_null(end);
		assert_true(end > text && end[-1] == '\r');
		len = (size_t)(end - text) - 1;
		assert_true(len <= 76 || (head && len <= 90));
		for (size_t i = 0; i < len; i++)
			assert_true(text[i] == '\t' ||
			    (text[i] >= ' ' && text[i] <= '~'));
		if (len == 0) {
			head = false;
		} else if (head && text[0] != ' ') {
			assert_true(next < sizeof(names) / sizeof(names[0]));
			assert_int_equal(
			    strncmp(text, names[next], strlen(names[next])), 0);
			assert_int_equal(text[strlen(names[next])], ':');
			next++;
		}
		text = end + 1;
	}
	assert_int_equal(next, sizeof(names) / sizeof(names[0]));
}

static void
any_bytes_make_a_sound_mail(void **state)
{
	char subject[300], body[3000], name[100];
	struct mail mail = plain;
	uint64_t seed = 4711;

	(void)state;
	mail.subject = subject;
	mail.body = body;
	mail.from_name = name;
	for (int round = 0; round < 5000; round++) {
		char *texts[] = { subject, body, name };
		size_t caps[] = { sizeof(subject), sizeof(body), sizeof(name) };

		for (int i = 0; i < 3; i++) {
			size_t len = chance(&seed, caps[i] - 1) + 1;

			for (size_t k = 0; k < len - 1; k++)
				texts[i][k] = chance(&seed, 4) == 0
				    ? "\r\n .="[chance(&seed, 5)]
				    : (char)(1 + chance(&seed, 255));
			texts[i][len - 1] = '\0';
		}
		/* A lone CR is no line end: it is encoded as any byte. */
		assert_sound(text_of(&mail));
	}
}

static void
only_plain_addresses_are_written_to(void **state)
{
	static const char *const right[] = { "a@b", "ana.maria+x@example.cl",
		"o'higgins@example.cl" };
	static const char *const wrong[] = { "", "@", "a@", "@b", "a", "a@b@c",
		"a b@c", "a@b>", "<a@b", "a@b\r\nDATA", "\"a\"@b", "a,b@c",
		"ñ@example.cl", "a@b\t" };

	(void)state;
	for (size_t i = 0; i < sizeof(right) / sizeof(right[0]); i++)
		assert_true(mail_address_is_plain(right[i]));
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_false(mail_address_is_plain(wrong[i]));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_has_the_headers_it_should),
		cmocka_unit_test(a_subject_of_another_script_is_encoded),
		cmocka_unit_test(no_value_makes_a_header),
		cmocka_unit_test(the_body_is_quoted_printable),
		cmocka_unit_test(any_bytes_make_a_sound_mail),
		cmocka_unit_test(only_plain_addresses_are_written_to),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
