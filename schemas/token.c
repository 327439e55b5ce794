/*
 * token: who may ask (declared in rules.h).
 */
#include <errno.h>
#include <string.h>

#include "schemas/envelope.h"
#include "schemas/record_parts.h"
#include "schemas/rules.h"

static const char *const roles[TOKEN_ROLES] = { [TOKEN_ADMIN] = "admin",
	[TOKEN_DEPOT] = "depot",
	[TOKEN_VENDOR] = "vendor" };

const char *
token_role_name(enum token_role role)
{
	return roles[role];
}

int
token_role_parse(const char *name, size_t len, enum token_role *role)
{
	for (int i = 0; i < TOKEN_ROLES; i++) {
		if (strlen(roles[i]) == len &&
		    memcmp(roles[i], name, len) == 0) {
			*role = (enum token_role)i;
			return 0;
		}
	}
	errno = EINVAL;
	return -1;
}

int
token_encode(const struct token *token, void *buf, size_t cap)
{
	struct mp_writer w;

	mp_writer_init(&w, buf, cap);
	mp_write_array(&w, 8);
	mp_write_int(&w, RULES_VERSION);
	mp_write_cstr(&w, token->id);
	mp_write_cstr(&w, token->name);
	mp_write_int(&w, token->role);
	mp_write_bin(&w, token->hash, sizeof(token->hash));
	mp_write_int(&w, token->created_ms);
	mp_write_cstr(&w, token->by);
	record_text_write(token->cart, &w);
	return envelope_len(&w);
}

/* A dot would end the id early in "<id>.<secret>". */
static int
id_read(struct mp_reader *r, struct token *token)
{
	if (record_word_read(r, "token.id", TOKEN_ID_MAX, token->id) == -1)
		return -1;
	if (strchr(token->id, '.') != NULL)
		return mp_refuse(r, "token.id", "no dot");
	return 0;
}

static int
hash_read(struct mp_reader *r, struct token *token)
{
	const uint8_t *hash;
	size_t len;

	if (mp_read_bin(r, "token.hash", TOKEN_HASH_BYTES, &hash, &len) == -1 ||
	    len != TOKEN_HASH_BYTES)
		return mp_refuse(r, "token.hash", "a bin of 32 bytes");
	memcpy(token->hash, hash, len);
	return 0;
}

/* A vendor speaks for one cart: without it he could speak for any. */
static int
cart_read(struct mp_reader *r, struct token *token)
{
	token->cart[0] = '\0';
	if (token->role != TOKEN_VENDOR) {
		if (!mp_read_nil(r))
			return mp_refuse(r, "token.cart", "nil, for no vendor");
		return 0;
	}
	return record_cart_read(r, "token.cart", token->cart);
}

int
token_decode(const void *bytes, size_t len, struct token *token,
    struct decode_error *error)
{
	struct mp_reader r;
	uint32_t appended;
	int role;

	mp_reader_init(&r, bytes, len, error);
	if (envelope_begin(&r, "token", RULES_VERSION, 7, &appended) == -1 ||
	    id_read(&r, token) == -1 ||
	    record_word_read(&r, "token.name", TEXT_NAME_MAX, token->name) ==
		-1 ||
	    record_choice_read(&r, "token.role", TOKEN_ROLES, &role) == -1 ||
	    hash_read(&r, token) == -1 ||
	    record_time_read(&r, "token.created", &token->created_ms) == -1 ||
	    record_word_read(&r, "token.by", TEXT_NAME_MAX, token->by) == -1)
		return -1;
	token->role = (enum token_role)role;
	if (cart_read(&r, token) == -1)
		return -1;
	return envelope_end(&r, "token", appended);
}
