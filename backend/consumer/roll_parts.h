/*
 * roll_parts: what the files of roll.h share; nobody else's.
 */
#ifndef PREGON_CONSUMER_ROLL_PARTS_H
#define PREGON_CONSUMER_ROLL_PARTS_H

#include "backend/consumer/roll.h"

/* A record's key, taken apart. */
struct roll_key {
	char who[WHO_MAX + 1];
	char id[MEMBER_ID_MAX + 1];
};

/* roll.c */

/* In topic_rechazados without its value, which may name somebody: that stays
 * where it is, and nowhere else. */
int roll_reject(struct roll *, const struct record *, const char *reason);

/* roll_register.c */
int roll_register(
    struct roll *, const struct record *, const struct roll_key *);

/* roll_decide.c */
int roll_decide(struct roll *, const struct record *, const struct roll_key *);
/* A tombstone: our own, or one of another life that is read again. */
int roll_erased(struct roll *, const struct record *, const struct roll_key *);

/* roll_erase.c */

/* The record "<who>/<id>" goes from the log. */
int roll_bury(
    struct roll *, const char *who, const char *id, int32_t partition);
/* A registration that is kept goes, from store and log, and with it what was
 * decided about its `who`. */
int roll_erase(struct roll *, const struct registration_row *);
/* roll_erase of the one with this id, if it is there. */
int roll_erase_id(struct roll *, const char *id);

/* roll_say.c */

/* What an applicant or a member is told, at "member:<registration id>". */
struct roll_news {
	const char *registration;
	const char *event; /* "member.approved" */
	const char *cause; /* id of the decision; "": the registration itself */
	int64_t at_ms;
	const char *plate;
	const char *reason, *code; /* "": none */
};
/* What is a day old is no news to anybody: the log is being read again. */
int roll_say(struct roll *, const struct roll_news *);

/* What Mosquitto is to know, after `before` became `now`; before->who may be
 * "". */
int roll_gate(
    struct roll *, const struct member *before, const struct member *now);

#endif
