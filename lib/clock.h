/*
 * clock: the time, as a thing that can be handed in, so that tests and the
 * simulator can run a year in a second.
 */
#ifndef PREGON_CLOCK_H
#define PREGON_CLOCK_H

#include <stdint.h>

struct clock {
	/* Unix time as the system believes it, ms. */
	int64_t (*realtime_ms)(const struct clock *);
	/* Since the kernel started, suspend included (CLOCK_BOOTTIME), ms. */
	int64_t (*boottime_ms)(const struct clock *);
	/* Has the system's clock been synchronised (adjtimex)? */
	int (*synchronised)(const struct clock *);
};

/* The machine's. */
extern const struct clock clock_system;

/* One that stands still until it is moved. */
struct clock_manual {
	struct clock clock; /* first: hand in &manual.clock */
	int64_t realtime_ms;
	int64_t boottime_ms;
	int synchronised;
};
void clock_manual_init(struct clock_manual *, int64_t realtime_ms);
void clock_manual_advance(struct clock_manual *, int64_t ms);

static inline int64_t
clock_realtime_ms(const struct clock *c)
{
	return c->realtime_ms(c);
}

static inline int64_t
clock_boottime_ms(const struct clock *c)
{
	return c->boottime_ms(c);
}

/* This kernel's start: 64 bits of /proc/sys/kernel/random/boot_id, not 0. */
uint64_t clock_boot_id(void);

/* "2026-11-20T13:05:00.123Z"; any thread. */
#define CLOCK_TEXT 25
void clock_format(int64_t unix_ms, char text[CLOCK_TEXT]);
/* RFC 3339 with an offset or Z; -1: EINVAL. */
int clock_parse(const char *, int64_t *unix_ms);

#endif
