/*
 * database: one role's database, whichever store holds it.
 *
 * SQLite today: a file a role, <folder>/<role>.db, and one process a role (a
 * lock beside the file says so).  The role's own store and the runtime's
 * (runtime_store.h) share it, so that what a record changes and the offset
 * after it are committed together.
 *
 * That is also why SQLite may sync at checkpoints only (STORE_NORMAL): a
 * power cut can take the last commits, but it takes the offsets with them,
 * and Kafka gives those records again.
 */
#ifndef PREGON_BACKEND_DATABASE_H
#define PREGON_BACKEND_DATABASE_H

#include "lib/store.h"

struct database {
	const struct database_ops *ops;
	struct store *sqlite; /* of the SQLite store; NULL in another */
};

/* Each 0, or -1 with errno; `error` says it in words. */
struct database_ops {
	int (*begin)(struct database *);
	int (*commit)(struct database *);
	void (*rollback)(struct database *);
	/* Between transactions: what was deleted is not in the database's own
	 * log any more.  EBUSY: somebody reads what it was before; again
	 * later. */
	int (*scrub)(struct database *);
	const char *(*error)(struct database *);
	void (*close)(struct database *);
};

/*
 * Opens, makes or upgrades it and takes its lock.  NULL with errno as
 * store_open has it, or EWOULDBLOCK: another process has the lock; `why` in
 * words.
 */
struct database *database_open_sqlite(
    const char *folder, const struct store_schema *, char *why, size_t why_cap);

#endif
