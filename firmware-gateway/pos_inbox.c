#include "firmware-gateway/pos_inbox.h"

#include <stdlib.h>

#include "firmware-gateway/pos_fields.h"
#include "schemas/order.h"

static json_t *
time_json(int64_t unix_ms)
{
	char text[CLOCK_TEXT];

	clock_format(unix_ms, text);
	return json_string(text);
}

static json_t *
message_json(const struct inbox_entry *e)
{
	struct decode_error error;
	struct message m;

	if (message_decode(e->payload, e->payload_len, &m, &error) == -1)
		return NULL;
	return json_pack("{s:I, s:s, s:o, s:s%}", "number",
	    (json_int_t)e->number, "kind", "message", "at", time_json(m.at_ms),
	    "text", m.text.s, m.text.len);
}

static json_t *
order_json(const struct inbox_entry *e)
{
	struct decode_error error;
	struct order_event *o = malloc(sizeof(*o));
	json_t *json = NULL, *lines;

	if (o == NULL ||
	    order_news_decode(e->payload, e->payload_len, o, &error) == -1)
		goto out;
	lines = json_array();
	for (uint32_t i = 0; i < o->line_count; i++)
		json_array_append_new(lines,
		    json_pack("{s:I, s:I}", "product",
			(json_int_t)o->lines[i].product, "units",
			(json_int_t)o->lines[i].units));
	json = json_pack("{s:I, s:s, s:o, s:s, s:s, s:o}", "number",
	    (json_int_t)e->number, "kind", "order", "at", time_json(o->at_ms),
	    "order", o->order, "state", order_state_name(o->state), "lines",
	    lines);
out:
	free(o);
	return json;
}

int
pos_inbox(struct inbox *inbox, const json_t *object, json_t *answer,
    struct shop_error *error)
{
	uint64_t from = inbox_oldest(inbox);
	json_t *list = json_array();
	struct inbox_entry entry;
	int64_t after = 0;
	bool given;

	if (field_int(object, "after", 0, INT64_MAX, &given, &after, error) ==
	    -1) {
		json_decref(list);
		return -1;
	}
	if ((uint64_t)after >= from)
		from = (uint64_t)after + 1;
	for (uint64_t n = from; n < inbox->next; n++) {
		if (inbox_get(inbox, n, &entry) != 1)
			continue;
		json_array_append_new(list,
		    entry.kind == CMD_MESSAGE ? message_json(&entry)
					      : order_json(&entry));
	}
	json_object_set_new(answer, "messages", list);
	return 0;
}
