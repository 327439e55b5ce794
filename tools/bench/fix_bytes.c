/*
 * fix_bytes: what fixes cost on their way up, by the gateway's own modules.
 *
 *     fix_bytes < REPORTS		a receiver's reports
 *     fix_bytes --walk=HOURS		a made-up walk, a fix a second
 *
 * Reports come a line each, in order: Unix time (ms), mode, latitude,
 * longitude, speed (m/s), course, error (m); nan for what is not given.  They
 * are judged, thinned and held as in the gateway (locator.h), with its default
 * settings, and its frames are cut from what is kept: by the linger, whole
 * backlogs of 60 fixes, alone.  Prints one line of NAME=VALUE, payload bytes
 * with the frame's envelope.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "firmware-gateway/locator.h"
#include "schemas/frame.h"
#include "tools/sim/walk.h"

#define FIXES_MAX ((size_t)200000)
#define BACKLOG 60
#define LINGER_MS 60000
/* As a guild that began in 2026 has it (hours since 2020), and an epoch. */
#define LEDGER 60000
#define EPOCH UINT64_C(0x5a3c17e9b2)

struct fixes {
	struct fix *at;
	size_t count;
};

/* How frames are cut from a track. */
enum cut { CUT_LINGER, CUT_BACKLOG, CUT_ALONE };

struct cost {
	size_t frames, bytes;
};

