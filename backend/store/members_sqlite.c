/*
 * Members in SQLite: registrations, who is one by them, decisions.  What
 * Mosquitto is to know has a file of its own, members_sqlite_gate.c.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/store/members_sqlite.h"

/* By the names of enum members_statement. */
static const char *const members_sql[MEMBERS_STATEMENTS] = {
	[REGISTRATION_GET] = "SELECT id, who, part, received_ms, refusal,"
			     " reason, ended_ms FROM registration WHERE id = ?",
	[REGISTRATION_PUT] =
	    "INSERT INTO registration (id, who, part, received_ms, refusal,"
	    " reason, ended_ms, first_name, last_name, rut, mail, plate,"
	    " premium, language)"
	    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
	[REGISTRATION_END] =
	    "UPDATE registration SET ended_ms = ? WHERE id = ?",
	[REGISTRATION_ERASE] = "DELETE FROM registration WHERE id = ?",
	[REGISTRATIONS_ENDED] =
	    "SELECT id, who, part, received_ms, refusal, reason, ended_ms"
	    " FROM registration WHERE ended_ms <> 0 AND ended_ms <= ?"
	    " ORDER BY ended_ms LIMIT ?",
	[MEMBER_GET] = "SELECT " MEMBER_COLUMNS " FROM member AS m"
		       " WHERE m.who = ?",
	[MEMBER_PUT] =
	    "INSERT INTO member (who, registration, state, premium, plate,"
	    " enrolment, registered_ms, state_ms, by_whom, reason,"
	    " enrolled_ms, gateway)"
	    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
	    " ON CONFLICT (who) DO UPDATE SET"
	    " registration = excluded.registration, state = excluded.state,"
	    " premium = excluded.premium, plate = excluded.plate,"
	    " enrolment = excluded.enrolment,"
	    " registered_ms = excluded.registered_ms,"
	    " state_ms = excluded.state_ms, by_whom = excluded.by_whom,"
	    " reason = excluded.reason, enrolled_ms = excluded.enrolled_ms,"
	    " gateway = excluded.gateway",
	[PLATE_HOLDER] = "SELECT who FROM member"
			 " WHERE plate = ? AND state IN (0, 1, 3)",
	[DECISION_FIND] = "SELECT erased FROM decision WHERE id = ?",
	[DECISION_PUT] = "INSERT INTO decision (id, who, act, at_ms, by_whom,"
			 " refusal, part, erased)"
			 " VALUES (?, ?, ?, ?, ?, ?, ?, 0)",
	[DECISIONS_IN_LOG] = "SELECT id, part FROM decision"
			     " WHERE who = ? AND erased = 0",
	[DECISIONS_ERASE] = "UPDATE decision SET erased = 1"
			    " WHERE who = ? AND erased = 0",
	[GATE_ENROLMENT] = "SELECT enrolment FROM gate WHERE plate = ?",
	[GATE_PUT] = "INSERT INTO gate (plate, wanted, enrolment, done,"
		     " done_enrolment) VALUES (?, ?, ?, -1, 0)"
		     " ON CONFLICT (plate) DO UPDATE SET"
		     " wanted = excluded.wanted,"
		     " enrolment = excluded.enrolment",
	[GATE_DONE] = "UPDATE gate SET done = ?2, done_enrolment = ?3"
		      " WHERE plate = ?1",
	[GATE_ALL] = "SELECT plate, wanted, enrolment FROM gate"
		     " WHERE plate > ? ORDER BY plate LIMIT ?",
	[GATE_PENDING] = "SELECT plate, wanted, enrolment FROM gate"
			 " WHERE plate > ? AND " GATE_IS_PENDING
			 " ORDER BY plate LIMIT ?",
};

#define COPY(field, s, column)                                                 \
	snprintf(field, sizeof(field), "%s", statement_text(s, column))

static void
registration_row_fill(struct statement *s, struct registration_row *row)
{
	COPY(row->id, s, 0);
	COPY(row->who, s, 1);
	row->partition = (int32_t)statement_int(s, 2);
	row->received_ms = statement_int(s, 3);
	COPY(row->refusal, s, 4);
	COPY(row->reason, s, 5);
	row->ended_ms = statement_int(s, 6);
}

static int
registration_get(
    struct members_store *store, const char *id, struct registration_row *row)
{
	struct statement *s = members_statement(store, REGISTRATION_GET);
	int rc;

	if (statement_bind(s, "s", id) == -1)
		return -1;
	rc = statement_step(s);
	if (rc == 1)
		registration_row_fill(s, row);
	statement_reset(s);
	return rc;
}

static int
registration_put(struct members_store *store,
    const struct registration_row *row, const struct registration *data)
{
	static const struct registration none;
	struct statement *s = members_statement(store, REGISTRATION_PUT);

	if (data == NULL)
		data = &none;
	if (statement_bind(s, "ssiIssIsssssis", row->id, row->who,
		(int)row->partition, row->received_ms, row->refusal,
		row->reason, row->ended_ms, data->first_name, data->last_name,
		data->rut, data->mail, data->plate, (int)data->premium,
		data->language) == -1)
		return -1;
	return statement_run(s);
}

static int
registration_end(struct members_store *store, const char *id, int64_t ended_ms)
{
	struct statement *s = members_statement(store, REGISTRATION_END);

	if (statement_bind(s, "Is", ended_ms, id) == -1)
		return -1;
	return statement_run(s);
}

