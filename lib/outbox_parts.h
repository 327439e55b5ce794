/*
 * outbox_parts: what outbox's own files share; nobody else's.
 *
 * Events lie in a table a stream, by (epoch, number).  Beside them a row of
 * `counter` for each stream of each epoch says the next number and how far
 * the guild has acknowledged.  A number below `next` without an event is a
 * hole: below `high` (the furthest ever acknowledged) it was acknowledged
 * and forgotten, above it gave way to a full file.  What went is remembered
 * as a span of time in the event after the hole, or in the counter if none
 * is: so holes take no rows of their own and cannot fill the file.
 *
 * Transactions: an outer one is the group (OUTBOX_GROUP), open until
 * outbox_flush or a sale commits it; each composition (begin..commit) is a
 * savepoint in it, so that a sale that fails undoes no fixes.
 */
#ifndef PREGON_OUTBOX_PARTS_H
#define PREGON_OUTBOX_PARTS_H

#include "lib/outbox.h"
#include "lib/store.h"

/* An item of pos is one fix or a time marker. */
#define POS_ITEM_MAX 64

enum outbox_statement {
	ST_SAVEPOINT,
	ST_RELEASE,
	ST_UNDO,
	ST_PAGES,
	ST_FREE_PAGES,
	ST_EPOCH_FIND,
	ST_EPOCH_ADD,
	ST_EPOCH_NUMBER,
	ST_COUNTER_GET,
	ST_COUNTER_PUT,
	ST_COUNTER_UNSENT,
	ST_COUNTER_RAISE,
	ST_NEWEST,
	ST_LEDGER_GET,
	ST_LEDGER_PUT,
	ST_REQUEST_FIND,
	ST_REQUEST_ADD,
	ST_REQUEST_FORGET,
	ST_VALUE_GET,
	ST_VALUE_PUT,
	ST_COUNT
};

/* Of each stream's own table. */
enum outbox_row_statement {
	ROW_ADD,
	ROW_GET,
	ROW_RANGE, /* of one epoch, from a number on */
	ROW_FROM, /* from (epoch, number) on, across epochs */
	ROW_SPAN, /* the gone of one event */
	ROW_COUNT_BETWEEN, /* events of [from, to) */
	ROW_COUNT_UNSENT, /* of all epochs */
	ROW_FIRST_BELOW, /* the oldest event below a number */
	ROW_LAST_BELOW, /* the newest */
	ROW_DELETE_BETWEEN, /* [from, to) */
	ROW_ACKNOWLEDGED, /* oldest acknowledged that are still kept */
	ROW_OLDEST_TRUSTED, /* from a number on */
	ROW_NEWEST, /* with what the guild has of it */
	ROW_STATEMENTS
};

/* The times of what went. */
struct span {
	bool given;
	struct instant from;
	struct instant to;
};

struct counter {
	int64_t epoch_id;
	enum stream stream;
	uint64_t next; /* the next number to give */
	uint64_t acked; /* first not acknowledged */
	uint64_t high; /* the highest `acked` ever */
	int64_t last_ms; /* newest trusted time; INSTANT_MISSING: none */
	bool untrusted; /* has events without a trusted time */
	struct span gone; /* the hole before `next` */
	struct span forgot; /* what was acknowledged and is not kept */
};

/* Where the present pass of thinning has come to. */
struct thinning {
	int64_t epoch_id;
	uint64_t seq;
	uint64_t left; /* events to look at yet; 0: begin a new pass */
	bool helped; /* it has deleted something */
};

/* What memory knows of the file; goes back with a rollback. */
struct outbox_state {
	int64_t epoch_id; /* of `epoch` in the file; 0: not there yet */
	uint64_t depth[STREAM_COUNT];
	int64_t newest_ms; /* trusted time of the newest event */
	struct thinning thinning;
};

struct outbox {
	struct store *store;
	int lock_fd; /* -1: a reader */
	char *copy_dir; /* a reader's own copy lies there */
	int64_t max_pages;
	int64_t keep_ms;
	uint64_t epoch;
	uint64_t ledger;
	bool grouped; /* the outer transaction is open */
	bool composing; /* between begin and commit */
	struct outbox_state now;
	struct outbox_state before; /* when the savepoint was set */
	struct fix *run; /* RUN_FIXES_MAX, for cutting */
	struct statement *statements[ST_COUNT];
	struct statement *rows[STREAM_COUNT][ROW_STATEMENTS];
};

/* outbox_schema.c */
extern const struct store_schema outbox_schema;
int outbox_prepare(struct outbox *);
/* Epochs with nothing kept go, but the newest. */
int outbox_prune(struct outbox *);

/* outbox_file.c */
/* Takes the lock: 0, or -1 with `why`. */
int outbox_lock(const char *path, int *fd, char *why, size_t why_cap);
/* Notes in the lock's file that the next start must check the file. */
void outbox_note_damage(int lock_fd);
bool outbox_must_check(int lock_fd, const char *path);
void outbox_note_checked(int lock_fd);
int outbox_set_aside(const char *path, char *why, size_t why_cap);
/* Copies file and WAL to a new folder: its name (malloc), or NULL. */
char *outbox_copy(const char *path, char *why, size_t why_cap);
void outbox_copy_path(const char *dir, char *buf, size_t cap);
void outbox_copy_remove(char *dir);

/* outbox.c */
/* A change of its own, in the group: enter, change, leave with its result
 * (which it returns).  Not between begin and commit: EBUSY. */
int outbox_enter(struct outbox *);
int outbox_leave(struct outbox *, int rc);
/* After a failed statement: notes damage, and sees whether SQLite has undone
 * the group.  Keeps errno; always -1. */
int outbox_failed(struct outbox *);
int outbox_recount(struct outbox *);
/* A new epoch: random, not 0, none that the file knows. */
int outbox_draw_epoch(struct outbox *);

/* outbox_counter.c */
/* 1 found, 0 not there (*c is then that of a new one), -1. */
int counter_load(
    struct outbox *, enum stream, int64_t epoch_id, struct counter *);
int counter_save(struct outbox *, const struct counter *);
/* The id of an epoch: 1, 0 or -1. */
int epoch_find(struct outbox *, uint64_t epoch, int64_t *id);
#define SPAN_BYTES_MAX 48
size_t span_encode(const struct span *, uint8_t buf[SPAN_BYTES_MAX]);
void span_read(struct statement *, int column, struct span *);
/* `more` went after `span`. */
void span_extend(struct span *, const struct span *more);
struct span span_of(struct instant);
struct instant row_instant(struct statement *, int at_column);
bool instant_trusted(struct instant);
enum item_kind item_kind_of(const uint8_t *, size_t);

/* outbox_room.c */
/* Room for `bytes` more: 1; 0 when nothing may be given up for it. */
int outbox_make_room(struct outbox *, size_t bytes);

/* outbox_forget.c */
/* Acknowledged events made before `before_ms` (INT64_MAX: all) go, some at a
 * time, the oldest first: how many went, or -1. */
int outbox_forget(struct outbox *, enum stream, int64_t before_ms);
/* Those older than keep_days: 0 or -1. */
int outbox_forget_old(struct outbox *, enum stream);

#endif