static void
die(const char *what)
{
	fprintf(stderr, "fix_bytes: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void
fixes_init(struct fixes *f)
{
	f->at = malloc(FIXES_MAX * sizeof(*f->at));
	if (f->at == NULL)
		die("memory");
	f->count = 0;
}

static void
fixes_add(struct fixes *f, const struct fix *fix)
{
	errno = E2BIG;
	if (f->count == FIXES_MAX)
		die("reports");
	f->at[f->count++] = *fix;
}

static size_t
frame_bytes(const struct fix *fixes, size_t count, size_t first)
{
	static uint8_t buf[FRAME_BYTES_MAX];
	struct frame_head head = { .ledger = LEDGER,
		.epoch = EPOCH,
		.first_seq = first,
		.count = count,
		.item_count = 1 };
	struct mp_writer w;

	mp_writer_init(&w, buf, sizeof(buf));
	frame_encode_head(&head, &w);
	errno = ENOBUFS;
	if (run_encode(fixes, count, &w) == -1 || w.full)
		die("frame");
	return w.len;
}

/* How many fixes the frame that begins with fixes[i] takes. */
static size_t
frame_count(const struct fixes *f, size_t i, enum cut cut)
{
	size_t n = 1;

	if (cut == CUT_ALONE)
		return 1;
	if (cut == CUT_BACKLOG)
		return f->count - i < BACKLOG ? f->count - i : BACKLOG;
	while (
	    i + n < f->count && f->at[i + n].at.ms - f->at[i].at.ms < LINGER_MS)
		n++;
	return n;
}

static struct cost
cost_of(const struct fixes *f, enum cut cut)
{
	struct cost c = { 0, 0 };

	for (size_t i = 0, n; i < f->count; i += n) {
		n = frame_count(f, i, cut);
		c.bytes += frame_bytes(&f->at[i], n, i);
		c.frames++;
	}
	return c;
}

/* The same fixes as OwnTracks has them, with its fields for them. */
static size_t
owntracks_bytes(const struct fixes *f)
{
	size_t bytes = 0;
	char json[256];

	for (size_t i = 0; i < f->count; i++) {
		const struct fix *x = &f->at[i];

		bytes += (size_t)snprintf(json, sizeof(json),
		    "{\"_type\":\"location\",\"tid\":\"01\",\"tst\":%lld,"
		    "\"lat\":%.6f,\"lon\":%.6f,\"acc\":%u,\"vel\":%u,"
		    "\"cog\":%u}",
		    (long long)(x->at.ms / 1000), x->lat_e6 * 1e-6,
		    x->lon_e6 * 1e-6, x->accuracy_m,
		    (x->speed_dm_s * 36u + 50) / 100, x->course_deg);
	}
	return bytes;
}

struct bench {
	struct clock_manual clock;
	struct timekeeper time;
	struct locator locator;
	struct fixes taken, kept;
};

static void
bench_init(struct bench *b, int64_t began_ms)
{
	static const struct quality_limits limits = { 150, 100 };
	static const struct keeper_settings keep = { 20, 30, 60000, 720000 };

	clock_manual_init(&b->clock, began_ms);
	timekeeper_init(&b->time, &b->clock.clock, TRUST_GNSS, 1);
	locator_init(&b->locator, &b->time, &limits, &keep);
	fixes_init(&b->taken);
	fixes_init(&b->kept);
}

static void
take(struct bench *b, struct report *r)
{
	struct fix out[KEEPER_OUT_MAX], latest;
	uint64_t taken = b->locator.taken;
	size_t n;

	if (r->time_ms > b->clock.realtime_ms)
		clock_manual_advance(
		    &b->clock, r->time_ms - b->clock.realtime_ms);
	r->read_ms = b->clock.boottime_ms;
	n = locator_report(&b->locator, r, out);
	for (size_t i = 0; i < n; i++)
		fixes_add(&b->kept, &out[i]);
	if (b->locator.taken == taken)
		return;
	latest = b->locator.latest;
	latest.at.ms = (latest.at.ms + 500) / 1000 * 1000;
	fixes_add(&b->taken, &latest);
}

static void
read_reports(struct bench *b)
{
	struct report pending = { .mode = 0 }, r = { .has_time = true };
	bool begun = false;
	long long ms;

	while (scanf("%lld %d %lf %lf %lf %lf %lf", &ms, &r.mode, &r.lat,
		   &r.lon, &r.speed, &r.course, &r.error) == 7) {
		r.time_ms = ms;
		if (!begun) {
			bench_init(b, ms);
			begun = true;
		} else if (pending.time_ms == ms) {
			report_merge(&pending, &r);
			continue;
		} else {
			take(b, &pending);
		}
		pending = r;
	}
	errno = EINVAL;
	if (!begun)
		die("no reports");
	take(b, &pending);
}

static void
walk(struct bench *b, double hours)
{
	int64_t began_ms = INT64_C(1795000000000);
	struct walk w;
	struct fix f;

	bench_init(b, began_ms);
	walk_init(&w, 1, 1);
	for (int64_t s = 0; s < (int64_t)(hours * 3600); s++) {
		walk_to(&w, began_ms + s * 1000, &f);
		take(b,
		    &(struct report){ .mode = 3,
			.has_time = true,
			.time_ms = f.at.ms,
			.lat = f.lat_e6 * 1e-6,
			.lon = f.lon_e6 * 1e-6,
			.speed = f.speed_dm_s / 10.0,
			.course = (f.flags & FIX_NO_COURSE) != 0 ? (double)NAN
								 : f.course_deg,
			.error = f.accuracy_m });
	}
}

static void
print(const struct bench *b)
{
	struct cost linger = cost_of(&b->kept, CUT_LINGER);
	struct cost backlog = cost_of(&b->kept, CUT_BACKLOG);
	struct cost alone = cost_of(&b->kept, CUT_ALONE);
	struct cost all = cost_of(&b->taken, CUT_LINGER);
	const struct fixes *t = &b->taken, *k = &b->kept;

	errno = ENODATA;
	if (t->count == 0)
		die("no good fix");
	printf("seconds=%lld taken=%zu kept=%zu linger_frames=%zu "
	       "linger_bytes=%zu backlog_frames=%zu backlog_bytes=%zu "
	       "alone_bytes=%zu kept_owntracks=%zu all_frames=%zu "
	       "all_bytes=%zu all_owntracks=%zu\n",
	    (long long)((t->at[t->count - 1].at.ms - t->at[0].at.ms) / 1000),
	    t->count, k->count, linger.frames, linger.bytes, backlog.frames,
	    backlog.bytes, alone.bytes, owntracks_bytes(k), all.frames,
	    all.bytes, owntracks_bytes(t));
}

int
main(int argc, char **argv)
{
	static struct bench b;

	if (argc == 2 && strncmp(argv[1], "--walk=", 7) == 0)
		walk(&b, atof(argv[1] + 7));
	else
		read_reports(&b);
	print(&b);
	free(b.taken.at);
	free(b.kept.at);
	return 0;
}
