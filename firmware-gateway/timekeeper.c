#include "firmware-gateway/timekeeper.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define DAY_MS INT64_C(86400000)
/* Between two reports: the receiver's time may be off by so much. */
#define STEP_MS 3000
/* An ack's time is late by its way here: the earliest one is the best, for
 * so long (quartz drifts 2 s a day or so). */
#define SERVER_FRESH_MS (6 * 3600 * INT64_C(1000))

const char *
time_source_name(enum time_source s)
{
	static const char *const names[] = { "none", "server", "gnss",
		"system" };

	return names[s];
}

const char *
receiver_date_name(enum receiver_date d)
{
	static const char *const names[] = { "unknown", "good", "impossible" };

	return names[d];
}

/* The day before this file was built: time zones. */
static int64_t
build_ms(void)
{
	struct tm tm = { 0 };

	if (strptime(__DATE__, "%b %d %Y", &tm) == NULL)
		return TIME_MIN_MS;
	return (int64_t)timegm(&tm) * 1000 - DAY_MS;
}

void
timekeeper_init(struct timekeeper *t, const struct clock *clock,
    enum clock_trust trust, uint64_t boot)
{
	memset(t, 0, sizeof(*t));
	t->clock = clock;
	t->trust = trust;
	t->boot = boot;
	t->earliest_ms = build_ms();
	timekeeper_tick(t);
}

uint64_t
timekeeper_boot_id(const char *file)
{
	uint64_t id = UINT64_C(14695981039346656037); /* FNV-1a */
	char text[64];
	ssize_t len;
	int fd;

	if (file == NULL || *file == '\0')
		return clock_boot_id();
	fd = open(file, O_RDONLY | O_CLOEXEC);
	if (fd == -1)
		return 0;
	len = read(fd, text, sizeof(text));
	close(fd);
	if (len <= 0) {
		errno = ENODATA;
		return 0;
	}
	for (ssize_t i = 0; i < len; i++)
		id = (id ^ (unsigned char)text[i]) * UINT64_C(1099511628211);
	return id != 0 ? id : 1;
}

static bool
within(int64_t a, int64_t b, int64_t limit)
{
	return llabs(a - b) <= limit;
}

/* Is the system's clock one that we take? */
static bool
system_trusted(const struct timekeeper *t)
{
	int64_t now = clock_realtime_ms(t->clock);

	if (t->trust == TRUST_SYSTEM)
		return now >= TIME_MIN_MS && now < TIME_MAX_MS;
	if (now < t->earliest_ms || now >= TIME_MAX_MS)
		return false;
	return t->put_right || t->clock->synchronised(t->clock);
}

void
timekeeper_tick(struct timekeeper *t)
{
	bool nonsense = clock_realtime_ms(t->clock) < t->earliest_ms;

	/* From 1970 to a good date: somebody set it, and knew why. */
	if (t->was_nonsense && !nonsense)
		t->put_right = true;
	if (nonsense)
		t->put_right = false;
	t->was_nonsense = nonsense;
}

void
timekeeper_server(struct timekeeper *t, int64_t server_ms)
{
	int64_t offset;

	if (server_ms < TIME_MIN_MS || server_ms >= TIME_MAX_MS)
		return;
	offset = server_ms - clock_boottime_ms(t->clock);
	if (t->has_server && offset < t->server_offset_ms &&
	    within(offset, t->server_offset_ms, TIMEKEEPER_FAR_MS))
		return;
	t->has_server = true;
	t->server_offset_ms = offset;
}

/* The best time that is not the receiver's; false: none. */
static bool
other_time(const struct timekeeper *t, int64_t boottime_ms, int64_t *unix_ms)
{
	if (system_trusted(t)) {
		*unix_ms = clock_realtime_ms(t->clock) -
		    clock_boottime_ms(t->clock) + boottime_ms;
		return true;
	}
	if (t->has_server) {
		*unix_ms = boottime_ms + t->server_offset_ms;
		return true;
	}
	return false;
}

