/*
 * commands: what each cart has yet to be told, as rules alone.
 *
 * Fed with the records of topic_comandos and the carts' statuses.  One
 * command at a time, in rising order of ids, goes to a cart that is online
 * and of our ledger, and again with backoff until its status reports it as
 * applied.  A message or order news is then erased from the log; settings
 * and catalogue stay (the newest of each), so that a replaced gateway gets
 * them too.
 *
 * Bounded: what does not fit into max_bytes is refused and stays in the log
 * alone; of COMMANDS_PER_CART the oldest gives way.  No I/O, no clock.
 */
#ifndef PREGON_COMMANDS_H
#define PREGON_COMMANDS_H

#include "broker-bridge/address.h"
#include "schemas/down.h"
#include "schemas/status.h"

#define COMMANDS_PER_CART 256
/* What a broker with message_size_limit 65536 lets through. */
#define COMMAND_BYTES_MAX FRAME_BYTES_MAX
/* The envelope around a payload, and its id. */
#define COMMAND_OVERHEAD 32

struct commands_settings {
	int64_t max_bytes; /* of all that is kept here */
	int resend_ms; /* first wait */
	int resend_max_ms;
};

struct commands_handler {
	/* Publish it; the payload is ours until return. */
	void (*send)(void *ctx, plate_t, const struct cmd *);
	/* The cart has it: write a tombstone for this key. */
	void (*erase)(void *ctx, const char *key, size_t key_len);
};

struct commands;

struct commands *commands_new(const struct commands_settings *,
    const struct commands_handler *, void *ctx); /* NULL: ENOMEM */
void commands_free(struct commands *);

/* Ours; ids of another ledger mean nothing. */
void commands_set_ledger(struct commands *, uint64_t ledger);
/* Nothing is sent until the log was read to its end once: what it holds may
 * have been superseded or erased further on. */
void commands_set_ready(struct commands *, bool ready);
/* The log is another one: every command is forgotten, the statuses stay. */
void commands_forget(struct commands *);

/*
 * A record of the log, key "<cart>/<what>", value a cmd.  0, or -1: EBADMSG
 * and ENOTSUP cannot be read, E2BIG too large for the broker, ENOBUFS no
 * room, ENOMEM; *error says why for the first two.
 */
int commands_put(struct commands *, const char *key, size_t key_len,
    uint64_t id, const void *record, size_t len, int64_t now_ms,
    struct decode_error *error);
/* A tombstone. */
void commands_remove(struct commands *, const char *key, size_t key_len);

/* A cart's status, retained or live.  -1: ENOBUFS, ENOMEM. */
int commands_hear(
    struct commands *, plate_t, const struct status *, int64_t now_ms);
/* Sends again what is due; now and then, say each second. */
void commands_tick(struct commands *, int64_t now_ms);

struct commands_figures {
	size_t carts; /* known */
	size_t held; /* commands */
	size_t bytes; /* of all */
	uint64_t gave_way; /* since the start */
};
void commands_figures(const struct commands *, struct commands_figures *);

#endif
