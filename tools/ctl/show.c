#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schemas/down.h"
#include "schemas/order.h"
#include "schemas/status.h"
#include "tools/ctl/show_guild.h"

struct show {
	struct frame_items items;
	struct order_event order;
	struct product products[CATALOGUE_MAX];
};

struct show *
show_new(void)
{
	return calloc(1, sizeof(struct show));
}

void
show_free(struct show *s)
{
	free(s);
}

static json_t *
hex(const void *bytes, size_t len)
{
	static const char digits[] = "0123456789abcdef";
	const unsigned char *b = bytes;
	char *text = malloc(2 * len + 1);
	json_t *json;
	size_t i;

	if (text == NULL)
		return NULL;
	for (i = 0; i < len; i++) {
		text[2 * i] = digits[b[i] >> 4];
		text[2 * i + 1] = digits[b[i] & 15];
	}
	json = json_stringn(text, 2 * len);
	free(text);
	return json;
}

json_t *
show_text(const void *bytes, size_t len)
{
	json_t *text = json_stringn(bytes, len);

	return text != NULL ? text : json_pack("{s:o}", "hex", hex(bytes, len));
}

json_t *
show_error(const struct decode_error *error)
{
	char words[160];

	snprintf(words, sizeof(words), "%s: expected %s", error->field,
	    error->expected);
	return json_pack("{s:s}", "error", words);
}

/* ---- frames ---- */

static json_t *
items_json(struct show *s, const struct frame *frame, enum stream stream)
{
	json_t *list = json_array();
	struct item item;
	int rc;

	frame_items_init(&s->items, frame, stream);
	while ((rc = frame_items_next(&s->items, &item)) != 0) {
		if (rc == 1)
			json_array_append_new(list, show_item(&item));
		else
			json_array_append_new(
			    list, show_error(&s->items.error));
		if (rc == -1 && item.bytes == NULL)
			break;
	}
	return list;
}

static json_t *
frame_json(struct show *s, const void *bytes, size_t len, enum stream stream)
{
	struct decode_error error;
	struct frame frame;
	char epoch[EPOCH_TEXT + 1];

	if (frame_decode(bytes, len, &frame, &error) == -1)
		return show_error(&error);
	epoch_format(frame.epoch, epoch);
	return json_pack("{s:I, s:s, s:I, s:I, s:o}", "ledger",
	    (json_int_t)frame.ledger, "epoch", epoch, "first_number",
	    (json_int_t)frame.first_seq, "count", (json_int_t)frame.count,
	    "items", items_json(s, &frame, stream));
}

/* ---- the other records ---- */

static json_t *
status_json(struct show *s, const void *bytes, size_t len)
{
	static const char *const states[STATUS_STATES] = { "stopped", "online",
		"lost" };
	struct decode_error error;
	struct status status;
	char epoch[EPOCH_TEXT + 1], boot[20];

	(void)s;
	if (status_decode(bytes, len, &status, &error) == -1)
		return show_error(&error);
	epoch_format(status.epoch, epoch);
	snprintf(boot, sizeof(boot), "%016" PRIx64, status.boot);
	return json_pack("{s:s, s:I, s:I, s:s, s:o, s:s, s:s, s:o, s:b, s:I,"
			 " s:o, s:I, s:I, s:s}",
	    "epoch", epoch, "count", (json_int_t)status.count, "connection",
	    (json_int_t)status.connection, "state", states[status.state], "at",
	    show_instant(status.at), "boot", boot, "fix_mode",
	    fix_mode_name(status.fix_mode), "fix",
	    status.has_fix ? show_fix(&status.fix) : json_null(), "day_open",
	    status.day_open, "backlog", (json_int_t)status.backlog, "battery",
	    status.battery == BATTERY_UNKNOWN ? json_null()
					      : json_integer(status.battery),
	    "ledger", (json_int_t)status.ledger, "applied",
	    (json_int_t)status.applied, "version", status.version);
}

static json_t *
guild_json(struct show *s, const void *bytes, size_t len)
{
	struct decode_error error;
	struct guild guild;

	(void)s;
	if (guild_decode(bytes, len, &guild, &error) == -1)
		return show_error(&error);
	return json_pack("{s:I, s:o, s:o}", "ledger", (json_int_t)guild.ledger,
	    "since",
	    guild.since_ms < 0 ? json_null() : show_time(guild.since_ms),
	    "log_id",
	    guild.has_log_id ? hex(guild.log_id, sizeof(guild.log_id))
			     : json_null());
}

static json_t *
order_json(struct show *s, const void *bytes, size_t len)
{
	struct order_event *o = &s->order;
	struct decode_error error;

	if (order_decode(bytes, len, o, &error) == -1)
		return show_error(&error);
	return json_pack(
	    "{s:s, s:s, s:s, s:I, s:o, s:o, s:o, s:s, s:s, s:s, s:b}", "order",
	    o->order, "cart", o->cart, "state", order_state_name(o->state),
	    "revision", (json_int_t)o->revision, "at", show_time(o->at_ms),
	    "by", show_text(o->by, strlen(o->by)), "lines",
	    show_order_lines(o->lines, o->line_count), "origin",
	    order_origin_name(o->origin), "delivery", o->delivery, "reason",
	    o->reason, "disputed", (int)o->disputed);
}

