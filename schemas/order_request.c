/*
 * order_request: what people ask of the stock role (declared in order.h).
 */
#include "schemas/envelope.h"
#include "schemas/order_parts.h"
#include "schemas/record_parts.h"

#define REQUEST_FIELDS 10 /* the version and what follows */

int
order_request_encode(const struct order_request *asked, void *buf, size_t cap)
{
	struct mp_writer w;

	mp_writer_init(&w, buf, cap);
	mp_write_array(&w, REQUEST_FIELDS);
	mp_write_int(&w, REQUEST_VERSION);
	mp_write_int(&w, asked->kind);
	mp_write_cstr(&w, asked->order);
	mp_write_cstr(&w, asked->cart);
	mp_write_int(&w, asked->at_ms);
	mp_write_cstr(&w, asked->by);
	mp_write_int(&w, asked->to);
	order_lines_write(asked->lines, asked->line_count, &w);
	record_text_write(asked->reason, &w);
	record_text_write(asked->mail, &w);
	return envelope_len(&w);
}

int
order_request_decode(const void *bytes, size_t len, struct order_request *asked,
    struct decode_error *error)
{
	struct mp_reader r;
	uint32_t appended;
	int kind, to;

	mp_reader_init(&r, bytes, len, error);
	if (envelope_begin(&r, "request", REQUEST_VERSION, REQUEST_FIELDS - 1,
		&appended) == -1 ||
	    record_choice_read(&r, "request.kind", REQUEST_KINDS, &kind) ==
		-1 ||
	    record_word_read(&r, "request.order", ORDER_ID_MAX, asked->order) ==
		-1 ||
	    record_cart_read(&r, "request.cart", asked->cart) == -1 ||
	    record_time_read(&r, "request.at", &asked->at_ms) == -1 ||
	    record_word_read(&r, "request.by", TEXT_NAME_MAX, asked->by) ==
		-1 ||
	    record_choice_read(&r, "request.to", ORDER_STATES, &to) == -1 ||
	    order_lines_read(&r, kind == REQUEST_CREATE ? 1 : 0, asked->lines,
		&asked->line_count) == -1 ||
	    record_text_read(
		&r, "request.reason", TEXT_NOTE_MAX, asked->reason) == -1 ||
	    record_text_read(&r, "request.mail", TEXT_NAME_MAX, asked->mail) ==
		-1)
		return -1;
	asked->kind = (enum request_kind)kind;
	asked->to = (enum order_state)to;
	return envelope_end(&r, "request", appended);
}
