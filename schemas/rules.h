/*
 * rules: what the guild has laid down, records of topic_reglas (compacted):
 * zones (zone.h), rules, the catalogue, tokens.
 *
 * A consumer that judges by them reads this topic to its end first.
 */
#ifndef PREGON_RULES_H
#define PREGON_RULES_H

#include "schemas/down.h"

#define RULES_VERSION 1
#define RULES_BYTES_MAX 65000 /* as a command to a cart: a frame */

/*
 * Settings of a cart, or of all: [version, scope, at, by, [[key, value],
 * ...]].  Key: RULES_KEY and the scope.  It replaces the one before it.
 * Keys: "missing.s" (seconds), "hours" (rules/hours.h), "zone.dwell_s",
 * "stock.threshold", "stock.threshold.<product>", "stock.target",
 * "stock.target.<product>" (units).  Values are text.
 */
#define RULES_KEY "rules/"
#define RULES_ALL "*"
struct rules {
	char scope[CART_MAX + 1]; /* a plate, or RULES_ALL */
	int64_t at_ms;
	char by[TEXT_NAME_MAX + 1];
	size_t count;
	struct setting settings[SETTINGS_MAX]; /* text within the input */
};
int rules_encode(const struct rules *, void *buf, size_t cap);
int rules_decode(const void *, size_t, struct rules *, struct decode_error *);

/* The guild's catalogue: [version, at, by, catalogue as in down.h].  Key:
 * "products". */
#define PRODUCTS_KEY "products"
struct products {
	int64_t at_ms;
	char by[TEXT_NAME_MAX + 1];
	size_t count;
	struct product *products; /* the caller's array of CATALOGUE_MAX */
};
int products_encode(const struct products *, void *buf, size_t cap);
int products_decode(
    const void *, size_t, struct products *, struct decode_error *);

/*
 * Who may ask: [version, id, name, role, hash, created_at, by, cart].
 * Key: "token/<id>"; a tombstone revokes it.  The bearer's token is
 * "<id>.<secret>"; only the SHA-256 of the whole is kept.
 */
#define TOKEN_KEY "token/"
#define TOKEN_ID_MAX 16
#define TOKEN_HASH_BYTES 32
#define TOKEN_BYTES_MAX 512
enum token_role { TOKEN_ADMIN, TOKEN_DEPOT, TOKEN_VENDOR, TOKEN_ROLES };
const char *token_role_name(enum token_role); /* "admin" */
int token_role_parse(const char *, size_t len, enum token_role *);
struct token {
	char id[TOKEN_ID_MAX + 1]; /* without '.' */
	char name[TEXT_NAME_MAX + 1]; /* whose it is */
	enum token_role role;
	char cart[CART_MAX + 1]; /* a vendor has one; else "" */
	uint8_t hash[TOKEN_HASH_BYTES];
	int64_t created_ms;
	char by[TEXT_NAME_MAX + 1];
};
int token_encode(const struct token *, void *buf, size_t cap);
int token_decode(const void *, size_t, struct token *, struct decode_error *);

#endif
