/*
 * Alerts: what is wrong with the carts, and a person's word that it is
 * settled.
 */
#include <stdio.h>
#include <string.h>

#include "backend/api/forms.h"
#include "backend/api/handlers.h"
#include "backend/api/rows.h"
#include "backend/api/writes.h"

#define ALERTS_PATH "/api/v1/alerts"
#define ALERTS_PAGE 100
#define ALERTS_PAGE_MAX 1000

static void
write_place(struct jsonw *j, const struct alert_event *e)
{
	if (!e->has_place) {
		jsonw_null(j);
		return;
	}
	jsonw_open(j, '{');
	jsonw_key(j, "lat");
	jsonw_decimal(j, e->lat_e6, 6);
	jsonw_key(j, "lon");
	jsonw_decimal(j, e->lon_e6, 6);
	jsonw_key(j, "at");
	jsonw_time(j, e->place_at_ms);
	jsonw_close(j, '}');
}

/* Of a missing cart alone. */
static void
write_reasons(struct jsonw *j, const struct alert_event *e)
{
	bool missing = e->cause == ALERT_MISSING;

	jsonw_key(j, "known");
	jsonw_text(j, missing ? alert_known_name(e->known) : NULL);
	jsonw_key(j, "why");
	jsonw_text(j, missing ? alert_why_name(e->why) : NULL);
	jsonw_key(j, "moved_m");
	if (e->moved_m >= 0)
		jsonw_int(j, e->moved_m);
	else
		jsonw_null(j);
}

void
write_alert(struct jsonw *j, const struct alert_row *row)
{
	const struct alert_event *e = &row->event;

	jsonw_open(j, '{');
	jsonw_key(j, "id");
	jsonw_text(j, e->id);
	jsonw_key(j, "cart");
	jsonw_text(j, e->cart[0] != '\0' ? e->cart : NULL);
	jsonw_key(j, "cause");
	jsonw_text(j, alert_cause_name(e->cause));
	jsonw_key(j, "open");
	jsonw_bool(j, e->state != ALERT_RESOLVED);
	jsonw_key(j, "since");
	jsonw_time(j, e->since_ms);
	jsonw_key(j, "until");
	jsonw_time(j, e->until_ms);
	jsonw_key(j, "opened_at");
	jsonw_time(j, row->opened_ms);
	jsonw_key(j, "changed_at");
	jsonw_time(j, e->at_ms);
	jsonw_key(j, "revision");
	jsonw_int(j, e->revision);
	write_reasons(j, e);
	jsonw_key(j, "place");
	write_place(j, e);
	jsonw_key(j, "count");
	jsonw_int(j, e->count);
	jsonw_key(j, "subject");
	jsonw_text(j, e->subject[0] != '\0' ? e->subject : NULL);
	jsonw_key(j, "settled");
	jsonw_bool(j, row->settled);
	jsonw_key(j, "by");
	jsonw_text(j, e->by[0] != '\0' ? e->by : NULL);
	jsonw_key(j, "note");
	jsonw_text(j, e->note[0] != '\0' ? e->note : NULL);
	jsonw_close(j, '}');
}

enum wanted { WANTED_OPEN, WANTED_RESOLVED, WANTED_ALL };
static const char *const wanted_names[] = { "open", "resolved", "all", NULL };

struct alerts_walk {
	struct jsonw *json;
	int wanted; /* enum wanted */
	int64_t left;
	char last[ALERT_ID_MAX + 1];
};

static int
alert_row(void *ctx, const struct alert_row *row)
{
	struct alerts_walk *walk = ctx;

	if (walk->wanted == WANTED_RESOLVED &&
	    row->event.state != ALERT_RESOLVED)
		return 0;
	write_alert(walk->json, row);
	memcpy(walk->last, row->event.id, sizeof(walk->last));
	return --walk->left == 0 || jsonw_failed(walk->json) != 0;
}

static int
take_alert(void *ctx, const struct alert_row *row)
{
	memcpy(ctx, row, sizeof(*row));
	return 1;
}

/* 1 found, 0 not, or -1 and it is answered. */
static int
find_alert(struct call *call, const char *id, struct alert_row *row)
{
	const struct alerts_query query = { .id = id, .cause = -1, .limit = 1 };

	row->event.id[0] = '\0';
	if (call->reader->ops->alerts(call->reader, &query, take_alert, row) ==
	    -1) {
		api_read_failed(call, "positions");
		return -1;
	}
	return row->event.id[0] != '\0';
}

