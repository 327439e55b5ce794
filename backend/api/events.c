#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "backend/api/events.h"
#include "backend/api/live.h"
#include "lib/log.h"

/* Some half a minute of 2,000 carts that all move. */
#define RING_BYTES_MAX ((size_t)8 * 1024 * 1024)
#define RING_EVENTS_MAX 16384
/* A look that took t is followed by a rest of so many t. */
#define REST_TIMES 3
#define CHECK_MS 1000 /* how often viewers are looked at themselves */
/* What a page that lost its connection waits before it comes again. */
static const char hello[] = "retry: 2000\n\n";
static const char beat[] = ":\n\n";

struct viewer {
	struct events *events;
	struct viewer *next, **link; /* in events->viewers */
	struct asker asker;
	uint8_t hash[TOKEN_HASH_BYTES]; /* of the asker's token */
	struct viewer_settings settings;
	bool asleep, over;
	bool greeted;
	bool has_place; /* `at` is meant: no snapshot is needed */
	uint64_t at; /* the event that comes next */
	uint64_t beat;
	struct live_text *text; /* being sent; NULL: none */
	size_t sent; /* of it */
};

struct events {
	struct events_settings settings;
	pthread_t thread;
	pthread_mutex_t lock; /* of all that follows, and of `live` */
	pthread_cond_t change;
	bool closed;
	bool fresh; /* looked at since viewers are there */
	struct viewer *viewers;
	size_t count;
	uint64_t beat;
	struct live *live;
	struct reader *reader; /* the thread's own */
	struct metric *viewer_count, *event_count, *behind_count;
	struct histogram *look_ms;
};

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

static bool
is_theirs(const struct viewer *v, const struct live_event *event)
{
	return v->asker.cart[0] == '\0' ||
	    strcmp(v->asker.cart, event->cart) == 0;
}

/* Goes over what is another's; true: there is an event to send. */
static bool
find_event(struct viewer *v)
{
	struct live *live = v->events->live;

	if (!v->has_place)
		return v->events->fresh;
	if (v->at < live_first(live))
		return true; /* too late: viewer_read() says so */
	while (v->at < live_next(live) && !is_theirs(v, live_at(live, v->at)))
		v->at++;
	return v->at < live_next(live);
}

static void
wake_viewers(struct events *e)
{
	for (struct viewer *v = e->viewers; v != NULL; v = v->next) {
		if (!v->asleep ||
		    !(v->over || e->closed || v->beat != e->beat ||
			find_event(v)))
			continue;
		v->asleep = false;
		v->settings.wake(v->settings.ctx);
	}
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
			e->beat++;
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
	pthread_cond_destroy(&e->change);
	pthread_mutex_destroy(&e->lock);
	free(e);
}

/* With the lock. */
static int
enter(struct events *e, struct viewer *v)
{
	if (e->closed || e->count >= e->settings.viewers_max) {
		errno = ENOBUFS;
		return -1;
	}
	v->beat = e->beat;
	v->has_place = v->settings.last_id != NULL &&
	    live_after(e->live, v->settings.last_id, &v->at);
	v->next = e->viewers;
	v->link = &e->viewers;
	if (v->next != NULL)
		v->next->link = &v->next;
	e->viewers = v;
	e->count++;
	metric_set(e->viewer_count, (int64_t)e->count);
	pthread_cond_broadcast(&e->change);
	return 0;
}

struct viewer *
viewer_join(struct events *e, const struct viewer_settings *settings)
{
	struct viewer *v = calloc(1, sizeof(*v));
	struct token token;
	int rc;

	if (v == NULL)
		return NULL;
	v->events = e;
	v->asker = *settings->asker;
	v->settings = *settings;
	if (v->asker.known &&
	    tokens_get(e->settings.tokens, v->asker.id, &token) == TOKENS_FOUND)
		memcpy(v->hash, token.hash, sizeof(v->hash));
	pthread_mutex_lock(&e->lock);
	rc = enter(e, v);
	pthread_mutex_unlock(&e->lock);
	if (rc == 0)
		return v;
	free(v);
	errno = ENOBUFS;
	return NULL;
}

/* The text to go on with; NULL: none now. */
static struct live_text *
next_text(struct viewer *v)
{
	struct live *live = v->events->live;

	if (v->text != NULL || !find_event(v))
		return v->text;
	v->sent = 0;
	if (!v->has_place) {
		v->text = live_snapshot(live, v->asker.cart, &v->at);
		v->has_place = v->text != NULL;
		v->over = v->text == NULL;
	} else if (v->at < live_first(live)) {
		v->over = true;
		metric_add(v->events->behind_count, 1);
	} else {
		v->text = live_text_hold(live_at(live, v->at++)->text);
	}
	return v->text;
}

static size_t
put(char *buf, size_t cap, const char *words)
{
	size_t len = strlen(words);

	if (len > cap)
		return 0;
	memcpy(buf, words, len);
	return len;
}

static size_t
fill(struct viewer *v, char *buf, size_t cap)
{
	size_t len = 0, part;
	struct live_text *text;

	if (!v->greeted) {
		v->greeted = true;
		len = put(buf, cap, hello);
	}
	while (len < cap && (text = next_text(v)) != NULL) {
		part = text->len - v->sent;
		if (part > cap - len)
			part = cap - len;
		memcpy(buf + len, text->bytes + v->sent, part);
		len += part;
		v->sent += part;
		if (v->sent < text->len)
			break;
		live_text_drop(text);
		v->text = NULL;
	}
	if (len == 0 && v->beat != v->events->beat)
		len = put(buf, cap, beat);
	if (len > 0)
		v->beat = v->events->beat;
	return len;
}

long
viewer_read(struct viewer *v, char *buf, size_t cap)
{
	struct events *e = v->events;
	long len;

	pthread_mutex_lock(&e->lock);
	len = v->over || e->closed ? -1 : (long)fill(v, buf, cap);
	if (len == 0 && v->over)
		len = -1;
	if (len == 0) {
		v->asleep = true;
		v->settings.sleep(v->settings.ctx);
	}
	pthread_mutex_unlock(&e->lock);
	return len;
}

void
viewer_leave(struct viewer *v)
{
	struct events *e = v->events;

	pthread_mutex_lock(&e->lock);
	*v->link = v->next;
	if (v->next != NULL)
		v->next->link = v->link;
	e->count--;
	metric_set(e->viewer_count, (int64_t)e->count);
	pthread_mutex_unlock(&e->lock);
	live_text_drop(v->text);
	free(v);
}
