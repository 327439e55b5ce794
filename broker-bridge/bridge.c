/*
 * bridge: three states: the topics are seen to, the guild's record is read or
 * made, and then it runs.  Doubts about the log lead back to the first one;
 * the connections stay and frames go unacknowledged meanwhile.
 *
 * Two MQTT connections: `up` shares the carts' frames with other bridges and
 * answers them; `down` hears every status (which tells what was applied) and
 * the guild's word, and carries commands.  (Mosquitto delivers to a client
 * that has a shared and a plain subscription once for each, with nothing in
 * the message to tell them apart.)
 *
 * While Kafka does not answer, the calls that wait for it are short: 1 s.
 */
#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "broker-bridge/bridge.h"
#include "broker-bridge/downlink.h"
#include "broker-bridge/forward.h"
#include "broker-bridge/guild.h"
#include "lib/clock.h"
#include "lib/log.h"

#define TICK_S 0.25
#define CLIENT_ID_MAX 64
#define GUILD_TOPIC "pregon/guild"
#define STATUS_FILTER "pregon/+/status"
/* Group of the shared subscription; one filter a stream keeps ACLs plain. */
#define SHARE "$share/pregon/"

#define PROBE_MS 1000 /* how long a look at Kafka may take */
#define ENSURE_MS 20000 /* ten new topics on a slow disk */
#define GUILD_MS 5000
#define RETRY_MS 1000
#define DOUBT_EVERY_MS 5000
#define LOOK_EVERY_MS 30000 /* at partition counts */
#define LOOK_AGAIN_MS 5000 /* when the last look failed */
/* A retained message comes right after the subscription; then it is none. */
#define HEAR_MS 1500
#define CATCH_UP_MS 10000
#define STALE_MS 10000 /* a record that waits so long: unwell */
#define FLUSH_MS 2000

enum bridge_state { BRIDGE_TOPICS, BRIDGE_GUILD, BRIDGE_RUN };

struct bridge {
	struct ev_loop *loop;
	const struct settings *settings;
	struct figures *figures;
	struct kafka_settings kafka;
	struct topics_settings topics;
	struct forward *forward;
	struct downlink *downlink;
	struct mqtt *up, *down;
	char up_id[CLIENT_ID_MAX], down_id[CLIENT_ID_MAX];
	struct ev_timer tick;
	struct ev_io reports;
	struct ev_prepare acks;

	enum bridge_state state;
	int status;
	int partitions[TOPIC_COUNT];
	int64_t next_try_ms; /* boottime, as all of these */
	int64_t next_second_ms;
	int64_t next_look_ms;
	int64_t doubt_ms; /* not before */
	bool made_topics; /* the log is ours to begin */
	bool looked_twice; /* another bridge had time to begin it */
	bool subscribed;
	bool log_doubt;
	bool reread;
	struct guild_word word;
	int64_t hear_until_ms;
	int64_t ahead_since_ms;
	struct log_limit waiting, mqtt_limit;

	/* for bridge_health(), any thread */
	_Atomic int seen_state;
	_Atomic bool up_stands, down_stands, kafka_answers;
	_Atomic int64_t oldest_ms, beat_ms;
};

static int64_t
now_ms(void)
{
	return clock_boottime_ms(&clock_system);
}

static void
say_waiting(struct bridge *b, const char *what, const char *why)
{
	unsigned long held;

	if (log_limited(&b->waiting, 30000, &held))
		log_warn("bridge.waiting", "for=%s brokers=\"%s\" why=\"%s\"",
		    what, b->settings->brokers, why);
}

static void
say_guild(struct bridge *b)
{
	uint8_t bytes[GUILD_BYTES_MAX];
	struct guild word = b->word.now;
	int len;

	word.has_log_id = false; /* of no use to carts */
	len = guild_encode(&word, bytes, sizeof(bytes));
	if (len != -1 && b->down != NULL &&
	    mqtt_publish(b->down, GUILD_TOPIC, bytes, (size_t)len, 0, true) ==
		0)
		log_info("bridge.guild_said", "ledger=%llu since_ms=%lld",
		    (unsigned long long)word.ledger, (long long)word.since_ms);
}

static void
ledger_changed(struct bridge *b)
{
	downlink_set_ledger(b->downlink, b->word.now.ledger);
	metric_set(b->figures->ledger, (int64_t)b->word.now.ledger);
}

/* Kafka and the topics. */

