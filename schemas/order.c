/*
 * order: a restock order's events, and what a cart is told of them.
 * schemas/order.md is the text.
 */
#include "schemas/envelope.h"
#include "schemas/order_parts.h"
#include "schemas/record_parts.h"

#define ORDER_FIELDS 7 /* the version and what follows, to the lines */
#define ORDER_APPENDED 5

static const char *const states[ORDER_STATES] = { [ORDER_RECIBIDO] = "recibido",
	[ORDER_PREPARANDO] = "preparando",
	[ORDER_ENTREGANDO] = "entregando",
	[ORDER_FINALIZADO] = "finalizado",
	[ORDER_CANCELADO] = "cancelado" };

static const char *const origins[ORIGINS] = {
	[ORIGIN_LEVEL] = "level", [ORIGIN_MANUAL] = "manual"
};

const char *
order_state_name(enum order_state state)
{
	return states[state];
}

const char *
order_origin_name(enum order_origin origin)
{
	return origins[origin];
}

static int
state_read(struct mp_reader *r, struct order_event *event)
{
	int state;

	if (record_choice_read(r, "order.state", ORDER_STATES, &state) == -1)
		return -1;
	event->state = (enum order_state)state;
	return record_time_read(r, "order.at", &event->at_ms);
}

int
order_lines_read(struct mp_reader *r, uint32_t min,
    struct order_line lines[ORDER_LINES_MAX], uint32_t *count)
{
	int64_t product, units;
	uint32_t fields;

	if (mp_read_array(r, "order.lines", min, ORDER_LINES_MAX, count) == -1)
		return -1;
	for (uint32_t i = 0; i < *count; i++) {
		if (mp_read_array(r, "order.lines", 2, UINT32_MAX, &fields) ==
			-1 ||
		    mp_read_int(r, "order.lines.product", 0, PRODUCT_MAX,
			&product) == -1 ||
		    mp_read_int(r, "order.lines.units", 0, UNITS_MAX, &units) ==
			-1 ||
		    mp_skip(r, "order.lines", fields - 2) == -1)
			return -1;
		lines[i].product = (uint32_t)product;
		lines[i].units = (uint32_t)units;
	}
	return 0;
}

void
order_lines_write(
    const struct order_line *lines, uint32_t count, struct mp_writer *w)
{
	mp_write_array(w, count);
	for (uint32_t i = 0; i < count; i++) {
		mp_write_array(w, 2);
		mp_write_uint(w, lines[i].product);
		mp_write_uint(w, lines[i].units);
	}
}

/* Whether any of what was appended says something. */
static bool
is_appended(const struct order_event *event)
{
	return event->revision != 0 || event->reason[0] != '\0' ||
	    event->delivery[0] != '\0' || event->origin != ORIGIN_LEVEL ||
	    event->disputed;
}

static void
appended_write(const struct order_event *event, struct mp_writer *w)
{
	mp_write_uint(w, event->revision);
	record_text_write(event->reason, w);
	record_text_write(event->delivery, w);
	mp_write_int(w, event->origin);
	mp_write_bool(w, event->disputed);
}

static void
appended_clear(struct order_event *event)
{
	event->revision = 0;
	event->reason[0] = '\0';
	event->delivery[0] = '\0';
	event->origin = ORIGIN_LEVEL;
	event->disputed = false;
}

/* All of it is there or none. */
static int
appended_read(
    struct mp_reader *r, struct order_event *event, uint32_t *appended)
{
	int origin;

	appended_clear(event);
	if (*appended == 0)
		return 0;
	if (*appended < ORDER_APPENDED)
		return mp_refuse(r, "order", "more values");
	*appended -= ORDER_APPENDED;
	if (record_uint32_read(r, "order.revision", 0, &event->revision) ==
		-1 ||
	    record_text_read(r, "order.reason", TEXT_NOTE_MAX, event->reason) ==
		-1 ||
	    record_text_read(
		r, "order.delivery", DELIVERY_ID_MAX, event->delivery) == -1 ||
	    record_choice_read(r, "order.origin", ORIGINS, &origin) == -1)
		return -1;
	event->origin = (enum order_origin)origin;
	return mp_read_bool(r, "order.disputed", &event->disputed);
}

int
order_encode(const struct order_event *event, void *buf, size_t cap)
{
	struct mp_writer w;

	mp_writer_init(&w, buf, cap);
	mp_write_array(
	    &w, ORDER_FIELDS + (is_appended(event) ? ORDER_APPENDED : 0));
	mp_write_int(&w, ORDER_VERSION);
	mp_write_cstr(&w, event->order);
	mp_write_cstr(&w, event->cart);
	mp_write_int(&w, event->state);
	mp_write_int(&w, event->at_ms);
	mp_write_cstr(&w, event->by);
	order_lines_write(event->lines, event->line_count, &w);
	if (is_appended(event))
		appended_write(event, &w);
	return envelope_len(&w);
}

int
order_decode(const void *bytes, size_t len, struct order_event *event,
    struct decode_error *error)
{
	struct mp_reader r;
	uint32_t appended;

	mp_reader_init(&r, bytes, len, error);
	if (envelope_begin(&r, "order", ORDER_VERSION, ORDER_FIELDS - 1,
		&appended) == -1 ||
	    record_word_read(&r, "order.order", ORDER_ID_MAX, event->order) ==
		-1 ||
	    record_cart_read(&r, "order.cart", event->cart) == -1 ||
	    state_read(&r, event) == -1 ||
	    record_word_read(&r, "order.by", TEXT_NAME_MAX, event->by) == -1 ||
	    order_lines_read(&r, 1, event->lines, &event->line_count) == -1 ||
	    appended_read(&r, event, &appended) == -1)
		return -1;
	return envelope_end(&r, "order", appended);
}

void
order_news_encode(const struct order_event *event, struct mp_writer *w)
{
	mp_write_array(w, 4);
	mp_write_cstr(w, event->order);
	mp_write_int(w, event->state);
	mp_write_int(w, event->at_ms);
	order_lines_write(event->lines, event->line_count, w);
}

int
order_news_decode(const void *bytes, size_t len, struct order_event *event,
    struct decode_error *error)
{
	struct mp_reader r;
	uint32_t fields;

	event->cart[0] = '\0';
	event->by[0] = '\0';
	appended_clear(event);
	mp_reader_init(&r, bytes, len, error);
	if (mp_read_array(&r, "order", 4, UINT32_MAX, &fields) == -1 ||
	    record_word_read(&r, "order.order", ORDER_ID_MAX, event->order) ==
		-1 ||
	    state_read(&r, event) == -1 ||
	    order_lines_read(&r, 1, event->lines, &event->line_count) == -1)
		return -1;
	return envelope_end(&r, "order", fields - 4);
}
