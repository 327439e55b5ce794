/* What is said about tickets. */
#include "schemas/ticket.h"
#include "tests/fuzz/fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ticket_word said;

	must_come_back(
	    data, size, &said, ticket_decode, ticket_encode, TICKET_BYTES_MAX);
	return 0;
}
