/*
 * mail_text: see the header.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "backend/consumer/mail_text.h"

/* Bytes of text in one encoded word: with its frame it stays below the 75
 * characters of RFC 2047, and the line below 76. */
#define WORD_BYTES 36
/* RFC 2045: so long is a line of quoted-printable at most. */
#define QUOTED_MAX 76
/* A subject that is plain ASCII and no longer stands as it is. */
#define PLAIN_MAX 60

bool
mail_address_is_plain(const char *address)
{
	const char *at = strchr(address, '@');

	if (at == NULL || at == address || at[1] == '\0' ||
	    strchr(at + 1, '@') != NULL)
		return false;
	for (; *address != '\0'; address++) {
		if (*address <= ' ' || *address > '~' ||
		    strchr("<>()[]\\,;:\"", *address) != NULL)
			return false;
	}
	return true;
}

void
mail_thread(const char *subject, char thread[MAIL_THREAD_MAX + 1])
{
	uint64_t hash = UINT64_C(14695981039346656037); /* FNV-1a */

	for (; *subject != '\0'; subject++)
		hash = (hash ^ (unsigned char)*subject) *
		    UINT64_C(1099511628211);
	snprintf(thread, MAIL_THREAD_MAX + 1, "%016" PRIx64, hash);
}

static const char *
domain_of(const char *address)
{
	const char *at = strrchr(address, '@');

	return at == NULL ? "localhost" : at + 1;
}

static bool
is_control(char c)
{
	return (unsigned char)c < ' ' || c == 0x7f;
}

/* May it stand in a header as it is? */
static bool
is_plain(const char *text)
{
	if (strlen(text) > PLAIN_MAX || strstr(text, "=?") != NULL)
		return false;
	for (; *text != '\0'; text++) {
		if (*text < ' ' || *text > '~')
			return false;
	}
	return true;
}

/* Base 64 (RFC 4648) of at most WORD_BYTES, controls as spaces. */
static void
put_base64(FILE *out, const char *text, size_t len)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "abcdefghijklmnopqrstuvwxyz0123456789+/";

	for (size_t i = 0; i < len; i += 3) {
		uint32_t three = 0;

		for (size_t k = i; k < i + 3; k++) {
			char c = k < len ? text[k] : '\0';

			if (k < len && is_control(c))
				c = ' ';
			three = three << 8 | (unsigned char)c;
		}
		for (size_t k = 0; k < 4; k++)
			fputc(i + k > len ? '='
					  : digits[three >> (18 - 6 * k) & 63],
			    out);
	}
}

/* Bytes of the first word: whole characters. */
static size_t
word_len(const char *text)
{
	size_t len = strnlen(text, WORD_BYTES + 1);

	if (len <= WORD_BYTES)
		return len;
	for (len = WORD_BYTES;
	     len > 1 && ((unsigned char)text[len] & 0xc0) == 0x80;)
		len--;
	return len;
}

/* As one or several encoded words, folded. */
static void
put_encoded(FILE *out, const char *text)
{
	for (bool first = true; *text != '\0'; first = false) {
		size_t len = word_len(text);

		fputs(first ? "=?UTF-8?B?" : "\r\n =?UTF-8?B?", out);
		put_base64(out, text, len);
		fputs("?=", out);
		text += len;
	}
}

/* Text that is not structured, as a subject. */
static void
put_words(FILE *out, const char *text)
{
	if (is_plain(text))
		fputs(text, out);
	else
		put_encoded(out, text);
}

static void
put_quoted_byte(FILE *out, unsigned char c, bool quote, size_t *column)
{
	bool plain = !quote &&
	    ((c >= ' ' && c <= '~' && c != '=') || c == '\t');
	size_t width = plain ? 1 : 3;

	/* A soft break, which is no part of the text. */
	if (*column + width > QUOTED_MAX - 1) {
		fputs("=\r\n", out);
		*column = 0;
	}
	fprintf(out, plain ? "%c" : "=%02X", c);
	*column += width;
}

/* Quoted-printable: lines, however long, in any script. */
static void
put_quoted(FILE *out, const char *body)
{
	size_t column = 0;

	for (; *body != '\0'; body++) {
		bool ends = body[1] == '\n' || body[1] == '\r' ||
		    body[1] == '\0';

		if (*body == '\r' && body[1] == '\n')
			continue;
		if (*body == '\n') {
			fputs("\r\n", out);
			column = 0;
			continue;
		}
		/* A space at a line's end would be lost on the way. */
		put_quoted_byte(out, (unsigned char)*body,
		    ends && (*body == ' ' || *body == '\t'), &column);
	}
	if (column > 0)
		fputs("\r\n", out);
}

/* By the C locale's names; the zone's offset is the process's own. */
static void
put_date(FILE *out, int64_t at_ms)
{
	time_t s = (time_t)(at_ms / 1000);
	char text[64];
	struct tm tm;

	localtime_r(&s, &tm);
	strftime(text, sizeof(text), "%a, %d %b %Y %H:%M:%S %z", &tm);
	fprintf(out, "Date: %s\r\n", text);
}

static void
put_head(FILE *out, const struct mail *mail)
{
	const char *domain = domain_of(mail->from);

	put_date(out, mail->at_ms);
	fputs("From: ", out);
	if (mail->from_name[0] != '\0') {
		/* Encoded whatever it is: then no character of it means
		 * anything. */
		put_encoded(out, mail->from_name);
		fputs("\r\n ", out);
	}
	fprintf(out, "<%s>\r\n", mail->from);
	fprintf(out, "To: <%s>\r\n", mail->to);
	fputs("Subject: ", out);
	put_words(out, mail->subject);
	fprintf(out, "\r\nMessage-ID: <%s@%s>\r\n", mail->id, domain);
	if (mail->thread[0] != '\0')
		fprintf(out, "References: <%s.thread@%s>\r\n", mail->thread,
		    domain);
	/* No holiday replies, please (RFC 3834). */
	fprintf(out,
	    "Auto-Submitted: auto-generated\r\n"
	    "X-Auto-Response-Suppress: All\r\n"
	    "List-Id: <pregon.%s>\r\n"
	    "MIME-Version: 1.0\r\n"
	    "Content-Type: text/plain; charset=UTF-8\r\n"
	    "Content-Transfer-Encoding: quoted-printable\r\n\r\n",
	    domain);
}

char *
mail_text(const struct mail *mail, size_t *len)
{
	char *text = NULL;
	FILE *out = open_memstream(&text, len);
	bool failed;

	if (out == NULL)
		return NULL;
	put_head(out, mail);
	put_quoted(out, mail->body);
	failed = ferror(out) != 0;
	if (fclose(out) == 0 && !failed)
		return text;
	free(text);
	errno = ENOMEM;
	return NULL;
}
