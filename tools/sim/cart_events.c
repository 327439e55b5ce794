/*
 * What happens at a cart: it is elsewhere, it sells.
 */
#include <string.h>

#include "tools/sim/cart.h"

void
cart_move(struct cart *c, struct world *w, const struct moment *now)
{
	uint64_t seq;

	walk_to(&c->walk, now->at_ms, &c->fix);
	c->has_fix = true;
	if (queue_add_fix(&c->queue, c->epoch, &c->fix, &seq) == -1)
		return;
	w->tally->fixes++;
	if (c->pos_since_us == CART_NEVER)
		c->pos_since_us = now->us;
	cart_pump(c, w, now);
}

static struct text
text_of(const char *s)
{
	return s[0] != '\0' ? (struct text){ s, strlen(s) }
			    : (struct text){ NULL, 0 };
}

static void
encode_sale(const struct cart *c, const struct purchase *p, struct mp_writer *w)
{
	struct sale sale = {
		.at.ms = p->at_ms,
		.confirmed = p->kind != PURCHASE_ABANDONED,
		.open_ms = p->open_ms,
		.customer = text_of(p->customer),
		.contact = text_of(p->contact),
		.request_id = text_of(p->request_id),
		.line_count = p->line_count,
	};

	if (c->has_fix) {
		sale.place = (struct place){ true, c->fix.lat_e6, c->fix.lon_e6,
			(uint32_t)((p->at_ms - c->fix.at.ms) / 1000) };
	}
	memcpy(sale.lines, p->lines, p->line_count * sizeof(p->lines[0]));
	sale_encode(&sale, w);
}

static void
encode_void(const struct cart *c, const struct purchase *p, struct mp_writer *w)
{
	struct folio folio = { .epoch = p->of_epoch, .seq = p->of_seq };
	char text[FOLIO_MAX + 1];
	struct void_sale v = { .at.ms = p->at_ms, .reason = { "error", 5 } };

	memcpy(folio.cart, c->plate, sizeof(folio.cart));
	folio_format(&folio, text);
	v.folio = text_of(text);
	void_encode(&v, w);
}

static void
add_stock(struct cart *c, const struct purchase *p)
{
	struct level_change changes[STALL_CHANGES_MAX];
	size_t n = stall_stock(&c->stall, p, changes);
	uint8_t item[ITEM_BYTES_MAX];
	struct mp_writer w;
	uint64_t seq;

	for (size_t i = 0; i < n; i++) {
		struct stock stock = {
			.at.ms = p->at_ms,
			.product = changes[i].product,
			.delta = changes[i].delta,
			.level = changes[i].level,
			.reason = changes[i].reason,
		};

		mp_writer_init(&w, item, sizeof(item));
		stock_encode(&stock, &w);
		queue_add(&c->queue, STREAM_STOCK, c->epoch, p->at_ms, item,
		    w.len, &seq);
	}
}

static void
count_purchase(struct tally *t, enum purchase_kind kind)
{
	t->folios += kind == PURCHASE_SALE;
	t->abandoned += kind == PURCHASE_ABANDONED;
	t->voids += kind == PURCHASE_VOID;
	t->repeats += kind == PURCHASE_REPEAT;
}

void
cart_sell(struct cart *c, struct world *w, const struct moment *now)
{
	uint8_t item[ITEM_BYTES_MAX];
	struct purchase p;
	struct mp_writer writer;
	uint64_t seq;

	stall_serve(&c->stall, now->at_ms, &p);
	mp_writer_init(&writer, item, sizeof(item));
	if (p.kind == PURCHASE_VOID)
		encode_void(c, &p, &writer);
	else
		encode_sale(c, &p, &writer);
	if (queue_add(&c->queue, STREAM_SALE, c->epoch, p.at_ms, item,
		writer.len, &seq) == -1)
		return;
	books_write(w->books, c->plate, c->epoch, seq, &p);
	add_stock(c, &p);
	if (p.kind == PURCHASE_SALE)
		stall_sold(&c->stall, &p, c->epoch, seq);
	count_purchase(w->tally, p.kind);
	cart_pump(c, w, now);
}
