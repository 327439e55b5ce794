/*
 * A way's thread: what is handed over comes back with what became of it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "backend/consumer/sender.h"

/* A server that a test holds up and lets go. */
struct server {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool held;
	enum courier_outcome outcome;
	atomic_int asked;
};

static void
server_init(struct server *server, bool held)
{
	*server = (struct server){ .held = held, .outcome = OUTCOME_SENT };
	pthread_mutex_init(&server->lock, NULL);
	pthread_cond_init(&server->changed, NULL);
}

static void
server_let_go(struct server *server, enum courier_outcome outcome)
{
	pthread_mutex_lock(&server->lock);
	server->held = false;
	server->outcome = outcome;
	pthread_cond_broadcast(&server->changed);
	pthread_mutex_unlock(&server->lock);
}

static void
server_send(
    void *ctx, const struct parcel *parcel, struct courier_result *result)
{
	struct server *server = ctx;

	atomic_fetch_add(&server->asked, 1);
	assert_string_equal(parcel->to, "ana");
	pthread_mutex_lock(&server->lock);
	while (server->held)
		pthread_cond_wait(&server->changed, &server->lock);
	result->outcome = server->outcome;
	result->doubtful = server->outcome == OUTCOME_AWAY;
	pthread_mutex_unlock(&server->lock);
}

static void
server_idle(void *ctx)
{
	(void)ctx;
}

static const struct sender_way way = { "test", server_send, server_idle };

static int
put(struct sender *sender, int64_t id)
{
	struct parcel parcel = { .id = id,
		.to = strdup("ana"),
		.mail_id = strdup("m"),
		.bytes = strdup("words"),
		.len = 5 };

	return sender_put(sender, &parcel);
}

/* So many reports, once they are there. */
static void
take(struct sender *sender, struct parcel_report *reports, size_t count)
{
	size_t taken = 0;

	while (taken < count)
		taken += sender_take(sender, reports + taken, count - taken);
}

static void
each_comes_back_once_in_order(void **state)
{
	static struct parcel_report reports[SENDER_MAX];
	struct server server;
	struct sender *sender;
	int64_t next = 0, back = 0;

	(void)state;
	server_init(&server, false);
	sender = sender_new(&way, &server);
	assert_non_null(sender);
	while (back < 5000) {
		size_t room = sender_room(sender), taken;

		for (size_t i = 0; i < room && next < 5000; i++)
			assert_int_equal(put(sender, next++), 0);
		taken = sender_take(sender, reports, SENDER_MAX);
		assert_true(taken == 0 || !sender_has_reports(sender) ||
		    atomic_load(&server.asked) > back);
		for (size_t i = 0; i < taken; i++) {
			assert_int_equal(reports[i].id, back++);
			assert_int_equal(
			    reports[i].result.outcome, OUTCOME_SENT);
		}
	}
	assert_int_equal(atomic_load(&server.asked), 5000);
	assert_int_equal(sender_room(sender), SENDER_MAX);
	sender_free(sender);
}

static void
it_takes_no_more_than_it_may(void **state)
{
	struct parcel_report report;
	struct server server;
	struct sender *sender;

	(void)state;
	server_init(&server, true);
	sender = sender_new(&way, &server);
	assert_non_null(sender);
	for (int i = 0; i < SENDER_MAX; i++)
		assert_int_equal(put(sender, i), 0);
	assert_int_equal(sender_room(sender), 0);
	assert_int_equal(put(sender, 1), -1);
	assert_int_equal(errno, ENOBUFS);
	server_let_go(&server, OUTCOME_SENT);
	take(sender, &report, 1);
	assert_int_equal(sender_room(sender), 1);
	sender_free(sender);
}

static void
a_server_that_is_away_is_asked_once(void **state)
{
	struct parcel_report reports[100];
	struct server server;
	struct sender *sender;

	(void)state;
	server_init(&server, true);
	sender = sender_new(&way, &server);
	assert_non_null(sender);
	for (int i = 0; i < 100; i++)
		assert_int_equal(put(sender, i), 0);
	server_let_go(&server, OUTCOME_AWAY);
	take(sender, reports, 100);
	assert_int_equal(atomic_load(&server.asked), 1);
	/* What was not tried cannot have arrived. */
	assert_true(reports[0].result.doubtful);
	for (int i = 1; i < 100; i++) {
		assert_int_equal(reports[i].result.outcome, OUTCOME_AWAY);
		assert_false(reports[i].result.doubtful);
	}
	sender_free(sender);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_comes_back_once_in_order),
		cmocka_unit_test(it_takes_no_more_than_it_may),
		cmocka_unit_test(a_server_that_is_away_is_asked_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
