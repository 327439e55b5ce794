#include "tools/sim/tally.h"

#include <stdlib.h>

struct tally *
tally_new(void)
{
	struct tally *t = calloc(1, sizeof(*t));

	if (t != NULL)
		t->dice = dice_new(1, 1);
	return t;
}

void
tally_latency(struct tally *t, int64_t us)
{
	uint64_t at = t->latencies++;

	if (at >= TALLY_SAMPLES)
		at = dice_throw(&t->dice) % t->latencies;
	if (at < TALLY_SAMPLES)
		t->samples_us[at] = us > UINT32_MAX ? UINT32_MAX : (uint32_t)us;
}

static int
by_size(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

double
tally_percentile_ms(struct tally *t, double p)
{
	size_t n = t->latencies < TALLY_SAMPLES ? (size_t)t->latencies
						: TALLY_SAMPLES;
	size_t at;

	if (n == 0)
		return 0;
	qsort(t->samples_us, n, sizeof(t->samples_us[0]), by_size);
	at = (size_t)((double)n * p / 100);
	return t->samples_us[at < n ? at : n - 1] / 1000.0;
}
