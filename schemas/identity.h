/*
 * identity: the names of things: carts, streams, epochs, folios.
 */
#ifndef PREGON_IDENTITY_H
#define PREGON_IDENTITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum stream {
	STREAM_POS, /* fixes */
	STREAM_SALE, /* sales and voids */
	STREAM_STOCK, /* levels of products */
	STREAM_HELP, /* a vendor asks for support */
	STREAM_COUNT
};

/* "pos", "sale", "stock", "help". */
const char *stream_name(enum stream);
/* 0, or -1 (EINVAL). */
int stream_parse(const char *name, size_t len, enum stream *);

/* A cart is its plate (patente), [A-Z0-9]{4,8}. */
#define CART_MAX 8
bool cart_is_valid(const char *, size_t len);

/* An epoch: 40 random bits, drawn at each start of a gateway; never 0. */
#define EPOCH_BITS 40
#define EPOCH_MAX ((UINT64_C(1) << EPOCH_BITS) - 1)
#define EPOCH_TEXT 8 /* characters in Crockford's base 32 */
void epoch_format(uint64_t epoch, char text[EPOCH_TEXT + 1]);

/* The first 5 * `chars` bits of `bytes` in Crockford's base 32, upper case. */
void base32_format(const uint8_t *bytes, char *text, size_t chars);
/* A number's last `digits` digits in the same, no NUL after them. */
void base32_number(uint64_t, int digits, char *text);

/*
 * A folio is <cart>-<epoch>-<number>, epoch and number in Crockford's base 32
 * (the number without leading zeros), upper case.  Reading also takes lower
 * case, and I and L for 1, O for 0.
 */
#define FOLIO_MAX (CART_MAX + 1 + EPOCH_TEXT + 1 + 13)
struct folio {
	char cart[CART_MAX + 1];
	uint64_t epoch;
	uint64_t seq;
};
void folio_format(const struct folio *, char text[FOLIO_MAX + 1]);
/* 0, or -1 (EINVAL). */
int folio_parse(const char *text, size_t len, struct folio *);

#endif
