/*
 * day: the guild's local days, by the system's time zones.
 *
 * A day of Santiago has 23, 24 or 25 hours; which one a moment belongs to is
 * the C library's business (localtime_r over the zone's file), not
 * arithmetic's.
 */
#ifndef PREGON_CONSUMER_DAY_H
#define PREGON_CONSUMER_DAY_H

#include <stdint.h>

#include "backend/store/sales_store.h"

/*
 * Chooses the zone of day_of for the whole process.  Once, in main, before
 * any thread: the C library has one zone, and changing it races with any
 * thread that reads it.  -1: EINVAL, the system has no such zone.
 */
int day_zone(const char *zone);

/* "2026-04-05"; any thread. */
void day_of(int64_t unix_ms, char day[DAY_TEXT]);
/* When that day began: Unix ms. */
int64_t day_begin(int64_t unix_ms);
/* The first moment after that day, which day_of gave: Unix ms. */
int64_t day_end(const char day[DAY_TEXT]);

#endif
