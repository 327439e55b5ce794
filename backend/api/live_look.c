/*
 * Things are in a tree by kind and id; a look marks what it has seen, and an
 * alert or order that it has not is closed: it is read once more by its id.
 * Only the looking thread changes the tree, so it may compare without the
 * lock.
 */
#include <errno.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/api/live_parts.h"
#include "backend/api/rows.h"

static const char *const kind_names[KINDS] = { "cart", "alert", "order" };

static int
thing_order(const void *left, const void *right)
{
	const struct thing *a = left, *b = right;

	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	return strcmp(a->id, b->id);
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
	    : live_text_make(
		  l, kind_names[wanted->kind], l->next, j->text, j->len);
	if (text == NULL) {
		l->failed = true;
		return;
	}
	pthread_mutex_lock(l->lock);
	live_push(l, wanted->cart, text);
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
	l->json.failed = 0;
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
		live_thing_free(u.found);
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
