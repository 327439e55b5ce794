/*
 * report: what is in topic_coordenadas beside the carts' own words: a
 * passer-by's report of a strange cart (partition 0), and the bridge's beat.
 */
#ifndef PREGON_REPORT_H
#define PREGON_REPORT_H

#include "schemas/event.h"

#define REPORT_VERSION 1
#define REPORT_ID_MAX 32
#define REPORT_BYTES_MAX 768

/* [version, id, at, lat_e6, lon_e6, note].  Key: the id. */
struct strange_report {
	char id[REPORT_ID_MAX + 1];
	int64_t at_ms;
	int32_t lat_e6, lon_e6;
	char note[TEXT_NOTE_MAX + 1];
};
int report_encode(const struct strange_report *, void *buf, size_t cap);
int report_decode(
    const void *, size_t, struct strange_report *, struct decode_error *);

/*
 * A beat: [version, bridge, count].  The bridge writes one a second into each
 * partition of topic_coordenadas that holds carts, as long as it hears
 * Mosquitto: every frame that it had before the beat is before it in the
 * partition, so silence between beats is the cart's own.  No key.
 */
#define BEAT_VERSION 1
#define BEAT_BYTES_MAX 128
#define BEAT_EVERY_MS 1000
struct beat {
	char bridge[TEXT_NAME_MAX + 1]; /* its client id */
	uint64_t count; /* since its start */
};
int beat_encode(const struct beat *, void *buf, size_t cap);
int beat_decode(const void *, size_t, struct beat *, struct decode_error *);

#endif
