/*
 * Support tickets, by whatever is asked for, and what was said about one.
 */
#include "backend/store/read_sqlite.h"
#include "backend/store/tickets_sqlite.h"

/* `lead` is what an index finds them by; the rest is looked at row by row.
 * The state 2 is TICKET_RESOLVED. */
#define TICKETS_BY(lead)                                                       \
	"SELECT " TICKET_COLUMNS ", asked_ms, lat_e6, lon_e6, age_s, told"     \
	" FROM ticket WHERE " lead " AND (opened_ms, id) < (?2, ?3)"           \
	" AND (?4 IS NULL OR cart = ?4) AND (?5 = -1 OR state = ?5)"           \
	" AND (?6 = 0 OR state < 2) AND (?7 IS NULL OR id = ?7)"               \
	" ORDER BY opened_ms DESC, id DESC LIMIT ?1"
/* After TICKET_COLUMNS. */
enum { COLUMN_ASKED = 10, COLUMN_LAT, COLUMN_LON, COLUMN_AGE, COLUMN_TOLD };

const char *const read_support_sql[READ_STATEMENTS - READ_COMMON] = {
	[READ_TICKETS_BY_TIME - READ_COMMON] = TICKETS_BY("1"),
	[READ_TICKETS_BY_ID - READ_COMMON] = TICKETS_BY("id = ?7"),
	[READ_TICKETS_BY_CART - READ_COMMON] = TICKETS_BY("cart = ?4"),
	[READ_TICKETS_BY_STATE - READ_COMMON] = TICKETS_BY("state = ?5"),
	[READ_TICKETS_UNRESOLVED - READ_COMMON] = TICKETS_BY("state < 2"),
	[READ_TICKET_WORDS -
	    READ_COMMON] = "SELECT act, at_ms, by_whom, text, state, revision,"
			   " refused FROM ticket_word WHERE ticket = ?"
			   " ORDER BY id",
};

/* The narrowest index for what is asked. */
static int
leading(const struct tickets_query *query)
{
	if (query->id != NULL)
		return READ_TICKETS_BY_ID;
	if (query->cart != NULL)
		return READ_TICKETS_BY_CART;
	if (query->state != -1)
		return READ_TICKETS_BY_STATE;
	return query->unresolved_only ? READ_TICKETS_UNRESOLVED
				      : READ_TICKETS_BY_TIME;
}

static void
row_fill(struct statement *s, struct ticket_row *row)
{
	int64_t age_s = statement_int(s, COLUMN_AGE);

	*row = (struct ticket_row){
		.asked_ms = statement_int(s, COLUMN_ASKED),
		.told = statement_int(s, COLUMN_TOLD) != 0,
	};
	ticket_fill(s, &row->ticket);
	if (age_s != TICKET_NO_PLACE)
		row->place = (struct place){
			.given = true,
			.lat_e6 = (int32_t)statement_int(s, COLUMN_LAT),
			.lon_e6 = (int32_t)statement_int(s, COLUMN_LON),
			.age_s = (uint32_t)age_s,
		};
}

static int
tickets_walk(struct reader *reader, const struct tickets_query *query,
    int (*each)(void *, const struct ticket_row *), void *ctx)
{
	struct statement *s = read_statement(
	    reader, READ_SUPPORT, leading(query));
	struct ticket_row row;
	int rc;

	/* A limit of -1 is none to SQLite. */
	if (statement_bind(s, "IIssiis",
		query->limit == 0 ? INT64_C(-1) : query->limit,
		query->before_ms == 0 ? INT64_MAX : query->before_ms,
		query->before_id != NULL ? query->before_id : "", query->cart,
		query->state, (int)query->unresolved_only, query->id) == -1)
		return -1;
	while ((rc = statement_step(s)) == 1) {
		row_fill(s, &row);
		if (each(ctx, &row) != 0)
			break;
	}
	statement_reset(s);
	return rc == -1 ? -1 : 0;
}

int
read_tickets(struct reader *reader, const struct tickets_query *query,
    int (*each)(void *, const struct ticket_row *), void *ctx)
{
	if (read_open(reader, READ_SUPPORT) == -1)
		return -1;
	return tickets_walk(reader, query, each, ctx);
}

static int
words_walk(struct reader *reader, const char *id,
    int (*each)(void *, const struct ticket_entry *), void *ctx)
{
	struct statement *s = read_statement(
	    reader, READ_SUPPORT, READ_TICKET_WORDS);
	struct ticket_entry entry;
	int rc;

	if (statement_bind(s, "s", id) == -1)
		return -1;
	while ((rc = statement_step(s)) == 1) {
		entry = (struct ticket_entry){
			.act = (enum ticket_act)statement_int(s, 0),
			.at_ms = statement_int(s, 1),
			.by = statement_text(s, 2),
			.text = statement_text(s, 3),
			.state = (enum ticket_state)statement_int(s, 4),
			.revision = (uint32_t)statement_int(s, 5),
			.refused = statement_text(s, 6),
		};
		if (each(ctx, &entry) != 0)
			break;
	}
	statement_reset(s);
	return rc == -1 ? -1 : 0;
}

int
read_ticket(struct reader *reader, const char *id,
    int (*row)(void *, const struct ticket_row *),
    int (*entry)(void *, const struct ticket_entry *), void *ctx)
{
	const struct tickets_query query = { .id = id, .state = -1 };
	int rc;

	if (read_begin(reader, READ_SUPPORT) == -1)
		return -1;
	rc = tickets_walk(reader, &query, row, ctx);
	if (rc == 0)
		rc = words_walk(reader, id, entry, ctx);
	read_end(reader, READ_SUPPORT);
	return rc;
}
