/* Registrations, decisions, and the keys of both. */
#include "schemas/member.h"
#include "tests/fuzz/fuzz.h"

static void
key_must_come_back(const char *key, size_t len)
{
	char who[WHO_MAX + 1], id[MEMBER_ID_MAX + 1], again[MEMBER_KEY_MAX + 1];

	if (member_key_parse(key, len, who, id) == -1) {
		must(errno == EINVAL);
		return;
	}
	must(member_key_format(who, id, again) == 0);
	must(strlen(again) == len && memcmp(again, key, len) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct registration asked;
	struct member_decision said;

	must_come_back(data, size, &asked, registration_decode,
	    registration_encode, MEMBER_BYTES_MAX);
	must_come_back(data, size, &said, member_decision_decode,
	    member_decision_encode, MEMBER_BYTES_MAX);
	key_must_come_back((const char *)data, size);
	return 0;
}
