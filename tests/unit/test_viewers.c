/*
 * Those who look on: what each reads, when it sleeps and when it is sent away,
 * over carts without end.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/api/events.h"

#define NOW INT64_C(1795179900000)
#define TOKEN "aaaaaaaa.secret"

/* A fleet of which every cart is elsewhere at each look. */
struct fleet {
	struct reader reader; /* first */
	pthread_mutex_t lock;
	pthread_cond_t change;
	int carts;
	bool moving;
	int looks, woken;
	_Atomic bool gone; /* each client */
	struct clock_manual clock;
	struct metrics *metrics;
	struct tokens *tokens;
	struct sessions *sessions;
	struct events *events;
};

static int
give_carts(struct reader *r, const char *cart, int64_t now_ms, int64_t live_ms,
    int (*row)(void *, const struct cart_row *), void *ctx)
{
	struct fleet *f = (struct fleet *)r;
	struct cart_row one = { .has_fix = true };
	int carts;

	(void)cart;
	(void)now_ms;
	(void)live_ms;
	pthread_mutex_lock(&f->lock);
	f->looks++;
	pthread_cond_broadcast(&f->change);
	one.backlog = f->moving ? (uint32_t)f->looks : 0;
	carts = f->carts;
	pthread_mutex_unlock(&f->lock);
	for (int i = 0; i < carts; i++) {
		snprintf(one.cart, sizeof(one.cart), "C%05d", i % 100000);
		row(ctx, &one);
	}
	return 0;
}

static int
no_alerts(struct reader *r, const struct alerts_query *query,
    int (*row)(void *, const struct alert_row *), void *ctx)
{
	(void)r;
	(void)query;
	(void)row;
	(void)ctx;
	errno = ENOENT;
	return -1;
}

static int
no_version(struct reader *r, enum read_database db, int64_t *version)
{
	(void)r;
	(void)db;
	(void)version;
	errno = ENOENT;
	return -1;
}

static void
close_nothing(struct reader *r)
{
	(void)r;
}

static const struct reader_ops ops = { .carts = give_carts,
	.alerts = no_alerts,
	.version = no_version,
	.close = close_nothing };

static struct reader *
open_reader(void *ctx)
{
	struct fleet *f = ctx;

	return &f->reader;
}

static void
add_token(struct tokens *tokens)
{
	struct token token = { .id = "aaaaaaaa", .role = TOKEN_ADMIN };

	assert_int_equal(token_hash(TOKEN, strlen(TOKEN), token.hash), 0);
	assert_int_equal(tokens_put(tokens, &token), 0);
	tokens_set_known(tokens);
}

static int
setup(void **state)
{
	struct fleet *f = calloc(1, sizeof(*f));
	struct events_settings settings;

	assert_non_null(f);
	f->reader.ops = &ops;
	f->carts = 3;
	pthread_mutex_init(&f->lock, NULL);
	pthread_cond_init(&f->change, NULL);
	clock_manual_init(&f->clock, NOW);
	f->metrics = metrics_new();
	f->tokens = tokens_new();
	f->sessions = sessions_new(NULL, 3600000, false);
	add_token(f->tokens);
	settings = (struct events_settings){ .clock = &f->clock.clock,
		.live_ms = 60000,
		.tokens = f->tokens,
		.sessions = f->sessions,
		.viewers_max = 2,
		.open_reader = open_reader,
		.ctx = f,
		.metrics = f->metrics };
	f->events = events_start(&settings);
	assert_non_null(f->events);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fleet *f = *state;

	events_free(f->events);
	sessions_free(f->sessions);
	tokens_free(f->tokens);
	metrics_free(f->metrics);
	pthread_cond_destroy(&f->change);
	pthread_mutex_destroy(&f->lock);
	free(f);
	return 0;
}

static void
on_sleep(void *ctx)
{
	(void)ctx;
}

static void
on_wake(void *ctx)
{
	struct fleet *f = ctx;

	pthread_mutex_lock(&f->lock);
	f->woken++;
	pthread_cond_broadcast(&f->change);
	pthread_mutex_unlock(&f->lock);
}

static bool
is_gone(void *ctx)
{
	return atomic_load(&((struct fleet *)ctx)->gone);
}

static void
wait_looks(struct fleet *f, int more)
{
	int until;

	pthread_mutex_lock(&f->lock);
	until = f->looks + more;
	while (f->looks < until)
		pthread_cond_wait(&f->change, &f->lock);
	pthread_mutex_unlock(&f->lock);
}

static struct viewer *
join(struct fleet *f, const struct asker *asker)
{
	const struct viewer_settings settings = { asker, NULL, on_sleep,
		on_wake, is_gone, f };

	return viewer_join(f->events, &settings);
}

/* A read that has something, or is the end: it sleeps until then. */
static long
read_some(struct fleet *f, struct viewer *v, char *buf, size_t cap)
{
	long len;
	int woken;

	for (;;) {
		pthread_mutex_lock(&f->lock);
		woken = f->woken;
		pthread_mutex_unlock(&f->lock);
		len = viewer_read(v, buf, cap);
		if (len != 0)
			return len;
		pthread_mutex_lock(&f->lock);
		while (f->woken == woken)
			pthread_cond_wait(&f->change, &f->lock);
		pthread_mutex_unlock(&f->lock);
	}
}

