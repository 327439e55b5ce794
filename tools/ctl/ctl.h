/*
 * ctl: what the commands of pregonctl share: how one is described, its
 * settings, how it speaks.
 *
 * A command is one file with one struct; main.c has the list.
 */
#ifndef PREGON_CTL_CTL_H
#define PREGON_CTL_CTL_H

#include "lib/config.h"
#include "schemas/topics.h"

/* Exit statuses. */
enum ctl_status {
	CTL_DONE,
	CTL_FAILED, /* said on stderr */
	CTL_USAGE, /* wrong words or flags, said on stderr */
	CTL_REFUSED /* the gateway said no: its answer is on stdout */
};

/* Every command's settings; each has keys for those that it uses. */
struct ctl_settings {
	/* Kafka */
	char *brokers;
	int64_t timeout_s;
	/* tail */
	int from;
	int64_t count;
	/* topics */
	int64_t partitions[TOPIC_COUNT]; /* enum topic */
	int64_t replication;
	int64_t min_insync;
	/* a gateway's socket */
	char *socket;
	/* commands down, outbox */
	char *cart;
	char *carts_file;
	bool all;
	/* ledger */
	char *since;
	int64_t broker_ledger;
	bool yes;
	/* token */
	int role; /* enum token_role */
	char *name;
	/* fields of a request to the gateway, as typed */
	char *customer, *contact, *product, *units, *amount, *stock_after;
	char *opened_at, *request_id, *lines, *folio, *reason, *level;
	char *delta, *order, *note, *after;
};

#define CTL_WORDS_MAX 64

struct ctl {
	struct ctl_settings set;
	struct config_pass pass; /* kafka.<property> */
	const char *words[CTL_WORDS_MAX]; /* after the command's name */
	size_t word_count;
};

struct ctl_command {
	const char *name;
	const char *usage; /* the words after it */
	const char *summary;
	const struct config_key *keys;
	size_t key_count;
	bool kafka; /* takes kafka.<property> */
	enum ctl_status (*run)(struct ctl *);
};

extern const struct ctl_command ctl_tail, ctl_topics, ctl_sale, ctl_abandoned,
    ctl_void, ctl_stock, ctl_open, ctl_close, ctl_help, ctl_inbox, ctl_state,
    ctl_catalogue, ctl_message, ctl_settings_down, ctl_outbox, ctl_ledger,
    ctl_token, ctl_secret;

/* Rows of a table of keys. */
#define CTL_TEXT(key, field, value, words)                                     \
	{                                                                      \
		.name = key, .type = CONFIG_TEXT,                              \
		.offset = offsetof(struct ctl_settings, field),                \
		.initial = value, .unit = "", .text = words                    \
	}
#define CTL_INT(key, field, value, of, words, least, most)                     \
	{                                                                      \
		.name = key, .type = CONFIG_INT,                               \
		.offset = offsetof(struct ctl_settings, field),                \
		.initial = value, .unit = of, .text = words, .min = least,     \
		.max = most                                                    \
	}
#define CTL_BOOL(key, field, words)                                            \
	{                                                                      \
		.name = key, .type = CONFIG_BOOL,                              \
		.offset = offsetof(struct ctl_settings, field),                \
		.initial = "false", .unit = "", .text = words                  \
	}
#define CTL_KAFKA_KEYS                                                         \
	CTL_TEXT("brokers", brokers, "127.0.0.1:9092",                         \
	    "Kafka's brokers, HOST:PORT with commas between"),                 \
	    CTL_INT("timeout", timeout_s, "30", "s",                           \
		"how long to wait for Kafka", 1, 3600)

/* "pregonctl: ..." and a line feed, to stderr. */
void ctl_say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* The same, for words that were wrong; CTL_USAGE. */
enum ctl_status ctl_misused(const struct ctl_command *);

#endif
