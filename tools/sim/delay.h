/*
 * delay: messages on their way through a slow network, by the time they
 * arrive.  Bounded: what finds no room is lost, as in any network.
 */
#ifndef PREGON_SIM_DELAY_H
#define PREGON_SIM_DELAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DELAY_MAX 200000

struct delayed {
	int64_t due_us;
	size_t cart;
	const char *what; /* a literal: last word of the topic */
	bool down;
	bool retain;
	size_t len;
	uint8_t bytes[];
};

struct delay {
	struct delayed **heap; /* the earliest first */
	size_t count, room;
};

void delay_release(struct delay *);
/* False: it was lost. */
bool delay_add(
    struct delay *, const struct delayed *head, const void *bytes, size_t len);
/* The next that has arrived, for the caller to free; NULL: none yet. */
struct delayed *delay_take(struct delay *, int64_t now_us);

#endif
