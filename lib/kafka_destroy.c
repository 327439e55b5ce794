/*
 * The end of a handle: librdkafka 2.0.2 may wait for ever for a broker's
 * thread when a topic went away under a consumer (its issues 3954, 4362).
 */
#include <pthread.h>
#include <time.h>

#include "lib/kafka.h"
#include "lib/log.h"

#define PATIENCE_S 5

static void *
destroy(void *rk)
{
	rd_kafka_destroy(rk);
	return NULL;
}

void
kafka_destroy(rd_kafka_t *rk)
{
	struct timespec until;
	pthread_t thread;

	if (rk == NULL)
		return;
	if (pthread_create(&thread, NULL, destroy, rk) != 0) {
		rd_kafka_destroy(rk);
		return;
	}
	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += PATIENCE_S;
	if (pthread_clockjoin_np(thread, NULL, CLOCK_MONOTONIC, &until) == 0)
		return;
	pthread_detach(thread);
	log_warn("kafka.not_ended",
	    "after_s=%d why=\"librdkafka does not end one of its threads: it "
	    "is left behind\"",
	    PATIENCE_S);
}
