#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "backend/api/events_parts.h"
#include "lib/log.h"

/* Some half a minute of 2,000 carts that all move. */
#define RING_BYTES_MAX ((size_t)8 * 1024 * 1024)
#define RING_EVENTS_MAX 16384
/* A look that took t is followed by a rest of so many t. */
#define REST_TIMES 3
#define CHECK_MS 1000 /* how often viewers are looked at themselves */

static int64_t
monotonic_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* Is the token that they came with still good, and the session? */
static bool
may_stay(struct events *e, const struct viewer *v, int64_t now_ms)
{
	struct session session;
	struct token token;
	enum tokens_answer answer;

	if (!v->asker.known)
		return true;
	if (v->asker.session.text[0] != '\0')
		answer = sessions_find(e->settings.sessions, e->settings.tokens,
		    v->asker.session.text, now_ms, &session, &token);
	else
		answer = tokens_get(e->settings.tokens, v->asker.id, &token);
	return answer == TOKENS_UNKNOWN ||
	    (answer == TOKENS_FOUND &&
		memcmp(token.hash, v->hash, sizeof(v->hash)) == 0);
}

static void
check_viewers(struct events *e)
{
	int64_t now_ms = clock_realtime_ms(e->settings.clock);

	for (struct viewer *v = e->viewers; v != NULL; v = v->next)
		v->over = v->over || !may_stay(e, v, now_ms) ||
		    (v->asleep && v->settings.gone(v->settings.ctx));
}

static void
wake_viewers(struct events *e)
{
	for (struct viewer *v = e->viewers; v != NULL; v = v->next) {
		if (!v->asleep ||
		    !(v->over || e->closed || v->beat != e->beat ||
			viewer_has_event(v)))
			continue;
		v->asleep = false;
		v->settings.wake(v->settings.ctx);
	}
}

static void
beat(struct events *e)
{
	struct live_text *text = live_beat(
	    clock_realtime_ms(e->settings.clock));

	if (text == NULL)
		return;
	live_text_drop(e->beat_text);
	e->beat_text = text;
	e->beat++;
}

/* Without the lock. */
static void
look(struct events *e)
{
	const struct events_settings *s = &e->settings;
	uint64_t before = live_next(e->live);

	if (e->reader == NULL)
		e->reader = s->open_reader(s->ctx);
	if (e->reader == NULL)
		return;
	if (live_look(e->live, e->reader, clock_realtime_ms(s->clock),
		s->live_ms) == -1) {
		log_error("api.live", "why=\"%s\"", strerror(errno));
		e->reader->ops->close(e->reader);
		e->reader = NULL;
	}
	metric_add(e->event_count, (int64_t)(live_next(e->live) - before));
}

static void
rest(struct events *e, int64_t until_us)
{
	const struct timespec until = { .tv_sec = until_us / 1000000,
		.tv_nsec = until_us % 1000000 * 1000 };

	while (!e->closed && monotonic_us() < until_us)
		pthread_cond_timedwait(&e->change, &e->lock, &until);
}

/* One thread, so that a thousand who look on cost the databases no more than
 * one.  It owns e->reader. */
static void *
run(void *ctx)
{
	struct events *e = ctx;
	int64_t start, took, next_beat = 0, next_check = 0;

	pthread_mutex_lock(&e->lock);
	while (!e->closed) {
		if (e->viewers == NULL) {
			e->fresh = false;
			pthread_cond_wait(&e->change, &e->lock);
			continue;
		}
		pthread_mutex_unlock(&e->lock);
		start = monotonic_us();
		look(e);
		took = monotonic_us() - start;
		histogram_observe_ms(e->look_ms, (double)took / 1e3);
		pthread_mutex_lock(&e->lock);
		e->fresh = true;
		if (start >= next_check) {
			next_check = start + CHECK_MS * 1000;
			check_viewers(e);
		}
		if (start >= next_beat) {
			next_beat = start + EVENTS_BEAT_MS * 1000;
			beat(e);
		}
		wake_viewers(e);
		rest(e,
		    start +
			(took * (1 + REST_TIMES) > EVENTS_LOOK_MS * 1000
				? took * (1 + REST_TIMES)
				: EVENTS_LOOK_MS * 1000));
	}
	pthread_mutex_unlock(&e->lock);
	if (e->reader != NULL)
		e->reader->ops->close(e->reader);
	return NULL;
}

static int
make_metrics(struct events *e, struct metrics *m)
{
	e->viewer_count = metrics_gauge(
	    m, "pregon_api_viewers", NULL, "Who look on at /api/v1/events.");
	e->event_count = metrics_counter(m, "pregon_api_events_total", NULL,
	    "Changes that were told to them.");
	e->behind_count = metrics_counter(m, "pregon_api_viewers_behind_total",
	    NULL, "Sent away because they were too slow.");
	e->look_ms = metrics_histogram(m, "pregon_api_look_ms", NULL,
	    "Milliseconds of a look at the databases for them.");
	return e->viewer_count != NULL && e->event_count != NULL &&
		e->behind_count != NULL && e->look_ms != NULL
	    ? 0
	    : -1;
}

static int
make_lock(struct events *e)
{
	pthread_condattr_t monotonic;
	int rc = -1;

	if (pthread_mutex_init(&e->lock, NULL) != 0)
		return -1;
	if (pthread_condattr_init(&monotonic) != 0)
		goto destroy_lock;
	if (pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC) == 0 &&
	    pthread_cond_init(&e->change, &monotonic) == 0)
		rc = 0;
	pthread_condattr_destroy(&monotonic);
	if (rc == 0)
		return 0;
destroy_lock:
	pthread_mutex_destroy(&e->lock);
	return -1;
}

struct events *
events_start(const struct events_settings *settings)
{
	struct events *e = calloc(1, sizeof(*e));
	int error;

	if (e == NULL || make_metrics(e, settings->metrics) == -1 ||
	    make_lock(e) == -1) {
		free(e);
		errno = ENOMEM;
		return NULL;
	}
	e->settings = *settings;
	e->live = live_new(&e->lock, RING_BYTES_MAX, RING_EVENTS_MAX);
	if (e->live != NULL) {
		error = pthread_create(&e->thread, NULL, run, e);
		if (error == 0)
			return e;
		live_free(e->live);
		errno = error;
	}
	pthread_cond_destroy(&e->change);
	pthread_mutex_destroy(&e->lock);
	free(e);
	return NULL;
}

void
events_close(struct events *e)
{
	pthread_mutex_lock(&e->lock);
	e->closed = true;
	wake_viewers(e);
	pthread_cond_broadcast(&e->change);
	pthread_mutex_unlock(&e->lock);
}

void
events_free(struct events *e)
{
	if (e == NULL)
		return;
	events_close(e);
	pthread_join(e->thread, NULL);
	live_free(e->live);
	live_text_drop(e->beat_text);
	pthread_cond_destroy(&e->change);
	pthread_mutex_destroy(&e->lock);
	free(e);
}
