/*
 * page_lock: the PIN of the vendor's page.  A phone that gave it gets a
 * random token, its cookie from then on; the last phones' tokens outlive a
 * restart, and end when the PIN is changed.
 *
 * Wrong tries are limited for all phones together, for whoever is on the
 * Wi-Fi can have as many addresses as he likes: PAGE_TRIES at once, then one
 * each PAGE_TRY_MS.
 */
#ifndef PREGON_GATEWAY_PAGE_LOCK_H
#define PREGON_GATEWAY_PAGE_LOCK_H

#include "lib/outbox.h"

#define PAGE_TRIES 5
#define PAGE_TRY_MS 30000
#define PAGE_PHONES_MAX 16
#define PAGE_TOKEN_BYTES 16
#define PAGE_TOKEN_TEXT (2 * PAGE_TOKEN_BYTES)

struct page_lock {
	struct outbox *outbox;
	const char *pin; /* "": there is no lock */
	uint8_t tokens[PAGE_PHONES_MAX][PAGE_TOKEN_BYTES]; /* the oldest last */
	size_t count;
	int64_t spent_ms; /* boottime until which tries are used up */
};

/* `pin` must outlive it. */
void page_lock_init(struct page_lock *, struct outbox *, const char *pin);
/* Does this Cookie header (NULL: none) open it? */
bool page_lock_open(const struct page_lock *, const char *cookies);
/*
 * A phone gives a PIN: 0 and its token; -1: EACCES it is wrong, EAGAIN too
 * many were wrong (*wait_ms says for how long).
 */
int page_lock_try(struct page_lock *, const char *pin, int64_t now_ms,
    char token[PAGE_TOKEN_TEXT + 1], int64_t *wait_ms);

#endif
