/*
 * Appending, and the small things that are kept beside the events.
 */
#include <errno.h>
#include <string.h>

#include "lib/outbox_parts.h"

/* What a row costs beside its item, about. */
#define ROW_BYTES 64

static int
begin_epoch_row(struct outbox *ob)
{
	struct statement *st = ob->statements[ST_EPOCH_ADD];

	if (ob->now.epoch_id != 0)
		return 0;
	if (statement_bind(st, "I", (int64_t)ob->epoch) == -1 ||
	    statement_step(st) != 1)
		return -1;
	ob->now.epoch_id = statement_int(st, 0);
	/* RETURNING: the row is added; stepping on ends the statement. */
	return statement_run(st);
}

static int
check_append(const struct outbox *ob, enum stream stream, size_t len)
{
	if (ob->lock_fd == -1) {
		errno = EROFS;
		return -1;
	}
	if (!ob->composing || len == 0) {
		errno = EINVAL;
		return -1;
	}
	if (len > (stream == STREAM_POS ? POS_ITEM_MAX : ITEM_BYTES_MAX)) {
		errno = EMSGSIZE;
		return -1;
	}
	return 0;
}

/* Puts the item at the counter's next number. */
static int
add_row(struct outbox *ob, struct counter *c, struct instant at,
    const void *item, size_t len)
{
	struct statement *st = ob->rows[c->stream][ROW_ADD];
	uint8_t gone[SPAN_BYTES_MAX];
	size_t gone_len = span_encode(&c->gone, gone);

	if (statement_bind(st, "IIIIbb", c->epoch_id, (int64_t)c->next, at.ms,
		(int64_t)at.boot, item, len, gone, gone_len) == -1 ||
	    statement_run(st) == -1)
		return -1;
	c->gone.given = false;
	ob->now.depth[c->stream]++;
	return 0;
}

/* 1: there is room; 0: the event itself, a fix, is given up; -1. */
static int
find_room(struct outbox *ob, enum stream stream, const void *item, size_t len)
{
	int room = outbox_make_room(ob, len + ROW_BYTES);

	if (room != 0)
		return room;
	if (stream == STREAM_POS && item_kind_of(item, len) == ITEM_FIXES)
		return 0;
	errno = ENOSPC;
	return -1;
}

static int
append(struct outbox *ob, enum stream stream, struct instant at,
    const void *item, size_t len, uint64_t *seq)
{
	struct counter c;
	struct span given_up = span_of(at);
	int room;

	room = find_room(ob, stream, item, len);
	if (room == -1 || begin_epoch_row(ob) == -1 ||
	    counter_load(ob, stream, ob->now.epoch_id, &c) == -1)
		return -1;
	if (room == 1 && add_row(ob, &c, at, item, len) == -1)
		return -1;
	if (room == 0)
		span_extend(&c.gone, &given_up);
	*seq = c.next++;
	if (!instant_trusted(at))
		c.untrusted = true;
	else if (at.ms > c.last_ms)
		c.last_ms = at.ms;
	if (c.last_ms > ob->now.newest_ms)
		ob->now.newest_ms = c.last_ms;
	return counter_save(ob, &c);
}

int
outbox_append(struct outbox *ob, enum stream stream, struct instant at,
    const void *item, size_t len, uint64_t *seq)
{
	if (check_append(ob, stream, len) == -1)
		return -1;
	if (append(ob, stream, at, item, len, seq) == -1)
		return outbox_failed(ob);
	return 0;
}

/* ---- requests ---- */

int
outbox_request_find(struct outbox *ob, const char *id, size_t len,
    struct folio *folio, uint64_t *digest)
{
	struct statement *st = ob->statements[ST_REQUEST_FIND];
	int rc;

	if (statement_bind(st, "b", id, len) == -1)
		return outbox_failed(ob);
	rc = statement_step(st);
	if (rc == -1)
		return outbox_failed(ob);
	if (rc == 1) {
		folio->epoch = (uint64_t)statement_int(st, 0);
		folio->seq = (uint64_t)statement_int(st, 1);
		*digest = (uint64_t)statement_int(st, 2);
	}
	statement_reset(st);
	return rc;
}

/* Of what is kept beside the events nothing is given up: it needs room. */
static int
check_keep(struct outbox *ob, size_t bytes)
{
	int room;

	if (!ob->composing) {
		errno = EINVAL;
		return -1;
	}
	room = outbox_make_room(ob, bytes + ROW_BYTES);
	if (room == 0)
		errno = ENOSPC;
	return room == 1 ? 0 : outbox_failed(ob);
}

int
outbox_request_store(struct outbox *ob, const char *id, size_t len,
    uint64_t epoch, uint64_t seq, uint64_t digest)
{
	struct statement *st = ob->statements[ST_REQUEST_ADD];

	if (check_keep(ob, len) == -1)
		return -1;
	if (statement_bind(st, "bIII", id, len, (int64_t)epoch, (int64_t)seq,
		(int64_t)digest) == -1 ||
	    statement_run(st) == -1)
		return outbox_failed(ob);
	return 0;
}

/* ---- values ---- */

int
outbox_put(struct outbox *ob, const char *key, const void *value, size_t len)
{
	struct statement *st = ob->statements[ST_VALUE_PUT];

	if (check_keep(ob, len) == -1)
		return -1;
	if (statement_bind(st, "sb", key, value, len) == -1 ||
	    statement_run(st) == -1)
		return outbox_failed(ob);
	return 0;
}

/* The blob of the statement's row: 1, 0 (none), -1. */
static int
read_blob(
    struct outbox *ob, struct statement *st, void *buf, size_t cap, size_t *len)
{
	const void *bytes;
	int rc = statement_step(st);

	if (rc == -1)
		return outbox_failed(ob);
	if (rc == 0)
		return 0;
	bytes = statement_blob(st, 0, len);
	if (*len > cap) {
		errno = ERANGE;
		rc = -1;
	} else if (*len > 0) {
		memcpy(buf, bytes, *len);
	}
	statement_reset(st);
	return rc;
}

long
outbox_get(struct outbox *ob, const char *key, void *buf, size_t cap)
{
	struct statement *st = ob->statements[ST_VALUE_GET];
	size_t len;
	int rc;

	if (statement_bind(st, "s", key) == -1)
		return outbox_failed(ob);
	rc = read_blob(ob, st, buf, cap, &len);
	if (rc == 0)
		errno = ENOENT;
	return rc == 1 ? (long)len : -1;
}

int
outbox_event(struct outbox *ob, enum stream stream, uint64_t epoch,
    uint64_t seq, void *buf, size_t cap, size_t *len)
{
	struct statement *st = ob->rows[stream][ROW_GET];
	int64_t id;
	int rc = epoch_find(ob, epoch, &id);

	if (rc != 1)
		return rc == 0 ? 0 : outbox_failed(ob);
	if (statement_bind(st, "II", id, (int64_t)seq) == -1)
		return outbox_failed(ob);
	return read_blob(ob, st, buf, cap, len);
}
