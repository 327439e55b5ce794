/*
 * From rows of the read models to the JSON that is shown of them: what is
 * live of each kind, and one thing of it as it is now.
 */
#include "backend/api/live_parts.h"
#include "backend/api/rows.h"

/* Its buffer is used again and again. */
static struct jsonw *
begin(struct live *l)
{
	l->json.len = 0;
	l->json.comma = false;
	l->json.failed = 0;
	return &l->json;
}

static int
cart_row(void *ctx, const struct cart_row *row)
{
	struct live *l = ctx;

	write_cart(begin(l), row);
	live_take(l, KIND_CART, row->cart, row->cart);
	return l->failed;
}

static int
alert_row(void *ctx, const struct alert_row *row)
{
	struct live *l = ctx;

	write_alert(begin(l), row);
	live_take(l, KIND_ALERT, row->event.id, row->event.cart);
	return l->failed;
}

static int
order_row(void *ctx, const struct restock_row *row)
{
	struct live *l = ctx;
	struct jsonw *j = begin(l);

	jsonw_open(j, '{');
	write_order(j, &row->order);
	jsonw_close(j, '}');
	live_take(l, KIND_ORDER, row->order.id, row->order.cart);
	return l->failed;
}

static int
ticket_row(void *ctx, const struct ticket_row *row)
{
	struct live *l = ctx;
	struct jsonw *j = begin(l);

	jsonw_open(j, '{');
	write_ticket(j, row);
	jsonw_close(j, '}');
	live_take(l, KIND_TICKET, row->ticket.id, row->ticket.cart);
	return l->failed;
}

/* No personal data: those are asked for by who needs them. */
static int
member_row(void *ctx, const struct member_mark *row)
{
	struct live *l = ctx;
	struct jsonw *j = begin(l);

	jsonw_open(j, '{');
	jsonw_key(j, "who");
	jsonw_text(j, row->who);
	jsonw_key(j, "state");
	jsonw_text(j, member_state_name(row->state));
	jsonw_key(j, "plate");
	jsonw_text(j, row->plate[0] != '\0' ? row->plate : NULL);
	jsonw_key(j, "premium");
	jsonw_bool(j, row->premium);
	jsonw_key(j, "gate_done");
	jsonw_bool(j, row->gate_done);
	jsonw_key(j, "enrolled_at");
	jsonw_time(
	    j, row->enrolled_ms != 0 ? row->enrolled_ms : INSTANT_MISSING);
	jsonw_key(j, "changed_at");
	jsonw_time(j, row->state_ms);
	jsonw_close(j, '}');
	live_take(l, KIND_MEMBER, row->who, "");
	return l->failed;
}

static int
read_alerts(struct live *l, struct reader *r, const char *id)
{
	const struct alerts_query query = { .id = id,
		.cause = -1,
		.open_only = id == NULL,
		.limit = id != NULL };

	return r->ops->alerts(r, &query, alert_row, l);
}

static int
read_orders(struct live *l, struct reader *r, const char *id)
{
	const struct restocks_query query = { .id = id,
		.state = -1,
		.open_only = id == NULL,
		.limit = id != NULL };

	return r->ops->restocks(r, &query, order_row, l);
}

static int
read_tickets(struct live *l, struct reader *r, const char *id)
{
	const struct tickets_query query = { .id = id,
		.state = -1,
		.unresolved_only = id == NULL,
		.limit = id != NULL ? 1 : LIVE_TICKETS_MAX };

	return r->ops->tickets(r, &query, ticket_row, l);
}

int
live_read(struct live *l, struct reader *r, enum kind kind, const char *id,
    int64_t now_ms, int64_t live_ms)
{
	switch (kind) {
	case KIND_CART:
		return r->ops->carts(r, id, now_ms, live_ms, cart_row, l);
	case KIND_ALERT:
		return read_alerts(l, r, id);
	case KIND_ORDER:
		return read_orders(l, r, id);
	case KIND_TICKET:
		return read_tickets(l, r, id);
	case KIND_MEMBER:
		return r->ops->member_marks(r, id, member_row, l);
	case KINDS:
		break;
	}
	return 0;
}
