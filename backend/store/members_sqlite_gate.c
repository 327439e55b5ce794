/*
 * What Mosquitto is to know of every plate, in SQLite.
 */
#include <stdio.h>

#include "backend/store/members_sqlite.h"

int
members_gate_enrolment(
    struct members_store *store, const char *plate, uint32_t *enrolment)
{
	struct statement *s = members_statement(store, GATE_ENROLMENT);
	int rc;

	if (statement_bind(s, "s", plate) == -1)
		return -1;
	rc = statement_step(s);
	*enrolment = rc == 1 ? (uint32_t)statement_int(s, 0) : 0;
	statement_reset(s);
	return rc == -1 ? -1 : 0;
}

int
members_gate_put(struct members_store *store, const struct gate_row *row)
{
	struct statement *s = members_statement(store, GATE_PUT);

	if (statement_bind(s, "siI", row->plate, (int)row->in,
		(int64_t)row->enrolment) == -1)
		return -1;
	return statement_run(s);
}

int
members_gate_done(struct members_store *store, const struct gate_row *row)
{
	struct statement *s = members_statement(store, GATE_DONE);

	if (statement_bind(s, "siI", row->plate, (int)row->in,
		(int64_t)row->enrolment) == -1)
		return -1;
	return statement_run(s);
}

int
members_gate_list(struct members_store *store, bool pending_only,
    const char *after, struct gate_row *rows, int cap)
{
	struct statement *s = members_statement(
	    store, pending_only ? GATE_PENDING : GATE_ALL);
	int rc = 0, count = 0;

	if (statement_bind(s, "si", after, cap) == -1)
		return -1;
	while (count < cap && (rc = statement_step(s)) == 1) {
		struct gate_row *row = &rows[count++];

		snprintf(
		    row->plate, sizeof(row->plate), "%s", statement_text(s, 0));
		row->in = statement_int(s, 1) != 0;
		row->enrolment = (uint32_t)statement_int(s, 2);
	}
	statement_reset(s);
	return rc == -1 ? -1 : count;
}
