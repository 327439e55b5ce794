/*
 * patience: ends connections whose peer takes too long to say what it wants.
 *
 * libmicrohttpd ends those that say nothing; who sends a byte a second would
 * keep a connection for hours, and a few hundred such would keep out all
 * others of their address.
 *
 * Any thread; one thread of its own looks once a second.
 */
#ifndef PREGON_API_PATIENCE_H
#define PREGON_API_PATIENCE_H

#include "lib/metrics.h"

struct patience;
/* Its metric in `m`.  NULL: errno. */
struct patience *patience_start(struct metrics *m);
/* Nothing is watched any more. */
void patience_stop(struct patience *); /* NULL is nothing */

struct watched;
/* The socket stays open until patience_forget.  NULL: no memory. */
struct watched *patience_watch(struct patience *, int fd);
void patience_forget(struct patience *, struct watched *); /* nor is NULL */
/* It is shut down unless something else is said of it in so many seconds; 0:
 * never. */
void patience_await(struct patience *, struct watched *, int seconds);

#endif
