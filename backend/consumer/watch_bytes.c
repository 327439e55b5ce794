/*
 * watch_bytes: what is kept of a watched cart.
 *
 *     layout, then runs: zeros (words), literals (words), the literals
 *
 * The states of backend/rules are flat, and theirs to change: their memory is
 * kept as it is.  `layout` says whose it is; another build's is not read, and
 * the watch of a cart then begins anew (watchlist.c).
 */
#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "backend/consumer/watchlist.h"

/* To be raised when a field changes its meaning and not its place. */
#define LAYOUT 1
#define WORDS (sizeof(struct watch_kept) / sizeof(uint64_t))

_Static_assert(
    sizeof(struct watch_kept) % sizeof(uint64_t) == 0 && WORDS <= UINT16_MAX,
    "whole words, few enough");

struct run {
	uint16_t zeros, literals;
};

static uint64_t
layout(void)
{
	static const size_t places[] = {
		LAYOUT,
		sizeof(struct watch_kept),
		offsetof(struct watch_kept, last),
		sizeof(struct watch),
		sizeof(struct alert_case),
		sizeof(struct alert_event),
		sizeof(struct watch_outage),
		sizeof(struct astray),
		sizeof(struct motion),
		offsetof(struct watch, fix_ms),
		offsetof(struct watch, epoch),
		offsetof(struct watch, state),
		offsetof(struct watch, missing),
		offsetof(struct watch, backlog),
		offsetof(struct watch, outages),
		offsetof(struct astray, inside_ms),
		offsetof(struct astray, hours),
		offsetof(struct motion, distance_m),
	};
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		hash = (hash ^ places[i]) * UINT64_C(0x100000001b3);
	return hash;
}

static uint8_t *
put(uint8_t *at, const void *bytes, size_t len)
{
	memcpy(at, bytes, len);
	return at + len;
}

size_t
watch_write(const struct watch_kept *kept, uint8_t buf[WATCH_BYTES_MAX])
{
	uint64_t words[WORDS], stamp = layout();
	uint8_t *at = put(buf, &stamp, sizeof(stamp));

	memcpy(words, kept, sizeof(words));
	for (size_t i = 0; i < WORDS;) {
		struct run run = { 0, 0 };
		size_t first;

		for (; i < WORDS && words[i] == 0; i++)
			run.zeros++;
		first = i;
		for (; i < WORDS && words[i] != 0; i++)
			run.literals++;
		at = put(at, &run, sizeof(run));
		at = put(at, &words[first], run.literals * sizeof(words[0]));
	}
	return (size_t)(at - buf);
}

int
watch_read(struct watch_kept *kept, const void *bytes, size_t len)
{
	const uint8_t *at = bytes, *end = at + len;
	uint64_t words[WORDS] = { 0 }, stamp = 0;
	struct run run;
	size_t i = 0;

	if (len >= sizeof(stamp))
		memcpy(&stamp, at, sizeof(stamp));
	if (stamp != layout())
		goto bad;
	for (at += sizeof(stamp); at < end && i < WORDS;) {
		if ((size_t)(end - at) < sizeof(run))
			goto bad;
		memcpy(&run, at, sizeof(run));
		at += sizeof(run);
		i += run.zeros;
		if (i + run.literals > WORDS ||
		    (size_t)(end - at) < run.literals * sizeof(words[0]))
			goto bad;
		memcpy(&words[i], at, run.literals * sizeof(words[0]));
		at += run.literals * sizeof(words[0]);
		i += run.literals;
	}
	if (at != end || i != WORDS)
		goto bad;
	memcpy(kept, words, sizeof(*kept));
	return 0;
bad:
	errno = EBADMSG;
	return -1;
}
