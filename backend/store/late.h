/*
 * late: how late events come, in buckets of about a quarter of their size.
 */
#ifndef PREGON_BACKEND_LATE_H
#define PREGON_BACKEND_LATE_H

#include <stdint.h>

#define LATE_BUCKETS 256
/* The figures are those of so many minutes. */
#define LATE_RECENT_MINUTES 5

/* 0..7 ms exactly, then four buckets for each doubling. */
static inline int
late_bucket(int64_t ms)
{
	uint64_t v = ms > 0 ? (uint64_t)ms : 0;
	int e;

	if (v < 8)
		return (int)v;
	e = 63 - __builtin_clzll(v);
	return 8 + (e - 3) * 4 + (int)(v >> (e - 2) & 3);
}

/* The largest value of a bucket, ms. */
static inline int64_t
late_value(int bucket)
{
	int e;

	if (bucket < 8)
		return bucket;
	e = (bucket - 8) / 4 + 3;
	if (e > 61)
		return INT64_MAX;
	return ((INT64_C(4) + (bucket - 8) % 4 + 1) << (e - 2)) - 1;
}

#endif
