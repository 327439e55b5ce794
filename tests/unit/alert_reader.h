/*
 * alert_reader: what whoever reads topic_alertas makes of it, and
 * a hash of it.  Static functions: each test program is one file.
 */
#ifndef PREGON_TESTS_ALERT_READER_H
#define PREGON_TESTS_ALERT_READER_H

#include "chance.h"
#include "watch_world.h"

#define STEPS 1000000

static inline void
hash_add(uint64_t *hash, const struct alert_event *event)
{
	uint8_t bytes[ALERT_BYTES_MAX];
	int len = alert_encode(event, bytes, sizeof(bytes));

	assert_true(len > 0);
	for (int i = 0; i < len; i++)
		*hash = (*hash ^ bytes[i]) * UINT64_C(0x100000001b3);
}

/*
 * What whoever reads topic_alertas makes of one (cart, cause): checks each
 * record against those before it.
 */
#define REMEMBERED 16
struct reader {
	bool open;
	char open_id[ALERT_ID_MAX + 1];
	struct {
		char id[ALERT_ID_MAX + 1];
		uint32_t revision;
	} alerts[REMEMBERED]; /* the newest ones; a ring */
	uint32_t next;
	uint32_t opened, changed, resolved;
};

static inline uint32_t
reader_slot(const struct reader *r, const char *id)
{
	for (uint32_t back = 1; back <= REMEMBERED; back++) {
		uint32_t i = (r->next + REMEMBERED - back) % REMEMBERED;

		if (strcmp(r->alerts[i].id, id) == 0)
			return i;
	}
	return REMEMBERED;
}

static inline void
reader_opened(struct reader *r, const struct alert_event *event)
{
	assert_false(r->open);
	assert_int_equal(event->revision, 0);
	assert_int_equal(event->until_ms, INSTANT_MISSING);
	assert_string_equal(event->by, "");
	/* An alert is opened once. */
	assert_int_equal(reader_slot(r, event->id), REMEMBERED);
	r->open = true;
	snprintf(r->open_id, sizeof(r->open_id), "%s", event->id);
	snprintf(r->alerts[r->next].id, sizeof(r->open_id), "%s", event->id);
	r->alerts[r->next].revision = 0;
	r->next = (r->next + 1) % REMEMBERED;
	r->opened++;
}

static inline void
reader_take(struct reader *r, const struct alert_event *event)
{
	uint32_t i;

	if (event->state == ALERT_OPENED) {
		reader_opened(r, event);
		return;
	}
	i = reader_slot(r, event->id);
	assert_true(i < REMEMBERED);
	assert_int_equal(event->revision, r->alerts[i].revision + 1);
	r->alerts[i].revision++;
	if (event->state == ALERT_CHANGED) {
		/* Of one that is over only the end is mended. */
		if (!r->open || strcmp(r->open_id, event->id) != 0)
			assert_true(event->until_ms != INSTANT_MISSING);
		r->changed++;
		return;
	}
	assert_int_equal(event->state, ALERT_RESOLVED);
	assert_true(r->open);
	assert_string_equal(r->open_id, event->id);
	assert_true(event->until_ms != INSTANT_MISSING || event->by[0] != '\0');
	r->open = false;
	r->resolved++;
}

#endif
