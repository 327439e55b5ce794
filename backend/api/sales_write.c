/*
 * Sales and voids over HTTP, for a cart that has only a phone.
 *
 * Each is a stream of one event: its epoch is a hash of the cart and the
 * Idempotency-Key, its number 0.  So a repeat has the same folio, whoever asks
 * and whatever this program remembers, and as everything in the frame is told
 * by the request, the same bytes: the roles count it once.  Nobody holds such
 * an event to send it again, so its frame names no ledger (0), which also
 * would change.
 */
#include <errno.h>
#include <string.h>

#include "backend/api/forms.h"
#include "backend/api/handlers.h"
#include "backend/api/writes.h"
#include "backend/rules/event_hash.h"
#include "schemas/frame.h"

#define HEAD_BYTES_MAX 64
#define STOCK_ITEM_MAX 64

static int
make_folio(struct call *call, const char *what, const char *cart,
    const char *of, struct folio *folio)
{
	struct digest digest;

	if (idempotency_identity(what, cart, of, &digest) == -1) {
		answer_problem(
		    call->answer, 500, NULL, NULL, "no digest was made");
		return -1;
	}
	memcpy(folio->cart, cart, strlen(cart) + 1);
	folio->seq = 0;
	folio->epoch = 0;
	for (int i = 0; i < EPOCH_BITS / 8; i++)
		folio->epoch = folio->epoch << 8 | digest.byte[i];
	if (folio->epoch == 0) /* is none */
		folio->epoch = 1;
	return 0;
}

struct taken {
	bool found;
	struct sale_row row;
};

static int
take_sale(void *ctx, const struct sale_row *row)
{
	struct taken *taken = ctx;

	taken->row = *row;
	taken->found = true;
	return 1;
}

/* What the books have under the folio so far.  They may be behind, or away:
 * a write does not need them. */
static void
look_up(struct call *call, const struct folio *folio, struct taken *taken)
{
	struct reader *reader = call->reader;

	taken->found = false;
	if (reader->ops->sale(reader, folio, take_sale, taken) == -1)
		call->reader_broken = errno != ENOENT && errno != EBUSY;
}

static int
submit_frame(struct call *call, enum stream stream, const char *cart,
    const struct mp_writer *w)
{
	struct submit_record record = {
		.topic = topic_of_stream(stream),
		.key = cart,
		.value = w->buf,
		.schema = schema_of_stream(stream),
	};

	return write_record(call, &record, w->full ? -1 : (int)w->len);
}

/* An event of the stream sale: 0, or -1 and it is answered. */
static int
submit_event(
    struct call *call, const struct folio *folio, const struct mp_writer *item)
{
	const struct frame_head head = {
		.epoch = folio->epoch, .count = 1, .item_count = 1
	};
	uint8_t bytes[HEAD_BYTES_MAX + ITEM_BYTES_MAX];
	struct mp_writer w;

	mp_writer_init(&w, bytes, sizeof(bytes));
	frame_encode_head(&head, &w);
	mp_write_raw(&w, item->buf, item->len);
	return submit_frame(call, STREAM_SALE, folio->cart, &w);
}

/* Of each line whose level is told. */
static int
submit_stock(
    struct call *call, const struct folio *folio, const struct form_sale *form)
{
	uint8_t bytes[HEAD_BYTES_MAX + SALE_LINES_MAX * STOCK_ITEM_MAX];
	struct frame_head head = { .epoch = folio->epoch };
	const struct sale *sale = &form->sale;
	struct mp_writer w;
	uint32_t i;

	for (i = 0; i < sale->line_count; i++)
		head.item_count += form->level_told[i];
	if (head.item_count == 0 || !sale->confirmed)
		return 0;
	head.count = head.item_count;
	mp_writer_init(&w, bytes, sizeof(bytes));
	frame_encode_head(&head, &w);
	for (i = 0; i < sale->line_count; i++) {
		const struct stock stock = { .at = sale->at,
			.product = sale->lines[i].product,
			.delta = -(int32_t)sale->lines[i].units,
			.level = form->levels[i],
			.reason = STOCK_SALE };

		if (form->level_told[i])
			stock_encode(&stock, &w);
	}
	return submit_frame(call, STREAM_STOCK, folio->cart, &w);
}