static const struct asker anyone,
    known = { .known = true, .role = TOKEN_ADMIN, .id = "aaaaaaaa" };

/* Reads until the text is there. */
static void
read_until(struct fleet *f, struct viewer *v, const char *text)
{
	char buf[4096];
	long len;

	do {
		len = read_some(f, v, buf, sizeof(buf));
		assert_true(len > 0);
	} while (memmem(buf, (size_t)len, text, strlen(text)) == NULL);
}

static void
it_reads_a_snapshot_and_sleeps_until_something_moves(void **state)
{
	struct fleet *f = *state;
	struct viewer *v = join(f, &anyone);
	char buf[4096];

	assert_non_null(v);
	read_until(f, v, "\"C00002\"");
	assert_int_equal(viewer_read(v, buf, sizeof(buf)), 0);
	wait_looks(f, 3);
	assert_int_equal(f->woken <= 1, 1);
	pthread_mutex_lock(&f->lock);
	f->moving = true;
	pthread_mutex_unlock(&f->lock);
	read_until(f, v, "event: cart\nid: ");
	viewer_leave(v);
}

static void
a_beat_comes_after_the_snapshot_and_between_whole_events(void **state)
{
	struct fleet *f = *state;
	struct viewer *v = join(f, &anyone);
	char text[8192] = "", *beat, *snapshot;
	size_t len = 0;
	long part;

	/* The first look of all has one; bytes by bytes. */
	while (strstr(text, "event: beat") == NULL ||
	    strstr(text, "\"C00002\"") == NULL) {
		part = read_some(f, v, text + len, 7);
		assert_true(part > 0);
		len += (size_t)part;
		assert_true(len < sizeof(text) - 8);
		text[len] = '\0';
	}
	snapshot = strstr(text, "event: snapshot");
	beat = strstr(text, "event: beat");
	assert_non_null(snapshot);
	assert_true(snapshot < beat);
	assert_memory_equal(beat - 2, "\n\n", 2);
	viewer_leave(v);
}

static void
who_reads_too_slowly_is_sent_away(void **state)
{
	struct fleet *f = *state;
	struct viewer *v;
	char buf[64], more[4096];
	long len;

	f->carts = 40000;
	f->moving = true;
	v = join(f, &anyone);
	assert_true(read_some(f, v, buf, sizeof(buf)) > 0);
	assert_true(read_some(f, v, buf, sizeof(buf)) > 0);
	wait_looks(f, 3);
	/* What was begun is whole, then it is over. */
	do {
		len = viewer_read(v, more, sizeof(more));
		if (len > 1)
			memcpy(buf, more + len - 2, 2);
	} while (len > 0);
	assert_int_equal(len, -1);
	assert_memory_equal(buf, "\n\n", 2);
	assert_int_equal(viewer_read(v, more, sizeof(more)), -1);
	viewer_leave(v);
}

static void
a_revoked_token_ends_it(void **state)
{
	struct fleet *f = *state;
	struct viewer *v = join(f, &known);
	char buf[4096];

	read_until(f, v, "\"C00002\"");
	tokens_remove(f->tokens, "aaaaaaaa", 8);
	while (read_some(f, v, buf, sizeof(buf)) > 0)
		continue;
	viewer_leave(v);
}

static void
who_hangs_up_is_let_go(void **state)
{
	struct fleet *f = *state;
	struct viewer *v = join(f, &anyone);
	char buf[4096];

	read_until(f, v, "\"C00002\"");
	atomic_store(&f->gone, true);
	while (read_some(f, v, buf, sizeof(buf)) > 0)
		continue;
	viewer_leave(v);
}

static void
there_is_room_for_so_many_and_none_after_the_close(void **state)
{
	struct fleet *f = *state;
	struct viewer *a = join(f, &anyone), *b = join(f, &known);
	char buf[4096];

	assert_non_null(a);
	assert_non_null(b);
	assert_null(join(f, &anyone));
	assert_int_equal(errno, ENOBUFS);
	viewer_leave(a);
	a = join(f, &anyone);
	assert_non_null(a);
	read_until(f, a, "\"C00002\"");
	read_until(f, b, "\"C00002\"");
	events_close(f->events);
	assert_int_equal(read_some(f, a, buf, sizeof(buf)), -1);
	assert_int_equal(read_some(f, b, buf, sizeof(buf)), -1);
	viewer_leave(a);
	viewer_leave(b);
	assert_null(join(f, &anyone));
}

#define FLEET(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FLEET(it_reads_a_snapshot_and_sleeps_until_something_moves),
		FLEET(a_beat_comes_after_the_snapshot_and_between_whole_events),
		FLEET(who_reads_too_slowly_is_sent_away),
		FLEET(a_revoked_token_ends_it),
		FLEET(who_hangs_up_is_let_go),
		FLEET(there_is_room_for_so_many_and_none_after_the_close),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
