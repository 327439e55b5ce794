/* Notices: all that is read is within the struct. */
#include "schemas/notice.h"
#include "tests/fuzz/fuzz.h"

static struct notice notice;

static void
must_be_within(const char *s)
{
	const char *end = notice.text + sizeof(notice.text);

	must(s >= notice.text && s < end);
	must(memchr(s, '\0', (size_t)(end - s)) != NULL);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct decode_error error;

	must_come_back(data, size, &notice, notice_decode, notice_encode,
	    NOTICE_BYTES_MAX);
	if (notice_decode(data, size, &notice, &error) == -1)
		return 0;
	must_be_within(notice.id);
	must_be_within(notice.to);
	must_be_within(notice.event);
	must_be_within(notice.subject);
	must(notice.value_count <= NOTICE_VALUES_MAX);
	for (uint32_t i = 0; i < notice.value_count; i++) {
		must_be_within(notice.values[i].name);
		must_be_within(notice.values[i].value);
	}
	return 0;
}
