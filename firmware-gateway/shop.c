#include "firmware-gateway/shop.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "firmware-gateway/shop_parts.h"

#define KEY_DAY "day.open"
#define KEY_CATALOGUE "catalogue"
#define KEY_BYTES 24
/* More than a catalogue of CATALOGUE_MAX can be on the wire. */
#define CATALOGUE_BYTES_MAX FRAME_BYTES_MAX
#define DAY_MS INT64_C(86400000)

const char *
shop_fault_name(enum shop_fault fault)
{
	static const char *const names[] = { "invalid", "conflict", "full",
		"storage" };

	return names[fault];
}

int
shop_refuse(struct shop_error *error, const char *field, const char *why, ...)
{
	va_list args;

	error->fault = SHOP_INVALID;
	snprintf(error->field, sizeof(error->field), "%s", field);
	va_start(args, why);
	vsnprintf(error->why, sizeof(error->why), why, args);
	va_end(args);
	return -1;
}

int
shop_failed(struct shop_error *error)
{
	int saved = errno;

	error->field[0] = '\0';
	if (saved == ENOSPC) {
		error->fault = SHOP_FULL;
		snprintf(error->why, sizeof(error->why),
		    "the cart's memory is full of sales that the guild has not"
		    " received yet: nothing was written; find a network, then"
		    " try again");
	} else {
		error->fault = SHOP_STORAGE;
		snprintf(error->why, sizeof(error->why),
		    "the cart's memory card failed (%s): nothing was written;"
		    " write this one on paper and tell the guild",
		    strerror(saved));
	}
	errno = saved;
	return -1;
}

/* ---- what is kept ---- */

static void
load_catalogue(struct shop *s)
{
	uint8_t *bytes = malloc(CATALOGUE_BYTES_MAX);
	struct decode_error error;
	long len;

	if (bytes == NULL)
		return;
	len = outbox_get(s->outbox, KEY_CATALOGUE, bytes, CATALOGUE_BYTES_MAX);
	/* One that cannot be read is as good as none: the guild's next
	 * replaces it. */
	if (len > 0)
		(void)catalogue_set(&s->catalogue, bytes, (size_t)len, &error);
	free(bytes);
}

void
shop_init(struct shop *s, const char *cart, struct events *events,
    const struct locator *locator)
{
	uint8_t day;

	memset(s, 0, sizeof(*s));
	s->cart = cart;
	s->events = events;
	s->outbox = events->outbox;
	s->locator = locator;
	s->day_open = outbox_get(s->outbox, KEY_DAY, &day, 1) == 1 && day != 0;
	load_catalogue(s);
}

void
shop_release(struct shop *s)
{
	catalogue_release(&s->catalogue);
}

static void
level_key(uint32_t product, char key[KEY_BYTES])
{
	snprintf(key, KEY_BYTES, "level.%u", product);
}

int
shop_level(const struct shop *s, uint32_t product, int32_t *level)
{
	struct decode_error error;
	char key[KEY_BYTES];
	struct mp_reader r;
	uint8_t bytes[16];
	int64_t value;
	long len;

	level_key(product, key);
	len = outbox_get(s->outbox, key, bytes, sizeof(bytes));
	if (len <= 0)
		return 0;
	mp_reader_init(&r, bytes, (size_t)len, &error);
	if (mp_read_int(&r, key, -UNITS_MAX, UNITS_MAX, &value) == -1)
		return 0;
	*level = (int32_t)value;
	return 1;
}

int
shop_put_stock(struct shop *s, const struct stock *stock)
{
	uint8_t item[ITEM_BYTES_MAX], bytes[16];
	char key[KEY_BYTES];
	struct mp_writer w;
	uint64_t seq;

	mp_writer_init(&w, item, sizeof(item));
	stock_encode(stock, &w);
	if (events_append(s->events, STREAM_STOCK, stock->at, &w, &seq) == -1)
		return -1;
	level_key(stock->product, key);
	mp_writer_init(&w, bytes, sizeof(bytes));
	mp_write_int(&w, stock->level);
	return outbox_put(s->outbox, key, bytes, w.len);
}

int
shop_catalogue(
    struct shop *s, const void *bytes, size_t len, struct decode_error *error)
{
	if (catalogue_set(&s->catalogue, bytes, len, error) == -1)
		return -1;
	return outbox_put(s->outbox, KEY_CATALOGUE, bytes, len);
}

