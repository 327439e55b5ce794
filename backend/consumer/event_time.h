/*
 * event_time: which moment counts as an event's.
 */
#ifndef PREGON_CONSUMER_EVENT_TIME_H
#define PREGON_CONSUMER_EVENT_TIME_H

#include "schemas/event.h"

/* A time further after its record's than this is not believed. */
#define EVENT_FUTURE_MAX_MS 120000

struct event_time {
	int64_t ms; /* Unix */
	bool provisional; /* the record's time stands for it */
};

/*
 * `at` as the event says it, `record_ms` when the bridge had it.  Where `at`
 * counts from a boot, `offset_ms` is that boot's time marker, or NULL as long
 * as none has come.  The record's time counts where `at` is missing, or not
 * known yet, or over two minutes after the record.
 */
struct event_time event_time(
    const struct instant *at, int64_t record_ms, const int64_t *offset_ms);

#endif
