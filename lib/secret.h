/*
 * secret: the guild's own secret, a file that the API and the role members
 * share: who a RUT is in keys, and what passwords carts have.
 *
 * Both are derived, so that neither a RUT nor a password ever travels through
 * the log, and a password that was given once can be made again: they are the
 * first 26 characters, in Crockford's base 32, of
 *
 *	HMAC-SHA-256(secret, label 0x00 word 0x00 ...)
 *
 * with the label "pregon/who/1" and the RUT; "pregon/cart-password/1", the
 * plate and n in decimal; or "pregon/gateway/1" and a gateway's own word.
 * A code's seal is that digest's first bytes, of "pregon/enrol/1", who, n and
 * the code's end in decimal.  Whoever loses the file gives every cart a new
 * password; `docs/operating.md` has it among what to back up.
 */
#ifndef PREGON_SECRET_H
#define PREGON_SECRET_H

#include <stddef.h>
#include <stdint.h>

#include "schemas/member.h"

#define SECRET_BYTES 32
struct secret {
	uint8_t bytes[SECRET_BYTES];
};
/* A file of 64 hexadecimal digits, readable by its owner alone (or its
 * group).  -1: `why`. */
int secret_load(struct secret *, const char *path, char *why, size_t why_cap);
/* Makes one: 0600, synced, never over an existing file. */
int secret_create(const char *path, char *why, size_t why_cap);

/* `rut` normalised by rut_parse(). */
void secret_who(const struct secret *, const char *rut, char who[WHO_MAX + 1]);
/* Of the cart's n-th gateway: n counts up with each replacement. */
#define CART_PASSWORD_MAX 26
void secret_cart_password(const struct secret *, const char *plate, uint32_t n,
    char password[CART_PASSWORD_MAX + 1]);

/* Which gateway it is, of the word that it made for itself. */
void secret_gateway(const struct secret *, const char *word,
    char gateway[ENROL_GATEWAY_MAX + 1]);
/* Of a code (lib/enrol_code.h) for a member's n-th gateway. */
#define ENROL_SEAL_BYTES 7
void secret_enrol_seal(const struct secret *, const char *who, uint32_t n,
    int64_t ends, uint8_t seal[ENROL_SEAL_BYTES]);

#endif
