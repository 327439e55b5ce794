/*
 * reply: an answer as libmicrohttpd sends it: headers, ETag, and the count of
 * bytes that wait for slow clients.
 */
#ifndef PREGON_API_REPLY_H
#define PREGON_API_REPLY_H

#include <microhttpd.h>
#include <stdatomic.h>

#include "backend/api/answer.h"
#include "backend/api/tiles.h"
#include "backend/api/web.h"

struct reply_budget {
	_Atomic int64_t held; /* bytes of answers not fetched yet */
	int64_t held_max;
	bool tls; /* promise to stay with HTTPS */
	char page_policy[TILES_POLICY_MAX + 1]; /* of pages */
};

/*
 * Queues the answer; its body goes over to the library, or is freed.  What it
 * became in the end (304, 503) is in *status.
 */
enum MHD_Result reply_queue(struct reply_budget *, struct MHD_Connection *,
    struct answer *, int *status);
/* A file; its descriptor goes over to the library, or is closed. */
enum MHD_Result reply_file(struct reply_budget *, struct MHD_Connection *,
    struct answer *, const struct web_file *);

/* A response that was made elsewhere, with the answer's headers; it goes over
 * to the library. */
enum MHD_Result reply_response(struct reply_budget *, struct MHD_Connection *,
    const struct answer *, struct MHD_Response *);

#endif
