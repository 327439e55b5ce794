#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "backend/api/events_parts.h"

/* What a page that lost its connection waits before it comes again. */
static const char hello[] = "retry: 2000\n\n";

/* Goes over what is another's. */
bool
viewer_has_event(struct viewer *v)
{
	struct live *live = v->events->live;

	if (!v->has_place)
		return v->events->fresh;
	if (v->at < live_first(live))
		return true; /* too late: viewer_read() says so */
	while (v->at < live_next(live) &&
	    !live_shows(&v->sight, live_at(live, v->at)))
		v->at++;
	return v->at < live_next(live);
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
	memcpy(v->sight.cart, v->asker.cart, sizeof(v->sight.cart));
	v->sight.members = v->asker.known && v->asker.role == TOKEN_ADMIN;
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

	if (v->text != NULL)
		return v->text;
	v->sent = 0;
	if (v->has_place && v->beat != v->events->beat) {
		v->beat = v->events->beat;
		v->text = live_text_hold(v->events->beat_text);
		return v->text;
	}
	if (!viewer_has_event(v))
		return NULL;
	if (!v->has_place) {
		v->text = live_snapshot(live, &v->sight, &v->at);
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
