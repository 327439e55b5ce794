/*
 * show: a Kafka record as a JSON object, for people: its value decoded by
 * the header `schema`, or as hex where that cannot be.
 */
#ifndef PREGON_CTL_SHOW_H
#define PREGON_CTL_SHOW_H

#include <jansson.h>

#include "schemas/frame.h"
#include "schemas/topics.h"

#define SHOW_HEADERS_MAX 16
struct show_header {
	const char *name;
	const void *value; /* NULL: a null header */
	size_t len;
};

struct show_record {
	const char *topic;
	int32_t partition;
	int64_t offset;
	int64_t timestamp_ms; /* -1: none */
	const void *key; /* NULL: none */
	size_t key_len;
	const void *value; /* NULL: a tombstone */
	size_t value_len;
	struct show_header headers[SHOW_HEADERS_MAX];
	size_t header_count;
};

/* Room for a frame's items: some 130 kB. */
struct show;
struct show *show_new(void);
void show_free(struct show *);

/* NULL: no memory. */
json_t *show_record(struct show *, const struct show_record *);

/* Its parts. */
json_t *show_text(const void *, size_t); /* {"hex": ...} if no UTF-8 */
json_t *show_time(int64_t unix_ms); /* INSTANT_MISSING: null */
json_t *show_instant(struct instant);
json_t *show_fix(const struct fix *);
json_t *show_item(const struct item *);
/* An error decoding, as {"error": "field: expected ..."}. */
json_t *show_error(const struct decode_error *);

#endif
