/* Reports of strange carts, which any passer-by may write, and beats. */
#include "schemas/report.h"
#include "tests/fuzz/fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct strange_report report;
	struct beat beat;

	must_come_back(data, size, &report, report_decode, report_encode,
	    REPORT_BYTES_MAX);
	must_come_back(
	    data, size, &beat, beat_decode, beat_encode, BEAT_BYTES_MAX);
	return 0;
}
