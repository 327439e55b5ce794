#include "firmware-gateway/page_lock.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "lib/log.h"

#define KEY "page.phones"
/* What is kept: the PIN's length and bytes, then the tokens. */
#define PIN_BYTES_MAX 32
#define KEPT_MAX (1 + PIN_BYTES_MAX + PAGE_PHONES_MAX * PAGE_TOKEN_BYTES)
#define COOKIE "pregon="

void
page_lock_init(struct page_lock *l, struct outbox *outbox, const char *pin)
{
	size_t pin_len = strlen(pin), head = 1 + pin_len;
	uint8_t kept[KEPT_MAX];
	long len;

	memset(l, 0, sizeof(*l));
	l->outbox = outbox;
	l->pin = pin;
	l->spent_ms = INT64_MIN;
	len = outbox_get(outbox, KEY, kept, sizeof(kept));
	if (len < (long)head || kept[0] != pin_len ||
	    memcmp(kept + 1, pin, pin_len) != 0)
		return;
	l->count = ((size_t)len - head) / PAGE_TOKEN_BYTES;
	memcpy(l->tokens, kept + head, l->count * PAGE_TOKEN_BYTES);
}

/* A full outbox does not keep a phone out: it is known until a restart. */
static void
keep(struct page_lock *l)
{
	size_t pin_len = strlen(l->pin);
	uint8_t bytes[KEPT_MAX];

	bytes[0] = (uint8_t)pin_len;
	memcpy(bytes + 1, l->pin, pin_len);
	memcpy(bytes + 1 + pin_len, l->tokens, l->count * PAGE_TOKEN_BYTES);
	if (outbox_begin(l->outbox) == 0) {
		if (outbox_put(l->outbox, KEY, bytes,
			1 + pin_len + l->count * PAGE_TOKEN_BYTES) == 0 &&
		    outbox_commit(l->outbox, OUTBOX_SYNC) == 0)
			return;
		outbox_rollback(l->outbox);
	}
	log_warn("page.phone_not_kept", "why=\"%s\"", strerror(errno));
}

/* In a time that does not tell how much of it was right. */
static bool
same(const void *a, const void *b, size_t len)
{
	const uint8_t *x = a, *y = b;
	unsigned differs = 0;

	for (size_t i = 0; i < len; i++)
		differs |= (unsigned)(x[i] ^ y[i]);
	return differs == 0;
}

static void
token_text(const uint8_t *token, char text[PAGE_TOKEN_TEXT + 1])
{
	for (int i = 0; i < PAGE_TOKEN_BYTES; i++)
		snprintf(text + 2 * i, 3, "%02x", token[i]);
}

static bool
is_known(const struct page_lock *l, const char *given)
{
	char text[PAGE_TOKEN_TEXT + 1];
	bool known = false;

	for (size_t i = 0; i < l->count; i++) {
		token_text(l->tokens[i], text);
		known |= same(text, given, PAGE_TOKEN_TEXT);
	}
	return known;
}

bool
page_lock_open(const struct page_lock *l, const char *cookies)
{
	const char *at = cookies;

	if (l->pin[0] == '\0')
		return true;
	while (at != NULL && *at != '\0') {
		size_t len;

		at += strspn(at, "; ");
		len = strcspn(at, ";");
		if (len == strlen(COOKIE) + PAGE_TOKEN_TEXT &&
		    strncmp(at, COOKIE, strlen(COOKIE)) == 0 &&
		    is_known(l, at + strlen(COOKIE)))
			return true;
		at += len;
	}
	return false;
}

static bool
is_pin(const struct page_lock *l, const char *given)
{
	char padded[PIN_BYTES_MAX + 1] = "", pin[PIN_BYTES_MAX + 1] = "";

	if (strlen(given) > PIN_BYTES_MAX)
		return false;
	memcpy(padded, given, strlen(given));
	memcpy(pin, l->pin, strlen(l->pin));
	return same(padded, pin, sizeof(pin));
}

int
page_lock_try(struct page_lock *l, const char *pin, int64_t now_ms,
    char token[PAGE_TOKEN_TEXT + 1], int64_t *wait_ms)
{
	uint8_t fresh[PAGE_TOKEN_BYTES];

	if (l->spent_ms < now_ms)
		l->spent_ms = now_ms;
	*wait_ms = l->spent_ms - now_ms -
	    (int64_t)(PAGE_TRIES - 1) * PAGE_TRY_MS;
	if (*wait_ms > 0) {
		errno = EAGAIN;
		return -1;
	}
	if (!is_pin(l, pin)) {
		l->spent_ms += PAGE_TRY_MS;
		errno = EACCES;
		return -1;
	}
	if (getrandom(fresh, sizeof(fresh), 0) != sizeof(fresh))
		return -1;
	if (l->count < PAGE_PHONES_MAX)
		l->count++;
	memmove(l->tokens[1], l->tokens[0], (l->count - 1) * PAGE_TOKEN_BYTES);
	memcpy(l->tokens[0], fresh, sizeof(fresh));
	token_text(fresh, token);
	keep(l);
	return 0;
}
