/*
 * marker: the items that any stream may have: gaps and time markers (declared
 * in event.h).
 */
#include "schemas/event_parts.h"

static const char *const gap_reasons[GAP_REASONS] = { [GAP_FULL] = "full",
	[GAP_FORGOTTEN] = "forgotten",
	[GAP_REFUSED] = "refused" };

const char *
gap_reason_name(enum gap_reason reason)
{
	return gap_reasons[reason];
}

/* Both times count from one boot; where they do not, only the first is
 * told. */
void
gap_encode(const struct gap *gap, struct mp_writer *w)
{
	struct instant from = gap->from;
	struct instant to = gap->to;

	if (from.ms == INSTANT_MISSING)
		from.boot = to.boot;
	else if (to.ms != INSTANT_MISSING && to.boot != from.boot)
		to.ms = INSTANT_MISSING;
	item_begin_write(w, ITEM_GAP, 5);
	mp_write_uint(w, gap->count);
	moment_write(w, from.ms);
	moment_write(w, to.ms);
	boot_write(w, from.boot);
	mp_write_int(w, gap->reason);
}

int
gap_decode(struct mp_reader *r, struct gap *gap)
{
	uint32_t appended;
	uint64_t boot;
	int64_t count, reason;

	if (item_begin(r, "gap", ITEM_GAP, 5, &appended) == -1 ||
	    mp_read_int(r, "gap.count", 1, GAP_COUNT_MAX, &count) == -1 ||
	    moment_read(r, "gap.from", &gap->from.ms) == -1 ||
	    moment_read(r, "gap.to", &gap->to.ms) == -1 ||
	    boot_read(r, "gap.boot", &boot) == -1 ||
	    mp_read_int(r, "gap.reason", 0, GAP_REASONS - 1, &reason) == -1)
		return -1;
	gap->count = (uint64_t)count;
	gap->from.boot = gap->to.boot = boot;
	gap->reason = (enum gap_reason)reason;
	if (moment_check(r, "gap.from", &gap->from) == -1 ||
	    moment_check(r, "gap.to", &gap->to) == -1)
		return -1;
	return mp_skip(r, "gap", appended);
}

void
time_marker_encode(const struct time_marker *marker, struct mp_writer *w)
{
	item_begin_write(w, ITEM_TIME, 2);
	mp_write_uint(w, marker->boot);
	mp_write_int(w, marker->offset_ms);
}

int
time_marker_decode(struct mp_reader *r, struct time_marker *marker)
{
	uint32_t appended;

	if (item_begin(r, "time", ITEM_TIME, 2, &appended) == -1 ||
	    mp_read_uint(r, "time.boot", UINT64_MAX, &marker->boot) == -1)
		return -1;
	if (marker->boot == 0)
		return mp_refuse(r, "time.boot", "a boot id, not 0");
	/* Mended times must come out in range: a kernel may have started up
	 * to 10 years before, so the offset may be somewhat smaller. */
	if (mp_read_int(r, "time.offset", TIME_MIN_MS - BOOT_MS_MAX,
		TIME_MAX_MS, &marker->offset_ms) == -1)
		return -1;
	return mp_skip(r, "time", appended);
}
