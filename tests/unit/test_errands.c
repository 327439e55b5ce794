/*
 * Errands: one after the other, bounded, and all ended by a stop.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <pthread.h>
#include <string.h>

#include "backend/api/errands.h"

struct desk {
	struct errands *errands;
	pthread_mutex_t lock;
	pthread_cond_t change;
	bool held; /* the first one waits while it is */
	char done[ERRANDS_MAX + 4]; /* by name, upper case: with a view */
	size_t done_count;
};

struct paper {
	struct desk *desk;
	char name;
};

static void
run(void *ctx, struct log_view *view)
{
	struct paper *p = ctx;
	struct desk *d = p->desk;

	pthread_mutex_lock(&d->lock);
	while (d->held)
		pthread_cond_wait(&d->change, &d->lock);
	d->done[d->done_count++] = (char)(view != NULL ? p->name - 32
						       : p->name);
	pthread_cond_broadcast(&d->change);
	pthread_mutex_unlock(&d->lock);
}

static void
hold(struct desk *d, bool held)
{
	pthread_mutex_lock(&d->lock);
	d->held = held;
	pthread_cond_broadcast(&d->change);
	pthread_mutex_unlock(&d->lock);
}

static void
wait_done(struct desk *d, size_t count)
{
	pthread_mutex_lock(&d->lock);
	while (d->done_count < count)
		pthread_cond_wait(&d->change, &d->lock);
	pthread_mutex_unlock(&d->lock);
}

static void
begin(struct desk *d)
{
	static const struct kafka_settings nobody = { "127.0.0.1:1", "test",
		NULL };
	char why[200];

	memset(d, 0, sizeof(*d));
	pthread_mutex_init(&d->lock, NULL);
	pthread_cond_init(&d->change, NULL);
	d->errands = errands_start(&nobody, why, sizeof(why));
	assert_non_null(d->errands);
}

static void
end(struct desk *d)
{
	errands_free(d->errands);
	pthread_cond_destroy(&d->change);
	pthread_mutex_destroy(&d->lock);
}

static void
they_are_run_in_order(void **state)
{
	struct desk d;
	struct paper papers[3] = { { &d, 'a' }, { &d, 'b' }, { &d, 'c' } };

	(void)state;
	begin(&d);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(
		    errands_hand_over(d.errands, run, &papers[i]), 0);
	wait_done(&d, 3);
	assert_string_equal(d.done, "ABC");
	end(&d);
}

static void
no_more_wait_than_there_is_room_for(void **state)
{
	struct desk d;
	struct paper papers[ERRANDS_MAX + 2];
	size_t taken = 0;

	(void)state;
	begin(&d);
	hold(&d, true);
	for (size_t i = 0; i < ERRANDS_MAX + 2; i++) {
		papers[i] = (struct paper){ &d, 'a' };
		if (errands_hand_over(d.errands, run, &papers[i]) == 0)
			taken++;
		else
			assert_int_equal(errno, ENOBUFS);
	}
	/* Perhaps one was being run. */
	assert_in_range(taken, ERRANDS_MAX, ERRANDS_MAX + 1);
	hold(&d, false);
	wait_done(&d, taken);
	end(&d);
}

static void *
close_them(void *ctx)
{
	errands_close(((struct desk *)ctx)->errands);
	return NULL;
}

static void
a_stop_ends_each_without_asking(void **state)
{
	struct desk d;
	struct paper papers[3] = { { &d, 'a' }, { &d, 'b' }, { &d, 'c' } };
	pthread_t closer;

	(void)state;
	begin(&d);
	hold(&d, true);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(
		    errands_hand_over(d.errands, run, &papers[i]), 0);
	assert_int_equal(pthread_create(&closer, NULL, close_them, &d), 0);
	while (errands_hand_over(d.errands, run, &papers[0]) == 0 ||
	    errno != ESHUTDOWN)
		assert_true(errno == ENOBUFS || errno == 0);
	hold(&d, false);
	pthread_join(closer, NULL);
	assert_true(d.done_count >= 3);
	/* The last had no view any more. */
	assert_int_equal(d.done[d.done_count - 1] & 32, 32);
	assert_int_equal(errands_hand_over(d.errands, run, &papers[0]), -1);
	assert_int_equal(errno, ESHUTDOWN);
	end(&d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(they_are_run_in_order),
		cmocka_unit_test(no_more_wait_than_there_is_room_for),
		cmocka_unit_test(a_stop_ends_each_without_asking),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
