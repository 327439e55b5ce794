/*
 * Frames: the first byte picks the stream.  Each item that is read is written
 * again and read again, and must be the same event.
 */
#include "schemas/frame.h"
#include "tests/fuzz/fuzz.h"

static struct frame_items items;
static uint8_t first[FRAME_BYTES_MAX * 3], second[FRAME_BYTES_MAX * 3];

static void
write_item(const struct item *item, struct mp_writer *w)
{
	switch (item->kind) {
	case ITEM_FIXES:
		must(run_encode(item->fixes, item->count, w) == 0);
		break;
	case ITEM_GAP:
		gap_encode(&item->gap, w);
		break;
	case ITEM_TIME:
		time_marker_encode(&item->time, w);
		break;
	case ITEM_SALE:
		sale_encode(&item->sale, w);
		break;
	case ITEM_VOID:
		void_encode(&item->void_sale, w);
		break;
	case ITEM_STOCK:
		stock_encode(&item->stock, w);
		break;
	case ITEM_HELP:
		help_encode(&item->help, w);
		break;
	}
	must(!w->full);
	must(item->kind == ITEM_FIXES || w->len <= ITEM_BYTES_MAX);
}

static int
read_item(struct mp_reader *r, struct item *item)
{
	switch (item->kind) {
	case ITEM_FIXES:
		return 0;
	case ITEM_GAP:
		return gap_decode(r, &item->gap);
	case ITEM_TIME:
		return time_marker_decode(r, &item->time);
	case ITEM_SALE:
		return sale_decode(r, &item->sale);
	case ITEM_VOID:
		return void_decode(r, &item->void_sale);
	case ITEM_STOCK:
		return stock_decode(r, &item->stock);
	case ITEM_HELP:
		return help_decode(r, &item->help);
	}
	return -1;
}

static void
fixes_must_come_back(const struct item *item, struct mp_reader *r)
{
	static struct fix again[RUN_FIXES_MAX];
	size_t count;

	must(run_decode(r, again, RUN_FIXES_MAX, &count) == 0);
	must(count == item->count);
	for (size_t i = 0; i < count; i++) {
		const struct fix *a = &item->fixes[i], *b = &again[i];

		must(a->at.ms == b->at.ms && a->at.boot == b->at.boot);
		must(a->lat_e6 == b->lat_e6 && a->lon_e6 == b->lon_e6);
		must(a->speed_dm_s == b->speed_dm_s);
		must((a->flags & FIX_NO_COURSE) != 0 ||
		    a->course_deg == b->course_deg);
		must(a->accuracy_m == b->accuracy_m);
		must(a->flags == b->flags);
		must(i == 0 || a->at.ms >= a[-1].at.ms);
	}
}

static void
item_must_come_back(const struct item *item)
{
	struct item again = { .kind = item->kind };
	struct decode_error error;
	struct mp_writer a, b;
	struct mp_reader r;

	mp_writer_init(&a, first, sizeof(first));
	write_item(item, &a);
	mp_reader_init(&r, first, a.len, &error);
	if (item->kind == ITEM_FIXES) {
		fixes_must_come_back(item, &r);
	} else {
		must(read_item(&r, &again) == 0);
		mp_writer_init(&b, second, sizeof(second));
		write_item(&again, &b);
		must(a.len == b.len && memcmp(first, second, a.len) == 0);
	}
	must(mp_left(&r) == 0);
}

static void
bytes_must_be_one_value(const struct frame *f, const struct item *item)
{
	struct decode_error error;
	struct mp_reader r;

	must(item->bytes >= f->payload &&
	    item->bytes + item->len <= f->payload + f->payload_len);
	mp_reader_init(&r, item->bytes, item->len, &error);
	must(mp_skip(&r, "item", 1) == 0 && mp_left(&r) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct decode_error error;
	struct frame f;
	struct item item;
	uint64_t seq;
	int rc;

	if (size == 0)
		return 0;
	if (frame_decode(data + 1, size - 1, &f, &error) == -1) {
		must_be_said(&error);
		return 0;
	}
	must(f.epoch != 0 && f.epoch <= EPOCH_MAX && f.count > 0);
	must(f.first_seq + f.count <= SEQ_MAX);
	frame_items_init(&items, &f, (enum stream)(data[0] % STREAM_COUNT));
	seq = f.first_seq;
	while ((rc = frame_items_next(&items, &item)) != 0) {
		if (rc == -1)
			must_be_said(&items.error);
		if (item.bytes == NULL)
			return 0;
		must(item.seq == seq && item.count > 0);
		seq += item.count;
		bytes_must_be_one_value(&f, &item);
		if (rc == 1)
			item_must_come_back(&item);
	}
	must(seq == f.first_seq + f.count);
	return 0;
}
