/*
 * health: see the header.
 */
#include <stdarg.h>
#include <stdio.h>

#include "backend/consumer/health.h"

void
health_init(struct health *health)
{
	pthread_mutex_init(&health->lock, NULL);
	health->well = false;
	snprintf(health->words, sizeof(health->words), "starting");
}

void
health_say(struct health *health, bool well, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	pthread_mutex_lock(&health->lock);
	health->well = well;
	vsnprintf(health->words, sizeof(health->words), fmt, ap);
	pthread_mutex_unlock(&health->lock);
	va_end(ap);
}

int
health_answer(void *ctx, char *why, size_t cap)
{
	struct health *health = ctx;
	bool well;

	pthread_mutex_lock(&health->lock);
	well = health->well;
	snprintf(why, cap, "%s", health->words);
	pthread_mutex_unlock(&health->lock);
	return well ? 0 : -1;
}
