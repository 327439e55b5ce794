/*
 * health: how the role is, for /healthz, whose thread asks while the
 * runtime's says.
 */
#ifndef PREGON_CONSUMER_HEALTH_H
#define PREGON_CONSUMER_HEALTH_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct health {
	pthread_mutex_t lock;
	bool well;
	char words[200];
};
void health_init(struct health *);
void health_say(struct health *, bool well, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* As health_start of lib/metrics.h asks; `ctx` is the struct health. */
int health_answer(void *ctx, char *why, size_t cap);

#endif
