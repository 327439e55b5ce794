/*
 * The ring of events, and snapshots; live_look.c fills it.
 */
#include <inttypes.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "backend/api/live_parts.h"

/* Events since a snapshot that is used again. */
#define SNAPSHOT_BEHIND_MAX 256

static const char *const kind_lists[KINDS] = { "carts", "alerts", "orders" };

struct live_text *
live_text_hold(struct live_text *text)
{
	atomic_fetch_add(&text->holders, 1);
	return text;
}

void
live_text_drop(struct live_text *text)
{
	if (text != NULL && atomic_fetch_sub(&text->holders, 1) == 1)
		free(text);
}

struct live *
live_new(pthread_mutex_t *lock, size_t bytes_max, size_t events_max)
{
	struct live *l = calloc(1, sizeof(*l));

	if (l == NULL)
		return NULL;
	l->events = calloc(events_max, sizeof(*l->events));
	if (l->events == NULL ||
	    getrandom(&l->run, sizeof(l->run), 0) != sizeof(l->run)) {
		free(l->events);
		free(l);
		return NULL;
	}
	l->lock = lock;
	l->bytes_max = bytes_max;
	l->events_max = events_max;
	l->first = l->next = 1;
	jsonw_init(&l->json);
	return l;
}

void
live_thing_free(void *node)
{
	struct thing *t = node;

	live_text_drop(t->text);
	free(t);
}

static void
drop_first(struct live *l)
{
	struct live_event *e = &l->events[l->first++ % l->events_max];

	l->bytes -= e->text->len;
	live_text_drop(e->text);
	e->text = NULL;
}

void
live_free(struct live *l)
{
	if (l == NULL)
		return;
	while (l->first < l->next)
		drop_first(l);
	tdestroy(l->things, live_thing_free);
	live_text_drop(l->snapshot);
	jsonw_release(&l->json);
	free(l->events);
	free(l);
}

/* "event: ...\nid: ...\ndata: ...\n\n"; JSON has no line ends of its own. */
struct live_text *
live_text_make(const struct live *l, const char *kind, uint64_t number,
    const char *data, size_t len)
{
	char head[80];
	int head_len = snprintf(head, sizeof(head),
	    "event: %s\nid: %08" PRIx32 "-%" PRIu64 "\ndata: ", kind, l->run,
	    number);
	struct live_text *text = malloc(
	    sizeof(*text) + (size_t)head_len + len + 2);

	if (text == NULL)
		return NULL;
	atomic_init(&text->holders, 1);
	text->data_at = (size_t)head_len;
	text->data_len = len;
	text->len = text->data_at + len + 2;
	memcpy(text->bytes, head, text->data_at);
	if (len > 0)
		memcpy(text->bytes + text->data_at, data, len);
	memcpy(text->bytes + text->data_at + len, "\n\n", 2);
	return text;
}

void
live_push(struct live *l, const char *cart, struct live_text *text)
{
	struct live_event *e;

	while (l->first < l->next &&
	    (l->next - l->first == l->events_max ||
		l->bytes + text->len > l->bytes_max))
		drop_first(l);
	e = &l->events[l->next++ % l->events_max];
	snprintf(e->cart, sizeof(e->cart), "%s", cart);
	e->text = live_text_hold(text);
	l->bytes += text->len;
}

uint64_t
live_first(const struct live *l)
{
	return l->first;
}

uint64_t
live_next(const struct live *l)
{
	return l->next;
}

const struct live_event *
live_at(const struct live *l, uint64_t number)
{
	return &l->events[number % l->events_max];
}

bool
live_after(const struct live *l, const char *last_id, uint64_t *number)
{
	uint32_t run;
	uint64_t last;
	int end = 0;

	if (sscanf(last_id, "%8" SCNx32 "-%19" SCNu64 "%n", &run, &last,
		&end) != 2 ||
	    last_id[end] != '\0' || run != l->run || last + 1 < l->first ||
	    last >= l->next)
		return false;
	*number = last + 1;
	return true;
}

struct listing {
	struct jsonw *json;
	enum kind kind;
	const char *cart; /* "": all */
};

static void
list_thing(const void *node, VISIT visit, void *ctx)
{
	const struct thing *t = *(struct thing *const *)node;
	struct listing *s = ctx;

	if ((visit == postorder || visit == leaf) && t->kind == s->kind &&
	    (s->cart[0] == '\0' || strcmp(s->cart, t->cart) == 0))
		jsonw_raw(s->json, t->text->bytes + t->text->data_at,
		    t->text->data_len);
}

static struct live_text *
make_snapshot(struct live *l, const char *cart)
{
	struct listing s = { .cart = cart };
	struct live_text *text = NULL;
	struct jsonw j;

	jsonw_init(&j);
	s.json = &j;
	jsonw_open(&j, '{');
	for (int kind = 0; kind < KINDS; kind++) {
		s.kind = (enum kind)kind;
		jsonw_key(&j, kind_lists[kind]);
		jsonw_open(&j, '[');
		twalk_r(l->things, list_thing, &s);
		jsonw_close(&j, ']');
	}
	jsonw_close(&j, '}');
	if (jsonw_failed(&j) == 0)
		text = live_text_make(
		    l, "snapshot", l->next - 1, j.text, j.len);
	jsonw_release(&j);
	return text;
}

/* A whole one serves many, with the events since then after it. */
struct live_text *
live_snapshot(struct live *l, const char *cart, uint64_t *next)
{
	*next = l->next;
	if (cart[0] != '\0')
		return make_snapshot(l, cart);
	if (l->snapshot == NULL || l->snapshot_next < l->first ||
	    l->next - l->snapshot_next > SNAPSHOT_BEHIND_MAX) {
		live_text_drop(l->snapshot);
		l->snapshot = make_snapshot(l, "");
		l->snapshot_next = l->next;
	}
	*next = l->snapshot_next;
	return l->snapshot != NULL ? live_text_hold(l->snapshot) : NULL;
}
