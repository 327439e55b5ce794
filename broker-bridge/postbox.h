/*
 * postbox: what each cart has yet to be told, as rules alone.
 *
 * Fed with the records of topic_comandos and the carts' statuses.  One
 * command at a time, in rising order of ids, goes to a cart that is online
 * and of our ledger, and again with backoff until its status reports it as
 * applied.  A message or order news is then erased from the log; settings
 * and catalogue stay (the newest of each), so that a replaced gateway gets
 * them too.  The guild's catalogue for all stands once in each partition of
 * the log and goes to every cart whose commands are in that partition, also to
 * one that comes later, unless the cart has a newer one of its own.
 *
 * Bounded: what does not fit into max_bytes is refused and stays in the log
 * alone; of POSTBOX_PER_CART the oldest gives way.  No I/O, no clock.
 */
#ifndef PREGON_POSTBOX_H
#define PREGON_POSTBOX_H

#include "broker-bridge/address.h"
#include "schemas/down.h"
#include "schemas/status.h"

#define POSTBOX_PER_CART 256
/* What a broker with message_size_limit 65536 lets through. */
#define COMMAND_BYTES_MAX FRAME_BYTES_MAX
/* The envelope around a payload, and its id. */
#define COMMAND_OVERHEAD 32

struct postbox_settings {
	int64_t max_bytes; /* of all that is kept here */
	int resend_ms; /* first wait */
	int resend_max_ms;
};

struct postbox_handler {
	/* Publish it; the payload is ours until return. */
	void (*send)(void *ctx, plate_t, const struct cmd *);
	/* The cart has it: write a tombstone for this key. */
	void (*erase)(void *ctx, const char *key, size_t key_len);
};

struct postbox;

struct postbox *postbox_new(const struct postbox_settings *,
    const struct postbox_handler *, void *ctx); /* NULL: ENOMEM */
void postbox_free(struct postbox *);

/* Of topic_comandos: which one a cart's commands are in. */
void postbox_set_partitions(struct postbox *, int partitions);
/* Ours; ids of another ledger mean nothing. */
void postbox_set_ledger(struct postbox *, uint64_t ledger);
/* Nothing is sent until the log was read to its end once: what it holds may
 * have been superseded or erased further on. */
void postbox_set_ready(struct postbox *, bool ready);
/* The log is another one: every command is forgotten, the statuses stay. */
void postbox_forget(struct postbox *);

/*
 * A record of the log, key "<cart>/<what>", value a cmd.  0, or -1: EBADMSG
 * and ENOTSUP cannot be read, E2BIG too large for the broker, ENOBUFS no
 * room, ENOMEM; *error says why for the first two.
 */
int postbox_put(struct postbox *, const char *key, size_t key_len, uint64_t id,
    const void *record, size_t len, int64_t now_ms, struct decode_error *error);
/* The same for the record COMMAND_KEY_ALL of a partition; bytes NULL: its
 * tombstone. */
int postbox_put_all(struct postbox *, int partition, uint64_t id,
    const void *record, size_t len, int64_t now_ms, struct decode_error *error);
/* A tombstone. */
void postbox_remove(struct postbox *, const char *key, size_t key_len);

/* A cart's status, retained or live.  -1: ENOBUFS, ENOMEM. */
int postbox_hear(
    struct postbox *, plate_t, const struct status *, int64_t now_ms);
/* Sends again what is due; now and then, say each second. */
void postbox_tick(struct postbox *, int64_t now_ms);

struct postbox_figures {
	size_t carts; /* known */
	size_t held; /* commands */
	size_t bytes; /* of all */
	uint64_t gave_way; /* since the start */
};
void postbox_figures(const struct postbox *, struct postbox_figures *);

#endif
