/*
 * store: SQLite as Pregón uses it: a database with a version, statements
 * prepared once, one writer.
 *
 * One connection writes and checkpoints a database; readers open it with
 * store_open_reader and keep their reads short.  Not thread-safe: one thread
 * a connection.  Functions return 0, or -1 with errno (ENOSPC full, EROFS,
 * EBADMSG damaged, EBUSY, EIO, EINVAL a mistake of ours), and
 * store_error() says it in words.
 */
#ifndef PREGON_STORE_H
#define PREGON_STORE_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct store;

/* The steps from an empty file to the newest version; step i makes i + 1. */
struct store_schema {
	const char *name; /* "positions": a file of another is refused */
	const char *const *steps; /* SQL */
	int step_count;
};

enum store_sync {
	STORE_FULL, /* each commit is on the disk (WAL, FULL) */
	STORE_NORMAL /* a power cut may take the last commits */
};

/*
 * Opens or creates, and upgrades in one transaction a step.  NULL with errno
 * and `why` in words that name the file: ENOTSUP the file is of a newer
 * version, EMEDIUMTYPE it is of another kind, EBADMSG it is damaged.
 */
struct store *store_open(const char *path, const struct store_schema *,
    enum store_sync, char *why, size_t why_cap);
/* Read-only; ENOENT until its writer has made it. */
struct store *store_open_reader(
    const char *path, const struct store_schema *, char *why, size_t why_cap);
void store_close(struct store *);
const char *store_error(struct store *);
sqlite3 *store_handle(struct store *);

/* Transactions: BEGIN IMMEDIATE (readers: BEGIN). */
int store_begin(struct store *);
int store_commit(struct store *);
void store_rollback(struct store *);

/*
 * Outside of a transaction: moves the WAL into the file and cuts it to
 * nothing, so that what was deleted does not stand in it any more.  Waits
 * SCRUB_WAIT_MS at most for readers; then -1 EBUSY.
 */
#define SCRUB_WAIT_MS 100
int store_scrub(struct store *);

/* A named statement; prepared once, freed with the store. */
struct statement;
struct statement *store_prepare(struct store *, const char *sql);

/*
 * Binds all parameters in order and resets before: i int, I int64_t, d double,
 * s const char * (NULL: NULL), t const char *, size_t (text and its length),
 * b const void *, size_t (blob), n nothing (NULL).  Text and blobs must live
 * until the statement is reset.
 */
int statement_bind(struct statement *, const char *types, ...);
/* 1: a row is there; 0: done (and reset); -1: errno (and reset). */
int statement_step(struct statement *);
/* Bind's friend: runs to the end; 0 or -1. */
int statement_run(struct statement *);
/* Rows changed by the last run. */
int statement_changes(struct statement *);
void statement_reset(struct statement *);

int64_t statement_int(struct statement *, int column);
double statement_double(struct statement *, int column);
bool statement_null(struct statement *, int column);
/* Valid until the next step or reset; NULL for NULL. */
const char *statement_text(struct statement *, int column);
const void *statement_blob(struct statement *, int column, size_t *len);

#endif
