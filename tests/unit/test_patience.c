/*
 * Connections whose peer takes too long are ended, and no others.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include <poll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "backend/api/patience.h"

#define WAIT_MS 10000

struct pair {
	int ours, peers;
	struct watched *watched;
};

static struct metrics *metrics;
static struct patience *patience;

static int
setup(void **state)
{
	(void)state;
	metrics = metrics_new();
	assert_non_null(metrics);
	patience = patience_start(metrics);
	assert_non_null(patience);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	patience_stop(patience);
	metrics_free(metrics);
	return 0;
}

static void
open_pair(struct pair *p)
{
	int fds[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	p->ours = fds[0];
	p->peers = fds[1];
	p->watched = patience_watch(patience, p->ours);
	assert_non_null(p->watched);
}

static void
close_pair(struct pair *p)
{
	patience_forget(patience, p->watched);
	close(p->ours);
	close(p->peers);
}

/* Has the peer been told the end within so long? */
static bool
ends(const struct pair *p, int ms)
{
	struct pollfd fd = { .fd = p->peers, .events = POLLIN };
	char byte;

	return poll(&fd, 1, ms) == 1 && recv(p->peers, &byte, 1, 0) == 0;
}

static void
who_takes_too_long_is_left(void **state)
{
	struct pair slow, quick, patient;

	(void)state;
	open_pair(&slow);
	open_pair(&quick);
	open_pair(&patient);
	patience_await(patience, slow.watched, 1);
	patience_await(patience, quick.watched, 1);
	patience_await(patience, quick.watched, 0);
	patience_await(patience, patient.watched, 3600);
	assert_true(ends(&slow, WAIT_MS));
	assert_false(ends(&quick, 1500));
	assert_false(ends(&patient, 0));
	close_pair(&slow);
	close_pair(&quick);
	close_pair(&patient);
}

static void
it_may_be_told_twice(void **state)
{
	struct pair p;

	(void)state;
	open_pair(&p);
	patience_await(patience, p.watched, 3600);
	patience_await(patience, p.watched, 1);
	assert_true(ends(&p, WAIT_MS));
	close_pair(&p);
}

static void
what_is_forgotten_is_not_touched(void **state)
{
	struct pair p;

	(void)state;
	open_pair(&p);
	patience_await(patience, p.watched, 1);
	patience_forget(patience, p.watched);
	p.watched = NULL;
	assert_false(ends(&p, 2500));
	close_pair(&p); /* nothing is forgotten twice */
	patience_await(patience, NULL, 1);
}

#define PATIENCE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		PATIENCE(who_takes_too_long_is_left),
		PATIENCE(it_may_be_told_twice),
		PATIENCE(what_is_forgotten_is_not_touched),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