/* ---- requests ---- */

int
shop_repeated(struct shop *s, const struct shop_request *request,
    struct shop_answer *answer, struct shop_error *error)
{
	struct folio folio = { .seq = 0 };
	uint64_t digest;
	int rc;

	if (request->id.s == NULL)
		return 0;
	rc = outbox_request_find(
	    s->outbox, request->id.s, request->id.len, &folio, &digest);
	if (rc == -1)
		return shop_failed(error);
	if (rc == 0)
		return 0;
	if (digest != request->digest) {
		shop_refuse(error, "request_id",
		    "request_id was used before for something else: give each"
		    " request its own");
		error->fault = SHOP_CONFLICT;
		return -1;
	}
	memcpy(folio.cart, s->cart, strlen(s->cart) + 1);
	folio_format(&folio, answer->folio);
	answer->repeated = true;
	return 1;
}

int
shop_note_request(
    struct shop *s, const struct shop_request *request, uint64_t seq)
{
	if (request->id.s == NULL)
		return 0;
	return outbox_request_store(s->outbox, request->id.s, request->id.len,
	    outbox_epoch(s->outbox), seq, request->digest);
}

int
shop_finish(struct shop *s, int rc, struct shop_error *error)
{
	if (rc == -1) {
		events_rollback(s->events);
		return shop_failed(error);
	}
	if (events_commit(s->events, OUTBOX_SYNC) == -1)
		return shop_failed(error);
	return 0;
}

/* ---- small questions ---- */

int64_t
shop_open_ms(const struct shop *s, int64_t opened_unix_ms)
{
	const struct timekeeper *time = s->events->time;
	int64_t now;

	if (!timekeeper_unix(time, clock_boottime_ms(time->clock), &now) ||
	    now < opened_unix_ms || now - opened_unix_ms > DAY_MS)
		return -1;
	return now - opened_unix_ms;
}

static int
product_by_code(const struct shop *s, int64_t code, const char *field,
    uint32_t *product, struct shop_error *error)
{
	if (code < 0 || code > PRODUCT_MAX)
		return shop_refuse(error, field,
		    "%s: expected a product's code from 0 to %d, or its name",
		    field, PRODUCT_MAX);
	if (s->catalogue.count > 0 &&
	    catalogue_by_code(&s->catalogue, (uint32_t)code) == NULL)
		return shop_refuse(error, field,
		    "%s: no product %lld in the guild's catalogue", field,
		    (long long)code);
	*product = (uint32_t)code;
	return 0;
}

int
shop_product(const struct shop *s, const int64_t *code, const struct text *name,
    const char *field, uint32_t *product, struct shop_error *error)
{
	const struct product *found;

	if (code != NULL)
		return product_by_code(s, *code, field, product, error);
	if (name != NULL) {
		found = catalogue_by_name(&s->catalogue, name->s, name->len);
		if (found == NULL)
			return shop_refuse(error, field,
			    s->catalogue.count == 0
				? "%s: no catalogue has come from the guild "
				  "yet:"
				  " \"%.*s\" is not known, use a code"
				: "%s: no product \"%.*s\" in the guild's"
				  " catalogue",
			    field, (int)name->len, name->s);
		*product = found->code;
		return 0;
	}
	if (s->catalogue.count == 1) {
		*product = s->catalogue.products[0].code;
		return 0;
	}
	if (s->catalogue.count > 1 &&
	    catalogue_by_code(&s->catalogue, 0) == NULL)
		return shop_refuse(error, field,
		    "%s: say which, the catalogue has %zu", field,
		    s->catalogue.count);
	*product = 0;
	return 0;
}

int
shop_day(struct shop *s, bool open, struct shop_error *error)
{
	uint8_t day = open;
	struct instant at;

	if (events_begin(s->events, &at) == -1)
		return shop_failed(error);
	if (shop_finish(s, outbox_put(s->outbox, KEY_DAY, &day, 1), error) ==
	    -1)
		return -1;
	if (s->day_open != open) {
		s->day_open = open;
		if (s->day_changed != NULL)
			s->day_changed(s->ctx);
	}
	return 0;
}
