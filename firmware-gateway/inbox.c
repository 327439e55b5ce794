#include "firmware-gateway/inbox.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "schemas/order.h"

#define KEY_NEXT "inbox.next"
#define KEY_BYTES 16

static void
slot_key(uint64_t number, char key[KEY_BYTES])
{
	snprintf(
	    key, KEY_BYTES, "inbox.%02u", (unsigned)(number % INBOX_SLOTS));
}

void
inbox_init(struct inbox *in, struct outbox *outbox)
{
	struct decode_error error;
	struct mp_reader r;
	uint8_t bytes[16];
	long len;

	in->outbox = outbox;
	in->next = 1;
	len = outbox_get(outbox, KEY_NEXT, bytes, sizeof(bytes));
	if (len <= 0)
		return;
	mp_reader_init(&r, bytes, (size_t)len, &error);
	if (mp_read_uint(&r, KEY_NEXT, UINT64_MAX, &in->next) == -1 ||
	    in->next == 0)
		in->next = 1;
}

int
inbox_check(enum cmd_kind kind, const void *payload, size_t len,
    struct decode_error *error)
{
	struct order_event *order;
	struct message message;
	int rc;

	if (kind == CMD_MESSAGE)
		return message_decode(payload, len, &message, error);
	order = malloc(sizeof(*order));
	if (order == NULL)
		return -1;
	rc = order_news_decode(payload, len, order, error);
	free(order);
	return rc;
}

int
inbox_put(struct inbox *in, enum cmd_kind kind, const void *payload, size_t len)
{
	uint8_t bytes[INBOX_BYTES_MAX];
	struct mp_writer w;
	char key[KEY_BYTES];

	mp_writer_init(&w, bytes, sizeof(bytes));
	mp_write_array(&w, 3);
	mp_write_uint(&w, in->next);
	mp_write_uint(&w, kind);
	mp_write_bin(&w, payload, len);
	if (w.full) {
		errno = EMSGSIZE;
		return -1;
	}
	slot_key(in->next, key);
	if (outbox_put(in->outbox, key, bytes, w.len) == -1)
		return -1;
	mp_writer_init(&w, bytes, sizeof(bytes));
	mp_write_uint(&w, in->next + 1);
	return outbox_put(in->outbox, KEY_NEXT, bytes, w.len);
}

void
inbox_added(struct inbox *in)
{
	in->next++;
}

uint64_t
inbox_oldest(const struct inbox *in)
{
	return in->next > INBOX_SLOTS ? in->next - INBOX_SLOTS : 1;
}

int
inbox_get(struct inbox *in, uint64_t number, struct inbox_entry *entry)
{
	struct decode_error error;
	struct mp_reader r;
	uint32_t fields;
	uint64_t kind;
	char key[KEY_BYTES];
	long len;

	slot_key(number, key);
	len = outbox_get(in->outbox, key, entry->bytes, sizeof(entry->bytes));
	if (len <= 0)
		return 0;
	mp_reader_init(&r, entry->bytes, (size_t)len, &error);
	if (mp_read_array(&r, key, 3, 3, &fields) == -1 ||
	    mp_read_uint(&r, key, UINT64_MAX, &entry->number) == -1 ||
	    mp_read_uint(&r, key, CMD_KINDS - 1, &kind) == -1 ||
	    mp_read_bin(&r, key, INBOX_BYTES_MAX, &entry->payload,
		&entry->payload_len) == -1 ||
	    entry->number != number)
		return 0;
	entry->kind = (enum cmd_kind)kind;
	return 1;
}