static bool
kafka_looks(struct bridge *b, char *why, size_t why_cap)
{
	const struct rd_kafka_metadata *md;
	rd_kafka_resp_err_t err;
	enum topic topic;

	err = rd_kafka_metadata(
	    kafka_producer_handle(forward_producer(b->forward)), 0, NULL, &md,
	    PROBE_MS);
	atomic_store(&b->kafka_answers, err == RD_KAFKA_RESP_ERR_NO_ERROR);
	if (err != RD_KAFKA_RESP_ERR_NO_ERROR) {
		snprintf(why, why_cap, "%s", rd_kafka_err2str(err));
		return false;
	}
	for (int i = 0; i < md->topic_cnt; i++) {
		const struct rd_kafka_metadata_topic *t = &md->topics[i];

		if (t->err != RD_KAFKA_RESP_ERR_NO_ERROR ||
		    topic_parse(t->topic, &topic) == -1 ||
		    t->partition_cnt <= b->partitions[topic])
			continue;
		if (b->partitions[topic] > 0)
			log_info("bridge.partitions_added",
			    "topic=%s partitions=%d before=%d", t->topic,
			    t->partition_cnt, b->partitions[topic]);
		b->partitions[topic] = t->partition_cnt;
	}
	rd_kafka_metadata_destroy(md);
	if (b->state == BRIDGE_RUN)
		forward_set_partitions(b->forward, b->partitions);
	return true;
}

static void
step_topics(struct bridge *b)
{
	char why[512];
	int created = 0;

	if (!kafka_looks(b, why, sizeof(why))) {
		say_waiting(b, "kafka", why);
		return;
	}
	if (topics_ensure(kafka_producer_handle(forward_producer(b->forward)),
		&b->topics, ENSURE_MS, b->partitions, &created, why,
		sizeof(why)) == -1) {
		if (errno != EINVAL) {
			say_waiting(b, "topics", why);
			return;
		}
		log_error("bridge.topics_wrong", "why=\"%s\"", why);
		b->status = 2;
		ev_break(b->loop, EVBREAK_ALL);
		return;
	}
	if (created > 0)
		log_info("bridge.topics_made", "count=%d", created);
	b->made_topics |= created > 0;
	forward_set_partitions(b->forward, b->partitions);
	b->state = BRIDGE_GUILD;
	b->next_try_ms = 0;
}

/* The guild's record. */

static void
subscribe_up(struct bridge *b)
{
	static const char *const filters[] = { SHARE "pregon/+/pos",
		SHARE "pregon/+/sale", SHARE "pregon/+/stock",
		SHARE "pregon/+/help", SHARE STATUS_FILTER };

	for (size_t i = 0; i < sizeof(filters) / sizeof(*filters); i++)
		mqtt_subscribe(b->up, filters[i], 0);
}

static bool
read_commands(struct bridge *b)
{
	char why[512];

	if (downlink_read(b->downlink, b->partitions[TOPIC_COMANDOS], why,
		sizeof(why)) == 0)
		return true;
	say_waiting(b, "topic_comandos", why);
	return false;
}

static void
run(struct bridge *b, bool new_log)
{
	if (new_log && !read_commands(b))
		return;
	ledger_changed(b);
	b->state = BRIDGE_RUN;
	b->made_topics = b->looked_twice = false;
	b->next_look_ms = now_ms() + LOOK_EVERY_MS;
	log_info("bridge.runs", "ledger=%llu",
	    (unsigned long long)b->word.now.ledger);
	if (b->subscribed)
		return;
	b->subscribed = true;
	if (mqtt_is_connected(b->up))
		subscribe_up(b);
	if (mqtt_is_connected(b->down))
		mqtt_subscribe(b->down, STATUS_FILTER, 0);
}

/* What the carts were told last must be known before a new log is begun. */
static void
begin_log(struct bridge *b)
{
	bool lost = b->word.known || b->word.heard_known;
	struct guild_word word;
	char why[512];
	uint8_t jitter = 0;

	if (!b->word.known && !b->word.heard_known &&
	    (!mqtt_is_connected(b->down) || now_ms() < b->hear_until_ms)) {
		if (!mqtt_is_connected(b->down))
			say_waiting(b, "mqtt",
			    "the log is new: what have the carts been told?");
		return;
	}
	if (!b->made_topics && !b->looked_twice) {
		/* A bridge that made the topics may be about to write. */
		b->looked_twice = true;
		if (getrandom(&jitter, 1, 0) != 1)
			jitter = 0;
		b->next_try_ms = now_ms() + 2000 + jitter * 4;
		return;
	}
	word = b->word;
	if (guild_begin(&word, clock_realtime_ms(&clock_system)) == -1 ||
	    kafka_guild_write(
		&b->kafka, GUILD_MS, &word.now, why, sizeof(why)) == -1) {
		say_waiting(b, "kafka", why);
		return;
	}
	b->word = word;
	metric_add(b->figures->new_logs, 1);
	if (lost)
		log_error("bridge.log_lost",
		    "ledger=%llu why=\"Kafka's log is a new one: to have the "
		    "carts send again what they keep, run pregonctl ledger "
		    "raise --since TIME\"",
		    (unsigned long long)word.now.ledger);
	else
		log_info("bridge.log_begun", "ledger=%llu",
		    (unsigned long long)word.now.ledger);
	run(b, true);
}

