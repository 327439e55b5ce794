/*
 * sales_desk: the role sales over a database, with a clock that is moved, fed
 * with purchases and voids.  Static functions: each test program is one file.
 */
#ifndef PREGON_TESTS_SALES_DESK_H
#define PREGON_TESTS_SALES_DESK_H

#include "tests/unit/desk.h"

#include "lib/clock.h"

#define DAY_MS (INT64_C(86400) * 1000)

static struct desk d;
static struct clock_manual now;
static uint64_t next_seq; /* of DESK_EPOCH, whatever the cart */

static inline int
open_sales(void **state)
{
	(void)state;
	desk_settings.frequent_visits = 3;
	desk_settings.books_wait_s = 300;
	desk_settings.books_quiet_s = 60;
	desk_settings.follow_quick_s = 1800;
	desk_settings.follow_late_h = 72;
	desk_settings.contacts_keep_days = 90;
	clock_manual_init(&now, DESK_NOW);
	next_seq = 0;
	desk_open(&d, &role_sales);
	d.ctx.clock = &now.clock;
	return 0;
}

static inline int
close_sales(void **state)
{
	(void)state;
	desk_close(&d);
	return 0;
}

/* As text: "2026-04-04T23:30:00-03:00". */
static inline int64_t
moment(const char *text)
{
	int64_t ms;

	assert_int_equal(clock_parse(text, &ms), 0);
	return ms;
}

static inline struct sale
purchase(const char *customer, const char *contact, int64_t at_ms)
{
	return (struct sale){ .at = { .ms = at_ms },
		.confirmed = true,
		.open_ms = 60000,
		.customer = text_of(customer),
		.contact = text_of(contact),
		.line_count = 1,
		.lines = { { 0, 2, 3000 } } };
}

/* Gives its number. */
static inline uint64_t
sell(const char *cart, const struct sale *sale)
{
	struct mp_writer w;

	desk_frame_begin(&d, &w, DESK_EPOCH, next_seq, 1, 1);
	sale_encode(sale, &w);
	desk_frame_end(&d, &w, cart, SCHEMA_FRAME_SALE, now.realtime_ms);
	return next_seq++;
}

static inline void
take_back(const char *cart, uint64_t seq)
{
	struct folio folio = { .epoch = DESK_EPOCH, .seq = seq };
	struct void_sale taken = { .at = { .ms = now.realtime_ms } };
	char text[FOLIO_MAX + 1];
	struct mp_writer w;

	snprintf(folio.cart, sizeof(folio.cart), "%s", cart);
	folio_format(&folio, text);
	taken.folio = text_of(text);
	desk_frame_begin(&d, &w, DESK_EPOCH, next_seq++, 1, 1);
	void_encode(&taken, &w);
	desk_frame_end(&d, &w, cart, SCHEMA_FRAME_SALE, now.realtime_ms);
}

#endif
