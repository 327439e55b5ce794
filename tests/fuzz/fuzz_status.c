/* Statuses: what is read is written again and read to the same. */
#include "schemas/status.h"
#include "tests/fuzz/fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t a[STATUS_BYTES_MAX], b[STATUS_BYTES_MAX];
	struct decode_error error;
	struct status status;
	int len;

	if (status_decode(data, size, &status, &error) == -1) {
		must_be_said(&error);
		return 0;
	}
	len = status_encode(&status, a, sizeof(a));
	must(len > 0);
	must(status_decode(a, (size_t)len, &status, &error) == 0);
	must(status_encode(&status, b, sizeof(b)) == len);
	must(memcmp(a, b, (size_t)len) == 0);
	return 0;
}
