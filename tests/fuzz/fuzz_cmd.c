/* Commands, and what they carry. */
#include "schemas/down.h"
#include "schemas/order.h"
#include "tests/fuzz/fuzz.h"

static uint8_t first[1 << 17], second[1 << 17];
static struct product products[CATALOGUE_MAX];

/* Reads a payload of that kind and writes it; false: refused. */
static bool
rewrite(
    enum cmd_kind kind, const uint8_t *bytes, size_t len, struct mp_writer *w)
{
	struct setting settings[SETTINGS_MAX];
	struct order_event order;
	struct decode_error error;
	struct message message;
	size_t count;
	int rc = -1;

	if (kind == CMD_SETTINGS &&
	    (rc = settings_decode(bytes, len, settings, &count, &error)) == 0)
		settings_encode(settings, count, w);
	if (kind == CMD_CATALOGUE &&
	    (rc = catalogue_decode(
		 bytes, len, products, CATALOGUE_MAX, &count, &error)) == 0)
		catalogue_encode(products, count, w);
	if (kind == CMD_MESSAGE &&
	    (rc = message_decode(bytes, len, &message, &error)) == 0)
		message_encode(&message, w);
	if (kind == CMD_ORDER &&
	    (rc = order_news_decode(bytes, len, &order, &error)) == 0)
		order_news_encode(&order, w);
	if (rc == -1)
		must_be_said(&error);
	else
		must(!w->full);
	return rc == 0;
}

static void
payload_must_come_back(enum cmd_kind kind, const uint8_t *bytes, size_t len)
{
	struct mp_writer a, b;

	mp_writer_init(&a, first, sizeof(first));
	if (!rewrite(kind, bytes, len, &a))
		return;
	mp_writer_init(&b, second, sizeof(second));
	must(rewrite(kind, first, a.len, &b));
	must(a.len == b.len && memcmp(first, second, a.len) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct decode_error error;
	struct cmd cmd, again;
	int len;

	/* A cart's broker bounds a message; so do we. */
	if (size > sizeof(first) / 2)
		return 0;
	if (cmd_decode(data, size, &cmd, &error) == -1) {
		must_be_said(&error);
		/* Payloads alone, too: most inputs are no whole command. */
		for (int kind = 1; kind < CMD_KINDS; kind++)
			payload_must_come_back((enum cmd_kind)kind, data, size);
		return 0;
	}
	must(cmd.payload >= data &&
	    cmd.payload + cmd.payload_len <= data + size);
	len = cmd_encode(&cmd, first, sizeof(first));
	must(len > 0);
	must(cmd_decode(first, (size_t)len, &again, &error) == 0);
	must(cmd.id == again.id && cmd.kind == again.kind);
	must(cmd.ledger == again.ledger);
	must(cmd.payload_len == again.payload_len);
	must(memcmp(cmd.payload, again.payload, cmd.payload_len) == 0);
	payload_must_come_back(cmd.kind, cmd.payload, cmd.payload_len);
	return 0;
}
