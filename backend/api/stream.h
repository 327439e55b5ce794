/*
 * stream: a viewer (events.h) on a connection of libmicrohttpd's.  One that
 * has nothing to be sent is suspended and costs no thread.
 */
#ifndef PREGON_API_STREAM_H
#define PREGON_API_STREAM_H

#include <microhttpd.h>

#include "backend/api/events.h"

/* A response without end; NULL: errno of viewer_join(). */
struct MHD_Response *stream_open(struct MHD_Connection *, struct events *,
    const struct asker *, const char *last_id);

#endif
