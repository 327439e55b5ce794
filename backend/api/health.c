/*
 * How the guild's records stand: open gaps, sums, and this program itself.
 */
#include <errno.h>

#include "backend/api/handlers.h"
#include "backend/api/tokens.h"

static int
gap_row(void *ctx, const struct gap_row *row)
{
	struct jsonw *j = ctx;
	char epoch[EPOCH_TEXT + 1];

	epoch_format(row->epoch, epoch);
	jsonw_open(j, '{');
	jsonw_key(j, "cart");
	jsonw_text(j, row->cart);
	jsonw_key(j, "stream");
	jsonw_text(j, stream_name(row->stream));
	jsonw_key(j, "epoch");
	jsonw_text(j, epoch);
	jsonw_key(j, "first_number");
	jsonw_int(j, (int64_t)row->first_seq);
	jsonw_key(j, "events");
	jsonw_int(j, (int64_t)row->count);
	jsonw_key(j, "from");
	jsonw_time(j, row->from_ms);
	jsonw_key(j, "to");
	jsonw_time(j, row->to_ms);
	jsonw_key(j, "reason");
	jsonw_text(j,
	    row->reason >= 0 && row->reason < GAP_REASONS
		? gap_reason_name((enum gap_reason)row->reason)
		: "unexplained");
	jsonw_key(j, "noticed_at");
	jsonw_time(j, row->noticed_ms);
	jsonw_close(j, '}');
	return jsonw_failed(j);
}

void
api_gaps(struct call *call)
{
	struct jsonw *j = &call->answer->body;
	const char *cart = NULL;

	if (request_cart(call->request, "cart", &cart, call->answer) == -1)
		return;
	jsonw_open(j, '{');
	jsonw_key(j, "gaps");
	jsonw_open(j, '[');
	if (call->reader->ops->gaps(call->reader, cart,
		clock_realtime_ms(call->api->clock), gap_row, j) == -1) {
		api_read_failed(call, "positions");
		return;
	}
	jsonw_close(j, ']');
	jsonw_close(j, '}');
	call->answer->cacheable = true;
}

static void
write_count(struct jsonw *j, const char *key, int64_t n)
{
	jsonw_key(j, key);
	if (n == STATS_UNKNOWN)
		jsonw_null(j);
	else
		jsonw_int(j, n);
}

/* Before any role has run. */
static const struct stats_row nothing_known = { STATS_UNKNOWN, STATS_UNKNOWN,
	STATS_UNKNOWN, STATS_UNKNOWN, STATS_UNKNOWN, STATS_UNKNOWN,
	STATS_UNKNOWN, STATS_UNKNOWN, STATS_UNKNOWN, STATS_UNKNOWN,
	STATS_UNKNOWN, STATS_UNKNOWN, STATS_UNKNOWN, STATS_UNKNOWN };

/* STATS_UNKNOWN where the role members has made no database yet. */
static int64_t
members_waiting(struct call *call)
{
	struct member_counts counts;

	if (call->reader->ops->member_counts(call->reader, &counts) == 0)
		return counts.members[MEMBER_WAITING];
	call->reader_broken = errno != ENOENT && errno != EBUSY;
	return STATS_UNKNOWN;
}

void
api_stats(struct call *call)
{
	struct jsonw *j = &call->answer->body;
	struct stats_row s;

	if (call->reader->ops->stats(call->reader,
		clock_realtime_ms(call->api->clock), call->api->live_ms,
		&s) == -1) {
		if (errno != ENOENT) {
			api_read_failed(call, "positions");
			return;
		}
		s = nothing_known;
	}
	jsonw_open(j, '{');
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
	write_count(j, "missing", s.missing);
	write_count(j, "alerts_open", s.alerts_open);
	write_count(j, "members_waiting", members_waiting(call));
	jsonw_close(j, '}');
}

/*
 * Who asks has been answered by a thread that had its reader: well, if anyone
 * who asks for more can be, too.
 */
void
api_health(struct call *call)
{
	struct jsonw *j = &call->answer->body;

	if (!call->api->open_reads && !tokens_known(call->api->tokens)) {
		answer_problem(call->answer, 503, NULL, NULL,
		    "who may ask is not known yet: topic_reglas was not read, "
		    "is Kafka there?");
		call->answer->retry_s = 2;
		return;
	}
	jsonw_open(j, '{');
	jsonw_key(j, "status");
	jsonw_text(j, "ok");
	jsonw_close(j, '}');
}

void
api_metrics(struct call *call)
{
	struct jsonw *j = &call->answer->body;

	call->answer->type = TYPE_METRICS;
	jsonw_adopt(j, metrics_text(call->api->metrics));
}
