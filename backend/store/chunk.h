/*
 * chunk: fixes of one cart and hour, as bytes that are only appended to.
 *
 * Five to eight bytes a fix: each is written as its difference from the one
 * before, in the order of arrival; times may go back, so a late fix is
 * appended like any other, and whoever reads sorts.  Why not the frames' own
 * runs: those start anew with each frame (25 bytes) and cannot go back.
 *
 *     1 (version), then for each fix: tag (what differs), time, second
 *     differences of latitude and longitude, and as the tag says speed and
 *     course, accuracy and flags.  Numbers are LEB128, signed ones zigzag.
 */
#ifndef PREGON_BACKEND_CHUNK_H
#define PREGON_BACKEND_CHUNK_H

#include "schemas/pos.h"

#define HOUR_MS INT64_C(3600000)

/* A part holds so many bytes; an hour may have several parts.  With its row
 * it fits a page of SQLite's (4096). */
#define CHUNK_BYTES_MAX 3800
/* No fix needs more. */
#define CHUNK_FIX_BYTES_MAX 64

struct chunk_last {
	int64_t at_ms;
	int64_t lat, lon, dlat, dlon;
	uint16_t speed, course, accuracy;
	uint8_t flags;
};

struct chunk {
	int64_t start_ms; /* of its hour */
	uint32_t fixes;
	uint32_t len;
	struct chunk_last last;
	uint8_t bytes[CHUNK_BYTES_MAX];
};

void chunk_init(struct chunk *, int64_t start_ms);
/*
 * Appends; fix->at is Unix time.  `provisional`: its time is the arrival's.
 * false: no room, nothing was written.
 */
bool chunk_append(struct chunk *, const struct fix *, bool provisional);

/* Walks stored bytes. */
struct chunk_reader {
	const uint8_t *at, *end;
	struct chunk_last last;
};
/* -1: EBADMSG, not a chunk of a version that we know. */
int chunk_reader_init(
    struct chunk_reader *, int64_t start_ms, const void *, size_t);
/* 1: a fix; 0: the end; -1: EBADMSG. */
int chunk_read(struct chunk_reader *, struct fix *, bool *provisional);

/* Goes on with stored bytes.  -1: EBADMSG. */
int chunk_resume(struct chunk *, int64_t start_ms, const void *, size_t);

#endif
