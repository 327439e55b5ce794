/*
 * Tracks: an hour at a time, its parts decoded, merged with the runs whose
 * times are not known yet, put in order and rid of doubles.
 */
#include "backend/store/read_sqlite.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "backend/store/chunk.h"

struct hour {
	struct track_point *points;
	size_t count, cap;
};

static int
hour_add(struct hour *hour, const struct fix *fix, bool provisional)
{
	if (hour->count == hour->cap) {
		size_t cap = hour->cap == 0 ? 512 : 2 * hour->cap;
		struct track_point *points = realloc(
		    hour->points, cap * sizeof(*points));

		if (points == NULL)
			return -1;
		hour->points = points;
		hour->cap = cap;
	}
	hour->points[hour->count++] = (struct track_point){
		.fix = *fix,
		.provisional = provisional,
	};
	return 0;
}

static int
chunk_add(struct hour *hour, int64_t start_ms, const void *bytes, size_t len)
{
	struct chunk_reader r;
	struct fix fix;
	bool provisional;
	int rc;

	if (chunk_reader_init(&r, start_ms, bytes, len) == -1)
		return -1;
	while ((rc = chunk_read(&r, &fix, &provisional)) == 1) {
		if (hour_add(hour, &fix, provisional) == -1)
			return -1;
	}
	return rc;
}

static int
chunks_read(struct reader *reader, const char *cart, int64_t start_ms,
    struct hour *hour)
{
	struct statement *s = read_statement(
	    reader, READ_POSITIONS, READ_CHUNKS);
	const void *bytes;
	size_t len;
	int rc;

	if (statement_bind(s, "sI", cart, start_ms / HOUR_MS) == -1)
		return -1;
	while ((rc = statement_step(s)) == 1) {
		bytes = statement_blob(s, 0, &len);
		rc = chunk_add(hour, start_ms, bytes, len);
		if (rc == -1)
			break;
	}
	statement_reset(s);
	return rc;
}

/* A run whose boot is unknown: all of it at the time of its record. */
static int
run_add(struct hour *hour, int64_t record_ms, const void *run, size_t len,
    struct fix *fixes)
{
	struct decode_error error;
	struct mp_reader r;
	size_t count;

	mp_reader_init(&r, run, len, &error);
	if (run_decode(&r, fixes, RUN_FIXES_MAX, &count) == -1)
		return -1;
	for (size_t i = 0; i < count; i++) {
		fixes[i].at = (struct instant){ .ms = record_ms };
		if (hour_add(hour, &fixes[i], true) == -1)
			return -1;
	}
	return 0;
}

static int
unmended_read(struct reader *reader, const char *cart, int64_t start_ms,
    struct hour *hour)
{
	struct statement *s = read_statement(
	    reader, READ_POSITIONS, READ_UNMENDED);
	struct fix *fixes = NULL;
	const void *run;
	size_t len;
	int rc;

	if (statement_bind(s, "sII", cart, start_ms, start_ms + HOUR_MS) == -1)
		return -1;
	while ((rc = statement_step(s)) == 1) {
		if (fixes == NULL)
			fixes = malloc(RUN_FIXES_MAX * sizeof(*fixes));
		run = statement_blob(s, 1, &len);
		rc = fixes == NULL
		    ? -1
		    : run_add(hour, statement_int(s, 0), run, len, fixes);
		if (rc == -1)
			break;
	}
	statement_reset(s);
	free(fixes);
	return rc;
}

static int
point_compare(const void *va, const void *vb)
{
	const struct track_point *a = va, *b = vb;

	if (a->fix.at.ms != b->fix.at.ms)
		return a->fix.at.ms < b->fix.at.ms ? -1 : 1;
	if (a->fix.lat_e6 != b->fix.lat_e6)
		return a->fix.lat_e6 < b->fix.lat_e6 ? -1 : 1;
	if (a->fix.lon_e6 != b->fix.lon_e6)
		return a->fix.lon_e6 < b->fix.lon_e6 ? -1 : 1;
	return 0;
}

/* 1: the callback wants no more. */
static int
hour_give(struct hour *hour, int64_t from_ms, int64_t to_ms,
    int (*each)(void *, const struct track_point *), void *ctx)
{
	if (hour->count > 1)
		qsort(hour->points, hour->count, sizeof(*hour->points),
		    point_compare);
	for (size_t i = 0; i < hour->count; i++) {
		const struct track_point *point = &hour->points[i];

		if (point->fix.at.ms < from_ms || point->fix.at.ms >= to_ms ||
		    (i > 0 && point_compare(point - 1, point) == 0))
			continue;
		if (each(ctx, point) != 0)
			return 1;
	}
	return 0;
}

int
read_track(struct reader *reader, const char *cart, int64_t from_ms,
    int64_t to_ms, int (*each)(void *, const struct track_point *), void *ctx)
{
	struct hour hour = { .points = NULL };
	int rc = 0;

	/* No event is outside; and no walk over hours without end. */
	if (from_ms < TIME_MIN_MS)
		from_ms = TIME_MIN_MS;
	if (to_ms > TIME_MAX_MS)
		to_ms = TIME_MAX_MS;
	if (read_begin(reader, READ_POSITIONS) == -1)
		return -1;
	for (int64_t start_ms = from_ms - from_ms % HOUR_MS;
	     start_ms < to_ms && rc == 0; start_ms += HOUR_MS) {
		hour.count = 0;
		rc = chunks_read(reader, cart, start_ms, &hour);
		if (rc == 0)
			rc = unmended_read(reader, cart, start_ms, &hour);
		if (rc == 0)
			rc = hour_give(&hour, from_ms, to_ms, each, ctx);
	}
	read_end(reader, READ_POSITIONS);
	free(hour.points);
	return rc == -1 ? -1 : 0;
}
