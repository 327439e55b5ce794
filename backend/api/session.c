/*
 * The cookie: <token's id>.<until, Unix ms>.<nonce>.<MAC>, numbers in hex.
 * The MAC is an HMAC-SHA-256 of all before it and of the token's hash.
 */
#include <errno.h>
#include <inttypes.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "backend/api/session.h"

#define KEY_BYTES 32
#define MAC_BYTES 32
#define LABEL "pregon/session/1"
#define NAME_PLAIN "pregon-session"
#define NAME_SECURE "__Host-pregon-session"

struct sessions {
	uint8_t key[KEY_BYTES];
	int64_t lasts_ms;
	bool secure;
	pthread_mutex_t lock; /* of what follows */
	uint8_t ended[SESSIONS_ENDED_MAX][SESSION_NONCE_BYTES];
	size_t ended_count; /* ever; the oldest is written over */
};

static int
make_mac(
    const uint8_t *key, const void *text, size_t len, uint8_t mac[MAC_BYTES])
{
	unsigned size = 0;

	if (HMAC(EVP_sha256(), key, KEY_BYTES, text, len, mac, &size) != NULL &&
	    size == MAC_BYTES)
		return 0;
	errno = EIO;
	return -1;
}

static void
to_hex(const uint8_t *bytes, size_t count, char *text)
{
	for (size_t i = 0; i < count; i++)
		snprintf(text + 2 * i, 3, "%02x", bytes[i]);
}

struct sessions *
sessions_new(const struct secret *secret, int64_t lasts_ms, bool secure)
{
	struct sessions *s = calloc(1, sizeof(*s));
	int rc;

	if (s == NULL)
		return NULL;
	s->lasts_ms = lasts_ms;
	s->secure = secure;
	if (secret != NULL)
		rc = make_mac(secret->bytes, LABEL, sizeof(LABEL), s->key);
	else
		rc = getrandom(s->key, KEY_BYTES, 0) == KEY_BYTES ? 0 : -1;
	if (rc == -1 || pthread_mutex_init(&s->lock, NULL) != 0) {
		free(s);
		return NULL;
	}
	return s;
}

void
sessions_free(struct sessions *s)
{
	if (s == NULL)
		return;
	pthread_mutex_destroy(&s->lock);
	OPENSSL_cleanse(s->key, sizeof(s->key));
	free(s);
}

const char *
sessions_cookie(const struct sessions *s)
{
	return s->secure ? NAME_SECURE : NAME_PLAIN;
}

void
sessions_set_cookie(const struct sessions *s, const struct session *session,
    char text[SESSION_COOKIE_MAX])
{
	snprintf(text, SESSION_COOKIE_MAX,
	    "%s=%s; Path=/; Max-Age=%" PRId64 "; HttpOnly; SameSite=Strict%s",
	    sessions_cookie(s), session->text,
	    session->text[0] != '\0' ? s->lasts_ms / 1000 : 0,
	    s->secure ? "; Secure" : "");
}

/* `said`: all before the MAC. */
static int
sign(const struct sessions *s, const char *said, size_t len,
    const struct token *token, char hex[2 * MAC_BYTES + 1])
{
	uint8_t text[SESSION_TEXT_MAX + TOKEN_HASH_BYTES], mac[MAC_BYTES];

	if (len > SESSION_TEXT_MAX) {
		errno = EINVAL;
		return -1;
	}
	memcpy(text, said, len);
	memcpy(text + len, token->hash, TOKEN_HASH_BYTES);
	if (make_mac(s->key, text, len + TOKEN_HASH_BYTES, mac) == -1)
		return -1;
	to_hex(mac, MAC_BYTES, hex);
	return 0;
}

/* Of the whole cookie, and not to be taken for a cookie's own MAC: no id
 * has a space. */
static int
make_csrf(const struct sessions *s, struct session *session)
{
	char text[SESSION_TEXT_MAX + sizeof("csrf ")];
	uint8_t mac[MAC_BYTES];
	int len = snprintf(text, sizeof(text), "csrf %s", session->text);

	if (make_mac(s->key, text, (size_t)len, mac) == -1)
		return -1;
	to_hex(mac, SESSION_CSRF_CHARS / 2, session->csrf);
	return 0;
}

