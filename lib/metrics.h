/*
 * metrics: counters, gauges and latency histograms, and the small HTTP
 * server that shows them (/metrics, Prometheus text 0.0.4) beside /healthz.
 *
 * Values are atomic: any thread may change them.  Metrics are registered at
 * start, before the server, and live as long as the registry.
 */
#ifndef PREGON_METRICS_H
#define PREGON_METRICS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct metrics;

struct metric {
	_Atomic int64_t value;
};

struct metrics *metrics_new(void);
void metrics_free(struct metrics *);

/*
 * `name` as Prometheus wants it ("pregon_bridge_frames_total"), `labels`
 * inside the braces ("stream=\"pos\"") or NULL; both must outlive the
 * registry, or be literals.  NULL: ENOMEM.
 */
struct metric *metrics_counter(
    struct metrics *, const char *name, const char *labels, const char *help);
struct metric *metrics_gauge(
    struct metrics *, const char *name, const char *labels, const char *help);

static inline void
metric_add(struct metric *m, int64_t n)
{
	atomic_fetch_add_explicit(&m->value, n, memory_order_relaxed);
}

static inline void
metric_set(struct metric *m, int64_t n)
{
	atomic_store_explicit(&m->value, n, memory_order_relaxed);
}

static inline int64_t
metric_get(struct metric *m)
{
	return atomic_load_explicit(&m->value, memory_order_relaxed);
}

/* Histogram of milliseconds: 1, 2, 5, 10, 20, 50, ... 100000. */
struct histogram;
struct histogram *metrics_histogram(
    struct metrics *, const char *name, const char *labels, const char *help);
void histogram_observe_ms(struct histogram *, double ms);

/* The whole page; the caller frees it.  NULL: ENOMEM. */
char *metrics_text(struct metrics *);

/*
 * Serves /healthz and /metrics on host:port from a thread of its own (it
 * owns nothing but the socket).  `health` answers 0 when well, else -1 with
 * a reason in words; any thread.  NULL: errno, EADDRINUSE above all.
 */
struct health_server;
struct health_server *health_start(struct metrics *, const char *host, int port,
    int (*health)(void *ctx, char *why, size_t cap), void *ctx);
int health_port(const struct health_server *); /* the real one, if 0 */
void health_stop(struct health_server *);

#endif
