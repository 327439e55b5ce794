/*
 * members_store: what the role members remembers.
 *
 * A struct of functions, so that another store can answer.  All are called
 * within a transaction.  Each returns 0, or -1 with errno; a `get` 1 when
 * found, 0 when not.
 *
 * What is erased is overwritten, not only unlinked; that its older copies in
 * the store's own log go too, the role asks of database.h (scrub).
 */
#ifndef PREGON_BACKEND_MEMBERS_STORE_H
#define PREGON_BACKEND_MEMBERS_STORE_H

#include "backend/rules/admission.h"
#include "backend/store/database.h"

/* A registration beside its personal data. */
struct registration_row {
	char id[MEMBER_ID_MAX + 1];
	char who[WHO_MAX + 1]; /* of its key */
	int32_t partition; /* where the log has it */
	int64_t received_ms;
	char refusal[ADMISSION_CODE_MAX + 1]; /* "": it was taken in */
	char reason[ADMISSION_WHY_MAX];
	int64_t ended_ms; /* 0: somebody is a member by it, or waits */
};

struct decision_row {
	const struct member_decision *decision;
	int64_t at_ms; /* of its record */
	int32_t partition; /* where the log has it */
	const char *refusal; /* "": done; else why not */
};

/* What Mosquitto is to know of a plate. */
struct gate_row {
	char plate[CART_MAX + 1];
	bool in;
	uint32_t enrolment;
};

struct members_store;
struct members_store_ops {
	int (*registration_get)(
	    struct members_store *, const char *id, struct registration_row *);
	/* Data may be NULL: none is kept (it could not be read). */
	int (*registration_put)(struct members_store *,
	    const struct registration_row *, const struct registration *data);
	/* It came to nothing, at ended_ms. */
	int (*registration_end)(
	    struct members_store *, const char *id, int64_t ended_ms);
	int (*registration_erase)(struct members_store *, const char *id);
	/* At most `cap` that ended before then; the number. */
	int (*registrations_ended)(struct members_store *, int64_t before_ms,
	    struct registration_row *, int cap);

	/* 0: *member is all zero. */
	int (*member_get)(
	    struct members_store *, const char *who, struct member *);
	/* Nobody else has its plate, if it is live. */
	int (*member_put)(struct members_store *, const struct member *);
	/* Who has it, live; "" when nobody. */
	int (*plate_holder)(
	    struct members_store *, const char *plate, char who[WHO_MAX + 1]);

	/* 1: one of this id was heard; *erased: it is not to be in the log
	 * any more. */
	int (*decision_find)(
	    struct members_store *, const char *id, bool *erased);
	int (*decision_put)(
	    struct members_store *, const struct decision_row *);
	/* Those about `who` go from the log: `each` of them, once.  -1 also
	 * when `each` returns it. */
	int (*decisions_erase)(struct members_store *, const char *who,
	    int (*each)(void *, const char *id, int32_t partition), void *ctx);

	/* The highest number that the plate has had; 0: none. */
	int (*gate_enrolment)(
	    struct members_store *, const char *plate, uint32_t *);
	int (*gate_put)(struct members_store *, const struct gate_row *);
	/* Mosquitto has it so. */
	int (*gate_done)(struct members_store *, const struct gate_row *);
	/* Plates after this one, at most `cap`, by plate; the number. */
	int (*gate_list)(struct members_store *, bool pending_only,
	    const char *after, struct gate_row *, int cap);

	void (*close)(struct members_store *);
};
struct members_store {
	const struct members_store_ops *ops;
};

/* NULL: errno.  It uses the database and does not own it. */
struct members_store *members_store_sqlite(struct database *);

#endif
