/*
 * Support tickets: who asked for help, and what was said.
 */
#include <string.h>

#include "backend/api/handlers.h"
#include "backend/api/rows.h"
#include "backend/api/tickets_parts.h"

#define TICKETS_PAGE 100
#define TICKETS_PAGE_MAX 1000

static void
write_text_or_null(struct jsonw *j, const char *key, const char *text)
{
	jsonw_key(j, key);
	jsonw_text(j, text != NULL && text[0] != '\0' ? text : NULL);
}

static void
write_place(struct jsonw *j, const struct place *place)
{
	jsonw_key(j, "place");
	if (!place->given) {
		jsonw_null(j);
		return;
	}
	jsonw_open(j, '{');
	jsonw_key(j, "lat");
	jsonw_decimal(j, place->lat_e6, 6);
	jsonw_key(j, "lon");
	jsonw_decimal(j, place->lon_e6, 6);
	jsonw_key(j, "age_s");
	jsonw_int(j, place->age_s);
	jsonw_close(j, '}');
}

void
write_ticket(struct jsonw *j, const struct ticket_row *row)
{
	const struct helpdesk_ticket *t = &row->ticket;

	jsonw_key(j, "id");
	jsonw_text(j, t->id);
	write_text_or_null(j, "cart", t->cart);
	jsonw_key(j, "state");
	jsonw_text(j, ticket_state_name(t->state));
	jsonw_key(j, "revision");
	jsonw_int(j, t->revision);
	jsonw_key(j, "asked_at");
	jsonw_time(j, row->asked_ms);
	jsonw_key(j, "opened_at");
	jsonw_time(j, t->opened_ms);
	jsonw_key(j, "changed_at");
	jsonw_time(j, t->changed_ms);
	write_text_or_null(j, "by", t->by);
	write_text_or_null(j, "mail", t->mail);
	write_text_or_null(j, "text", t->text);
	write_place(j, &row->place);
	jsonw_key(j, "replies");
	jsonw_int(j, t->replies);
}

struct tickets_walk {
	struct jsonw *json;
	int64_t count;
	char last[TICKET_ID_MAX + 1];
};

static int
ticket_row(void *ctx, const struct ticket_row *row)
{
	struct tickets_walk *walk = ctx;

	walk->count++;
	memcpy(walk->last, row->ticket.id, sizeof(walk->last));
	jsonw_open(walk->json, '{');
	write_ticket(walk->json, row);
	jsonw_close(walk->json, '}');
	return jsonw_failed(walk->json);
}

static int
take_ticket(void *ctx, const struct ticket_row *row)
{
	memcpy(ctx, &row->ticket, sizeof(row->ticket));
	return 1;
}

/* 1, 0 or -1 (answered); ticket->id is "" where there is none. */
static int
look_up(struct call *call, const char *id, struct helpdesk_ticket *ticket)
{
	const struct tickets_query query = {
		.id = id, .state = -1, .limit = 1
	};

	ticket->id[0] = '\0';
	if (call->reader->ops->tickets(
		call->reader, &query, take_ticket, ticket) == -1) {
		api_read_failed(call, "support");
		return -1;
	}
	return ticket->id[0] != '\0';
}

static void
no_ticket(struct call *call)
{
	answer_problem(
	    call->answer, 404, "id", NULL, "id: there is no such ticket");
}

int
find_ticket(struct call *call, struct helpdesk_ticket *ticket)
{
	int found = look_up(call, call->id, ticket);

	if (found == 0)
		no_ticket(call);
	return found;
}

/* Beside the tickets' own states. */
enum { STATE_UNRESOLVED = TICKET_STATES, STATE_ALL };
static const char *const state_names[] = { "open", "in_progress", "resolved",
	"unresolved", "all", NULL };

static int
read_before(struct call *call, struct tickets_query *query,
    struct helpdesk_ticket *ticket)
{
	const char *before = request_param(call->request, "before");
	int found;

	if (before == NULL)
		return 0;
	found = look_up(call, before, ticket);
	if (found == 0)
		answer_problem(call->answer, 400, "before", NULL,
		    "before: expected the id of a ticket");
	query->before_ms = ticket->opened_ms;
	query->before_id = ticket->id;
	return found == 1 ? 0 : -1;
}

void
api_tickets(struct call *call)
{
	struct jsonw *j = &call->answer->body;
	struct tickets_query query = { .limit = TICKETS_PAGE };
	struct tickets_walk walk = { .json = j };
	struct helpdesk_ticket before;
	int state = STATE_ALL;

	if (request_choice(call->request, "state", state_names, &state,
		call->answer) == -1 ||
	    request_cart(call->request, "cart", &query.cart, call->answer) ==
		-1 ||
	    request_int(call->request, "limit", 1, TICKETS_PAGE_MAX,
		&query.limit, call->answer) == -1 ||
	    read_before(call, &query, &before) == -1)
		return;
	query.state = state < TICKET_STATES ? state : -1;
	query.unresolved_only = state == STATE_UNRESOLVED;
	answer_page_begin(call->answer, "tickets");
	if (call->reader->ops->tickets(
		call->reader, &query, ticket_row, &walk) == -1) {
		api_read_failed(call, "support");
		return;
	}
	answer_page_end(call->answer, "next_before",
	    walk.count == query.limit ? walk.last : NULL);
	call->answer->cacheable = true;
}

struct history_walk {
	struct jsonw *json;
	bool found;
};

static void
write_entry(struct jsonw *j, const struct ticket_entry *entry)
{
	jsonw_open(j, '{');
	jsonw_key(j, "at");
	jsonw_time(j, entry->at_ms);
	write_text_or_null(j, "by", entry->by);
	jsonw_key(j, "act");
	jsonw_text(j, ticket_act_name(entry->act));
	write_text_or_null(j, "text", entry->text);
	jsonw_key(j, "state");
	jsonw_text(j, ticket_state_name(entry->state));
	jsonw_key(j, "refused");
	jsonw_bool(j, entry->refused != NULL);
	jsonw_key(j, "revision");
	if (entry->refused != NULL)
		jsonw_null(j);
	else
		jsonw_int(j, entry->revision);
	write_text_or_null(j, "reason", entry->refused);
	jsonw_close(j, '}');
}

/* The ticket, and as its history's first entry that it was opened. */
static int
show_ticket(void *ctx, const struct ticket_row *row)
{
	struct history_walk *walk = ctx;
	const struct ticket_entry opened = {
		.act = TICKET_OPEN,
		.at_ms = row->ticket.opened_ms,
		.by = row->ticket.by,
		.text = row->ticket.text,
		.state = TICKET_IS_OPEN,
	};

	walk->found = true;
	jsonw_open(walk->json, '{');
	write_ticket(walk->json, row);
	jsonw_key(walk->json, "history");
	jsonw_open(walk->json, '[');
	write_entry(walk->json, &opened);
	return jsonw_failed(walk->json);
}

static int
show_entry(void *ctx, const struct ticket_entry *entry)
{
	struct jsonw *j = ((struct history_walk *)ctx)->json;

	write_entry(j, entry);
	return jsonw_failed(j);
}

void
api_ticket(struct call *call)
{
	struct history_walk walk = { .json = &call->answer->body };

	if (call->reader->ops->ticket(
		call->reader, call->id, show_ticket, show_entry, &walk) == -1) {
		api_read_failed(call, "support");
		return;
	}
	if (!walk.found) {
		no_ticket(call);
		return;
	}
	jsonw_close(walk.json, ']');
	jsonw_close(walk.json, '}');
	call->answer->cacheable = true;
}