static int
read_cause(struct call *call, int *cause)
{
	const char *name = request_param(call->request, "cause");
	enum alert_cause parsed;

	if (name == NULL)
		return 0;
	if (alert_cause_parse(name, strlen(name), &parsed) == -1) {
		answer_problem(call->answer, 400, "cause", NULL,
		    "cause: expected missing, astray.zone, astray.hours, "
		    "astray.reported, fugitive, backlog, gap.pos, gap.sale, "
		    "gap.stock, sale.refused or restock.dispute");
		return -1;
	}
	*cause = (int)parsed;
	return 0;
}

/* The page after the one that ended with `before`. */
static int
read_before(
    struct call *call, struct alerts_query *query, struct alert_row *row)
{
	const char *before = request_param(call->request, "before");
	int found;

	if (before == NULL)
		return 0;
	found = find_alert(call, before, row);
	if (found == 0)
		answer_problem(call->answer, 400, "before", NULL,
		    "before: expected the id of an alert");
	query->before_ms = row->opened_ms;
	query->before_id = row->event.id;
	return found == 1 ? 0 : -1;
}

void
api_alerts(struct call *call)
{
	struct jsonw *j = &call->answer->body;
	struct alerts_walk walk = { .json = j };
	struct alerts_query query = { .cause = -1 };
	struct alert_row before;
	int64_t limit = ALERTS_PAGE;

	if (request_choice(call->request, "state", wanted_names, &walk.wanted,
		call->answer) == -1 ||
	    request_cart(call->request, "cart", &query.cart, call->answer) ==
		-1 ||
	    read_cause(call, &query.cause) == -1 ||
	    request_int(call->request, "limit", 1, ALERTS_PAGE_MAX, &limit,
		call->answer) == -1 ||
	    read_before(call, &query, &before) == -1)
		return;
	walk.left = limit;
	query.open_only = walk.wanted == WANTED_OPEN;
	query.limit = walk.wanted == WANTED_RESOLVED ? 0 : limit;
	answer_page_begin(call->answer, "alerts");
	if (call->reader->ops->alerts(call->reader, &query, alert_row, &walk) ==
	    -1) {
		api_read_failed(call, "positions");
		return;
	}
	answer_page_end(
	    call->answer, "next_before", walk.left == 0 ? walk.last : NULL);
	call->answer->cacheable = true;
}

static int
find_named(struct call *call, struct alert_row *row)
{
	int found = find_alert(call, call->id, row);

	if (found == 0)
		answer_problem(call->answer, 404, "id", NULL,
		    "id: there is no such alert");
	return found;
}

void
api_alert(struct call *call)
{
	struct alert_row row;

	if (find_named(call, &row) != 1)
		return;
	write_alert(&call->answer->body, &row);
	call->answer->cacheable = true;
}

static void
submit_resolution(struct call *call, const struct alert_event *e,
    struct alert_resolution *resolution)
{
	uint8_t bytes[ALERT_BYTES_MAX];
	struct submit_record record = {
		.topic = alert_topic(e->cause),
		.key = e->cart[0] != '\0' ? e->cart : e->id,
		.value = bytes,
		.schema = SCHEMA_RESOLUTION,
	};

	memcpy(resolution->id, e->id, sizeof(resolution->id));
	resolution->at_ms = clock_realtime_ms(call->api->clock);
	write_by(call, resolution->by);
	if (write_record(call, &record,
		resolution_encode(resolution, bytes, sizeof(bytes))) == 0)
		write_done(call, ALERTS_PATH, e->id, true);
}

/* One that is over, but that nobody settled, may be settled still: its cause
 * then does not open it again. */
void
api_alert_resolve(struct call *call)
{
	struct alert_resolution resolution;
	struct alert_row row;
	struct body body;

	if (find_named(call, &row) != 1 || write_body(call, &body, false) == -1)
		return;
	if (!form_resolution(&body, &resolution))
		body_refuse(&body, call->answer);
	else if (row.settled)
		write_done(call, ALERTS_PATH, row.event.id, false);
	else
		submit_resolution(call, &row.event, &resolution);
	body_release(&body);
}
