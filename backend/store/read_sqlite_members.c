/*
 * Members, by whatever is asked for, and registrations that were refused.
 */
#include <stdio.h>

#include "backend/store/members_sqlite.h"
#include "backend/store/read_sqlite.h"

/*
 * `lead` is what an index finds them by; the rest is looked at row by row.
 * After the member's own columns: refusal, gate, personal data.
 */
#define PERSONAL                                                               \
	" coalesce(r.first_name, ''), coalesce(r.last_name, ''),"              \
	" coalesce(r.rut, ''), coalesce(r.mail, ''), coalesce(r.language, '')"
#define GATE_DONE                                                              \
	" coalesce(g.done = (m.state = 1) AND g.done_enrolment = m.enrolment," \
	" 0)"
#define GATE " LEFT JOIN gate AS g ON g.plate = m.plate AND m.enrolment <> 0"
#define MEMBERS_BY(lead)                                                       \
	"SELECT " MEMBER_COLUMNS ", ''," GATE_DONE "," PERSONAL                \
	" FROM member AS m"                                                    \
	" LEFT JOIN registration AS r ON r.id = m.registration" GATE           \
	" WHERE " lead " AND (m.registered_ms, m.registration) < (?2, ?3)"     \
	" AND (?4 = -1 OR m.state = ?4) AND (?5 IS NULL OR m.who = ?5)"        \
	" AND (?6 IS NULL OR m.plate = ?6)"                                    \
	" AND (?7 IS NULL OR m.registration = ?7)"                             \
	" AND (?8 = -1 OR m.enrolment & 4095 = ?8)"                            \
	" ORDER BY m.registered_ms DESC, m.registration DESC LIMIT ?1"

#define MARKS_BY(lead)                                                         \
	"SELECT m.who, m.state, m.plate, m.premium, m.state_ms," GATE_DONE     \
	", m.enrolled_ms"                                                      \
	" FROM member AS m" GATE " WHERE " lead " ORDER BY m.who"

#define COUNT_OF(table, which) "SELECT count(*) FROM " table " WHERE " which

const char *const read_members_sql[READ_STATEMENTS - READ_COMMON] = {
	[READ_MEMBERS_BY_TIME - READ_COMMON] = MEMBERS_BY("1"),
	[READ_MEMBERS_BY_STATE - READ_COMMON] = MEMBERS_BY("m.state = ?4"),
	[READ_MEMBERS_BY_WHO - READ_COMMON] = MEMBERS_BY("m.who = ?5"),
	/* Waiting, approved or suspended. */
	[READ_MEMBERS_BY_PLATE - READ_COMMON] = MEMBERS_BY(
	    "m.plate = ?6 AND m.state IN (0, 1, 3)"),
	[READ_MEMBERS_BY_REGISTRATION - READ_COMMON] = MEMBERS_BY(
	    "m.registration = ?7"),
	[READ_MEMBERS_BY_CODE - READ_COMMON] = MEMBERS_BY(
	    "m.enrolment <> 0 AND m.enrolment & 4095 = ?8"),
	/* State 2: MEMBER_REJECTED. */
	[READ_MEMBERS_REFUSED - READ_COMMON] =
	    "SELECT r.who, r.id, 2, r.premium, r.plate, 0, r.received_ms,"
	    " r.received_ms, '', r.reason, 0, '', r.refusal, 0," PERSONAL
	    " FROM registration AS r WHERE r.refusal <> ''"
	    " AND (r.received_ms, r.id) < (?2, ?3)"
	    " AND (?4 = -1 OR ?4 = 2) AND (?5 IS NULL OR r.who = ?5)"
	    " AND (?6 IS NULL OR r.plate = ?6) AND (?7 IS NULL OR r.id = ?7)"
	    " AND ?8 = -1"
	    " ORDER BY r.received_ms DESC, r.id DESC LIMIT ?1",
	/* Waiting, approved or suspended. */
	[READ_MEMBER_MARKS - READ_COMMON] = MARKS_BY("m.state IN (0, 1, 3)"),
	[READ_MEMBER_MARK - READ_COMMON] = MARKS_BY("m.who = ?1"),
	[READ_MEMBER_COUNTS -
	    READ_COMMON] = "SELECT state, count(*) FROM member GROUP BY state",
	[READ_REFUSED_COUNT - READ_COMMON] = COUNT_OF(
	    "registration", "refusal <> ''"),
	[READ_GATE_COUNT - READ_COMMON] = COUNT_OF("gate", GATE_IS_PENDING),
};

#define COPY(field, s, column)                                                 \
	snprintf(field, sizeof(field), "%s", statement_text(s, column))

static void
row_fill(struct statement *s, struct member_row *row)
{
	struct member member = { .who = "" };

	members_row_fill(s, &member);
	*row = (struct member_row){
		.state = member.state,
		.premium = member.premium,
		.registered_ms = member.registered_ms,
		.state_ms = member.state_ms,
		.enrolment = member.enrolment,
		.enrolled_ms = member.enrolled_ms,
		.gate_done = statement_int(s, MEMBER_COLUMN_COUNT + 1) != 0,
	};
	COPY(row->who, s, 0);
	COPY(row->registration, s, 1);
	COPY(row->plate, s, 4);
	COPY(row->by, s, 8);
	COPY(row->reason, s, 9);
	COPY(row->gateway, s, 11);
	COPY(row->refusal, s, MEMBER_COLUMN_COUNT);
	COPY(row->first_name, s, MEMBER_COLUMN_COUNT + 2);
	COPY(row->last_name, s, MEMBER_COLUMN_COUNT + 3);
	COPY(row->rut, s, MEMBER_COLUMN_COUNT + 4);
	COPY(row->mail, s, MEMBER_COLUMN_COUNT + 5);
	COPY(row->language, s, MEMBER_COLUMN_COUNT + 6);
}

