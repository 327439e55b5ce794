/*
 * How the guild's records stand: open gaps, sums, and this program itself.
 */
#include <stdlib.h>

#include "backend/api/api.h"

static int
gap_row(void *ctx, const struct gap_row *row)
{
	struct json *j = ctx;
	char epoch[EPOCH_TEXT + 1];

	epoch_format(row->epoch, epoch);
	json_open(j, '{');
	json_key(j, "cart");
	json_text(j, row->cart);
	json_key(j, "stream");
	json_text(j, stream_name(row->stream));
	json_key(j, "epoch");
	json_text(j, epoch);
	json_key(j, "first_number");
	json_int(j, (int64_t)row->first_seq);
	json_key(j, "events");
	json_int(j, (int64_t)row->count);
	json_key(j, "from");
	json_time(j, row->from_ms);
	json_key(j, "to");
	json_time(j, row->to_ms);
	json_key(j, "reason");
	json_text(j,
	    row->reason >= 0 && row->reason < GAP_REASONS
		? gap_reason_name((enum gap_reason)row->reason)
		: "unexplained");
	json_key(j, "noticed_at");
	json_time(j, row->noticed_ms);
	json_close(j, '}');
	return json_failed(j);
}

void
api_gaps(struct call *call)
{
	struct json *j = &call->answer->body;
	const char *cart = NULL;

	if (request_cart(call->request, "cart", &cart, call->answer) == -1)
		return;
	json_open(j, '{');
	json_key(j, "gaps");
	json_open(j, '[');
	if (call->reader->ops->gaps(call->reader, cart,
		clock_realtime_ms(call->api->clock), gap_row, j) == -1) {
		api_read_failed(call, "positions");
		return;
	}
	json_close(j, ']');
	json_close(j, '}');
	call->answer->cacheable = true;
}

static void
write_count(struct json *j, const char *key, int64_t n)
{
	json_key(j, key);
	if (n == STATS_UNKNOWN)
		json_null(j);
	else
		json_int(j, n);
}

void
api_stats(struct call *call)
{
	struct json *j = &call->answer->body;
	struct stats_row s;

	if (call->reader->ops->stats(call->reader,
		clock_realtime_ms(call->api->clock), call->api->live_ms,
		&s) == -1) {
		api_read_failed(call, "positions");
		return;
	}
	json_open(j, '{');
	write_count(j, "carts", s.carts);
	write_count(j, "live", s.live);
	write_count(j, "fixes", s.fixes);
	write_count(j, "sales", s.sales);
	write_count(j, "revenue_clp", s.revenue);
	write_count(j, "abandoned", s.abandoned);
	write_count(j, "gaps_open", s.gaps_open);
	write_count(j, "orders_open", s.orders_open);
	write_count(j, "duplicates", s.duplicates);
	write_count(j, "conflicts", s.conflicts);
	write_count(j, "late_p50_ms", s.late_ms_p50);
	write_count(j, "late_p99_ms", s.late_ms_p99);
	json_close(j, '}');
}

/* Who asks has been answered by a thread that had its reader: well. */
void
api_health(struct call *call)
{
	struct json *j = &call->answer->body;

	json_open(j, '{');
	json_key(j, "status");
	json_text(j, "ok");
	json_close(j, '}');
}

void
api_metrics(struct call *call)
{
	struct json *j = &call->answer->body;

	call->answer->type = TYPE_METRICS;
	json_adopt(j, metrics_text(call->api->metrics));
}
