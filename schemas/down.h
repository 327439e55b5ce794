/*
 * down: what the guild tells a cart: ack, cmd, and the guild's own word.
 */
#ifndef PREGON_DOWN_H
#define PREGON_DOWN_H

#include "schemas/frame.h"

#define DOWN_VERSION 1

/* pregon/<cart>/ack: Kafka has these events. */
#define ACK_BYTES_MAX 64
struct ack {
	uint64_t ledger; /* echoed from the frame */
	enum stream stream;
	uint64_t epoch;
	uint64_t first_seq;
	uint64_t next_seq; /* after the last; > first_seq */
	int64_t server_time_ms; /* Unix, when the ack was made */
};
int ack_encode(const struct ack *, void *buf, size_t cap);
int ack_decode(const void *, size_t, struct ack *, struct decode_error *);

/* pregon/guild, retained; and the record `guild` of topic_comandos. */
#define GUILD_BYTES_MAX 64
struct guild {
	uint64_t ledger;
	int64_t since_ms; /* send again from then; -1: nothing */
	/* 16 random bytes: which log the ledger is about (only in Kafka) */
	bool has_log_id;
	uint8_t log_id[16];
};
int guild_encode(const struct guild *, void *buf, size_t cap);
int guild_decode(const void *, size_t, struct guild *, struct decode_error *);

/*
 * pregon/<cart>/cmd: [version, id, kind, payload].  Ids count up per cart and
 * ledger (with holes); the cart applies an id once, in order.  In Kafka
 * (topic_comandos) the record is the same with id 0: the bridge fills in the
 * record's offset + 1.
 */
enum cmd_kind {
	CMD_SETTINGS = 1,
	CMD_CATALOGUE = 2,
	CMD_MESSAGE = 3,
	CMD_ORDER = 4,
	CMD_KINDS
};
const char *cmd_kind_name(enum cmd_kind);

struct cmd {
	uint64_t id;
	uint64_t ledger; /* ids are about this ledger */
	enum cmd_kind kind;
	const uint8_t *payload; /* one whole value, within the input */
	size_t payload_len;
};
/* Bytes written, or -1: ENOBUFS. */
int cmd_encode(const struct cmd *, void *buf, size_t cap);
/* ENOTSUP: unknown version (id is 0 then) or kind (id and ledger are read). */
int cmd_decode(const void *, size_t, struct cmd *, struct decode_error *);

/* Settings: [[key, value], ...], both text, as in the configuration file. */
#define SETTINGS_MAX 64
struct setting {
	struct text key;
	struct text value;
};
int settings_decode(const void *, size_t, struct setting[SETTINGS_MAX],
    size_t *count, struct decode_error *);
void settings_encode(const struct setting *, size_t count, struct mp_writer *);

/* Catalogue: [[code, name, price], ...]; the cart's whole catalogue. */
#define CATALOGUE_MAX 2000
struct product {
	uint32_t code; /* 0: the first or only one */
	struct text name;
	int64_t price; /* CLP */
};
int catalogue_decode(const void *, size_t, struct product *, size_t cap,
    size_t *count, struct decode_error *);
void catalogue_encode(const struct product *, size_t count, struct mp_writer *);

/* Message: [at_ms, text]. */
struct message {
	int64_t at_ms;
	struct text text;
};
int message_decode(
    const void *, size_t, struct message *, struct decode_error *);
void message_encode(const struct message *, struct mp_writer *);

/* Order news: [order, state, at_ms, [[product, units], ...]]; see order.h. */

#endif
