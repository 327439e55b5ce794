/*
 * desk: one role over a database in a folder of its own, fed with items as a
 * frame would bring them.  Static functions: each test program is one file.
 */
#ifndef PREGON_TESTS_DESK_H
#define PREGON_TESTS_DESK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/consumer/day.h"
#include "backend/consumer/role.h"
#include "backend/store/read.h"

/* 2026-11-20T16:00:00Z: 13:00 in Santiago. */
#define DESK_NOW INT64_C(1795190400000)
#define DESK_EPOCH UINT64_C(0x1234567890)
#define DESK_CART "AAAA01"

struct desk {
	char folder[64];
	const struct role *role;
	struct role_settings settings;
	struct role_context ctx;
	void *self;
	struct reader *reader;
	int32_t partition; /* of the records to come */
	int64_t offset;
	int64_t total[TALLY_COUNT]; /* of all that was committed */
	uint8_t bytes[FRAME_BYTES_MAX];
};

/* What a role is told; a test may say otherwise before desk_open. */
static struct role_settings desk_settings = {
	.tracks_keep_days = 400,
	.missing_s = 60,
	.hours = (char *)"",
	.zone_dwell_s = 60,
	.report_radius_m = 100,
	.report_window_s = 600,
	.fugitive_fade_s = 7200,
	.backlog_s = 3600,
	.stock_threshold = 20,
	.stock_target = 60,
	.lot_size = 5,
	.lot_wait_s = 900,
	.depot = (char *)"",
	.auto_advance = (char *)"",
	.confirm_wait_s = 43200,
};

static inline void
desk_open(struct desk *d, const struct role *role)
{
	char why[256] = "";

	memset(d, 0, sizeof(*d));
	d->role = role;
	d->settings = desk_settings;
	snprintf(d->folder, sizeof(d->folder), "/tmp/pregon-desk-XXXXXX");
	assert_non_null(mkdtemp(d->folder));
	assert_int_equal(day_zone("America/Santiago"), 0);
	d->ctx.db = database_open_sqlite(
	    d->folder, role->schema, why, sizeof(why));
	if (d->ctx.db == NULL)
		fail_msg("%s", why);
	d->ctx.clock = &clock_system;
	d->ctx.store = runtime_store_sqlite(d->ctx.db);
	assert_non_null(d->ctx.store);
	d->self = role->open(&d->ctx, &d->settings, why, sizeof(why));
	if (d->self == NULL)
		fail_msg("%s", why);
	d->reader = reader_open_sqlite(d->folder);
	assert_non_null(d->reader);
}

static inline void
desk_close(struct desk *d)
{
	char command[96];

	d->reader->ops->close(d->reader);
	d->role->close(d->self);
	d->ctx.store->ops->close(d->ctx.store);
	d->ctx.db->ops->close(d->ctx.db);
	snprintf(command, sizeof(command), "rm -rf %s", d->folder);
	assert_int_equal(system(command), 0);
}

static inline void
desk_begin(struct desk *d)
{
	assert_int_equal(d->ctx.db->ops->begin(d->ctx.db), 0);
}

static inline void
desk_commit(struct desk *d)
{
	if (d->role->flush(d->self) == -1)
		fail_msg("flush: %s", d->ctx.db->ops->error(d->ctx.db));
	assert_int_equal(d->ctx.db->ops->commit(d->ctx.db), 0);
	for (int i = 0; i < TALLY_COUNT; i++) {
		d->total[i] += d->ctx.tally[i];
		d->ctx.tally[i] = 0;
	}
	if (d->role->committed != NULL)
		d->role->committed(d->self);
}

/* As after a failed batch: what is in memory is dropped. */
static inline void
desk_forget(struct desk *d)
{
	d->role->forget(d->self);
}

static inline void
desk_apply(struct desk *d, const char *cart, const char *schema,
    int64_t record_ms, const void *value, size_t len)
{
	struct record record = {
		/* What is judged, not what one judges by. */
		.topic = d->role->topics[d->role->prior_count],
		.offset = d->offset++,
		.time_ms = record_ms,
		.key = cart,
		.key_len = strlen(cart),
		.schema = schema,
		.value = value,
		.len = len,
	};

	if (d->role->apply(d->self, &record) == -1)
		fail_msg("apply: %s: %s", strerror(errno),
		    d->ctx.db->ops->error(d->ctx.db));
}

/* A record of topic_reglas, in a transaction of its own; len 0: a tombstone. */
static inline void
desk_rule(struct desk *d, const char *key, const char *schema,
    int64_t record_ms, const void *value, size_t len)
{
	struct record record = {
		.topic = TOPIC_REGLAS,
		.offset = d->offset++,
		.time_ms = record_ms,
		.key = key,
		.key_len = strlen(key),
		.schema = schema,
		.value = value,
		.len = len,
	};

	desk_begin(d);
	if (d->role->apply(d->self, &record) == -1)
		fail_msg("apply: %s", d->ctx.db->ops->error(d->ctx.db));
	desk_commit(d);
}

static inline void
desk_tick(struct desk *d, int64_t now_ms, bool caught_up)
{
	desk_begin(d);
	if (d->role->tick(d->self, now_ms, caught_up) == -1)
		fail_msg("tick: %s", d->ctx.db->ops->error(d->ctx.db));
	desk_commit(d);
}

static inline void
desk_frame_begin(struct desk *d, struct mp_writer *w, uint64_t epoch,
    uint64_t seq, uint64_t count, uint32_t items)
{
	struct frame_head head = { 1000, epoch, seq, count, items };

	mp_writer_init(w, d->bytes, sizeof(d->bytes));
	frame_encode_head(&head, w);
}

/* Applies the frame in a transaction of its own. */
static inline void
desk_frame_end(struct desk *d, struct mp_writer *w, const char *cart,
    const char *schema, int64_t record_ms)
{
	assert_false(w->full);
	desk_begin(d);
	desk_apply(d, cart, schema, record_ms, w->buf, w->len);
	desk_commit(d);
}

static inline struct text
text_of(const char *s)
{
	return (struct text){ s, s == NULL ? 0 : strlen(s) };
}

#endif
