/*
 * inbox: the last messages and order news from the guild, for the vendor.
 * Durable, in the outbox's values; the oldest give way.
 */
#ifndef PREGON_GATEWAY_INBOX_H
#define PREGON_GATEWAY_INBOX_H

#include "lib/outbox.h"
#include "schemas/down.h"

#define INBOX_SLOTS 50
/* More than any message or order news. */
#define INBOX_BYTES_MAX 2304

struct inbox {
	struct outbox *outbox;
	uint64_t next; /* number of the next one; the first is 1 */
};

struct inbox_entry {
	uint64_t number;
	enum cmd_kind kind; /* CMD_MESSAGE or CMD_ORDER */
	const uint8_t *payload; /* within bytes */
	size_t payload_len;
	uint8_t bytes[INBOX_BYTES_MAX];
};

void inbox_init(struct inbox *, struct outbox *);
/* Can it be shown?  -1: EBADMSG, and *error says why not. */
int inbox_check(enum cmd_kind, const void *, size_t, struct decode_error *);
/* Within begin..commit; `next` moves on with inbox_added. */
int inbox_put(struct inbox *, enum cmd_kind, const void *, size_t);
void inbox_added(struct inbox *);
/* The oldest number that may still be there. */
uint64_t inbox_oldest(const struct inbox *);
/* 1 found, 0 not. */
int inbox_get(struct inbox *, uint64_t number, struct inbox_entry *);

#endif
