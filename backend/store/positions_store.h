/*
 * positions_store: what the role positions remembers: the live table, tracks
 * in chunks, runs whose times are not known yet.
 *
 * Each function returns 0, or -1 with errno; a `get` 1 when found, 0 when
 * not.  All are called within the runtime's transaction.
 */
#ifndef PREGON_BACKEND_POSITIONS_STORE_H
#define PREGON_BACKEND_POSITIONS_STORE_H

#include "backend/store/chunk.h"
#include "backend/store/database.h"
#include "schemas/status.h"

struct cart_state {
	char cart[CART_MAX + 1];
	int64_t contact_ms; /* record time of the cart's own last word */
	bool has_fix;
	struct fix fix; /* the latest; at: Unix time */
	struct instant fix_as_given; /* boot 0: at is as given */
	int64_t fix_record_ms;
	/* The newest status; state STATUS_LOST and epoch 0 before any. */
	enum status_state state;
	int64_t status_at_ms;
	uint64_t status_count, connection, epoch, boot;
	enum fix_mode fix_mode;
	bool day_open;
	uint32_t backlog;
	uint8_t battery;
	char version[APP_VERSION_MAX + 1];
	/* The newest will: it may come before its connection's statuses. */
	uint64_t will_epoch, will_connection;
};

struct positions_store;
struct positions_store_ops {
	/* ->cart is given. */
	int (*cart_get)(struct positions_store *, struct cart_state *);
	int (*cart_put)(struct positions_store *, const struct cart_state *);

	/* The newest part of a cart's hour; *id is its row. */
	int (*chunk_get)(struct positions_store *, const char *cart,
	    int64_t hour, int64_t *id, struct chunk *);
	/* *id 0: a new row, whose id it becomes; else rewrites that row. */
	int (*chunk_put)(struct positions_store *, const char *cart,
	    int64_t hour, int64_t *id, const struct chunk *);
	/* All parts of a cart's hour, as bytes (chunk.h).  A walk goes on
	 * while `each` returns 0; -1 from it is the walk's too. */
	int (*chunks_each)(struct positions_store *, const char *cart,
	    int64_t hour, int (*each)(void *, const void *, size_t), void *ctx);
	/* Drops some chunks not added to since that hour; *dropped is how
	 * many. */
	int (*chunks_expire)(
	    struct positions_store *, int64_t hour, int *dropped);

	/* A run (one encoded item) whose boot no marker has mended. */
	int (*unmended_put)(struct positions_store *, const char *cart,
	    uint64_t boot, int64_t record_ms, size_t fixes, const void *run,
	    size_t len);
	/* Takes one away and hands it over; 1: there was one, 0: none. */
	int (*unmended_take)(struct positions_store *, const char *cart,
	    uint64_t boot,
	    int (*run)(void *, int64_t record_ms, const void *, size_t),
	    void *ctx);

	void (*close)(struct positions_store *);
};
struct positions_store {
	const struct positions_store_ops *ops;
};

/* NULL: errno.  It uses the database and does not own it. */
struct positions_store *positions_store_sqlite(struct database *);

#endif
