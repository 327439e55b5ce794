/*
 * The outbox's epochs and transactions.
 */
#include <errno.h>
#include <string.h>
#include <sys/random.h>

#include "lib/outbox_parts.h"

/* ---- epochs ---- */

int
outbox_draw_epoch(struct outbox *ob)
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
	return outbox_draw_epoch(ob);
}

/* ---- transactions ---- */

static int
recount_stream(struct outbox *ob, enum stream stream)
{
	struct statement *st = ob->rows[stream][ROW_COUNT_UNSENT];

	if (statement_bind(st, "i", (int)stream) == -1 ||
	    statement_step(st) != 1)
		return -1;
	ob->now.depth[stream] = (uint64_t)statement_int(st, 0);
	statement_reset(st);
	return 0;
}

int
outbox_recount(struct outbox *ob)
{
	for (int s = 0; s < STREAM_COUNT; s++) {
		if (recount_stream(ob, (enum stream)s) == 0)
			continue;
		/* A reader takes from a damaged file what it can: damage
		 * among the fixes must not cost the sales. */
		if (ob->lock_fd != -1 || errno != EBADMSG)
			return -1;
		ob->now.depth[s] = 0;
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
	if (outbox_draw_epoch(ob) == -1 || outbox_recount(ob) == -1)
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
