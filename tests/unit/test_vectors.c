/*
 * The golden bytes of what carts and the guild say to each other, and of
 * orders: each is read to the documented values
 * (or refused at the documented field), and writing what was read gives the
 * same bytes.  Run from the root of the checkout.
 */
#include "schemas/topics.h"
#include "tests/unit/vectors.h"
#include "tests/unit/vectors_check.h"

/* An item was read: its values, and its bytes once more. */
static void
item_add(
    json_t *items, const struct item *item, json_t *values, struct mp_writer *w)
{
	json_object_set_new(values, "seq", uint_of(item->seq));
	json_object_set_new(values, "count", uint_of(item->count));
	json_array_append_new(items, values);
	switch (item->kind) {
	case ITEM_FIXES:
		assert_int_equal(run_encode(item->fixes, item->count, w), 0);
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
}

static void
read_frame(
    const json_t *vector, const uint8_t *bytes, size_t len, struct reading *out)
{
	static struct frame_items items;
	const char *name = string_at(vector, "stream");
	json_t *list = json_array();
	enum stream stream;
	struct mp_writer w;
	struct frame f;
	struct item item;
	int rc;

	assert_int_equal(stream_parse(name, strlen(name), &stream), 0);
	if (frame_decode(bytes, len, &f, &out->error) == -1)
		goto refused;
	mp_writer_init(&w, out->again, sizeof(out->again));
	frame_encode_head(&(struct frame_head){ f.ledger, f.epoch, f.first_seq,
			      f.count, f.item_count },
	    &w);
	frame_items_init(&items, &f, stream);
	while ((rc = frame_items_next(&items, &item)) != 0) {
		if (rc == 1) {
			item_add(list, &item, item_of(&item), &w);
			continue;
		}
		assert_int_equal(errno, EBADMSG);
		if (item.bytes == NULL) {
			out->error = items.error;
			goto refused;
		}
		json_array_append_new(list,
		    json_pack("{ss ss so so}", "kind", "bad", "field",
			items.error.field, "seq", uint_of(item.seq), "count",
			uint_of(item.count)));
	}
	out->again_len = (int)w.len;
	out->values = json_pack("{so so so so so}", "ledger", uint_of(f.ledger),
	    "epoch", epoch_of(f.epoch), "first_seq", uint_of(f.first_seq),
	    "count", uint_of(f.count), "items", list);
	return;
refused:
	out->errno_seen = errno;
	json_decref(list);
}

static void
read_status(
    const json_t *vector, const uint8_t *bytes, size_t len, struct reading *out)
{
	struct status status;

	(void)vector;
	if (status_decode(bytes, len, &status, &out->error) == -1) {
		out->errno_seen = errno;
		return;
	}
	out->values = status_of(&status);
	out->again_len = status_encode(&status, out->again, STATUS_BYTES_MAX);
}

static void
read_ack(
    const json_t *vector, const uint8_t *bytes, size_t len, struct reading *out)
{
	struct ack a;

	(void)vector;
	if (ack_decode(bytes, len, &a, &out->error) == -1) {
		out->errno_seen = errno;
		return;
	}
	out->values = json_pack("{so ss so so so sI}", "ledger",
	    uint_of(a.ledger), "stream", stream_name(a.stream), "epoch",
	    epoch_of(a.epoch), "first_seq", uint_of(a.first_seq), "next_seq",
	    uint_of(a.next_seq), "server_time_ms", a.server_time_ms);
	out->again_len = ack_encode(&a, out->again, ACK_BYTES_MAX);
}

static void
read_guild(
    const json_t *vector, const uint8_t *bytes, size_t len, struct reading *out)
{
	struct guild g;

	(void)vector;
	if (guild_decode(bytes, len, &g, &out->error) == -1) {
		out->errno_seen = errno;
		return;
	}
	out->values = json_pack("{so so so}", "ledger", uint_of(g.ledger),
	    "since_ms", g.since_ms < 0 ? json_null() : json_integer(g.since_ms),
	    "log_id",
	    g.has_log_id ? hex_of(g.log_id, sizeof(g.log_id)) : json_null());
	out->again_len = guild_encode(&g, out->again, GUILD_BYTES_MAX);
}

static void
read_cmd(
    const json_t *vector, const uint8_t *bytes, size_t len, struct reading *out)
{
	struct cmd c;

	(void)vector;
	if (cmd_decode(bytes, len, &c, &out->error) == -1) {
		out->errno_seen = errno;
		return;
	}
	out->values = json_pack("{so ss so so}", "id", uint_of(c.id), "kind",
	    cmd_kind_name(c.kind), "payload", hex_of(c.payload, c.payload_len),
	    "ledger", uint_of(c.ledger));
	out->again_len = cmd_encode(&c, out->again, sizeof(out->again));
}

static int
settings_read(
    const uint8_t *bytes, size_t len, struct reading *out, struct mp_writer *w)
{
	struct setting s[SETTINGS_MAX];
	size_t count;

	if (settings_decode(bytes, len, s, &count, &out->error) == -1)
		return -1;
	out->values = json_array();
	for (size_t i = 0; i < count; i++)
		json_array_append_new(out->values,
		    json_pack("[o o]", text_of(s[i].key), text_of(s[i].value)));
	settings_encode(s, count, w);
	return 0;
}

static int
catalogue_read(
    const uint8_t *bytes, size_t len, struct reading *out, struct mp_writer *w)
{
	static struct product p[CATALOGUE_MAX];
	size_t count;

	if (catalogue_decode(
		bytes, len, p, CATALOGUE_MAX, &count, &out->error) == -1)
		return -1;
	out->values = json_array();
	for (size_t i = 0; i < count; i++)
		json_array_append_new(out->values,
		    json_pack("[I o I]", (json_int_t)p[i].code,
			text_of(p[i].name), p[i].price));
	catalogue_encode(p, count, w);
	return 0;
}

static int
message_read(
    const uint8_t *bytes, size_t len, struct reading *out, struct mp_writer *w)
{
	struct message m;

	if (message_decode(bytes, len, &m, &out->error) == -1)
		return -1;
	out->values = json_pack(
	    "{sI so}", "at_ms", m.at_ms, "text", text_of(m.text));
	message_encode(&m, w);
	return 0;
}

static int
news_read(
    const uint8_t *bytes, size_t len, struct reading *out, struct mp_writer *w)
{
	struct order_event order;

	if (order_news_decode(bytes, len, &order, &out->error) == -1)
		return -1;
	out->values = order_of(&order, true);
	order_news_encode(&order, w);
	return 0;
}

static void
read_payload(
    const json_t *vector, const uint8_t *bytes, size_t len, struct reading *out)
{
	const char *format = string_at(vector, "format");
	struct mp_writer w;
	int rc = -1;

	mp_writer_init(&w, out->again, sizeof(out->again));
	if (strcmp(format, "settings") == 0)
		rc = settings_read(bytes, len, out, &w);
	else if (strcmp(format, "catalogue") == 0)
		rc = catalogue_read(bytes, len, out, &w);
	else if (strcmp(format, "message") == 0)
		rc = message_read(bytes, len, out, &w);
	else if (strcmp(format, "order_news") == 0)
		rc = news_read(bytes, len, out, &w);
	out->errno_seen = rc == -1 ? errno : 0;
	out->again_len = (int)w.len;
}

static void
read_order(
    const json_t *vector, const uint8_t *bytes, size_t len, struct reading *out)
{
	struct order_event order;

	(void)vector;
	if (order_decode(bytes, len, &order, &out->error) == -1) {
		out->errno_seen = errno;
		return;
	}
	out->values = order_of(&order, false);
	out->again_len = order_encode(&order, out->again, ORDER_BYTES_MAX);
}

static void
frames_of_each_stream(void **state)
{
	(void)state;
	check_file("frame_pos", read_frame);
	check_file("frame_sale", read_frame);
	check_file("frame_stock", read_frame);
	check_file("frame_help", read_frame);
}

static void
frames_whose_envelope_is_wrong(void **state)
{
	(void)state;
	check_file("frame_envelope", read_frame);
}

static void
statuses(void **state)
{
	(void)state;
	check_file("status", read_status);
}

static void
what_goes_down(void **state)
{
	(void)state;
	check_file("ack", read_ack);
	check_file("guild", read_guild);
	check_file("cmd", read_cmd);
	check_file("cmd_payload", read_payload);
}

static void
orders(void **state)
{
	(void)state;
	check_file("order", read_order);
}

static void
folios(void **state)
{
	json_t *vectors = json_load_file(FOLDER "folio.json", 0, NULL);
	json_t *vector, *values;
	size_t i;

	(void)state;
	assert_non_null(vectors);
	json_array_foreach(vectors, i, vector)
	{
		const char *text = string_at(vector, "text");
		char again[FOLIO_MAX + 1];
		struct folio f;
		int rc = folio_parse(text, strlen(text), &f);

		if (string_at(vector, "error") != NULL) {
			assert_int_equal(rc, -1);
			continue;
		}
		assert_int_equal(rc, 0);
		values = json_pack("{ss so so}", "cart", f.cart, "epoch",
		    epoch_of(f.epoch), "seq", uint_of(f.seq));
		assert_true(
		    json_equal(values, json_object_get(vector, "values")));
		json_decref(values);
		folio_format(&f, again);
		if (!json_is_false(json_object_get(vector, "canonical")))
			assert_string_equal(again, text);
	}
	json_decref(vectors);
}

static void
partitions(void **state)
{
	json_t *vectors = json_load_file(FOLDER "partition.json", 0, NULL);
	json_t *vector;
	size_t i;

	(void)state;
	assert_non_null(vectors);
	json_array_foreach(vectors, i, vector)
	{
		const char *key = string_at(vector, "key");
		const char *name = string_at(vector, "topic");
		enum topic topic;

		assert_int_equal((int32_t)murmur2(key, strlen(key)),
		    json_integer_value(json_object_get(vector, "murmur2")));
		if (name == NULL)
			continue;
		assert_int_equal(topic_parse(name, &topic), 0);
		assert_int_equal(topic_partition(topic, key, strlen(key),
				     (int)json_integer_value(json_object_get(
					 vector, "partitions"))),
		    json_integer_value(json_object_get(vector, "partition")));
	}
	json_decref(vectors);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(frames_of_each_stream),
		cmocka_unit_test(frames_whose_envelope_is_wrong),
		cmocka_unit_test(statuses),
		cmocka_unit_test(what_goes_down),
		cmocka_unit_test(orders),
		cmocka_unit_test(folios),
		cmocka_unit_test(partitions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
