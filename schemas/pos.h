/*
 * pos: fixes, and their bytes in runs: base values, then small differences.
 *
 * A run is [1, form, time, (boot), lat, lon, speed, course, accuracy, flags,
 * then for each further fix: dt, ddlat, ddlon, dspeed, dcourse]: see
 * schemas/frames.md.  Latitude and longitude are second differences: a cart
 * that walks straight costs a byte each.
 */
#ifndef PREGON_POS_H
#define PREGON_POS_H

#include "schemas/event.h"

enum fix_flag {
	FIX_2D = 1, /* the receiver had no altitude */
	FIX_NO_COURSE = 2, /* standing: the course means nothing */
	FIX_SYSTEM_TIME = 4, /* the receiver's date was impossible */
	FIX_PARKED = 8 /* held in place: the cart stands */
};
#define FIX_FLAGS_MAX 255

#define FIX_SPEED_MAX 5000 /* dm/s */
#define FIX_ACCURACY_UNKNOWN 65535
struct fix {
	struct instant at;
	int32_t lat_e6; /* 1e-6 degrees */
	int32_t lon_e6;
	uint16_t speed_dm_s; /* 0..FIX_SPEED_MAX */
	uint16_t course_deg; /* true, 0..359 */
	uint16_t accuracy_m; /* horizontal, 95 %; FIX_ACCURACY_UNKNOWN */
	uint8_t flags; /* enum fix_flag */
};

/* Most fixes of one run, so of one frame. */
#define RUN_FIXES_MAX 4096

/*
 * Encodes fixes[0..count-1] as one item.  All must share one boot, and times
 * must not go back (the gateway sees to it): else -1, EINVAL.  Milliseconds
 * are kept where any fix has them.  A full writer is seen by writer->full.
 */
int run_encode(const struct fix *, size_t count, struct mp_writer *);
/*
 * Reads one run: at most `cap` fixes into `fixes`, their number in *count.
 * 0, or -1 with EBADMSG (and E2BIG when there are more than `cap`).
 */
int run_decode(struct mp_reader *, struct fix *, size_t cap, size_t *count);
/* How many fixes the run at the cursor says it has; the cursor stays. */
int run_count(const struct mp_reader *, uint32_t *count);

#endif
