/* Acks: who could forge one could empty an outbox. */
#include "schemas/down.h"
#include "tests/fuzz/fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t bytes[ACK_BYTES_MAX];
	struct decode_error error;
	struct ack ack, again;
	int len;

	if (ack_decode(data, size, &ack, &error) == -1) {
		must_be_said(&error);
		return 0;
	}
	must(ack.next_seq > ack.first_seq && ack.next_seq <= SEQ_MAX);
	len = ack_encode(&ack, bytes, sizeof(bytes));
	must(len > 0);
	must(ack_decode(bytes, (size_t)len, &again, &error) == 0);
	must(ack.ledger == again.ledger && ack.stream == again.stream);
	must(ack.epoch == again.epoch && ack.first_seq == again.first_seq);
	must(ack.next_seq == again.next_seq);
	must(ack.server_time_ms == again.server_time_ms);
	return 0;
}