static json_t *
news_json(struct show *s, const struct cmd *cmd)
{
	struct order_event *o = &s->order;
	struct decode_error error;

	if (order_news_decode(cmd->payload, cmd->payload_len, o, &error) == -1)
		return show_error(&error);
	return json_pack("{s:s, s:s, s:o, s:o}", "order", o->order, "state",
	    order_state_name(o->state), "at", show_time(o->at_ms), "lines",
	    show_order_lines(o->lines, o->line_count));
}

/* ---- commands ---- */

static json_t *
settings_json(const struct cmd *cmd, struct decode_error *error)
{
	struct setting list[SETTINGS_MAX];
	json_t *o = json_object();
	size_t i, count;

	if (settings_decode(
		cmd->payload, cmd->payload_len, list, &count, error) == -1) {
		json_decref(o);
		return show_error(error);
	}
	for (i = 0; i < count; i++) {
		char key[TEXT_NAME_MAX + 1];

		snprintf(key, sizeof(key), "%.*s", (int)list[i].key.len,
		    list[i].key.s);
		json_object_set_new(
		    o, key, json_stringn(list[i].value.s, list[i].value.len));
	}
	return o;
}

static json_t *
catalogue_json(
    struct show *s, const struct cmd *cmd, struct decode_error *error)
{
	json_t *list;
	size_t i, count;

	if (catalogue_decode(cmd->payload, cmd->payload_len, s->products,
		CATALOGUE_MAX, &count, error) == -1)
		return show_error(error);
	list = json_array();
	for (i = 0; i < count; i++) {
		const struct product *p = &s->products[i];

		json_array_append_new(list,
		    json_pack("{s:I, s:o, s:I}", "code", (json_int_t)p->code,
			"name", json_stringn(p->name.s, p->name.len),
			"price_clp", (json_int_t)p->price));
	}
	return list;
}

static json_t *
payload_json(struct show *s, const struct cmd *cmd)
{
	struct decode_error error;
	struct message message;

	switch (cmd->kind) {
	case CMD_SETTINGS:
		return settings_json(cmd, &error);
	case CMD_CATALOGUE:
		return catalogue_json(s, cmd, &error);
	case CMD_MESSAGE:
		if (message_decode(
			cmd->payload, cmd->payload_len, &message, &error) == -1)
			return show_error(&error);
		return json_pack("{s:o, s:o}", "at", show_time(message.at_ms),
		    "text", json_stringn(message.text.s, message.text.len));
	case CMD_ORDER:
		return news_json(s, cmd);
	case CMD_KINDS:
		break;
	}
	return json_pack("{s:o}", "hex", hex(cmd->payload, cmd->payload_len));
}

static json_t *
cmd_json(struct show *s, const void *bytes, size_t len)
{
	struct decode_error error;
	struct cmd cmd;

	if (cmd_decode(bytes, len, &cmd, &error) == -1)
		return show_error(&error);
	return json_pack("{s:I, s:I, s:s, s:o}", "id", (json_int_t)cmd.id,
	    "ledger", (json_int_t)cmd.ledger, "kind", cmd_kind_name(cmd.kind),
	    "payload", payload_json(s, &cmd));
}

/* ---- the record ---- */

static const struct {
	const char *schema;
	json_t *(*json)(struct show *, const void *, size_t);
} others[] = {
	{ SCHEMA_STATUS, status_json },
	{ SCHEMA_GUILD, guild_json },
	{ SCHEMA_ORDER, order_json },
	{ SCHEMA_CMD, cmd_json },
};

static bool
is_schema(const struct show_header *h, const char *schema)
{
	return h != NULL && h->value != NULL && h->len == strlen(schema) &&
	    memcmp(h->value, schema, h->len) == 0;
}

static json_t *
value_json(struct show *s, const struct show_record *r,
    const struct show_header *schema)
{
	json_t *value;
	size_t i;

	if (r->value == NULL)
		return json_null();
	for (i = 0; i < STREAM_COUNT; i++)
		if (is_schema(schema, schema_of_stream((enum stream)i)))
			return frame_json(
			    s, r->value, r->value_len, (enum stream)i);
	for (i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (is_schema(schema, others[i].schema))
			return others[i].json(s, r->value, r->value_len);
	if (schema != NULL && schema->value != NULL) {
		value = show_guild(
		    schema->value, schema->len, r->value, r->value_len);
		if (value == NULL)
			value = show_people(
			    schema->value, schema->len, r->value, r->value_len);
		if (value != NULL)
			return value;
	}
	return json_pack("{s:o}", "hex", hex(r->value, r->value_len));
}

json_t *
show_record(struct show *s, const struct show_record *r)
{
	const struct show_header *schema = NULL;
	json_t *headers = json_object(), *value;
	size_t i;

	for (i = 0; i < r->header_count; i++) {
		const struct show_header *h = &r->headers[i];

		if (strcmp(h->name, HEADER_SCHEMA) == 0)
			schema = h;
		json_object_set_new(headers, h->name,
		    h->value == NULL ? json_null()
				     : show_text(h->value, h->len));
	}
	value = value_json(s, r, schema);
	return json_pack("{s:s, s:I, s:I, s:o, s:o, s:o, s:o}", "topic",
	    r->topic, "partition", (json_int_t)r->partition, "offset",
	    (json_int_t)r->offset, "time",
	    r->timestamp_ms < 0 ? json_null() : show_time(r->timestamp_ms),
	    "key", r->key == NULL ? json_null() : show_text(r->key, r->key_len),
	    "headers", headers, "value", value);
}
