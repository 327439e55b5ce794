/*
 * delivery: orders that travel together (declared in order.h).
 */
#include "schemas/envelope.h"
#include "schemas/order.h"
#include "schemas/record_parts.h"

static const char *const states[DELIVERY_STATES] = {
	[DELIVERY_PREPARANDO] = "preparando",
	[DELIVERY_ENTREGANDO] = "entregando",
	[DELIVERY_FINALIZADA] = "finalizada",
	[DELIVERY_CANCELADA] = "cancelada"
};

const char *
delivery_state_name(enum delivery_state state)
{
	return states[state];
}

static void
stop_write(const struct delivery_stop *stop, struct mp_writer *w)
{
	mp_write_array(w, 4);
	mp_write_cstr(w, stop->order);
	mp_write_cstr(w, stop->cart);
	if (stop->has_place) {
		record_point_write(stop->lat_e6, stop->lon_e6, w);
	} else {
		mp_write_nil(w);
		mp_write_nil(w);
	}
}

int
delivery_encode(const struct delivery_event *event, void *buf, size_t cap)
{
	struct mp_writer w;

	mp_writer_init(&w, buf, cap);
	mp_write_array(&w, 6);
	mp_write_int(&w, DELIVERY_VERSION);
	mp_write_cstr(&w, event->id);
	mp_write_int(&w, event->state);
	mp_write_uint(&w, event->revision);
	mp_write_int(&w, event->at_ms);
	mp_write_array(&w, event->stop_count);
	for (uint32_t i = 0; i < event->stop_count; i++)
		stop_write(&event->stops[i], &w);
	return envelope_len(&w);
}

/* Both of latitude and longitude, or neither. */
static int
place_read(struct mp_reader *r, struct delivery_stop *stop)
{
	stop->lat_e6 = stop->lon_e6 = 0;
	stop->has_place = !mp_read_nil(r);
	if (stop->has_place)
		return record_point_read(
		    r, "delivery.stops.place", &stop->lat_e6, &stop->lon_e6);
	if (!mp_read_nil(r))
		return mp_refuse(r, "delivery.stops.place", "nil twice");
	return 0;
}

static int
stop_read(struct mp_reader *r, struct delivery_stop *stop)
{
	uint32_t fields;

	if (mp_read_array(r, "delivery.stops", 4, UINT32_MAX, &fields) == -1 ||
	    record_word_read(
		r, "delivery.stops.order", ORDER_ID_MAX, stop->order) == -1 ||
	    record_cart_read(r, "delivery.stops.cart", stop->cart) == -1 ||
	    place_read(r, stop) == -1)
		return -1;
	return mp_skip(r, "delivery.stops", fields - 4);
}

int
delivery_decode(const void *bytes, size_t len, struct delivery_event *event,
    struct decode_error *error)
{
	struct mp_reader r;
	uint32_t appended;
	int state;

	mp_reader_init(&r, bytes, len, error);
	if (envelope_begin(&r, "delivery", DELIVERY_VERSION, 5, &appended) ==
		-1 ||
	    record_word_read(&r, "delivery.id", DELIVERY_ID_MAX, event->id) ==
		-1 ||
	    record_choice_read(&r, "delivery.state", DELIVERY_STATES, &state) ==
		-1 ||
	    record_uint32_read(&r, "delivery.revision", 0, &event->revision) ==
		-1 ||
	    record_time_read(&r, "delivery.at", &event->at_ms) == -1 ||
	    mp_read_array(&r, "delivery.stops", 0, DELIVERY_STOPS_MAX,
		&event->stop_count) == -1)
		return -1;
	event->state = (enum delivery_state)state;
	for (uint32_t i = 0; i < event->stop_count; i++) {
		if (stop_read(&r, &event->stops[i]) == -1)
			return -1;
	}
	return envelope_end(&r, "delivery", appended);
}
