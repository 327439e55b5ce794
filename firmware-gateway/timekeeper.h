/*
 * timekeeper: what time it is, and who says so.
 *
 * A cart's clock may start in 1970, and a receiver's date may be 19.6 years
 * old (its week number rolls over) or come from a replayed log.  So a time is
 * trusted only if it comes from
 *
 *   TIME_SYSTEM	a synchronised system clock, or one that was put right
 *			while we looked (auto), or any plausible one (system),
 *   TIME_GNSS		a receiver whose date is possible,
 *   TIME_SERVER	an ack of the guild,
 *
 * in this order; with trust `gnss` the receiver goes first and any date from
 * 2020 on is taken as it is.  Before the first of them moments are given as
 * boot id and time since then; a time marker mends them later.  Pure, over
 * lib/clock.h.
 */
#ifndef PREGON_GATEWAY_TIMEKEEPER_H
#define PREGON_GATEWAY_TIMEKEEPER_H

#include <stdbool.h>

#include "lib/clock.h"
#include "schemas/event.h"

enum clock_trust { TRUST_AUTO, TRUST_GNSS, TRUST_SYSTEM };

enum time_source { TIME_NONE, TIME_SERVER, TIME_GNSS, TIME_SYSTEM };
const char *time_source_name(enum time_source);

enum receiver_date { DATE_UNKNOWN, DATE_GOOD, DATE_IMPOSSIBLE };
const char *receiver_date_name(enum receiver_date);

/* Dates of so many reports must go on as our own clock does. */
#define TIMEKEEPER_STREAK 2
/* Two clocks that differ by more: one of them is wrong. */
#define TIMEKEEPER_FAR_MS 120000
/* A time that goes back by more begins a new epoch; by less, it stands
 * still. */
#define TIMEKEEPER_BACK_MS 60000

struct timekeeper {
	const struct clock *clock;
	enum clock_trust trust;
	uint64_t boot;
	int64_t earliest_ms; /* no date before this build's is possible */
	bool was_nonsense; /* the system's clock was, while we looked */
	bool put_right; /* and is not any more */
	/* Unix time = boottime + offset. */
	bool has_gnss;
	int64_t gnss_offset_ms;
	bool has_server;
	int64_t server_offset_ms;
	int streak;
	int64_t last_gnss_ms, last_gnss_read_ms;
	enum receiver_date date;
};

void timekeeper_init(
    struct timekeeper *, const struct clock *, enum clock_trust, uint64_t boot);
/* The boot id: of this kernel, or made of a file's text (for trials);
 * 0: the file cannot be read, errno. */
uint64_t timekeeper_boot_id(const char *file);

/* Looks at the system's clock; each second. */
void timekeeper_tick(struct timekeeper *);
/* An ack's server time. */
void timekeeper_server(struct timekeeper *, int64_t server_ms);
/* A fix's date, read at boottime read_ms: told of each, good or not. */
void timekeeper_gnss(struct timekeeper *, int64_t gnss_ms, int64_t read_ms);

/* When the fix just told of was made; *system_time: its own date could not
 * be used. */
struct instant timekeeper_fix(const struct timekeeper *, int64_t gnss_ms,
    int64_t read_ms, bool *system_time);

/* Whom we trust now. */
enum time_source timekeeper_source(const struct timekeeper *);
/* Unix time of the moment `boottime_ms`; false: no trusted time yet. */
bool timekeeper_unix(
    const struct timekeeper *, int64_t boottime_ms, int64_t *unix_ms);
struct instant timekeeper_now(const struct timekeeper *);

#endif