static void
write_folio(struct call *call, const struct folio *folio, bool changed)
{
	struct answer *a = call->answer;
	struct jsonw *j = &a->body;
	char text[FOLIO_MAX + 1];

	a->status = changed ? 202 : 200;
	if (folio != NULL)
		folio_format(folio, text);
	jsonw_open(j, '{');
	jsonw_key(j, "folio");
	jsonw_text(j, folio != NULL ? text : NULL);
	jsonw_key(j, "changed");
	jsonw_bool(j, changed);
	jsonw_close(j, '}');
}

static void
submit_sale(struct call *call, const struct form_sale *form)
{
	uint8_t bytes[ITEM_BYTES_MAX];
	struct mp_writer item;
	struct folio folio;
	struct taken taken;

	if (make_folio(call, "sale", form->cart, call->request->key, &folio) ==
	    -1)
		return;
	mp_writer_init(&item, bytes, sizeof(bytes));
	sale_encode(&form->sale, &item);
	look_up(call, &folio, &taken);
	if (taken.found &&
	    taken.row.bytes_hash != event_hash(bytes, item.len)) {
		answer_problem(call->answer, 422, "Idempotency-Key", NULL,
		    "Idempotency-Key: it was used for another sale of this "
		    "cart");
		return;
	}
	if (submit_event(call, &folio, &item) == 0 &&
	    submit_stock(call, &folio, form) == 0)
		write_folio(call, form->sale.confirmed ? &folio : NULL, true);
}

void
api_sale_post(struct call *call)
{
	struct form_sale form;
	struct body body;

	if (write_body(call, &body, false) == -1)
		return;
	if (!form_sale(&body, clock_realtime_ms(call->api->clock), &form))
		body_refuse(&body, call->answer);
	else if (call_check_cart(call, form.cart) == 0)
		submit_sale(call, &form);
	body_release(&body);
}

/* Its time is that of its record: the request tells none. */
static void
submit_void(struct call *call, const struct folio *sold, const char *reason)
{
	struct void_sale taken_back = { .at = { INSTANT_MISSING, 0 },
		.reason = { reason, strlen(reason) } };
	uint8_t bytes[ITEM_BYTES_MAX];
	char text[FOLIO_MAX + 1];
	struct mp_writer item;
	struct folio own;

	folio_format(sold, text);
	taken_back.folio = (struct text){ text, strlen(text) };
	if (make_folio(call, "void", sold->cart, text, &own) == -1)
		return;
	mp_writer_init(&item, bytes, sizeof(bytes));
	void_encode(&taken_back, &item);
	if (submit_event(call, &own, &item) == 0)
		write_folio(call, sold, true);
}

/* One that the books do not have may still be on its way. */
static void
take_back(struct call *call, const struct folio *sold, const char *reason)
{
	struct taken taken;

	look_up(call, sold, &taken);
	if (taken.found && !taken.row.confirmed)
		answer_problem(call->answer, 409, "folio", NULL,
		    "folio: that purchase was abandoned, it is no sale");
	else if (taken.found && taken.row.voided)
		write_folio(call, sold, false);
	else
		submit_void(call, sold, reason);
}

void
api_sale_void(struct call *call)
{
	char reason[TEXT_NOTE_MAX + 1];
	struct folio sold;
	struct body body;

	if (folio_parse(call->id, strlen(call->id), &sold) == -1) {
		answer_problem(call->answer, 400, "folio", NULL,
		    "folio: expected one as AB1234-0G3K9W2T-5");
		return;
	}
	if (call_check_cart(call, sold.cart) == -1 ||
	    write_body(call, &body, false) == -1)
		return;
	if (!form_void(&body, reason))
		body_refuse(&body, call->answer);
	else
		take_back(call, &sold, reason);
	body_release(&body);
}
