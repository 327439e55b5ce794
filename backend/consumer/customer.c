/*
 * customer: a small UTF-8 walk of our own, so that the process's locale is
 * left alone (the multibyte functions have no variant that takes one).
 */
#include <errno.h>
#include <locale.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wctype.h>

#include "backend/consumer/customer.h"

struct customer_rules {
	locale_t locale;
};

struct customer_rules *
customer_rules_new(void)
{
	struct customer_rules *rules = calloc(1, sizeof(*rules));

	if (rules == NULL)
		return NULL;
	rules->locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
	if (rules->locale == (locale_t)0) {
		free(rules);
		return NULL;
	}
	return rules;
}

void
customer_rules_free(struct customer_rules *rules)
{
	if (rules == NULL)
		return;
	freelocale(rules->locale);
	free(rules);
}

/* The text is valid UTF-8: the decoder saw to that. */
static uint32_t
code_point(const unsigned char *s, size_t len, size_t *used)
{
	uint32_t c = s[0];
	size_t more = c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : c >= 0xc0 ? 1 : 0;

	if (more >= len)
		more = 0;
	if (more > 0)
		c &= 0x3fu >> more;
	for (size_t i = 1; i <= more; i++)
		c = c << 6 | (s[i] & 0x3fu);
	*used = more + 1;
	return c;
}

static size_t
code_point_write(uint32_t c, char *out)
{
	if (c < 0x80) {
		out[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		out[0] = (char)(0xc0 | c >> 6);
		out[1] = (char)(0x80 | (c & 0x3f));
		return 2;
	}
	if (c < 0x10000) {
		out[0] = (char)(0xe0 | c >> 12);
		out[1] = (char)(0x80 | (c >> 6 & 0x3f));
		out[2] = (char)(0x80 | (c & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | c >> 18);
	out[1] = (char)(0x80 | (c >> 12 & 0x3f));
	out[2] = (char)(0x80 | (c >> 6 & 0x3f));
	out[3] = (char)(0x80 | (c & 0x3f));
	return 4;
}

#define NO_BREAK_SPACE 0xa0 /* which iswspace leaves out */

/* Writes the folded text and its end; 0 if nothing but space was there. */
static size_t
fold(
    const struct customer_rules *rules, struct text text, char *out, size_t cap)
{
	size_t len = 0, trimmed = 0, used;

	for (size_t i = 0; i < text.len; i += used) {
		uint32_t c = code_point(
		    (const unsigned char *)text.s + i, text.len - i, &used);
		bool space = c == NO_BREAK_SPACE ||
		    iswspace_l((wint_t)c, rules->locale);

		if (space && len == 0)
			continue;
		if (len + 4 > cap)
			break;
		len += code_point_write(
		    (uint32_t)towlower_l((wint_t)c, rules->locale), out + len);
		if (!space)
			trimmed = len;
	}
	out[trimmed] = '\0';
	return trimmed;
}

void
customer_key(const struct customer_rules *rules, struct text customer,
    struct text contact, char key[CUSTOMER_KEY_MAX + 1])
{
	/* One character tells which of the two it is. */
	key[0] = '@';
	if (fold(rules, contact, key + 1, CUSTOMER_KEY_MAX - 1) > 0)
		return;
	key[0] = '=';
	if (fold(rules, customer, key + 1, CUSTOMER_KEY_MAX - 1) > 0)
		return;
	key[0] = '\0';
}

#define SEAL_BYTES 16 /* enough that no two contacts meet */

void
customer_seal(
    const uint8_t secret[CUSTOMER_SECRET_BYTES], char key[CUSTOMER_KEY_MAX + 1])
{
	unsigned char hash[EVP_MAX_MD_SIZE];

	if (key[0] != '@')
		return;
	/* Of bytes in memory it cannot fail, but for want of memory: then
	 * nobody is named, rather than a contact kept. */
	if (HMAC(EVP_sha256(), secret, CUSTOMER_SECRET_BYTES,
		(const unsigned char *)key + 1, strlen(key + 1), hash,
		NULL) == NULL) {
		key[0] = '\0';
		return;
	}
	key[0] = '#';
	for (size_t i = 0; i < SEAL_BYTES; i++)
		snprintf(key + 1 + 2 * i, 3, "%02x", hash[i]);
}
