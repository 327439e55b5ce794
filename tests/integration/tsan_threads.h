/*
 * tsan_threads: C11's threads by way of pthreads.
 *
 * ThreadSanitizer of gcc 12 and clang 14 knows nothing of thrd_create(3),
 * with which Debian's librdkafka starts its threads, and crashes in them.
 * Included by one file of a test program that has librdkafka in it; empty
 * without ThreadSanitizer.
 */
#ifndef PREGON_TESTS_TSAN_THREADS_H
#define PREGON_TESTS_TSAN_THREADS_H

#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define WITH_TSAN
#endif
#elif defined(__SANITIZE_THREAD__)
#define WITH_TSAN
#endif

#ifdef WITH_TSAN
#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <threads.h>

/* It cannot see librdkafka's atomics either: races are those of our code. */
const char *__tsan_default_options(void);
const char *
__tsan_default_options(void)
{
	return "ignore_noninstrumented_modules=1";
}

/* Nor of this one: it would take the thread for one that nobody joins. */
int
pthread_clockjoin_np(pthread_t thread, void **result, clockid_t clock,
    const struct timespec *until)
{
	(void)clock;
	(void)until;
	return pthread_join(thread, result);
}

struct tsan_start {
	thrd_start_t function;
	void *ctx;
};

static inline void *
tsan_run(void *ctx)
{
	struct tsan_start start = *(struct tsan_start *)ctx;

	free(ctx);
	return (void *)(intptr_t)start.function(start.ctx);
}

static inline int
tsan_code(int error)
{
	if (error == 0)
		return thrd_success;
	return error == ETIMEDOUT ? thrd_timedout : thrd_error;
}

int
thrd_create(thrd_t *thread, thrd_start_t function, void *ctx)
{
	struct tsan_start *start = malloc(sizeof(*start));

	if (start == NULL)
		return thrd_nomem;
	*start = (struct tsan_start){ function, ctx };
	return tsan_code(pthread_create(thread, NULL, tsan_run, start));
}

int
thrd_join(thrd_t thread, int *result)
{
	void *value = NULL;
	int error = pthread_join(thread, &value);

	if (result != NULL)
		*result = (int)(intptr_t)value;
	return tsan_code(error);
}

int
thrd_detach(thrd_t thread)
{
	return tsan_code(pthread_detach(thread));
}

/* In glibc these are the same things under two names. */
int
mtx_init(mtx_t *mutex, int type)
{
	pthread_mutexattr_t kind;
	int error;

	pthread_mutexattr_init(&kind);
	if (type & mtx_recursive)
		pthread_mutexattr_settype(&kind, PTHREAD_MUTEX_RECURSIVE);
	error = pthread_mutex_init((pthread_mutex_t *)mutex, &kind);
	pthread_mutexattr_destroy(&kind);
	return tsan_code(error);
}

int
mtx_lock(mtx_t *mutex)
{
	return tsan_code(pthread_mutex_lock((pthread_mutex_t *)mutex));
}

int
mtx_unlock(mtx_t *mutex)
{
	return tsan_code(pthread_mutex_unlock((pthread_mutex_t *)mutex));
}

int
cnd_wait(cnd_t *condition, mtx_t *mutex)
{
	return tsan_code(pthread_cond_wait(
	    (pthread_cond_t *)condition, (pthread_mutex_t *)mutex));
}

int
cnd_timedwait(cnd_t *condition, mtx_t *mutex, const struct timespec *until)
{
	return tsan_code(pthread_cond_timedwait(
	    (pthread_cond_t *)condition, (pthread_mutex_t *)mutex, until));
}

int
cnd_signal(cnd_t *condition)
{
	return tsan_code(pthread_cond_signal((pthread_cond_t *)condition));
}

int
cnd_broadcast(cnd_t *condition)
{
	return tsan_code(pthread_cond_broadcast((pthread_cond_t *)condition));
}
#endif

#endif
