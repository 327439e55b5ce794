/*
 * The registry and its page.  Cells never move: the lists only grow, and
 * only before the server is started.
 */
#include "lib/metrics.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/metrics_process.h"

enum metric_kind { METRIC_COUNTER, METRIC_GAUGE, METRIC_HISTOGRAM };

static const double bounds_ms[] = { 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000,
	2000, 5000, 10000, 20000, 50000, 100000 };
#define BOUNDS (sizeof(bounds_ms) / sizeof(*bounds_ms))

struct histogram {
	_Atomic uint64_t buckets[BOUNDS + 1]; /* not cumulative */
	_Atomic int64_t sum_us;
};

struct entry {
	struct entry *next;
	enum metric_kind kind;
	const char *name, *labels, *help;
	struct metric metric;
	struct histogram histogram;
};

struct metrics {
	struct entry *first, **end;
};

struct metrics *
metrics_new(void)
{
	struct metrics *m = calloc(1, sizeof(*m));

	if (m != NULL)
		m->end = &m->first;
	return m;
}

void
metrics_free(struct metrics *m)
{
	if (m == NULL)
		return;
	while (m->first != NULL) {
		struct entry *next = m->first->next;

		free(m->first);
		m->first = next;
	}
	free(m);
}

static struct entry *
add(struct metrics *m, enum metric_kind kind, const char *name,
    const char *labels, const char *help)
{
	struct entry *e = calloc(1, sizeof(*e));

	if (e == NULL)
		return NULL;
	e->kind = kind;
	e->name = name;
	e->labels = labels;
	e->help = help;
	*m->end = e;
	m->end = &e->next;
	return e;
}

struct metric *
metrics_counter(
    struct metrics *m, const char *name, const char *labels, const char *help)
{
	struct entry *e = add(m, METRIC_COUNTER, name, labels, help);

	return e != NULL ? &e->metric : NULL;
}

struct metric *
metrics_gauge(
    struct metrics *m, const char *name, const char *labels, const char *help)
{
	struct entry *e = add(m, METRIC_GAUGE, name, labels, help);

	return e != NULL ? &e->metric : NULL;
}

struct histogram *
metrics_histogram(
    struct metrics *m, const char *name, const char *labels, const char *help)
{
	struct entry *e = add(m, METRIC_HISTOGRAM, name, labels, help);

	return e != NULL ? &e->histogram : NULL;
}

void
histogram_observe_ms(struct histogram *h, double ms)
{
	size_t i = 0;

	while (i < BOUNDS && ms > bounds_ms[i])
		i++;
	atomic_fetch_add_explicit(&h->buckets[i], 1, memory_order_relaxed);
	atomic_fetch_add_explicit(
	    &h->sum_us, (int64_t)(ms * 1000), memory_order_relaxed);
}

static void
print_histogram(FILE *page, struct entry *e)
{
	struct histogram *h = &e->histogram;
	const char *labels = e->labels != NULL ? e->labels : "";
	const char *comma = e->labels != NULL ? "," : "";
	const char *open = e->labels != NULL ? "{" : "";
	const char *close = e->labels != NULL ? "}" : "";
	uint64_t count = 0;

	for (size_t i = 0; i <= BOUNDS; i++) {
		count += atomic_load_explicit(
		    &h->buckets[i], memory_order_relaxed);
		if (i < BOUNDS)
			fprintf(page,
			    "%s_bucket{%s%sle=\"%.0f\"} %" PRIu64 "\n", e->name,
			    labels, comma, bounds_ms[i], count);
		else
			fprintf(page,
			    "%s_bucket{%s%sle=\"+Inf\"} %" PRIu64 "\n", e->name,
			    labels, comma, count);
	}
	fprintf(page, "%s_sum%s%s%s %.3f\n", e->name, open, labels, close,
	    (double)atomic_load_explicit(&h->sum_us, memory_order_relaxed) /
		1000);
	fprintf(page, "%s_count%s%s%s %" PRIu64 "\n", e->name, open, labels,
	    close, count);
}

static void
print_value(FILE *page, struct entry *e)
{
	int64_t value = metric_get(&e->metric);

	if (e->labels != NULL)
		fprintf(
		    page, "%s{%s} %" PRId64 "\n", e->name, e->labels, value);
	else
		fprintf(page, "%s %" PRId64 "\n", e->name, value);
}

/* All lines of one name must stand together, under one HELP and TYPE. */
static void
print_family(FILE *page, struct entry *first)
{
	static const char *const types[] = { "counter", "gauge", "histogram" };

	fprintf(page, "# HELP %s %s\n# TYPE %s %s\n", first->name, first->help,
	    first->name, types[first->kind]);
	for (struct entry *e = first; e != NULL; e = e->next) {
		if (strcmp(e->name, first->name) != 0)
			continue;
		if (e->kind == METRIC_HISTOGRAM)
			print_histogram(page, e);
		else
			print_value(page, e);
	}
}

/* Is it the first of its name? */
static bool
opens_family(struct metrics *m, struct entry *e)
{
	for (struct entry *before = m->first; before != e;
	     before = before->next)
		if (strcmp(before->name, e->name) == 0)
			return false;
	return true;
}

char *
metrics_text(struct metrics *m)
{
	char *text = NULL;
	size_t len;
	FILE *page = open_memstream(&text, &len);

	if (page == NULL)
		return NULL;
	for (struct entry *e = m->first; e != NULL; e = e->next)
		if (opens_family(m, e))
			print_family(page, e);
	metrics_process(page);
	if (fclose(page) != 0) {
		free(text);
		return NULL;
	}
	return text;
}
