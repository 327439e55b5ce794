/*
 * scene: the role positions through minutes and hours: carts' words, beats,
 * the clock, and what comes of it.  Every record is kept, so that the log can
 * be read again by a role that knows nothing.  Static functions: each test
 * program is one file.
 */
#ifndef PREGON_TESTS_SCENE_H
#define PREGON_TESTS_SCENE_H

#include "tests/unit/desk.h"

#include "schemas/alert.h"
#include "schemas/notice.h"
#include "schemas/report.h"
#include "schemas/rules.h"
#include "schemas/status.h"
#include "schemas/zone.h"

#define SCENE_BOOT 77
#define SCENE_LAT (-33450000)
#define SCENE_LON (-70660000)
#define SCENE_RECORDS 40000

struct scene_record {
	struct record record;
	char key[64];
	uint8_t *value;
};

struct scene {
	struct desk desk;
	struct clock_manual clock;
	int64_t now_ms;
	bool caught_up; /* of the ticks; beats judge by the clock */
	int64_t lag_ms; /* the clock is so far ahead of the records */
	struct scene_record *log;
	size_t count;
	bool replaying;
};

static inline void
scene_open(struct scene *s)
{
	memset(s, 0, sizeof(*s));
	desk_open(&s->desk, &role_positions);
	clock_manual_init(&s->clock, DESK_NOW);
	s->desk.ctx.clock = &s->clock.clock;
	s->now_ms = DESK_NOW;
	s->caught_up = true;
	s->log = calloc(SCENE_RECORDS, sizeof(*s->log));
	assert_non_null(s->log);
}

static inline void
scene_close(struct scene *s)
{
	for (size_t i = 0; i < s->count; i++)
		free(s->log[i].value);
	free(s->log);
	desk_close(&s->desk);
}

static inline void
scene_apply(struct scene *s, const struct record *record)
{
	struct desk *d = &s->desk;

	desk_begin(d);
	if (d->role->apply(d->self, record) == -1)
		fail_msg("apply: %s: %s", strerror(errno),
		    d->ctx.db->ops->error(d->ctx.db));
	desk_commit(d);
}

/* One record, now. */
static inline void
scene_say(struct scene *s, enum topic topic, int32_t partition, const char *key,
    const char *schema, const void *value, size_t len)
{
	struct scene_record *kept = &s->log[s->count];

	assert_true(s->count < SCENE_RECORDS);
	s->clock.realtime_ms = s->now_ms + s->lag_ms;
	snprintf(kept->key, sizeof(kept->key), "%s", key);
	kept->value = malloc(len + 1);
	assert_non_null(kept->value);
	memcpy(kept->value, value, len);
	kept->record = (struct record){ .topic = topic,
		.partition = partition,
		.offset = (int64_t)s->count,
		.time_ms = s->now_ms,
		.key = kept->key,
		.key_len = strlen(key),
		.schema = schema,
		.value = kept->value,
		.len = len };
	s->count++;
	scene_apply(s, &kept->record);
}

static inline void
scene_tick(struct scene *s)
{
	struct desk *d = &s->desk;

	s->clock.realtime_ms = s->now_ms + s->lag_ms;
	desk_begin(d);
	assert_int_equal(
	    d->role->tick(d->self, s->now_ms + s->lag_ms, s->caught_up), 0);
	desk_commit(d);
}

static inline void
scene_beat(struct scene *s)
{
	struct beat beat = { .bridge = "bridge", .count = 1 };
	uint8_t bytes[BEAT_BYTES_MAX];
	int len = beat_encode(&beat, bytes, sizeof(bytes));

	assert_true(len > 0);
	scene_say(s, TOPIC_COORDENADAS, 1, "", SCHEMA_BEAT, bytes, (size_t)len);
}

static inline struct status
scene_status(const struct scene *s, uint64_t count)
{
	return (struct status){ .epoch = DESK_EPOCH,
		.count = count,
		.connection = 1,
		.state = STATUS_ONLINE,
		.at = { .ms = s->now_ms },
		.boot = SCENE_BOOT,
		.fix_mode = FIX_MODE_3D,
		.has_fix = true,
		.fix = { .at = { .ms = s->now_ms },
		    .lat_e6 = SCENE_LAT,
		    .lon_e6 = SCENE_LON,
		    .accuracy_m = 5 },
		.day_open = true,
		.battery = 80,
		.oldest = { .ms = INSTANT_MISSING },
		.version = "0.1.0" };
}

static inline void
scene_say_status(struct scene *s, const char *cart, const struct status *status)
{
	uint8_t bytes[STATUS_BYTES_MAX];
	int len = status_encode(status, bytes, sizeof(bytes));

	assert_true(len > 0);
	scene_say(
	    s, TOPIC_COORDENADAS, 1, cart, SCHEMA_STATUS, bytes, (size_t)len);
}

static inline void
scene_say_fixes(struct scene *s, const char *cart, uint64_t seq,
    const struct fix *fixes, size_t count)
{
	struct frame_head head = { 1000, DESK_EPOCH, seq, count, 1 };
	static uint8_t bytes[FRAME_BYTES_MAX];
	struct mp_writer w;

	mp_writer_init(&w, bytes, sizeof(bytes));
	frame_encode_head(&head, &w);
	assert_int_equal(run_encode(fixes, count, &w), 0);
	assert_false(w.full);
	scene_say(
	    s, TOPIC_COORDENADAS, 1, cart, SCHEMA_FRAME_POS, w.buf, w.len);
}

