/*
 * errands: what takes a while, because Kafka is asked, for requests that are
 * suspended meanwhile: on one thread, one after the other.
 *
 * Each is bounded in time by itself, and the queue in length.
 */
#ifndef PREGON_API_ERRANDS_H
#define PREGON_API_ERRANDS_H

#include "backend/api/log_view.h"

#define ERRANDS_MAX 32

struct errands;
/* The settings outlive it.  NULL: `why` in words.  That Kafka is away is no
 * error. */
struct errands *errands_start(
    const struct kafka_settings *, char *why, size_t why_cap);
/*
 * `run` is called once, on the thread; the view is NULL when the program is
 * stopping.  -1: ENOBUFS (too many wait), ESHUTDOWN.
 */
int errands_hand_over(
    struct errands *, void (*run)(void *ctx, struct log_view *), void *ctx);
/* Takes no more, and ends those that are there; the thread has ended then. */
void errands_close(struct errands *);
void errands_free(struct errands *); /* NULL is nothing */

#endif
