/*
 * Things are in a tree by kind and id; a look marks what it has seen, and an
 * alert or order that it has not is closed: it is read once more by its id.
 * Only the looking thread changes the tree, so it may compare without the
 * lock.
 */
#include <errno.h>
#include <inttypes.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "backend/api/live.h"
#include "backend/api/rows.h"

/* Events since a snapshot that is used again. */
#define SNAPSHOT_BEHIND_MAX 256

enum kind { KIND_CART, KIND_ALERT, KIND_ORDER, KINDS };
static const char *const kind_names[KINDS] = { "cart", "alert", "order" };
static const char *const kind_lists[KINDS] = { "carts", "alerts", "orders" };

struct thing {
	enum kind kind;
	char id[ALERT_ID_MAX + ORDER_ID_MAX];
	char cart[CART_MAX + 1];
	struct live_text *text; /* its last event */
	uint64_t seen; /* in which look */
};

struct live {
	pthread_mutex_t *lock;
	uint32_t run; /* tells this program's events from those before it */
	void *things; /* of tsearch() */
	uint64_t look;
	struct jsonw json; /* of the thing at hand */
	bool failed; /* no memory */
	/* The ring. */
	struct live_event *events;
	size_t events_max, bytes_max, bytes;
	uint64_t first, next;
	struct live_text *snapshot; /* of all; NULL: not made yet */
	uint64_t snapshot_next; /* the event after it */
};

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

static void
thing_free(void *node)
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
	tdestroy(l->things, thing_free);
	live_text_drop(l->snapshot);
	jsonw_release(&l->json);
	free(l->events);
	free(l);
}

static int
thing_order(const void *left, const void *right)
{
	const struct thing *a = left, *b = right;

	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	return strcmp(a->id, b->id);
}

/* "event: ...\nid: ...\ndata: ...\n\n"; JSON has no line ends of its own. */
static struct live_text *
make_text(const struct live *l, const char *kind, uint64_t number,
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

/* With the lock. */
static void
push(struct live *l, const char *cart, struct live_text *text)
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

static struct thing *
thing_add(struct live *l, const struct thing *wanted)
{
	struct thing *t = malloc(sizeof(*t));

	if (t == NULL)
		return NULL;
	*t = *wanted;
	if (tsearch(t, &l->things, thing_order) == NULL) {
		free(t);
		return NULL;
	}
	return t;
}

/* l->json is the thing as it is now. */
static void
show(struct live *l, const struct thing *wanted)
{
	struct thing *const *found = tfind(wanted, &l->things, thing_order);
	struct thing *t = found != NULL ? *found : NULL;
	const struct jsonw *j = &l->json;
	struct live_text *text;

	if (t != NULL && t->text->data_len == j->len &&
	    memcmp(t->text->bytes + t->text->data_at, j->text, j->len) == 0) {
		t->seen = l->look;
		return;
	}
	text = jsonw_failed(j) != 0
	    ? NULL
	    : make_text(l, kind_names[wanted->kind], l->next, j->text, j->len);
	if (text == NULL) {
		l->failed = true;
		return;
	}
	pthread_mutex_lock(l->lock);
	push(l, wanted->cart, text);
	if (t != NULL) {
		live_text_drop(t->text);
		t->text = text;
	} else {
		t = thing_add(l, wanted);
		if (t != NULL)
			t->text = text;
		else
			live_text_drop(text);
	}
	pthread_mutex_unlock(l->lock);
	if (t == NULL)
		l->failed = true;
	else
		t->seen = l->look;
}

static void
take(struct live *l, enum kind kind, const char *id, const char *cart)
{
	struct thing wanted = { .kind = kind };

	snprintf(wanted.id, sizeof(wanted.id), "%s", id);
	snprintf(wanted.cart, sizeof(wanted.cart), "%s", cart);
	show(l, &wanted);
}

/* Its buffer is used again and again. */
static struct jsonw *
begin(struct live *l)
{
	l->json.len = 0;
	l->json.comma = false;
	return &l->json;
}

static int
cart_row(void *ctx, const struct cart_row *row)
{
	struct live *l = ctx;

	write_cart(begin(l), row);
	take(l, KIND_CART, row->cart, row->cart);
	return l->failed;
}

static int
alert_row(void *ctx, const struct alert_row *row)
{
	struct live *l = ctx;

	write_alert(begin(l), row);
	take(l, KIND_ALERT, row->event.id, row->event.cart);
	return l->failed;
}

static int
order_row(void *ctx, const struct restock_row *row)
{
	struct live *l = ctx;
	struct jsonw *j = begin(l);

	jsonw_open(j, '{');
	write_order(j, &row->order);
	jsonw_close(j, '}');
	take(l, KIND_ORDER, row->order.id, row->order.cart);
	return l->failed;
}

/* The open ones, or the one of this id. */
static int
look_alerts(struct live *l, struct reader *r, const char *id)
{
	const struct alerts_query query = { .id = id,
		.cause = -1,
		.open_only = id == NULL,
		.limit = id != NULL };

	return r->ops->alerts(r, &query, alert_row, l);
}

static int
look_orders(struct live *l, struct reader *r, const char *id)
{
	const struct restocks_query query = { .id = id,
		.state = -1,
		.open_only = id == NULL,
		.limit = id != NULL };

	return r->ops->restocks(r, &query, order_row, l);
}

struct unseen {
	uint64_t look;
	enum kind kind;
	struct thing *found;
};

static void
find_unseen(const void *node, VISIT visit, void *ctx)
{
	struct thing *t = *(struct thing *const *)node;
	struct unseen *u = ctx;

	if ((visit == postorder || visit == leaf) && u->found == NULL &&
	    t->kind == u->kind && t->seen != u->look)
		u->found = t;
}

/* Those of the kind that are open no more: their last word, then forgotten. */
static int
close_unseen(struct live *l, struct reader *r, enum kind kind,
    int (*look)(struct live *, struct reader *, const char *))
{
	struct unseen u = { l->look, kind, NULL };

	for (;;) {
		u.found = NULL;
		twalk_r(l->things, find_unseen, &u);
		if (u.found == NULL)
			return 0;
		if (look(l, r, u.found->id) == -1)
			return -1;
		pthread_mutex_lock(l->lock);
		tdelete(u.found, &l->things, thing_order);
		thing_free(u.found);
		pthread_mutex_unlock(l->lock);
	}
}

/* May it be well soon?  Then there is nothing new, and that is all. */
static bool
is_early(void)
{
	return errno == ENOENT || errno == EBUSY;
}

int
live_look(struct live *l, struct reader *r, int64_t now_ms, int64_t live_ms)
{
	l->look++;
	l->failed = false;
	if (r->ops->carts(r, NULL, now_ms, live_ms, cart_row, l) == -1 &&
	    !is_early())
		return -1;
	if (look_alerts(l, r, NULL) == -1 ||
	    close_unseen(l, r, KIND_ALERT, look_alerts) == -1) {
		if (!is_early())
			return -1;
	}
	if (look_orders(l, r, NULL) == -1 ||
	    close_unseen(l, r, KIND_ORDER, look_orders) == -1) {
		if (!is_early())
			return -1;
	}
	if (l->failed) {
		errno = ENOMEM;
		return -1;
	}
	return 0;
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
		text = make_text(l, "snapshot", l->next - 1, j.text, j.len);
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
