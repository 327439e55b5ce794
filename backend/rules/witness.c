/*
 * witness: see the header.
 */
#include "backend/rules/witness.h"

/* What passed since the newest beat, if somebody listened. */
static int64_t
passed(const struct witness *w, int64_t record_ms)
{
	int64_t ms = record_ms - w->beat_ms;

	return w->beat_ms != 0 && ms > 0 && ms <= WITNESS_GAP_MAX_MS ? ms : 0;
}

void
witness_beat(struct witness *w, int64_t record_ms)
{
	w->witnessed_ms += passed(w, record_ms);
	if (record_ms > w->beat_ms)
		w->beat_ms = record_ms;
}

int64_t
witness_at(const struct witness *w, int64_t record_ms)
{
	return w->witnessed_ms + passed(w, record_ms);
}