static bool
id_fits(const char *id)
{
	return id[0] != '\0' &&
	    id[strspn(id,
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
		"0123456789-_")] == '\0';
}

int
sessions_begin(struct sessions *s, const struct token *token, int64_t now_ms,
    struct session *out)
{
	char nonce[2 * SESSION_NONCE_BYTES + 1];
	char mac[2 * MAC_BYTES + 1];
	int len;

	if (!id_fits(token->id)) {
		errno = EINVAL;
		return -1;
	}
	if (getrandom(out->nonce, SESSION_NONCE_BYTES, 0) !=
	    SESSION_NONCE_BYTES) {
		errno = EIO;
		return -1;
	}
	to_hex(out->nonce, SESSION_NONCE_BYTES, nonce);
	out->until_ms = now_ms + s->lasts_ms;
	len = snprintf(out->text, sizeof(out->text), "%s.%" PRIx64 ".%s",
	    token->id, (uint64_t)out->until_ms, nonce);
	if (sign(s, out->text, (size_t)len, token, mac) == -1)
		return -1;
	snprintf(out->text + len, sizeof(out->text) - (size_t)len, ".%s", mac);
	return make_csrf(s, out);
}

/* Its parts, as they say of themselves; the length of what is signed, or 0:
 * it is none. */
static size_t
parse(const char *text, struct session *out, char id[TOKEN_ID_MAX + 1])
{
	unsigned nonce[SESSION_NONCE_BYTES];
	uint64_t until;
	size_t len = strlen(text);
	int end = 0;

	if (len > SESSION_TEXT_MAX || len < 2 * MAC_BYTES + 1)
		return 0;
	if (sscanf(text, "%16[^.].%" SCNx64 ".%2x%2x%2x%2x%2x%2x%2x%2x%n", id,
		&until, &nonce[0], &nonce[1], &nonce[2], &nonce[3], &nonce[4],
		&nonce[5], &nonce[6], &nonce[7], &end) != 10 ||
	    text[end] != '.' || (size_t)end + 1 + 2 * MAC_BYTES != len)
		return 0;
	memcpy(out->text, text, len + 1);
	out->until_ms = (int64_t)until;
	for (size_t i = 0; i < SESSION_NONCE_BYTES; i++)
		out->nonce[i] = (uint8_t)nonce[i];
	return (size_t)end;
}

static bool
is_ended(struct sessions *s, const struct session *session)
{
	bool found = false;
	size_t count;

	pthread_mutex_lock(&s->lock);
	count = s->ended_count < SESSIONS_ENDED_MAX ? s->ended_count
						    : SESSIONS_ENDED_MAX;
	for (size_t i = 0; i < count && !found; i++)
		found = memcmp(s->ended[i], session->nonce,
			    SESSION_NONCE_BYTES) == 0;
	pthread_mutex_unlock(&s->lock);
	return found;
}

enum tokens_answer
sessions_find(struct sessions *s, struct tokens *tokens, const char *text,
    int64_t now_ms, struct session *session, struct token *token)
{
	char id[TOKEN_ID_MAX + 1], mac[2 * MAC_BYTES + 1];
	size_t len = parse(text, session, id);
	enum tokens_answer known;

	if (len == 0)
		return TOKENS_REFUSED;
	known = tokens_get(tokens, id, token);
	if (known != TOKENS_FOUND)
		return known;
	if (sign(s, text, len, token, mac) == -1 ||
	    CRYPTO_memcmp(text + len + 1, mac, 2 * MAC_BYTES) != 0 ||
	    now_ms >= session->until_ms || is_ended(s, session) ||
	    make_csrf(s, session) == -1)
		return TOKENS_REFUSED;
	return TOKENS_FOUND;
}

void
sessions_end(struct sessions *s, const struct session *session)
{
	if (is_ended(s, session))
		return;
	pthread_mutex_lock(&s->lock);
	memcpy(s->ended[s->ended_count++ % SESSIONS_ENDED_MAX], session->nonce,
	    SESSION_NONCE_BYTES);
	pthread_mutex_unlock(&s->lock);
}

bool
session_csrf_is(const struct session *session, const char *csrf)
{
	return csrf != NULL && strlen(csrf) == SESSION_CSRF_CHARS &&
	    CRYPTO_memcmp(csrf, session->csrf, SESSION_CSRF_CHARS) == 0;
}
