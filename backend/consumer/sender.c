/*
 * sender: see the header.
 */
#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <time.h>

#include "backend/consumer/sender.h"

#define IDLE_S 10

struct sender {
	const struct sender_way *way;
	void *ctx;
	pthread_t thread;
	pthread_mutex_t lock; /* of all below */
	pthread_cond_t wake;
	bool stopping;
	/* Rings of the last SENDER_MAX. */
	struct parcel parcels[SENDER_MAX];
	size_t first, count;
	struct parcel_report reports[SENDER_MAX];
	size_t first_report, report_count;
	size_t under_way; /* 1: the one that is being sent */
};

void
parcel_release(struct parcel *parcel)
{
	free(parcel->to);
	free(parcel->mail_id);
	free(parcel->bytes);
	*parcel = (struct parcel){ .id = 0 };
}

/* All three with the lock held. */
static struct parcel
take_parcel(struct sender *sender)
{
	struct parcel parcel = sender->parcels[sender->first];

	sender->first = (sender->first + 1) % SENDER_MAX;
	sender->count--;
	return parcel;
}

static void
add_report(
    struct sender *sender, int64_t id, const struct courier_result *result)
{
	size_t at = (sender->first_report + sender->report_count++) %
	    SENDER_MAX;

	sender->reports[at] = (struct parcel_report){ id, *result };
}

/* Nobody is served now: what waits behind need not be tried. */
static void
return_all(struct sender *sender, const struct courier_result *result)
{
	struct courier_result untried = *result;

	untried.doubtful = false;
	while (sender->count > 0) {
		struct parcel parcel = take_parcel(sender);

		add_report(sender, parcel.id, &untried);
		parcel_release(&parcel);
	}
}

/* Until there is a parcel (true) or the end.  The lock is held. */
static bool
wait_for_parcel(struct sender *sender)
{
	bool idle = false;
	struct timespec until;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += IDLE_S;
	while (sender->count == 0 && !sender->stopping) {
		if (idle) {
			pthread_cond_wait(&sender->wake, &sender->lock);
			continue;
		}
		if (pthread_cond_timedwait(
			&sender->wake, &sender->lock, &until) != ETIMEDOUT)
			continue;
		idle = true;
		pthread_mutex_unlock(&sender->lock);
		sender->way->idle(sender->ctx);
		pthread_mutex_lock(&sender->lock);
	}
	return !sender->stopping;
}

/* Its own thread because libcurl's transfers block: it owns the way's
 * connection. */
static void *
run(void *arg)
{
	struct sender *sender = arg;

	pthread_mutex_lock(&sender->lock);
	while (wait_for_parcel(sender)) {
		struct parcel parcel = take_parcel(sender);
		struct courier_result result = { .outcome = OUTCOME_LATER };

		sender->under_way = 1;
		pthread_mutex_unlock(&sender->lock);
		sender->way->send(sender->ctx, &parcel, &result);
		pthread_mutex_lock(&sender->lock);
		sender->under_way = 0;
		add_report(sender, parcel.id, &result);
		if (result.outcome == OUTCOME_AWAY)
			return_all(sender, &result);
		parcel_release(&parcel);
	}
	pthread_mutex_unlock(&sender->lock);
	return NULL;
}

struct sender *
sender_new(const struct sender_way *way, void *ctx)
{
	struct sender *sender = calloc(1, sizeof(*sender));
	pthread_condattr_t monotonic;
	int error;

	if (sender == NULL)
		return NULL;
	sender->way = way;
	sender->ctx = ctx;
	pthread_mutex_init(&sender->lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&sender->wake, &monotonic);
	pthread_condattr_destroy(&monotonic);
	error = pthread_create(&sender->thread, NULL, run, sender);
	if (error == 0)
		return sender;
	pthread_cond_destroy(&sender->wake);
	pthread_mutex_destroy(&sender->lock);
	free(sender);
	errno = error;
	return NULL;
}

void
sender_free(struct sender *sender)
{
	if (sender == NULL)
		return;
	pthread_mutex_lock(&sender->lock);
	sender->stopping = true;
	pthread_cond_signal(&sender->wake);
	pthread_mutex_unlock(&sender->lock);
	pthread_join(sender->thread, NULL);
	while (sender->count > 0) {
		struct parcel parcel = take_parcel(sender);

		parcel_release(&parcel);
	}
	pthread_cond_destroy(&sender->wake);
	pthread_mutex_destroy(&sender->lock);
	free(sender);
}

size_t
sender_room(struct sender *sender)
{
	size_t used;

	pthread_mutex_lock(&sender->lock);
	used = sender->count + sender->report_count + sender->under_way;
	pthread_mutex_unlock(&sender->lock);
	return SENDER_MAX - used;
}

int
sender_put(struct sender *sender, struct parcel *parcel)
{
	int rc = 0;

	pthread_mutex_lock(&sender->lock);
	if (sender->count + sender->report_count + sender->under_way ==
		SENDER_MAX ||
	    sender->stopping) {
		errno = ENOBUFS;
		rc = -1;
	} else {
		sender->parcels[(sender->first + sender->count++) %
		    SENDER_MAX] = *parcel;
		*parcel = (struct parcel){ .id = 0 };
		pthread_cond_signal(&sender->wake);
	}
	pthread_mutex_unlock(&sender->lock);
	if (rc == -1)
		parcel_release(parcel);
	return rc;
}

bool
sender_has_reports(struct sender *sender)
{
	bool any;

	pthread_mutex_lock(&sender->lock);
	any = sender->report_count > 0;
	pthread_mutex_unlock(&sender->lock);
	return any;
}

size_t
sender_take(struct sender *sender, struct parcel_report *reports, size_t cap)
{
	size_t taken = 0;

	pthread_mutex_lock(&sender->lock);
	while (taken < cap && sender->report_count > 0) {
		reports[taken++] = sender->reports[sender->first_report];
		sender->first_report = (sender->first_report + 1) % SENDER_MAX;
		sender->report_count--;
	}
	pthread_mutex_unlock(&sender->lock);
	return taken;
}
