/*
 * order: a restock order's events, and what a cart is told of them.
 * schemas/order.md is the text.
 */
#include <errno.h>
#include <string.h>

#include "schemas/envelope.h"
#include "schemas/order.h"

static const char *const states[ORDER_STATES] = { [ORDER_RECIBIDO] = "recibido",
	[ORDER_PREPARANDO] = "preparando",
	[ORDER_ENTREGANDO] = "entregando",
	[ORDER_FINALIZADO] = "finalizado",
	[ORDER_CANCELADO] = "cancelado" };

const char *
order_state_name(enum order_state state)
{
	return states[state];
}

/* Text into an array of max + 1, ended with NUL; it may not be empty. */
static int
word_read(struct mp_reader *r, const char *field, size_t max, char *word)
{
	const char *s;
	size_t len;

	if (mp_read_str(r, field, max, &s, &len) == -1)
		return -1;
	if (len == 0)
		return mp_refuse(r, field, "some text");
	memcpy(word, s, len);
	word[len] = '\0';
	return 0;
}

static int
state_read(struct mp_reader *r, struct order_event *event)
{
	int64_t state;

	if (mp_read_int(r, "order.state", 0, ORDER_STATES - 1, &state) == -1)
		return -1;
	event->state = (enum order_state)state;
	return mp_read_int(
	    r, "order.at", TIME_MIN_MS, TIME_MAX_MS, &event->at_ms);
}

static int
lines_read(struct mp_reader *r, struct order_event *event)
{
	int64_t product, units;
	uint32_t fields;

	if (mp_read_array(
		r, "order.lines", 1, ORDER_LINES_MAX, &event->line_count) == -1)
		return -1;
	for (uint32_t i = 0; i < event->line_count; i++) {
		if (mp_read_array(r, "order.lines", 2, UINT32_MAX, &fields) ==
			-1 ||
		    mp_read_int(r, "order.lines.product", 0, PRODUCT_MAX,
			&product) == -1 ||
		    mp_read_int(r, "order.lines.units", 0, UNITS_MAX, &units) ==
			-1 ||
		    mp_skip(r, "order.lines", fields - 2) == -1)
			return -1;
		event->lines[i].product = (uint32_t)product;
		event->lines[i].units = (uint32_t)units;
	}
	return 0;
}

static void
lines_write(const struct order_event *event, struct mp_writer *w)
{
	mp_write_array(w, event->line_count);
	for (uint32_t i = 0; i < event->line_count; i++) {
		mp_write_array(w, 2);
		mp_write_uint(w, event->lines[i].product);
		mp_write_uint(w, event->lines[i].units);
	}
}

int
order_encode(const struct order_event *event, void *buf, size_t cap)
{
	struct mp_writer w;

	mp_writer_init(&w, buf, cap);
	mp_write_array(&w, 7);
	mp_write_int(&w, ORDER_VERSION);
	mp_write_cstr(&w, event->order);
	mp_write_cstr(&w, event->cart);
	mp_write_int(&w, event->state);
	mp_write_int(&w, event->at_ms);
	mp_write_cstr(&w, event->by);
	lines_write(event, &w);
	return envelope_len(&w);
}

int
order_decode(const void *bytes, size_t len, struct order_event *event,
    struct decode_error *error)
{
	struct mp_reader r;
	uint32_t appended;

	mp_reader_init(&r, bytes, len, error);
	if (envelope_begin(&r, "order", ORDER_VERSION, 6, &appended) == -1 ||
	    word_read(&r, "order.order", ORDER_ID_MAX, event->order) == -1 ||
	    word_read(&r, "order.cart", CART_MAX, event->cart) == -1)
		return -1;
	if (!cart_is_valid(event->cart, strlen(event->cart)))
		return mp_refuse(&r, "order.cart", "a plate, [A-Z0-9]{4,8}");
	if (state_read(&r, event) == -1 ||
	    word_read(&r, "order.by", TEXT_NAME_MAX, event->by) == -1 ||
	    lines_read(&r, event) == -1)
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
	lines_write(event, w);
}

int
order_news_decode(const void *bytes, size_t len, struct order_event *event,
    struct decode_error *error)
{
	struct mp_reader r;
	uint32_t fields;

	event->cart[0] = '\0';
	event->by[0] = '\0';
	mp_reader_init(&r, bytes, len, error);
	if (mp_read_array(&r, "order", 4, UINT32_MAX, &fields) == -1 ||
	    word_read(&r, "order.order", ORDER_ID_MAX, event->order) == -1 ||
	    state_read(&r, event) == -1 || lines_read(&r, event) == -1)
		return -1;
	return envelope_end(&r, "order", fields - 4);
}