static void
step_guild(struct bridge *b)
{
	struct guild record = { 0 };
	char why[512];

	switch (
	    kafka_guild_read(&b->kafka, GUILD_MS, &record, why, sizeof(why))) {
	case 0:
		run(b,
		    guild_take(&b->word, &record) == GUILD_NEW_LOG ||
			!b->subscribed);
		break;
	case 1:
		begin_log(b);
		break;
	default:
		say_waiting(b, "guild_record", why);
		b->state = BRIDGE_TOPICS;
	}
}

static void
on_guild(void *ctx, const struct guild *record, bool live)
{
	struct bridge *b = ctx;

	switch (guild_take(&b->word, record)) {
	case GUILD_OLD:
	case GUILD_SAME:
		return;
	case GUILD_NEW_LOG:
		b->reread |= live;
		break;
	case GUILD_NEW_WORD:
		break;
	}
	ledger_changed(b);
	say_guild(b);
}

static void
on_log_doubt(void *ctx)
{
	struct bridge *b = ctx;

	b->log_doubt = true;
}

/* MQTT. */

static void
on_up_connected(void *ctx)
{
	struct bridge *b = ctx;

	log_info(
	    "bridge.mqtt_connected", "connection=up client_id=%s", b->up_id);
	if (b->subscribed)
		subscribe_up(b);
}

static void
on_down_connected(void *ctx)
{
	struct bridge *b = ctx;

	log_info("bridge.mqtt_connected", "connection=down client_id=%s",
	    b->down_id);
	b->word.heard_known = false;
	b->hear_until_ms = now_ms() + HEAR_MS;
	mqtt_subscribe(b->down, GUILD_TOPIC, 0);
	if (b->subscribed)
		mqtt_subscribe(b->down, STATUS_FILTER, 0);
}

static void
on_disconnected(void *ctx, const char *why)
{
	struct bridge *b = ctx;
	unsigned long held;

	if (log_limited(&b->mqtt_limit, 5000, &held))
		log_warn("bridge.mqtt_disconnected",
		    "broker=%s:%d held_back=%lu why=\"%s\"",
		    b->settings->mqtt.host, (int)b->settings->mqtt.port, held,
		    why);
}

static void
on_up_message(
    void *ctx, const char *topic, const void *bytes, size_t len, bool retained)
{
	struct bridge *b = ctx;

	(void)retained; /* no shared subscription is given those */
	forward_message(b->forward, topic, bytes, len, false);
}

static void
hear_guild(struct bridge *b, const void *bytes, size_t len)
{
	struct decode_error error;
	struct guild heard;

	if (guild_decode(bytes, len, &heard, &error) == -1)
		return;
	b->word.heard = heard;
	b->word.heard_known = true;
}

static void
on_down_message(
    void *ctx, const char *topic, const void *bytes, size_t len, bool retained)
{
	struct bridge *b = ctx;

	if (strcmp(topic, GUILD_TOPIC) == 0) {
		hear_guild(b, bytes, len);
		return;
	}
	/* A live one comes to one of the bridges through `up`. */
	if (retained)
		forward_message(b->forward, topic, bytes, len, true);
	downlink_status(b->downlink, topic, bytes, len);
}

/* Now and then. */

static void
see_to_guild(struct bridge *b, int64_t now)
{
	char why[512];

	if (!mqtt_is_connected(b->down) ||
	    (!b->word.heard_known && now < b->hear_until_ms))
		return;
	if (guild_must_say(&b->word)) {
		say_guild(b);
		/* Its echo is what we hear next. */
		b->hear_until_ms = now + HEAR_MS;
	}
	if (!b->word.heard_known ||
	    b->word.heard.ledger <= b->word.now.ledger) {
		b->ahead_since_ms = now;
		return;
	}
	/* Another bridge may only have read a record before us. */
	if (now - b->ahead_since_ms < CATCH_UP_MS || !guild_catch_up(&b->word))
		return;
	log_error("bridge.log_restored",
	    "ledger=%llu why=\"the carts follow a higher ledger than the log "
	    "knew: it is an older copy; pregonctl ledger raise --since TIME "
	    "has the carts fill it\"",
	    (unsigned long long)b->word.now.ledger);
	if (kafka_guild_write(
		&b->kafka, GUILD_MS, &b->word.now, why, sizeof(why)) == -1)
		say_waiting(b, "kafka", why);
	ledger_changed(b);
}

