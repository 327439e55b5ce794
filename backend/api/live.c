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
#include "lib/clock.h"

/* Events since a snapshot that is used again. */
#define SNAPSHOT_BEHIND_MAX 256

static const char *const kind_lists[KINDS] = { "carts", "alerts", "orders",
	"tickets", "members" };

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
	for (int kind = 0; kind < KINDS; kind++)
		l->versions[kind] = VERSION_UNKNOWN;
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
	for (size_t i = 0; i < 2; i++)
		live_text_drop(l->wholes[i].text);
	jsonw_release(&l->json);
	free(l->events);
	free(l);
}

/* JSON has no line ends of its own. */
static struct live_text *
make_text(const char *head, const char *data, size_t len)
{
	size_t head_len = strlen(head);
	struct live_text *text = malloc(sizeof(*text) + head_len + len + 2);

	if (text == NULL)
		return NULL;
	atomic_init(&text->holders, 1);
	text->data_at = head_len;
	text->data_len = len;
	text->len = text->data_at + len + 2;
	memcpy(text->bytes, head, text->data_at);
	if (len > 0)
		memcpy(text->bytes + text->data_at, data, len);
	memcpy(text->bytes + text->data_at + len, "\n\n", 2);
	return text;
}

struct live_text *
live_text_make(const struct live *l, const char *kind, uint64_t number,
    const char *data, size_t len)
{
	char head[80];

	snprintf(head, sizeof(head),
	    "event: %s\nid: %08" PRIx32 "-%" PRIu64 "\ndata: ", kind, l->run,
	    number);
	return make_text(head, data, len);
}

struct live_text *
live_beat(int64_t now_ms)
{
	char at[CLOCK_TEXT], data[CLOCK_TEXT + 10];

	clock_format(now_ms, at);
	snprintf(data, sizeof(data), "{\"at\":\"%s\"}", at);
	return make_text("event: beat\ndata: ", data, strlen(data));
}

void
live_push(struct live *l, const struct thing *thing, struct live_text *text)
{
	struct live_event *e;

	while (l->first < l->next &&
	    (l->next - l->first == l->events_max ||
		l->bytes + text->len > l->bytes_max))
		drop_first(l);
	e = &l->events[l->next++ % l->events_max];
	memcpy(e->cart, thing->cart, sizeof(e->cart));
	e->of_member = thing->kind == KIND_MEMBER;
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

static bool
is_shown(const struct live_sight *sight, bool of_member, const char *cart)
{
	if (of_member)
		return sight->members;
	return sight->cart[0] == '\0' || strcmp(sight->cart, cart) == 0;
}

bool
live_shows(const struct live_sight *sight, const struct live_event *e)
{
	return is_shown(sight, e->of_member, e->cart);
}

struct listing {
	struct jsonw json;
	int kind; /* whose list is open; -1: none yet */
	const struct live_sight *sight;
};

/* Closes the lists before the kind's, and opens its own. */
static void
go_to_list(struct listing *s, int kind)
{
	while (s->kind < kind) {
		if (s->kind != -1)
			jsonw_close(&s->json, ']');
		s->kind++;
		if (s->kind == KINDS)
			break;
		jsonw_key(&s->json, kind_lists[s->kind]);
		jsonw_open(&s->json, '[');
	}
}

static void
list_thing(const void *node, VISIT visit, void *ctx)
{
	const struct thing *t = *(struct thing *const *)node;
	struct listing *s = ctx;

	if ((visit != postorder && visit != leaf) ||
	    !is_shown(s->sight, t->kind == KIND_MEMBER, t->cart))
		return;
	go_to_list(s, (int)t->kind);
	jsonw_raw(
	    &s->json, t->text->bytes + t->text->data_at, t->text->data_len);
}

/* The tree is in order of the kinds. */
static struct live_text *
make_snapshot(struct live *l, const struct live_sight *sight)
{
	struct listing s = { .kind = -1, .sight = sight };
	struct live_text *text = NULL;

	jsonw_init(&s.json);
	jsonw_open(&s.json, '{');
	twalk_r(l->things, list_thing, &s);
	go_to_list(&s, KINDS);
	jsonw_close(&s.json, '}');
	if (jsonw_failed(&s.json) == 0)
		text = live_text_make(
		    l, "snapshot", l->next - 1, s.json.text, s.json.len);
	jsonw_release(&s.json);
	return text;
}

/* A whole one serves many, with the events since then after it. */
struct live_text *
live_snapshot(struct live *l, const struct live_sight *sight, uint64_t *next)
{
	struct live_whole *whole = &l->wholes[sight->members];

	*next = l->next;
	if (sight->cart[0] != '\0')
		return make_snapshot(l, sight);
	if (whole->text == NULL || whole->next < l->first ||
	    l->next - whole->next > SNAPSHOT_BEHIND_MAX) {
		live_text_drop(whole->text);
		whole->text = make_snapshot(l, sight);
		whole->next = l->next;
	}
	*next = whole->next;
	return whole->text != NULL ? live_text_hold(whole->text) : NULL;
}
