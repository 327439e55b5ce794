/*
 * A list, looked through whole: some thousands at most, once a second.
 */
#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <time.h>

#include "backend/api/patience.h"

#define EVERY_S 1

struct watched {
	LIST_ENTRY(watched) all;
	int fd;
	time_t until; /* 0: for ever */
};

struct patience {
	pthread_mutex_t lock; /* over all below */
	pthread_cond_t change;
	bool stopping;
	LIST_HEAD(watched_list, watched) all;
	pthread_t thread;
	struct metric *ended;
};

static struct timespec
monotonic(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now;
}

/* The library notices, and closes what it has of it. */
static void
look(struct patience *p, time_t now)
{
	struct watched *w;

	for (w = LIST_FIRST(&p->all); w != NULL; w = LIST_NEXT(w, all)) {
		if (w->until == 0 || w->until > now)
			continue;
		shutdown(w->fd, SHUT_RDWR);
		w->until = 0;
		metric_add(p->ended, 1);
	}
}

static void *
run(void *ctx)
{
	struct patience *p = ctx;
	struct timespec next = monotonic();

	pthread_mutex_lock(&p->lock);
	while (!p->stopping) {
		next.tv_sec += EVERY_S;
		while (!p->stopping &&
		    pthread_cond_timedwait(&p->change, &p->lock, &next) !=
			ETIMEDOUT)
			;
		next = monotonic();
		look(p, next.tv_sec);
	}
	pthread_mutex_unlock(&p->lock);
	return NULL;
}

static int
make_change(pthread_cond_t *change)
{
	pthread_condattr_t by_monotonic;
	int error = pthread_condattr_init(&by_monotonic);

	if (error != 0)
		return error;
	error = pthread_condattr_setclock(&by_monotonic, CLOCK_MONOTONIC);
	if (error == 0)
		error = pthread_cond_init(change, &by_monotonic);
	pthread_condattr_destroy(&by_monotonic);
	return error;
}

struct patience *
patience_start(struct metrics *m)
{
	struct patience *p = calloc(1, sizeof(*p));
	int error;

	if (p == NULL)
		return NULL;
	LIST_INIT(&p->all);
	p->ended = metrics_counter(m, "pregon_api_too_slow_total", NULL,
	    "Connections ended because a request did not come whole in time.");
	error = p->ended != NULL ? pthread_mutex_init(&p->lock, NULL) : ENOMEM;
	if (error != 0)
		goto free_it;
	error = make_change(&p->change);
	if (error != 0)
		goto destroy_lock;
	error = pthread_create(&p->thread, NULL, run, p);
	if (error == 0)
		return p;
	pthread_cond_destroy(&p->change);
destroy_lock:
	pthread_mutex_destroy(&p->lock);
free_it:
	free(p);
	errno = error;
	return NULL;
}

void
patience_stop(struct patience *p)
{
	if (p == NULL)
		return;
	pthread_mutex_lock(&p->lock);
	p->stopping = true;
	pthread_cond_signal(&p->change);
	pthread_mutex_unlock(&p->lock);
	pthread_join(p->thread, NULL);
	pthread_cond_destroy(&p->change);
	pthread_mutex_destroy(&p->lock);
	free(p);
}

struct watched *
patience_watch(struct patience *p, int fd)
{
	struct watched *w = malloc(sizeof(*w));

	if (w == NULL)
		return NULL;
	w->fd = fd;
	w->until = 0;
	pthread_mutex_lock(&p->lock);
	LIST_INSERT_HEAD(&p->all, w, all);
	pthread_mutex_unlock(&p->lock);
	return w;
}

void
patience_forget(struct patience *p, struct watched *w)
{
	if (w == NULL)
		return;
	pthread_mutex_lock(&p->lock);
	LIST_REMOVE(w, all);
	pthread_mutex_unlock(&p->lock);
	free(w);
}

void
patience_await(struct patience *p, struct watched *w, int seconds)
{
	if (w == NULL)
		return;
	pthread_mutex_lock(&p->lock);
	w->until = seconds > 0 ? monotonic().tv_sec + seconds : 0;
	pthread_mutex_unlock(&p->lock);
}