/* So many seconds, a beat and a tick at each. */
static inline void
scene_pass(struct scene *s, int64_t seconds)
{
	for (int64_t i = 0; i < seconds; i++) {
		s->now_ms += 1000;
		scene_beat(s);
		scene_tick(s);
	}
}

static inline void
scene_rules(
    struct scene *s, const char *scope, const char *name, const char *value)
{
	struct rules rules = { .at_ms = s->now_ms, .by = "ana", .count = 1 };
	uint8_t bytes[1024];
	char key[32];
	int len;

	snprintf(rules.scope, sizeof(rules.scope), "%s", scope);
	rules.settings[0] = (struct setting){ text_of(name), text_of(value) };
	len = rules_encode(&rules, bytes, sizeof(bytes));
	assert_true(len > 0);
	snprintf(key, sizeof(key), RULES_KEY "%s", scope);
	scene_say(s, TOPIC_REGLAS, 0, key, SCHEMA_RULES, bytes, (size_t)len);
}

/* A circle; radius 0: its end. */
static inline void
scene_zone(struct scene *s, const char *id, int32_t lat_e6, uint32_t radius_m)
{
	static struct zone zone;
	static uint8_t bytes[ZONE_BYTES_MAX];
	char key[64];
	int len = 0;

	memset(&zone, 0, sizeof(zone));
	snprintf(zone.id, sizeof(zone.id), "%s", id);
	zone.revision = 1;
	snprintf(zone.name, sizeof(zone.name), "Plaza");
	zone.at_ms = s->now_ms;
	snprintf(zone.by, sizeof(zone.by), "ana");
	zone.area_count = 1;
	zone.areas[0] = (struct zone_area){ .circle = true,
		.centre = { lat_e6, SCENE_LON },
		.radius_m = radius_m };
	if (radius_m > 0)
		len = zone_encode(&zone, bytes, sizeof(bytes));
	assert_true(len >= 0);
	snprintf(key, sizeof(key), ZONE_KEY "%s", id);
	scene_say(s, TOPIC_REGLAS, 0, key, radius_m > 0 ? SCHEMA_ZONE : "",
	    bytes, (size_t)len);
}

static inline void
scene_settle(struct scene *s, const char *id, const char *key)
{
	struct alert_resolution word = {
		.at_ms = s->now_ms, .by = "ana", .note = "seen"
	};
	uint8_t bytes[1024];
	int len;

	snprintf(word.id, sizeof(word.id), "%s", id);
	len = resolution_encode(&word, bytes, sizeof(bytes));
	assert_true(len > 0);
	scene_say(s, TOPIC_COORDENADAS, 1, key, SCHEMA_RESOLUTION, bytes,
	    (size_t)len);
}

struct scene_alerts {
	struct alert_row rows[64];
	size_t count;
};

static inline int
scene_add_alert(void *ctx, const struct alert_row *row)
{
	struct scene_alerts *alerts = ctx;

	assert_true(alerts->count < 64);
	alerts->rows[alerts->count++] = *row;
	return 0;
}

/* The newest first. */
static inline const struct scene_alerts *
scene_alerts(struct scene *s, bool open_only)
{
	static struct scene_alerts alerts;
	struct alerts_query query = { .cause = -1, .open_only = open_only };

	alerts.count = 0;
	assert_int_equal(s->desk.reader->ops->alerts(
			     s->desk.reader, &query, scene_add_alert, &alerts),
	    0);
	return &alerts;
}

static inline size_t
scene_open_count(struct scene *s)
{
	return scene_alerts(s, true)->count;
}

/* The only one there is. */
static inline const struct alert_row *
scene_alert(struct scene *s)
{
	const struct scene_alerts *alerts = scene_alerts(s, false);

	assert_int_equal(alerts->count, 1);
	return &alerts->rows[0];
}

/* What went out to a topic. */
struct scene_sent {
	enum topic topic;
	const char *schema;
	int count;
	struct alert_event last;
};

static inline int
scene_count_sent(void *ctx, int64_t id, const struct outgoing *row)
{
	struct scene_sent *sent = ctx;
	struct decode_error error;

	(void)id;
	if (row->topic != sent->topic)
		return 0;
	assert_string_equal(row->schema, sent->schema);
	sent->count++;
	if (sent->topic == TOPIC_ALERTAS)
		assert_int_equal(alert_decode(row->value, row->value_len,
				     &sent->last, &error),
		    0);
	return 0;
}

static inline struct scene_sent
scene_sent(struct scene *s, enum topic topic, const char *schema)
{
	struct scene_sent sent = { topic, schema, 0, { .revision = 0 } };

	assert_int_equal(
	    s->desk.ctx.store->ops->outgoing_list(
		s->desk.ctx.store, 0, 100000, scene_count_sent, &sent),
	    0);
	return sent;
}

/* The same log, read by a role that knows nothing, at the time it is now. */
static inline void
scene_replay(const struct scene *from, struct scene *s)
{
	scene_open(s);
	s->now_ms = from->now_ms;
	s->clock.realtime_ms = from->now_ms;
	s->caught_up = false;
	for (int prior = 1; prior >= 0; prior--) {
		for (size_t i = 0; i < from->count; i++) {
			const struct record *record = &from->log[i].record;

			if ((record->topic == TOPIC_REGLAS) == (prior == 1))
				scene_apply(s, record);
		}
	}
	s->caught_up = true;
	scene_tick(s);
}

#endif
