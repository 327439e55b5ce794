/*
 * The outbox as a whole: opening, epochs, transactions.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "lib/outbox_parts.h"

#define PAGE_BYTES 4096
#define MAX_BYTES_LEAST (256 * 1024)
#define DAY_MS INT64_C(86400000)

/* So much the WAL may hold before it goes to the file, and keep after. */
#define WAL_PAGES 128

static int
execute(struct outbox *ob, const char *sql)
{
	if (sqlite3_exec(store_handle(ob->store), sql, NULL, NULL, NULL) ==
	    SQLITE_OK)
		return 0;
	errno = EIO;
	return -1;
}

/* ---- epochs ---- */

/* Random, not 0, none that the file knows. */
static int
draw_epoch(struct outbox *ob)
{
	uint64_t epoch = 0;
	int64_t id;
	int known;

	do {
		if (getrandom(&epoch, sizeof(epoch), 0) != sizeof(epoch))
			return -1;
		epoch &= EPOCH_MAX;
		known = epoch == 0 ? 1 : epoch_find(ob, epoch, &id);
		if (known == -1)
			return -1;
	} while (known == 1);
	ob->epoch = epoch;
	ob->now.epoch_id = 0;
	return 0;
}

uint64_t
outbox_epoch(const struct outbox *ob)
{
	return ob->epoch;
}

int
outbox_begin_epoch(struct outbox *ob)
{
	if (ob->lock_fd == -1) {
		errno = EROFS;
		return -1;
	}
	if (ob->composing) {
		errno = EBUSY;
		return -1;
	}
	return draw_epoch(ob);
}

/* ---- transactions ---- */

int
outbox_recount(struct outbox *ob)
{
	struct statement *st;

	for (int s = 0; s < STREAM_COUNT; s++) {
		st = ob->rows[s][ROW_COUNT_UNSENT];
		if (statement_bind(st, "i", s) == -1 || statement_step(st) != 1)
			return -1;
		ob->now.depth[s] = (uint64_t)statement_int(st, 0);
		statement_reset(st);
	}
	return 0;
}

/*
 * SQLite has undone the group (a full disk at the commit, or worse).  Its
 * numbers may have been sent already: none may be used twice, so what comes
 * now is of a new epoch.
 */
static void
group_undone(struct outbox *ob)
{
	int saved = errno;

	store_rollback(ob->store);
	ob->grouped = false;
	ob->composing = false;
	memset(&ob->now.thinning, 0, sizeof(ob->now.thinning));
	if (draw_epoch(ob) == -1 || outbox_recount(ob) == -1)
		ob->now.epoch_id = 0;
	errno = saved;
}

int
outbox_failed(struct outbox *ob)
{
	int saved = errno;

	if (saved == EBADMSG)
		outbox_note_damage(ob->lock_fd);
	if (ob->grouped && sqlite3_get_autocommit(store_handle(ob->store)))
		group_undone(ob);
	errno = saved;
	return -1;
}

static int
set_savepoint(struct outbox *ob)
{
	if (!ob->grouped) {
		if (store_begin(ob->store) == -1)
			return outbox_failed(ob);
		ob->grouped = true;
	}
	if (statement_bind(ob->statements[ST_SAVEPOINT], "") == -1 ||
	    statement_run(ob->statements[ST_SAVEPOINT]) == -1)
		return outbox_failed(ob);
	ob->before = ob->now;
	return 0;
}

static int
release(struct outbox *ob)
{
	if (statement_bind(ob->statements[ST_RELEASE], "") == -1 ||
	    statement_run(ob->statements[ST_RELEASE]) == -1)
		return outbox_failed(ob);
	return 0;
}

static void
undo(struct outbox *ob)
{
	int saved = errno;

	if (!ob->grouped)
		return;
	if (statement_bind(ob->statements[ST_UNDO], "") == -1 ||
	    statement_run(ob->statements[ST_UNDO]) == -1) {
		/* Half a composition must not stay: all of the group goes. */
		group_undone(ob);
	} else {
		ob->now = ob->before;
		release(ob);
	}
	errno = saved;
}

int
outbox_enter(struct outbox *ob)
{
	if (ob->composing) {
		errno = EBUSY;
		return -1;
	}
	return set_savepoint(ob);
}

int
outbox_leave(struct outbox *ob, int rc)
{
	if (rc == 0)
		return release(ob);
	outbox_failed(ob);
	undo(ob);
	return -1;
}

int
outbox_begin(struct outbox *ob)
{
	if (ob->lock_fd == -1) {
		errno = EROFS;
		return -1;
	}
	if (outbox_enter(ob) == -1)
		return -1;
	ob->composing = true;
	return 0;
}

int
outbox_commit(struct outbox *ob, enum outbox_durability durability)
{
	if (!ob->composing) {
		errno = EINVAL;
		return -1;
	}
	ob->composing = false;
	if (release(ob) == -1) {
		undo(ob);
		return -1;
	}
	return durability == OUTBOX_SYNC ? outbox_flush(ob) : 0;
}

void
outbox_rollback(struct outbox *ob)
{
	if (!ob->composing)
		return;
	ob->composing = false;
	undo(ob);
}

int
outbox_flush(struct outbox *ob)
{
	if (ob->composing) {
		errno = EBUSY;
		return -1;
	}
	if (!ob->grouped || ob->lock_fd == -1)
		return 0;
	if (store_commit(ob->store) == -1) {
		if (errno == EBADMSG)
			outbox_note_damage(ob->lock_fd);
		group_undone(ob);
		return -1;
	}
	ob->grouped = false;
	return 0;
}

