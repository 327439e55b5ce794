/*
 * Things are in a tree by kind and id; a look marks what it has seen, and what
 * it has not (but carts, which stay) is closed: it is read once more by its
 * id.  A database that nobody has written to since the last look is not read.
 * Only the looking thread changes the tree, so it may compare without the
 * lock.
 */
#include <errno.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/api/live_parts.h"

static const char *const kind_names[KINDS] = { "cart", "alert", "order",
	"ticket", "member" };

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
	live_push(l, wanted, text);
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

void
live_take(struct live *l, enum kind kind, const char *id, const char *cart)
{
	struct thing wanted = { .kind = kind };

	snprintf(wanted.id, sizeof(wanted.id), "%s", id);
	snprintf(wanted.cart, sizeof(wanted.cart), "%s", cart);
	show(l, &wanted);
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

/* Those of the kind that are live no more: their last word, then forgotten. */
static int
close_unseen(struct live *l, struct reader *r, enum kind kind)
{
	struct unseen u = { l->look, kind, NULL };

	for (;;) {
		u.found = NULL;
		twalk_r(l->things, find_unseen, &u);
		if (u.found == NULL)
			return 0;
		if (live_read(l, r, kind, u.found->id, 0, 0) == -1)
			return -1;
		pthread_mutex_lock(l->lock);
		tdelete(u.found, &l->things, thing_order);
		live_thing_free(u.found);
		pthread_mutex_unlock(l->lock);
	}
}

/*
 * What changes only with the one database that it stands in.  Of a cart the
 * time that passes says whether it is live, and alerts stand in several.
 */
static bool
has_database(enum kind kind, enum read_database *db)
{
	static const enum read_database databases[KINDS] = {
		[KIND_ORDER] = READ_STOCK,
		[KIND_TICKET] = READ_SUPPORT,
		[KIND_MEMBER] = READ_MEMBERS,
	};

	*db = databases[kind];
	return kind != KIND_CART && kind != KIND_ALERT;
}

static int
look_at(struct live *l, struct reader *r, enum kind kind, int64_t now_ms,
    int64_t live_ms)
{
	int64_t version = VERSION_UNKNOWN;
	enum read_database db;

	/* Before it is read: what is written meanwhile is read the next
	 * time. */
	if (has_database(kind, &db) && r->ops->version(r, db, &version) == -1)
		return -1;
	if (version != VERSION_UNKNOWN && version == l->versions[kind])
		return 0;
	if (live_read(l, r, kind, NULL, now_ms, live_ms) == -1)
		return -1;
	if (kind != KIND_CART && !l->failed && close_unseen(l, r, kind) == -1)
		return -1;
	l->versions[kind] = version;
	return 0;
}

static int
fail(struct live *l, int error)
{
	/* The reader may be another the next time. */
	for (int kind = 0; kind < KINDS; kind++)
		l->versions[kind] = VERSION_UNKNOWN;
	errno = error;
	return -1;
}

int
live_look(struct live *l, struct reader *r, int64_t now_ms, int64_t live_ms)
{
	l->look++;
	l->failed = false;
	for (int kind = 0; kind < KINDS; kind++)
		/* It may be well soon: then there is nothing new, and that
		 * is all. */
		if (look_at(l, r, (enum kind)kind, now_ms, live_ms) == -1 &&
		    errno != ENOENT && errno != EBUSY)
			return fail(l, errno);
	return l->failed ? fail(l, ENOMEM) : 0;
}