/* Could the receiver's date be true? */
static bool
possible(const struct timekeeper *t, int64_t gnss_ms, int64_t read_ms)
{
	int64_t other;

	if (gnss_ms >= TIME_MAX_MS || gnss_ms < TIME_MIN_MS)
		return false;
	if (t->trust == TRUST_GNSS)
		return true;
	if (gnss_ms < t->earliest_ms)
		return false;
	if (other_time(t, read_ms, &other))
		return within(gnss_ms, other, TIMEKEEPER_FAR_MS);
	/*
	 * The system's clock alone, not synchronised: a cart without a battery
	 * for its clock is behind, seldom ahead.  A receiver that is a day
	 * behind it may be a replayed log; the first ack will tell.
	 */
	return gnss_ms > clock_realtime_ms(t->clock) - DAY_MS;
}

void
timekeeper_gnss(struct timekeeper *t, int64_t gnss_ms, int64_t read_ms)
{
	int64_t step = gnss_ms - t->last_gnss_ms;
	int64_t our_step = read_ms - t->last_gnss_read_ms;

	if (step == 0 && t->streak > 0)
		return;
	t->streak = t->streak > 0 && step > 0 &&
		within(step, our_step, STEP_MS + our_step / 2)
	    ? t->streak + 1
	    : 1;
	t->last_gnss_ms = gnss_ms;
	t->last_gnss_read_ms = read_ms;
	if (!possible(t, gnss_ms, read_ms)) {
		t->date = DATE_IMPOSSIBLE;
		t->has_gnss = false;
	} else if (t->streak >= TIMEKEEPER_STREAK) {
		t->date = DATE_GOOD;
		t->has_gnss = true;
		t->gnss_offset_ms = gnss_ms - read_ms;
	}
}

enum time_source
timekeeper_source(const struct timekeeper *t)
{
	if (t->trust == TRUST_GNSS && t->has_gnss)
		return TIME_GNSS;
	if (system_trusted(t))
		return TIME_SYSTEM;
	/* A receiver trusted before the first ack, which then denied it. */
	if (t->has_gnss && t->has_server &&
	    !within(t->gnss_offset_ms, t->server_offset_ms, TIMEKEEPER_FAR_MS))
		return TIME_SERVER;
	if (t->has_gnss)
		return TIME_GNSS;
	return t->has_server ? TIME_SERVER : TIME_NONE;
}

bool
timekeeper_unix(
    const struct timekeeper *t, int64_t boottime_ms, int64_t *unix_ms)
{
	switch (timekeeper_source(t)) {
	case TIME_SYSTEM:
	case TIME_SERVER:
		return other_time(t, boottime_ms, unix_ms);
	case TIME_GNSS:
		*unix_ms = boottime_ms + t->gnss_offset_ms;
		return true;
	case TIME_NONE:
		break;
	}
	return false;
}

static struct instant
instant_at(const struct timekeeper *t, int64_t boottime_ms)
{
	struct instant at = { boottime_ms, t->boot };
	int64_t unix_ms;

	if (timekeeper_unix(t, boottime_ms, &unix_ms) &&
	    unix_ms >= TIME_MIN_MS && unix_ms < TIME_MAX_MS) {
		at.ms = unix_ms;
		at.boot = 0;
	}
	return at;
}

struct instant
timekeeper_fix(const struct timekeeper *t, int64_t gnss_ms, int64_t read_ms,
    bool *system_time)
{
	bool good = possible(t, gnss_ms, read_ms);

	*system_time = !good;
	/* A date is used once it is believed, so that times before and after
	 * do not jump. */
	if (good && t->has_gnss)
		return (struct instant){ gnss_ms, 0 };
	return instant_at(t, read_ms);
}

struct instant
timekeeper_now(const struct timekeeper *t)
{
	return instant_at(t, clock_boottime_ms(t->clock));
}