/* ---- opening ---- */

static int
load(struct outbox *ob)
{
	struct statement *st = ob->statements[ST_NEWEST];

	if (statement_bind(st, "") == -1 || statement_step(st) != 1)
		return -1;
	ob->now.newest_ms = statement_null(st, 0) ? INSTANT_MISSING
						  : statement_int(st, 0);
	statement_reset(st);
	st = ob->statements[ST_LEDGER_GET];
	if (statement_bind(st, "") == -1 || statement_step(st) != 1)
		return -1;
	ob->ledger = (uint64_t)statement_int(st, 0);
	statement_reset(st);
	return outbox_recount(ob);
}

/* Bounds of the file, the WAL and the cache. */
static int
bound(struct outbox *ob)
{
	char text[256];

	snprintf(text, sizeof(text),
	    "PRAGMA max_page_count = %lld; PRAGMA wal_autocheckpoint = %d;"
	    "PRAGMA journal_size_limit = %d; PRAGMA cache_size = -1024",
	    (long long)ob->max_pages, WAL_PAGES, WAL_PAGES * PAGE_BYTES);
	return execute(ob, text);
}

static int
quick_check(struct outbox *ob)
{
	struct statement *st;
	const char *said;
	bool good;

	st = store_prepare(ob->store, "PRAGMA quick_check(1)");
	if (st == NULL || statement_bind(st, "") == -1 ||
	    statement_step(st) != 1)
		return -1;
	said = statement_text(st, 0);
	good = said != NULL && strcmp(said, "ok") == 0;
	statement_reset(st);
	if (good)
		return 0;
	errno = EBADMSG;
	return -1;
}

/* Opens store and statements; EBADMSG: it is damaged. */
static int
open_store(
    struct outbox *ob, const char *path, bool check, char *why, size_t why_cap)
{
	int saved;

	ob->store = store_open(path, &outbox_schema, STORE_FULL, why, why_cap);
	if (ob->store == NULL)
		return -1;
	if ((!check || quick_check(ob) == 0) && bound(ob) == 0 &&
	    outbox_prepare(ob) == 0 && load(ob) == 0)
		return 0;
	saved = errno;
	/* A file of our kind and version without our tables. */
	if (saved == EINVAL)
		saved = EBADMSG;
	snprintf(why, why_cap, "%s: %s", path,
	    saved == EBADMSG ? "it is damaged" : store_error(ob->store));
	store_close(ob->store);
	ob->store = NULL;
	errno = saved;
	return -1;
}

static struct outbox *
new_outbox(char *why, size_t why_cap)
{
	struct outbox *ob = calloc(1, sizeof(*ob));

	if (ob != NULL) {
		ob->lock_fd = -1;
		ob->run = malloc(RUN_FIXES_MAX * sizeof(*ob->run));
		if (ob->run != NULL)
			return ob;
		free(ob);
	}
	snprintf(why, why_cap, "no memory for the outbox");
	errno = ENOMEM;
	return NULL;
}

struct outbox *
outbox_open(const struct outbox_settings *settings, bool *damaged, char *why,
    size_t why_cap)
{
	int64_t max = settings->max_bytes;
	struct outbox *ob = new_outbox(why, why_cap);
	bool check;
	int saved;

	*damaged = false;
	if (ob == NULL)
		return NULL;
	if (max < MAX_BYTES_LEAST)
		max = MAX_BYTES_LEAST;
	ob->max_pages = max / PAGE_BYTES;
	ob->keep_ms = settings->keep_days * DAY_MS;
	if (outbox_lock(settings->path, &ob->lock_fd, why, why_cap) == -1)
		goto close;
	check = outbox_must_check(ob->lock_fd, settings->path);
	if (open_store(ob, settings->path, check, why, why_cap) == -1) {
		if (errno != EBADMSG)
			goto close;
		if (outbox_set_aside(settings->path, why, why_cap) == -1 ||
		    open_store(ob, settings->path, false, why, why_cap) == -1)
			goto close;
		*damaged = true;
	}
	outbox_note_checked(ob->lock_fd);
	if (outbox_prune(ob) == 0 && draw_epoch(ob) == 0)
		return ob;
	saved = errno;
	snprintf(why, why_cap, "%s: %s", settings->path, strerror(saved));
	errno = saved;
close:
	saved = errno;
	outbox_close(ob);
	errno = saved;
	return NULL;
}

struct outbox *
outbox_open_reader(const char *path, char *why, size_t why_cap)
{
	struct outbox *ob = new_outbox(why, why_cap);
	char copy[PATH_MAX];
	int saved;

	if (ob == NULL)
		return NULL;
	ob->max_pages = INT32_MAX;
	ob->copy_dir = outbox_copy(path, why, why_cap);
	if (ob->copy_dir == NULL)
		goto close;
	outbox_copy_path(ob->copy_dir, copy, sizeof(copy));
	if (open_store(ob, copy, false, why, why_cap) == 0)
		return ob;
close:
	saved = errno;
	outbox_close(ob);
	errno = saved;
	return NULL;
}

void
outbox_close(struct outbox *ob)
{
	if (ob == NULL)
		return;
	if (ob->store != NULL) {
		outbox_rollback(ob);
		/* What it cannot keep now, it had not promised to. */
		(void)outbox_flush(ob);
		store_rollback(ob->store);
		store_close(ob->store);
	}
	if (ob->lock_fd != -1)
		close(ob->lock_fd);
	if (ob->copy_dir != NULL)
		outbox_copy_remove(ob->copy_dir);
	free(ob->run);
	free(ob);
}
