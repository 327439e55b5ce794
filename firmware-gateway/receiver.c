#include "firmware-gateway/receiver.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/log.h"

#define BACKOFF_MIN_MS 250
#define BACKOFF_MAX_MS 5000
#define TICK_S 1.0

enum state { CLOSED, CONNECTING, OPEN };

struct receiver {
	struct ev_loop *loop;
	const struct clock *clock;
	struct source *source;
	const struct receiver_handler *handler;
	void *ctx;
	enum state state;
	int64_t backoff_ms;
	int64_t retry_ms; /* boottime, while CLOSED */
	int64_t heard_ms; /* boottime of the last report */
	bool silent; /* said so */
	bool told_closed; /* said so */
	uint64_t connections;
	bool has_pending; /* waits for more of its moment */
	struct report pending;
	struct report flushed; /* the last that was handed on */
	ev_io io;
	ev_timer merge;
	ev_timer tick;
};

static void
hand_on(struct receiver *r)
{
	int mode = r->flushed.mode;

	r->handler->mode(r->ctx,
	    mode >= 3	    ? FIX_MODE_3D
		: mode == 2 ? FIX_MODE_2D
			    : FIX_MODE_NO_FIX);
	r->handler->report(r->ctx, &r->flushed);
}

static void
flush(struct receiver *r)
{
	if (!r->has_pending)
		return;
	r->has_pending = false;
	ev_timer_stop(r->loop, &r->merge);
	r->flushed = r->pending;
	hand_on(r);
}

static void
take(struct receiver *r, const struct report *report)
{
	r->heard_ms = report->read_ms;
	if (r->silent)
		log_info("receiver.speaks", "device=\"%s\"",
		    r->source->ops->device(r->source));
	r->silent = false;

	if (r->has_pending && report->has_time && r->pending.has_time &&
	    report->time_ms == r->pending.time_ms) {
		report_merge(&r->pending, report);
		return;
	}
	flush(r);
	if (report->has_time && r->flushed.has_time &&
	    report->time_ms == r->flushed.time_ms) {
		report_merge(&r->flushed, report);
		r->flushed.again = true;
		hand_on(r);
		return;
	}
	r->pending = *report;
	r->has_pending = true;
	ev_timer_set(&r->merge, RECEIVER_MERGE_MS / 1000.0, 0);
	ev_timer_start(r->loop, &r->merge);
}

/* Connects later; `why` is an errno, 0 for a plain end. */
static void
lose(struct receiver *r, int why)
{
	if (r->state != CLOSED) {
		ev_io_stop(r->loop, &r->io);
		r->source->ops->close(r->source);
	}
	flush(r);
	if (!r->told_closed)
		log_warn("receiver.lost", "source=%s why=\"%s\"",
		    r->source->ops->name,
		    why != 0 ? strerror(why) : "it closed the connection");
	r->told_closed = true;
	r->state = CLOSED;
	r->retry_ms = clock_boottime_ms(r->clock) + r->backoff_ms;
	r->backoff_ms *= 2;
	if (r->backoff_ms > BACKOFF_MAX_MS)
		r->backoff_ms = BACKOFF_MAX_MS;
	r->handler->mode(r->ctx, FIX_MODE_NO_GPSD);
}

static void
begin(struct receiver *r)
{
	int fd = r->source->ops->open(r->source);

	if (fd == -1) {
		lose(r, errno);
		return;
	}
	r->state = CONNECTING;
	r->heard_ms = clock_boottime_ms(r->clock);
	ev_io_set(&r->io, fd, EV_WRITE);
	ev_io_start(r->loop, &r->io);
}

static void
greet(struct receiver *r)
{
	int fd = r->io.fd;

	if (r->source->ops->greet(r->source) == -1) {
		lose(r, errno);
		return;
	}
	r->state = OPEN;
	r->connections++;
	r->told_closed = false;
	log_info("receiver.connected", "source=%s", r->source->ops->name);
	ev_io_stop(r->loop, &r->io);
	ev_io_set(&r->io, fd, EV_READ);
	ev_io_start(r->loop, &r->io);
}

static void
on_io(struct ev_loop *loop, ev_io *io, int events)
{
	struct receiver *r = io->data;
	int64_t now = clock_boottime_ms(r->clock);
	enum source_result result;
	struct report report;

	(void)loop;
	(void)events;
	if (r->state == CONNECTING) {
		greet(r);
		return;
	}
	do {
		result = r->source->ops->read(r->source, now, &report);
		if (result == SOURCE_REPORT) {
			r->backoff_ms = BACKOFF_MIN_MS;
			take(r, &report);
		}
	} while (result == SOURCE_REPORT);
	if (result == SOURCE_GONE)
		lose(r, errno);
}

static void
on_merge(struct ev_loop *loop, ev_timer *timer, int events)
{
	(void)loop;
	(void)events;
	flush(timer->data);
}

static void
on_tick(struct ev_loop *loop, ev_timer *timer, int events)
{
	struct receiver *r = timer->data;
	int64_t now = clock_boottime_ms(r->clock);

	(void)loop;
	(void)events;
	if (r->state == CLOSED) {
		if (now >= r->retry_ms)
			begin(r);
		return;
	}
	if (now - r->heard_ms >= RECEIVER_GIVE_UP_MS) {
		lose(r, ETIMEDOUT);
	} else if (now - r->heard_ms >= RECEIVER_SILENT_MS) {
		if (!r->silent)
			log_warn("receiver.silent", "device=\"%s\"",
			    r->source->ops->device(r->source));
		r->silent = true;
		r->handler->mode(r->ctx,
		    r->state == OPEN ? FIX_MODE_SILENT : FIX_MODE_NO_GPSD);
	}
}

struct receiver *
receiver_new(struct ev_loop *loop, const struct clock *clock,
    struct source *source, const struct receiver_handler *handler, void *ctx)
{
	struct receiver *r = calloc(1, sizeof(*r));

	if (r == NULL)
		return NULL;
	r->loop = loop;
	r->clock = clock;
	r->source = source;
	r->handler = handler;
	r->ctx = ctx;
	r->backoff_ms = BACKOFF_MIN_MS;
	ev_init(&r->io, on_io);
	ev_init(&r->merge, on_merge);
	ev_timer_init(&r->tick, on_tick, TICK_S / 4, TICK_S / 4);
	r->io.data = r->merge.data = r->tick.data = r;
	ev_timer_start(loop, &r->tick);
	begin(r);
	return r;
}

void
receiver_free(struct receiver *r)
{
	if (r == NULL)
		return;
	if (r->state != CLOSED) {
		ev_io_stop(r->loop, &r->io);
		r->source->ops->close(r->source);
	}
	ev_timer_stop(r->loop, &r->merge);
	ev_timer_stop(r->loop, &r->tick);
	r->source->ops->free(r->source);
	free(r);
}

bool
receiver_connected(const struct receiver *r)
{
	return r->state == OPEN;
}

const char *
receiver_device(const struct receiver *r)
{
	return r->source->ops->device(r->source);
}

uint64_t
receiver_connections(const struct receiver *r)
{
	return r->connections;
}
