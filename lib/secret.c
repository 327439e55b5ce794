/*
 * secret: what is derived from the guild's own secret.
 *
 * The digest is OpenSSL's by the functions that it calls old: they need no
 * memory and cannot fail, so that there is always a name and a password.
 */
#define OPENSSL_SUPPRESS_DEPRECATED

#include <openssl/sha.h>
#include <stdio.h>
#include <string.h>

#include "lib/secret.h"

/* One for each use: what is known of one says nothing of another. */
#define LABEL_WHO "pregon/who/1"
#define LABEL_CART_PASSWORD "pregon/cart-password/1"
#define LABEL_GATEWAY "pregon/gateway/1"
#define LABEL_ENROL "pregon/enrol/1"

struct hmac {
	SHA256_CTX inner;
	SHA256_CTX outer;
};

/* RFC 2104; the key is shorter than a block. */
static void
hmac_begin(struct hmac *h, const struct secret *secret)
{
	uint8_t inner[SHA256_CBLOCK], outer[SHA256_CBLOCK];

	memset(inner, 0x36, sizeof(inner));
	memset(outer, 0x5c, sizeof(outer));
	for (size_t i = 0; i < SECRET_BYTES; i++) {
		inner[i] ^= secret->bytes[i];
		outer[i] ^= secret->bytes[i];
	}
	SHA256_Init(&h->inner);
	SHA256_Update(&h->inner, inner, sizeof(inner));
	SHA256_Init(&h->outer);
	SHA256_Update(&h->outer, outer, sizeof(outer));
	explicit_bzero(inner, sizeof(inner));
	explicit_bzero(outer, sizeof(outer));
}

/* Words end with a NUL each: "a" and "bc" are not "ab" and "c". */
static void
hmac_word(struct hmac *h, const char *word)
{
	SHA256_Update(&h->inner, word, strlen(word) + 1);
}

static void
hmac_end(struct hmac *h, uint8_t digest[SHA256_DIGEST_LENGTH])
{
	uint8_t inside[SHA256_DIGEST_LENGTH];

	SHA256_Final(inside, &h->inner);
	SHA256_Update(&h->outer, inside, sizeof(inside));
	SHA256_Final(digest, &h->outer);
	explicit_bzero(inside, sizeof(inside));
	explicit_bzero(h, sizeof(*h));
}

/* The digest's first bits, five a character. */
static void
end_as_text(struct hmac *h, char *text, size_t chars)
{
	uint8_t digest[SHA256_DIGEST_LENGTH];

	hmac_end(h, digest);
	base32_format(digest, text, chars);
	explicit_bzero(digest, sizeof(digest));
}

void
secret_who(const struct secret *secret, const char *rut, char who[WHO_MAX + 1])
{
	struct hmac h;

	hmac_begin(&h, secret);
	hmac_word(&h, LABEL_WHO);
	hmac_word(&h, rut);
	end_as_text(&h, who, WHO_MAX);
}

void
secret_cart_password(const struct secret *secret, const char *plate, uint32_t n,
    char password[CART_PASSWORD_MAX + 1])
{
	char count[11];
	struct hmac h;

	snprintf(count, sizeof(count), "%u", n);
	hmac_begin(&h, secret);
	hmac_word(&h, LABEL_CART_PASSWORD);
	hmac_word(&h, plate);
	hmac_word(&h, count);
	end_as_text(&h, password, CART_PASSWORD_MAX);
}

void
secret_gateway(const struct secret *secret, const char *word,
    char gateway[ENROL_GATEWAY_MAX + 1])
{
	struct hmac h;

	hmac_begin(&h, secret);
	hmac_word(&h, LABEL_GATEWAY);
	hmac_word(&h, word);
	end_as_text(&h, gateway, ENROL_GATEWAY_MAX);
}

void
secret_enrol_seal(const struct secret *secret, const char *who, uint32_t n,
    int64_t ends, uint8_t seal[ENROL_SEAL_BYTES])
{
	uint8_t digest[SHA256_DIGEST_LENGTH];
	char number[21];
	struct hmac h;

	hmac_begin(&h, secret);
	hmac_word(&h, LABEL_ENROL);
	hmac_word(&h, who);
	snprintf(number, sizeof(number), "%u", n);
	hmac_word(&h, number);
	snprintf(number, sizeof(number), "%lld", (long long)ends);
	hmac_word(&h, number);
	hmac_end(&h, digest);
	memcpy(seal, digest, ENROL_SEAL_BYTES);
	explicit_bzero(digest, sizeof(digest));
}
