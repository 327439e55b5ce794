/*
 * members_sqlite: what the files of the members' SQLite store share.
 */
#ifndef PREGON_BACKEND_MEMBERS_SQLITE_H
#define PREGON_BACKEND_MEMBERS_SQLITE_H

#include "backend/store/members_store.h"
#include "backend/store/statements.h"

/* The order of members_row_fill(). */
#define MEMBER_COLUMNS                                                         \
	"m.who, m.registration, m.state, m.premium, m.plate, m.enrolment,"     \
	" m.registered_ms, m.state_ms, m.by_whom, m.reason, m.enrolled_ms,"    \
	" m.gateway"
#define MEMBER_COLUMN_COUNT 12

/* Mosquitto does not have it as it is wanted. */
#define GATE_IS_PENDING "(wanted <> done OR enrolment <> done_enrolment)"

enum members_statement {
	REGISTRATION_GET,
	REGISTRATION_PUT,
	REGISTRATION_END,
	REGISTRATION_ERASE,
	REGISTRATIONS_ENDED,
	MEMBER_GET,
	MEMBER_PUT,
	PLATE_HOLDER,
	DECISION_FIND,
	DECISION_PUT,
	DECISIONS_IN_LOG,
	DECISIONS_ERASE,
	GATE_ENROLMENT,
	GATE_PUT,
	GATE_DONE,
	GATE_ALL,
	GATE_PENDING,
	MEMBERS_STATEMENTS
};

struct members_sqlite {
	struct members_store base;
	struct statement *statements[MEMBERS_STATEMENTS];
};

static inline struct statement *
members_statement(struct members_store *store, enum members_statement which)
{
	return ((struct members_sqlite *)store)->statements[which];
}

/* From a row with MEMBER_COLUMNS first. */
void members_row_fill(struct statement *, struct member *);

/* members_sqlite_gate.c */
int members_gate_enrolment(
    struct members_store *, const char *plate, uint32_t *);
int members_gate_put(struct members_store *, const struct gate_row *);
int members_gate_done(struct members_store *, const struct gate_row *);
int members_gate_list(struct members_store *, bool pending_only,
    const char *after, struct gate_row *, int cap);

#endif