static void
see_to_log(struct bridge *b, int64_t now)
{
	char why[512];

	if (b->reread) {
		b->reread = !read_commands(b);
		return;
	}
	b->log_doubt |= forward_take_log_doubt(b->forward);
	if (b->log_doubt && now >= b->doubt_ms) {
		log_warn("bridge.log_doubted",
		    "why=\"a topic is gone, or "
		    "shorter than it was\"");
		b->log_doubt = false;
		b->doubt_ms = now + DOUBT_EVERY_MS;
		b->state = BRIDGE_TOPICS;
		b->next_try_ms = 0;
		return;
	}
	if (now >= b->next_look_ms)
		b->next_look_ms = now_ms() +
		    (kafka_looks(b, why, sizeof(why)) ? LOOK_EVERY_MS
						      : LOOK_AGAIN_MS);
}

static void
each_second(struct bridge *b, int64_t now)
{
	b->next_second_ms = now + 1000;
	forward_gauges(b->forward);
	downlink_tick(b->downlink);
	if (downlink_sees_no_broker(b->downlink) &&
	    b->next_look_ms > now + LOOK_AGAIN_MS)
		b->next_look_ms = now;
	/* The retained ones come again with a new subscription. */
	if (b->subscribed && forward_take_retained_lost(b->forward))
		mqtt_subscribe(b->down, STATUS_FILTER, 0);
}

static void
tell_health(struct bridge *b)
{
	bool up = mqtt_is_connected(b->up), down = mqtt_is_connected(b->down);

	atomic_store(&b->seen_state, (int)b->state);
	atomic_store(&b->up_stands, up);
	atomic_store(&b->down_stands, down);
	atomic_store(&b->oldest_ms, forward_oldest_ms(b->forward));
	atomic_store(&b->beat_ms, now_ms());
	metric_set(b->figures->connected, up && down);
}

static void
on_tick(struct ev_loop *loop, struct ev_timer *watcher, int events)
{
	struct bridge *b = watcher->data;
	int64_t now = now_ms();

	(void)loop;
	(void)events;
	if (b->state == BRIDGE_RUN) {
		see_to_log(b, now);
		see_to_guild(b, now);
	} else if (now >= b->next_try_ms) {
		b->next_try_ms = now + RETRY_MS;
		if (b->state == BRIDGE_TOPICS)
			step_topics(b);
		else
			step_guild(b);
	}
	if (now >= b->next_second_ms)
		each_second(b, now);
	/* Not only when its fd says so: a fatal error is mended in time. */
	forward_poll(b->forward);
	tell_health(b);
}

static void
on_reports(struct ev_loop *loop, struct ev_io *watcher, int events)
{
	struct bridge *b = watcher->data;

	(void)loop;
	(void)events;
	forward_poll(b->forward);
}

static void
on_acks(struct ev_loop *loop, struct ev_prepare *watcher, int events)
{
	struct bridge *b = watcher->data;

	(void)loop;
	(void)events;
	forward_flush_acks(b->forward);
}

int
bridge_health(void *ctx, char *why, size_t why_cap)
{
	struct bridge *b = ctx;
	int64_t oldest = atomic_load(&b->oldest_ms);

	if (now_ms() - atomic_load(&b->beat_ms) > STALE_MS)
		snprintf(why, why_cap, "the loop does not turn");
	else if (atomic_load(&b->seen_state) == BRIDGE_TOPICS)
		snprintf(why, why_cap, "waiting for Kafka at %s",
		    b->settings->brokers);
	else if (atomic_load(&b->seen_state) == BRIDGE_GUILD)
		snprintf(why, why_cap, "waiting for the guild's record");
	else if (!atomic_load(&b->up_stands) || !atomic_load(&b->down_stands))
		snprintf(why, why_cap,
		    "not connected to the MQTT broker at "
		    "%s:%d",
		    b->settings->mqtt.host, (int)b->settings->mqtt.port);
	else if (oldest > STALE_MS)
		snprintf(why, why_cap,
		    "Kafka takes no records: the oldest "
		    "waits for %lld s",
		    (long long)(oldest / 1000));
	else if (!atomic_load(&b->kafka_answers))
		snprintf(why, why_cap, "Kafka at %s does not answer",
		    b->settings->brokers);
	else
		return 0;
	return -1;
}

int
bridge_status(const struct bridge *b)
{
	return b->status;
}

