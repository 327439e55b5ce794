#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "backend/api/errands.h"

struct errand {
	void (*run)(void *, struct log_view *);
	void *ctx;
};

struct errands {
	pthread_t thread;
	pthread_mutex_t lock; /* of what follows, but `stop` */
	pthread_cond_t change;
	struct errand waiting[ERRANDS_MAX]; /* a ring */
	size_t first, count;
	bool joined;
	atomic_bool stop;
	struct log_view *view; /* the thread's own */
};

/* The next one; false: the program stops, and there is none. */
static bool
take(struct errands *e, struct errand *errand)
{
	bool any;

	pthread_mutex_lock(&e->lock);
	while (e->count == 0 && !atomic_load(&e->stop))
		pthread_cond_wait(&e->change, &e->lock);
	any = e->count > 0;
	if (any) {
		*errand = e->waiting[e->first];
		e->first = (e->first + 1) % ERRANDS_MAX;
		e->count--;
	}
	pthread_mutex_unlock(&e->lock);
	return any;
}

static void *
run(void *ctx)
{
	struct errands *e = ctx;
	struct errand errand;

	while (take(e, &errand))
		errand.run(errand.ctx, atomic_load(&e->stop) ? NULL : e->view);
	return NULL;
}

struct errands *
errands_start(const struct kafka_settings *kafka, char *why, size_t why_cap)
{
	struct errands *e = calloc(1, sizeof(*e));

	snprintf(why, why_cap, "no memory or thread to ask Kafka");
	if (e == NULL)
		return NULL;
	e->view = log_view_new(kafka, &e->stop);
	if (e->view == NULL || pthread_mutex_init(&e->lock, NULL) != 0)
		goto free_it;
	if (pthread_cond_init(&e->change, NULL) != 0)
		goto destroy_lock;
	if (pthread_create(&e->thread, NULL, run, e) == 0)
		return e;
	pthread_cond_destroy(&e->change);
destroy_lock:
	pthread_mutex_destroy(&e->lock);
free_it:
	log_view_free(e->view);
	free(e);
	return NULL;
}

int
errands_hand_over(
    struct errands *e, void (*run_it)(void *, struct log_view *), void *ctx)
{
	int error = 0;

	pthread_mutex_lock(&e->lock);
	if (atomic_load(&e->stop))
		error = ESHUTDOWN;
	else if (e->count == ERRANDS_MAX)
		error = ENOBUFS;
	else
		e->waiting[(e->first + e->count++) % ERRANDS_MAX] =
		    (struct errand){ run_it, ctx };
	pthread_cond_signal(&e->change);
	pthread_mutex_unlock(&e->lock);
	errno = error;
	return error == 0 ? 0 : -1;
}

void
errands_close(struct errands *e)
{
	pthread_mutex_lock(&e->lock);
	atomic_store(&e->stop, true);
	pthread_cond_signal(&e->change);
	pthread_mutex_unlock(&e->lock);
	if (!e->joined)
		pthread_join(e->thread, NULL);
	e->joined = true;
}

void
errands_free(struct errands *e)
{
	if (e == NULL)
		return;
	errands_close(e);
	log_view_free(e->view);
	pthread_cond_destroy(&e->change);
	pthread_mutex_destroy(&e->lock);
	free(e);
}