static int
registration_erase(struct members_store *store, const char *id)
{
	struct statement *s = members_statement(store, REGISTRATION_ERASE);

	if (statement_bind(s, "s", id) == -1)
		return -1;
	return statement_run(s);
}

static int
registrations_ended(struct members_store *store, int64_t before_ms,
    struct registration_row *rows, int cap)
{
	struct statement *s = members_statement(store, REGISTRATIONS_ENDED);
	int rc = 0, count = 0;

	if (statement_bind(s, "Ii", before_ms, cap) == -1)
		return -1;
	while (count < cap && (rc = statement_step(s)) == 1)
		registration_row_fill(s, &rows[count++]);
	statement_reset(s);
	return rc == -1 ? -1 : count;
}

void
members_row_fill(struct statement *s, struct member *member)
{
	COPY(member->who, s, 0);
	COPY(member->registration, s, 1);
	member->state = (enum member_state)statement_int(s, 2);
	member->premium = statement_int(s, 3) != 0;
	COPY(member->plate, s, 4);
	member->enrolment = (uint32_t)statement_int(s, 5);
	member->registered_ms = statement_int(s, 6);
	member->state_ms = statement_int(s, 7);
	COPY(member->by, s, 8);
	COPY(member->reason, s, 9);
	member->enrolled_ms = statement_int(s, 10);
	COPY(member->gateway, s, 11);
}

static int
member_get(struct members_store *store, const char *who, struct member *member)
{
	struct statement *s = members_statement(store, MEMBER_GET);
	int rc;

	memset(member, 0, sizeof(*member));
	if (statement_bind(s, "s", who) == -1)
		return -1;
	rc = statement_step(s);
	if (rc == 1)
		members_row_fill(s, member);
	statement_reset(s);
	return rc;
}

static int
member_put(struct members_store *store, const struct member *m)
{
	struct statement *s = members_statement(store, MEMBER_PUT);

	if (statement_bind(s, "ssiisIIIssIs", m->who, m->registration,
		(int)m->state, (int)m->premium, m->plate, (int64_t)m->enrolment,
		m->registered_ms, m->state_ms, m->by, m->reason, m->enrolled_ms,
		m->gateway) == -1)
		return -1;
	return statement_run(s);
}

static int
plate_holder(
    struct members_store *store, const char *plate, char who[WHO_MAX + 1])
{
	struct statement *s = members_statement(store, PLATE_HOLDER);
	int rc;

	who[0] = '\0';
	if (statement_bind(s, "s", plate) == -1)
		return -1;
	rc = statement_step(s);
	if (rc == 1)
		snprintf(who, WHO_MAX + 1, "%s", statement_text(s, 0));
	statement_reset(s);
	return rc;
}

static int
decision_find(struct members_store *store, const char *id, bool *erased)
{
	struct statement *s = members_statement(store, DECISION_FIND);
	int rc;

	if (statement_bind(s, "s", id) == -1)
		return -1;
	rc = statement_step(s);
	*erased = rc == 1 && statement_int(s, 0) != 0;
	statement_reset(s);
	return rc;
}

static int
decision_put(struct members_store *store, const struct decision_row *row)
{
	struct statement *s = members_statement(store, DECISION_PUT);
	const struct member_decision *decision = row->decision;

	if (statement_bind(s, "ssiIssi", decision->id, decision->who,
		(int)decision->act, row->at_ms, decision->by, row->refusal,
		(int)row->partition) == -1)
		return -1;
	return statement_run(s);
}

static int
decisions_erase(struct members_store *store, const char *who,
    int (*each)(void *, const char *, int32_t), void *ctx)
{
	struct statement *s = members_statement(store, DECISIONS_IN_LOG);
	int rc;

	if (statement_bind(s, "s", who) == -1)
		return -1;
	while ((rc = statement_step(s)) == 1) {
		if (each(ctx, statement_text(s, 0),
			(int32_t)statement_int(s, 1)) == -1) {
			rc = -1;
			break;
		}
	}
	statement_reset(s);
	if (rc == -1)
		return -1;
	s = members_statement(store, DECISIONS_ERASE);
	if (statement_bind(s, "s", who) == -1)
		return -1;
	return statement_run(s);
}

static void
members_close(struct members_store *store)
{
	free(store); /* statements go with the database */
}

static const struct members_store_ops members_ops = {
	.registration_get = registration_get,
	.registration_put = registration_put,
	.registration_end = registration_end,
	.registration_erase = registration_erase,
	.registrations_ended = registrations_ended,
	.member_get = member_get,
	.member_put = member_put,
	.plate_holder = plate_holder,
	.decision_find = decision_find,
	.decision_put = decision_put,
	.decisions_erase = decisions_erase,
	.gate_enrolment = members_gate_enrolment,
	.gate_put = members_gate_put,
	.gate_done = members_gate_done,
	.gate_list = members_gate_list,
	.close = members_close,
};

struct members_store *
members_store_sqlite(struct database *db)
{
	struct members_sqlite *store = calloc(1, sizeof(*store));

	if (store == NULL)
		return NULL;
	store->base.ops = &members_ops;
	/* What is deleted is overwritten with zeros. */
	if (sqlite3_exec(store_handle(db->sqlite), "PRAGMA secure_delete = ON",
		NULL, NULL, NULL) != SQLITE_OK) {
		errno = EIO;
		goto free_store;
	}
	if (statements_prepare(db->sqlite, members_sql, MEMBERS_STATEMENTS,
		store->statements) == -1)
		goto free_store;
	return &store->base;
free_store:
	free(store);
	return NULL;
}