/* The narrowest index for what is asked. */
static int
leading(const struct members_query *query)
{
	if (query->who != NULL)
		return READ_MEMBERS_BY_WHO;
	if (query->registration != NULL)
		return READ_MEMBERS_BY_REGISTRATION;
	if (query->by_code)
		return READ_MEMBERS_BY_CODE;
	if (query->plate != NULL)
		return READ_MEMBERS_BY_PLATE;
	return query->state != -1 ? READ_MEMBERS_BY_STATE
				  : READ_MEMBERS_BY_TIME;
}

struct walk {
	int (*each)(void *, const struct member_row *);
	void *ctx;
	size_t rows;
};

static int
walk(struct reader *reader, int which, const struct members_query *query,
    struct walk *walk)
{
	struct statement *s = read_statement(reader, READ_MEMBERS, which);
	struct member_row row;
	int rc;

	/* A limit of -1 is none to SQLite. */
	if (statement_bind(s, "IIsisssI",
		query->limit == 0 ? INT64_C(-1) : query->limit,
		query->before_ms == 0 ? INT64_MAX : query->before_ms,
		query->before_id != NULL ? query->before_id : "", query->state,
		query->who, query->plate, query->registration,
		query->by_code ? (int64_t)query->code_place : INT64_C(-1)) ==
	    -1)
		return -1;
	while ((rc = statement_step(s)) == 1) {
		row_fill(s, &row);
		walk->rows++;
		if (walk->each(walk->ctx, &row) != 0)
			break;
	}
	statement_reset(s);
	return rc == -1 ? -1 : 0;
}

int
read_members(struct reader *reader, const struct members_query *query,
    int (*each)(void *, const struct member_row *), void *ctx)
{
	struct walk rows = { each, ctx, 0 };
	int rc;

	if (read_begin(reader, READ_MEMBERS) == -1)
		return -1;
	rc = walk(reader,
	    query->refused ? READ_MEMBERS_REFUSED : leading(query), query,
	    &rows);
	/* What an applicant was told to ask for may have been refused. */
	if (rc == 0 && !query->refused && query->registration != NULL &&
	    rows.rows == 0)
		rc = walk(reader, READ_MEMBERS_REFUSED, query, &rows);
	read_end(reader, READ_MEMBERS);
	return rc;
}

int
read_member_marks(struct reader *reader, const char *who,
    int (*each)(void *, const struct member_mark *), void *ctx)
{
	struct member_mark mark;
	struct statement *s;
	int rc;

	if (read_open(reader, READ_MEMBERS) == -1)
		return -1;
	s = read_statement(reader, READ_MEMBERS,
	    who != NULL ? READ_MEMBER_MARK : READ_MEMBER_MARKS);
	if ((who != NULL ? statement_bind(s, "s", who)
			 : statement_bind(s, "")) == -1)
		return -1;
	while ((rc = statement_step(s)) == 1) {
		mark = (struct member_mark){
			.state = (enum member_state)statement_int(s, 1),
			.premium = statement_int(s, 3) != 0,
			.state_ms = statement_int(s, 4),
			.gate_done = statement_int(s, 5) != 0,
			.enrolled_ms = statement_int(s, 6),
		};
		COPY(mark.who, s, 0);
		COPY(mark.plate, s, 2);
		if (each(ctx, &mark) != 0)
			break;
	}
	statement_reset(s);
	return rc == -1 ? -1 : 0;
}

/* The first row's integer; one row is sure. */
static int
count_read(struct reader *reader, int which, int64_t *count)
{
	struct statement *s = read_statement(reader, READ_MEMBERS, which);
	int rc;

	if (statement_bind(s, "") == -1)
		return -1;
	rc = statement_step(s);
	*count = rc == 1 ? statement_int(s, 0) : 0;
	statement_reset(s);
	return rc == -1 ? -1 : 0;
}

static int
states_read(struct reader *reader, struct member_counts *counts)
{
	struct statement *s = read_statement(
	    reader, READ_MEMBERS, READ_MEMBER_COUNTS);
	int rc;

	if (statement_bind(s, "") == -1)
		return -1;
	while ((rc = statement_step(s)) == 1) {
		int64_t state = statement_int(s, 0);

		if (state >= 0 && state < MEMBER_STATES)
			counts->members[state] = statement_int(s, 1);
	}
	return rc;
}

int
read_member_counts(struct reader *reader, struct member_counts *counts)
{
	int rc = -1;

	*counts = (struct member_counts){ .refused = 0 };
	if (read_begin(reader, READ_MEMBERS) == -1)
		return -1;
	if (states_read(reader, counts) == 0 &&
	    count_read(reader, READ_REFUSED_COUNT, &counts->refused) == 0 &&
	    count_read(reader, READ_GATE_COUNT, &counts->gate_waiting) == 0)
		rc = 0;
	read_end(reader, READ_MEMBERS);
	return rc;
}
