/*
 * runtime_store: what the runtime remembers in every role's database:
 * offsets, accounts of events, times of boots, what is to be sent.
 *
 * A struct of functions, so that another store can answer.  All but the
 * `get`s are called within a transaction.  Each returns 0, or -1 with errno;
 * ESTALE: a compare-and-swap found another value than was expected, somebody
 * else has written.  A `get` returns 1 when found, 0 when not.
 */
#ifndef PREGON_BACKEND_RUNTIME_STORE_H
#define PREGON_BACKEND_RUNTIME_STORE_H

#include "backend/store/database.h"
#include "backend/store/late.h"
#include "schemas/frame.h"
#include "schemas/topics.h"

#define LOG_ID_BYTES 16
struct log_identity {
	uint64_t ledger;
	uint8_t log_id[LOG_ID_BYTES];
};

/* A range of numbers below `next` that were not seen. */
struct account_gap {
	uint64_t first;
	uint64_t end; /* after its last */
	int64_t noticed_ms; /* record time */
	int reason; /* enum gap_reason; -1: unexplained */
	int64_t from_ms, to_ms; /* its times; 0: not given */
};

/* One (cart, stream, epoch): rules in backend/consumer/account.h. */
struct account {
	char cart[CART_MAX + 1];
	enum stream stream;
	uint64_t epoch;
	uint64_t next;
	uint64_t version; /* as stored; 0: not stored yet */
	int64_t touched_ms; /* record time */
	struct account_gap *gaps; /* in order, apart from each other */
	size_t gap_count, gap_cap;
	struct account_gap *lost; /* closed since the row was stored */
	size_t lost_count;
	bool gaps_changed; /* since then */
};

/* A record to send.  Text and bytes are the caller's. */
struct outgoing {
	enum topic topic;
	const void *key;
	size_t key_len;
	const void *value; /* NULL: a tombstone, which has no headers */
	size_t value_len;
	/* Its partition is that of so many bytes of the key; 0: of all. */
	size_t route_len;
	/* Or a copy goes into each of the topic's partitions. */
	bool each_partition;
	/* Or it goes into this one: beside the record that it is about. */
	bool fixed_partition;
	int32_t partition;
	const char *schema; /* header */
	const char *reason; /* header; NULL: none */
	const char *origin; /* header; NULL: none */
};

struct runtime_store;
struct runtime_store_ops {
	int (*log_get)(struct runtime_store *, struct log_identity *);
	int (*log_put)(struct runtime_store *, const struct log_identity *);

	int (*offset_get)(struct runtime_store *, const char *topic,
	    int32_t partition, int64_t *next);
	/* `expected` -1: there is none yet. */
	int (*offset_swap)(struct runtime_store *, const char *topic,
	    int32_t partition, int64_t expected, int64_t next);
	/* Of all partitions: a new log begins. */
	int (*offsets_clear)(struct runtime_store *);

	/* cart, stream and epoch are given; fills the rest, gaps allocated. */
	int (*account_get)(struct runtime_store *, struct account *);
	/* Writes it if the stored version is account->version, and counts
	 * that up; gaps too if they changed. */
	int (*account_swap)(struct runtime_store *, struct account *);
	/* Looks at the next some of all accounts, from call to call, and
	 * drops those not touched since; *dropped is how many. */
	int (*accounts_expire)(
	    struct runtime_store *, int64_t before_ms, int *dropped);

	int (*marker_get)(struct runtime_store *, const char *cart,
	    uint64_t boot, int64_t *offset_ms);
	int (*marker_put)(struct runtime_store *, const char *cart,
	    uint64_t boot, int64_t offset_ms);

	int (*outgoing_put)(struct runtime_store *, const struct outgoing *);
	/* Those with after_id < id, in order, at most `limit`; the walk ends
	 * when `each` returns other than 0. */
	int (*outgoing_list)(struct runtime_store *, int64_t after_id,
	    int limit, int (*each)(void *, int64_t id, const struct outgoing *),
	    void *ctx);
	/* Those with first <= id <= last. */
	int (*outgoing_delete)(
	    struct runtime_store *, int64_t first, int64_t last);

	int (*counter_add)(struct runtime_store *, const char *name, int64_t n);
	int (*late_add)(
	    struct runtime_store *, int64_t minute, int bucket, int64_t n);
	/* Forgets the minutes before. */
	int (*late_expire)(struct runtime_store *, int64_t minute);
	/* Unexplained gaps noticed before then, and how many numbers. */
	int (*gaps_open)(
	    struct runtime_store *, int64_t before_ms, int64_t *ranges);
	/* Of a stream: each cart that has some, since when, and how many
	 * numbers.  -1 also when `each` returns it. */
	int (*gap_carts)(struct runtime_store *, enum stream, int64_t before_ms,
	    int (*each)(
		void *, const char *cart, int64_t since_ms, int64_t numbers),
	    void *ctx);
	/* Of a cart's stream, however new: how many numbers. */
	int (*gap_numbers)(struct runtime_store *, const char *cart,
	    enum stream, int64_t *numbers);

	void (*close)(struct runtime_store *);
};
struct runtime_store {
	const struct runtime_store_ops *ops;
};

/* NULL: errno.  It uses the database and does not own it. */
struct runtime_store *runtime_store_sqlite(struct database *);

/* Frees what an account holds; the struct is the caller's. */
void account_release(struct account *);

#endif
