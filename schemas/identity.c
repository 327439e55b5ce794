/*
 * identity: names in text, and back.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "schemas/identity.h"

static const char *const stream_names[STREAM_COUNT] = { [STREAM_POS] = "pos",
	[STREAM_SALE] = "sale",
	[STREAM_STOCK] = "stock",
	[STREAM_HELP] = "help" };

const char *
stream_name(enum stream stream)
{
	return stream_names[stream];
}

int
stream_parse(const char *name, size_t len, enum stream *stream)
{
	for (int i = 0; i < STREAM_COUNT; i++) {
		if (strlen(stream_names[i]) == len &&
		    memcmp(stream_names[i], name, len) == 0) {
			*stream = (enum stream)i;
			return 0;
		}
	}
	errno = EINVAL;
	return -1;
}

bool
cart_is_valid(const char *cart, size_t len)
{
	if (len < 4 || len > CART_MAX)
		return false;
	for (size_t i = 0; i < len; i++) {
		if ((cart[i] < 'A' || cart[i] > 'Z') &&
		    (cart[i] < '0' || cart[i] > '9'))
			return false;
	}
	return true;
}

/* https://www.crockford.com/base32.html: no I, L, O, U. */
static const char crockford[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

void
base32_number(uint64_t v, int digits, char *text)
{
	for (int i = digits - 1; i >= 0; i--) {
		text[i] = crockford[v & 31];
		v >>= 5;
	}
}

void
base32_format(const uint8_t *bytes, char *text, size_t chars)
{
	unsigned bits = 0; /* those not written yet are the last `left` */
	int left = 0;

	for (size_t i = 0; i < chars; i++) {
		if (left < 5) {
			bits = bits << 8 | *bytes++;
			left += 8;
		}
		left -= 5;
		text[i] = crockford[bits >> left & 31];
	}
	text[chars] = '\0';
}

/* -1: not a digit. */
static int
crockford_digit(char c)
{
	const char *found;

	if (c >= 'a' && c <= 'z')
		c = (char)(c - 'a' + 'A');
	if (c == 'I' || c == 'L')
		return 1;
	if (c == 'O')
		return 0;
	found = c == '\0' ? NULL : strchr(crockford, c);
	return found == NULL ? -1 : (int)(found - crockford);
}

/* All of `len` characters; -1: a character that is no digit, or over 64
 * bits. */
static int
crockford_read(const char *text, size_t len, uint64_t *v)
{
	*v = 0;
	for (size_t i = 0; i < len; i++) {
		int digit = crockford_digit(text[i]);

		if (digit == -1 || *v >> 59 != 0)
			return -1;
		*v = *v << 5 | (uint64_t)digit;
	}
	return 0;
}

void
epoch_format(uint64_t epoch, char text[EPOCH_TEXT + 1])
{
	base32_number(epoch, EPOCH_TEXT, text);
	text[EPOCH_TEXT] = '\0';
}

void
folio_format(const struct folio *folio, char text[FOLIO_MAX + 1])
{
	char epoch[EPOCH_TEXT + 1];
	char seq[14];
	int digits = 1;

	while (digits < 13 && folio->seq >> (5 * digits) != 0)
		digits++;
	base32_number(folio->seq, digits, seq);
	seq[digits] = '\0';
	epoch_format(folio->epoch, epoch);
	snprintf(text, FOLIO_MAX + 1, "%.8s-%s-%s", folio->cart, epoch, seq);
}

int
folio_parse(const char *text, size_t len, struct folio *folio)
{
	char cart[CART_MAX + 1];
	size_t cart_len = 0;
	size_t seq_at;

	if (len > FOLIO_MAX)
		goto refuse;
	for (; cart_len < len && text[cart_len] != '-'; cart_len++) {
		char c = text[cart_len];

		if (cart_len == CART_MAX)
			goto refuse;
		if (c >= 'a' && c <= 'z')
			c = (char)(c - 'a' + 'A');
		cart[cart_len] = c;
	}
	cart[cart_len] = '\0';
	seq_at = cart_len + 1 + EPOCH_TEXT + 1;
	if (!cart_is_valid(cart, cart_len) || len <= seq_at ||
	    text[seq_at - 1] != '-')
		goto refuse;
	if (crockford_read(text + cart_len + 1, EPOCH_TEXT, &folio->epoch) ==
		-1 ||
	    folio->epoch == 0)
		goto refuse;
	if (crockford_read(text + seq_at, len - seq_at, &folio->seq) == -1)
		goto refuse;
	memcpy(folio->cart, cart, sizeof(cart));
	return 0;
refuse:
	errno = EINVAL;
	return -1;
}
