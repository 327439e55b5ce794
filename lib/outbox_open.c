/*
 * Opening and closing the outbox.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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
	if (outbox_prune(ob) == 0 && outbox_draw_epoch(ob) == 0)
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
