/*
 * The gate's thread: one message of commands at a time, and its answer.
 *
 * The plugin of Mosquitto 2.0 writes its whole file anew for every command
 * that changes something, and the broker does nothing else meanwhile (with
 * 10,000 carts a good part of a second).  So a message holds only as many
 * carts as are done within BATCH_LONG_MS, and after each the broker has as
 * long a turn, unless somebody who was just decided upon waits.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/consumer/gate_parts.h"
#include "lib/clock.h"

#define CONTROL "$CONTROL/dynamic-security/v1"
#define RESPONSES CONTROL "/response"
#define OVERDUE_S 30.
#define REST_S 30.
#define BATCH_FIRST 8
#define BATCH_SHORT_MS 50
#define BATCH_LONG_MS 200

static void
pump(struct gate *g)
{
	bool fresh;

	if (g->batch.number != 0 || !g->open)
		return;
	pthread_mutex_lock(&g->lock);
	fresh = !TAILQ_EMPTY(&g->places[GATE_FRESH]);
	pthread_mutex_unlock(&g->lock);
	if (fresh || !ev_is_active(&g->pause))
		gate_batch_send(g);
}

/* Once, and again for another reason. */
static void
say(struct gate *g, const char *why)
{
	if (strcmp(g->said, why) == 0)
		return;
	log_warn("gate.away", "host=\"%s\" port=%d why=\"%s\"", g->host,
	    g->port, why);
	snprintf(g->said, sizeof(g->said), "%s", why);
}

void
gate_give_up(struct gate *g, const char *why)
{
	say(g, why);
	mqtt_reconnect(g->mqtt);
}

void
gate_correlation(
    const struct gate *g, size_t item, char text[GATE_CORRELATION_MAX])
{
	snprintf(text, GATE_CORRELATION_MAX, "%s.%llu.%zu", g->id,
	    (unsigned long long)g->batches + 1, item);
}

void
gate_send(struct gate *g, const char *text, size_t len)
{
	g->batch.number = ++g->batches;
	g->batch.sent_ms = clock_boottime_ms(&clock_system);
	ev_timer_again(g->loop, &g->overdue);
	if (mqtt_publish(g->mqtt, CONTROL, text, len, 0, false) == -1)
		gate_give_up(g, "the connection takes no command");
}

/* Other administrators' answers come to us too. */
static bool
is_ours(const struct gate *g, const json_t *response, size_t *item)
{
	const char *words = json_string_value(
	    json_object_get(response, "correlationData"));
	unsigned long long number;

	return words != NULL && strncmp(words, g->id, GATE_ID) == 0 &&
	    sscanf(words + GATE_ID, ".%llu.%zu", &number, item) == 2 &&
	    g->batch.number != 0 && number == g->batch.number;
}

static void
pace(struct gate *g, int64_t took_ms)
{
	if (took_ms > BATCH_LONG_MS && g->batch_carts > 1)
		g->batch_carts /= 2;
	else if (took_ms < BATCH_SHORT_MS && g->batch_carts < GATE_BATCH_MAX)
		g->batch_carts *= 2;
	ev_timer_stop(g->loop, &g->pause);
	ev_timer_set(&g->pause, (double)took_ms / 1000., 0.);
	ev_timer_start(g->loop, &g->pause);
}

static void
end_batch(struct gate *g)
{
	int64_t took_ms = clock_boottime_ms(&clock_system) - g->batch.sent_ms;

	ev_timer_stop(g->loop, &g->overdue);
	if (g->batch.survey) {
		gate_survey_end(g);
	} else {
		gate_batch_end(g, true);
		pace(g, took_ms);
	}
	pump(g);
}

static void
on_message(void *ctx, const char *topic, const void *payload, size_t len,
    bool retained)
{
	struct gate *g = ctx;
	json_t *tree = json_loadb(payload, len, 0, NULL);
	const json_t *response;
	bool ours = false;
	size_t i, item;

	(void)topic;
	(void)retained;
	json_array_foreach(json_object_get(tree, "responses"), i, response)
	{
		if (!is_ours(g, response, &item))
			continue;
		ours = true;
		if (g->batch.survey)
			gate_survey_answer(g, response);
		else
			gate_batch_answer(g, item, response);
	}
	json_decref(tree);
	if (ours)
		end_batch(g);
}

static void
on_connected(void *ctx)
{
	struct gate *g = ctx;

	if (mqtt_subscribe(g->mqtt, RESPONSES, 0) == -1)
		gate_give_up(g, "the connection takes no subscription");
	else
		gate_survey_begin(g);
}

static void
on_disconnected(void *ctx, const char *why)
{
	struct gate *g = ctx;

	say(g, why);
	ev_timer_stop(g->loop, &g->overdue);
	ev_timer_stop(g->loop, &g->pause);
	atomic_store(&g->connected, false);
	pthread_mutex_lock(&g->lock);
	g->open = false;
	pthread_mutex_unlock(&g->lock);
	gate_batch_end(g, false);
}

const struct mqtt_handler gate_handler = {
	.connected = on_connected,
	.disconnected = on_disconnected,
	.message = on_message,
};

static void
on_wake(struct ev_loop *loop, ev_async *watcher, int events)
{
	struct gate *g = watcher->data;
	bool closing;

	(void)events;
	pthread_mutex_lock(&g->lock);
	closing = g->closing;
	pthread_mutex_unlock(&g->lock);
	if (closing)
		ev_break(loop, EVBREAK_ALL);
	else
		pump(g);
}

static void
on_overdue(struct ev_loop *loop, ev_timer *watcher, int events)
{
	(void)events;
	ev_timer_stop(loop, watcher);
	gate_give_up(watcher->data,
	    "its dynamic security does not answer: may gate.user command it?");
}

static void
on_pause(struct ev_loop *loop, ev_timer *watcher, int events)
{
	(void)loop;
	(void)events;
	pump(watcher->data);
}

static void
on_rest(struct ev_loop *loop, ev_timer *watcher, int events)
{
	struct gate *g = watcher->data;

	(void)loop;
	(void)events;
	gate_batch_wake_resting(g);
	pump(g);
}

void
gate_turn_init(struct gate *g)
{
	g->batch_carts = BATCH_FIRST;
	ev_async_init(&g->wake, on_wake);
	ev_timer_init(&g->overdue, on_overdue, 0., OVERDUE_S);
	ev_timer_init(&g->pause, on_pause, 0., 0.);
	ev_timer_init(&g->rest, on_rest, REST_S, REST_S);
	g->wake.data = g->overdue.data = g->pause.data = g->rest.data = g;
	ev_async_start(g->loop, &g->wake);
	ev_timer_start(g->loop, &g->rest);
}

void *
gate_run(void *ctx)
{
	struct gate *g = ctx;

	ev_run(g->loop, 0);
	return NULL;
}
