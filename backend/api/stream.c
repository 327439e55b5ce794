#include <errno.h>
#include <poll.h>
#include <stdlib.h>

#include "backend/api/stream.h"

/* Made for each: what one write takes at most. */
#define BLOCK_BYTES 8192

struct outlet {
	struct MHD_Connection *connection;
	struct viewer *viewer;
};

static void
put_to_sleep(void *ctx)
{
	struct outlet *s = ctx;

	MHD_suspend_connection(s->connection);
}

static void
wake(void *ctx)
{
	struct outlet *s = ctx;

	MHD_resume_connection(s->connection);
}

/* Nothing is read from a connection that is suspended, and the first beat to
 * one that was closed seems to go well. */
static bool
is_gone(void *ctx)
{
	struct outlet *s = ctx;
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(
	    s->connection, MHD_CONNECTION_INFO_CONNECTION_FD);
	struct pollfd fd = { .events = POLLRDHUP };

	if (info == NULL)
		return false;
	fd.fd = info->connect_fd;
	return poll(&fd, 1, 0) == 1;
}

static ssize_t
pull(void *ctx, uint64_t at, char *buf, size_t cap)
{
	struct outlet *s = ctx;
	long len = viewer_read(s->viewer, buf, cap);

	(void)at;
	return len >= 0 ? (ssize_t)len
			: (ssize_t)MHD_CONTENT_READER_END_OF_STREAM;
}

static void
let_go(void *ctx)
{
	struct outlet *s = ctx;

	viewer_leave(s->viewer);
	free(s);
}

struct MHD_Response *
stream_open(struct MHD_Connection *connection, struct events *events,
    const struct asker *asker, const char *last_id)
{
	struct outlet *s = malloc(sizeof(*s));
	const struct viewer_settings settings = { asker, last_id, put_to_sleep,
		wake, is_gone, s };
	struct MHD_Response *r;
	int error;

	if (s == NULL)
		return NULL;
	s->connection = connection;
	s->viewer = viewer_join(events, &settings);
	if (s->viewer == NULL) {
		error = errno;
		free(s);
		errno = error;
		return NULL;
	}
	r = MHD_create_response_from_callback(
	    MHD_SIZE_UNKNOWN, BLOCK_BYTES, pull, s, let_go);
	if (r == NULL) {
		let_go(s);
		errno = ENOMEM;
	}
	return r;
}