static int
choose_client_ids(struct bridge *b)
{
	const char *given = b->settings->mqtt.client_id;
	char drawn[32];
	uint32_t random;

	if (getrandom(&random, sizeof(random), 0) != sizeof(random))
		return -1;
	snprintf(drawn, sizeof(drawn), "pregon-bridge-%08x", random);
	if (given[0] == '\0')
		given = drawn;
	snprintf(b->up_id, sizeof(b->up_id), "%.48s-up", given);
	snprintf(b->down_id, sizeof(b->down_id), "%.48s-down", given);
	return 0;
}

static int
connect_mqtt(struct bridge *b, char *why, size_t why_cap)
{
	static const struct mqtt_handler up_handler = {
		.connected = on_up_connected,
		.disconnected = on_disconnected,
		.message = on_up_message,
	};
	static const struct mqtt_handler down_handler = {
		.connected = on_down_connected,
		.disconnected = on_disconnected,
		.message = on_down_message,
	};
	struct mqtt_settings up = settings_mqtt(b->settings, b->up_id);
	struct mqtt_settings down = settings_mqtt(b->settings, b->down_id);

	b->up = mqtt_new(b->loop, &up, &up_handler, b);
	b->down = mqtt_new(b->loop, &down, &down_handler, b);
	if (b->up != NULL && b->down != NULL)
		return 0;
	snprintf(why, why_cap, "mqtt: %s%s%s", strerror(errno),
	    up.cafile != NULL ? ": " : "", up.cafile != NULL ? up.cafile : "");
	return -1;
}

static int
make_parts(struct bridge *b, char *why, size_t why_cap)
{
	static const struct downlink_handler downlink_handler = {
		.guild = on_guild,
		.log_doubt = on_log_doubt,
	};
	struct forward_settings forward = {
		.kafka = b->kafka,
		.max_frames = (uint32_t)b->settings->inflight.max_frames,
		.max_bytes = b->settings->inflight.max_bytes,
	};
	struct downlink_settings downlink = {
		.kafka = b->kafka,
		.postbox = { .max_bytes = b->settings->commands.max_bytes,
		    .resend_ms = (int)b->settings->commands.resend_ms,
		    .resend_max_ms = 300000 },
	};

	b->forward = forward_new(&forward, b->figures, why, why_cap);
	if (b->forward == NULL)
		return -1;
	b->downlink = downlink_new(b->loop, &downlink, b->forward, b->figures,
	    &downlink_handler, b, why, why_cap);
	if (b->downlink == NULL || connect_mqtt(b, why, why_cap) == -1)
		return -1;
	forward_set_mqtt(b->forward, b->up);
	downlink_set_mqtt(b->downlink, b->down);
	return 0;
}

static void
start_watchers(struct bridge *b)
{
	ev_timer_init(&b->tick, on_tick, 0., TICK_S);
	ev_io_init(&b->reports, on_reports,
	    kafka_producer_fd(forward_producer(b->forward)), EV_READ);
	ev_prepare_init(&b->acks, on_acks);
	b->tick.data = b->reports.data = b->acks.data = b;
	ev_timer_start(b->loop, &b->tick);
	ev_io_start(b->loop, &b->reports);
	ev_prepare_start(b->loop, &b->acks);
}

struct bridge *
bridge_new(struct ev_loop *loop, const struct settings *settings,
    struct figures *figures, char *why, size_t why_cap)
{
	struct bridge *b = calloc(1, sizeof(*b));

	if (b == NULL) {
		snprintf(why, why_cap, "%s", strerror(errno));
		return NULL;
	}
	b->loop = loop;
	b->settings = settings;
	b->figures = figures;
	b->topics = settings_topics(settings);
	b->kafka = (struct kafka_settings){ .bootstrap = settings->brokers,
		.client_id = b->up_id,
		.pass = bridge_program.pass };
	atomic_store(&b->beat_ms, now_ms());
	if (choose_client_ids(b) == -1 || make_parts(b, why, why_cap) == -1) {
		bridge_free(b);
		return NULL;
	}
	start_watchers(b);
	return b;
}

void
bridge_free(struct bridge *b)
{
	if (b == NULL)
		return;
	ev_timer_stop(b->loop, &b->tick);
	ev_io_stop(b->loop, &b->reports);
	ev_prepare_stop(b->loop, &b->acks);
	downlink_free(b->downlink);
	/* Before its connection: the last reports bring acks. */
	forward_free(b->forward, b->state == BRIDGE_RUN ? FLUSH_MS : 0);
	mqtt_free(b->down);
	mqtt_free(b->up);
	free(b);
}
