/*
 * admission: the life of a member of the guild.
 *
 *     waiting -> approved <-> suspended
 *        \
 *         +---> rejected          any of them -> left
 *
 * Pure: on struct member alone, which is all that must be kept of one beside
 * the personal data of the registration; no clock, no store, no secret.
 *
 * A registration that is not in order, or whose RUT or plate another has, is
 * refused: it makes nobody a member, and the applicant can read why.  One of a
 * premium applicant that is in order is approved at once, a basic one waits
 * for an admin.  Whoever was rejected or has left may register again.
 *
 * Decisions name what is wanted, so a repeat is harmless (ADMISSION_SAME); the
 * caller sees to it besides that a decision of one id is heard once, because
 * an old one may come again after another.
 *
 * A code of a gateway's number is taken once: by the first gateway whose word
 * stands in the log, whichever was answered first.  Another number (another
 * plate, another gateway) ends the codes of the one before.
 *
 * That a plate has one live member at most is a unique key of the store, too.
 */
#ifndef PREGON_RULES_ADMISSION_H
#define PREGON_RULES_ADMISSION_H

#include "schemas/member.h"

struct member {
	char who[WHO_MAX + 1];
	char registration[MEMBER_ID_MAX + 1]; /* the newest taken in */
	enum member_state state;
	bool premium;
	char plate[CART_MAX + 1];
	/* The gateway of that plate that may connect; 0: never approved. */
	uint32_t enrolment;
	int64_t registered_ms; /* of the registration's record */
	int64_t state_ms; /* in `state` since */
	char by[TEXT_NAME_MAX + 1]; /* of the last decision; "": the rules */
	char reason[TEXT_NOTE_MAX + 1]; /* of a rejection, a suspension */
	/* When a gateway took the code of `enrolment`, and which; 0 and "":
	 * none did. */
	int64_t enrolled_ms;
	char gateway[ENROL_GATEWAY_MAX + 1];
};

enum admission_verdict {
	ADMISSION_MOVED, /* to another state: keep it, tell it */
	ADMISSION_CHANGED, /* same state, other plate or gateway: keep it */
	ADMISSION_SAME, /* a repeat: nothing changed */
	ADMISSION_REFUSED /* nothing changed; `why` says why not */
};

#define ADMISSION_CODE_MAX 32
#define ADMISSION_WHY_MAX 200
struct admission_why {
	char code[ADMISSION_CODE_MAX + 1]; /* "rut.taken": docs/members.md */
	char text[ADMISSION_WHY_MAX]; /* for a person, English, one line */
};

/* Waiting, approved or suspended: RUT and plate are taken. */
bool member_is_live(enum member_state);
/* The cart is to be let in by Mosquitto. */
bool member_is_in(const struct member *);

/* What is known when a registration or a decision is judged. */
struct admission {
	int64_t at_ms; /* of its record */
	/* Who has the plate that it names, live; "": nobody. */
	const char *plate_holder;
	/* Highest number of a gateway that this plate has had; 0: none. */
	uint32_t plate_enrolment;
};

/*
 * A registration's own form, without looking at anyone else: RUT, names, mail,
 * plate.  `rut` is normalised, "" where it is wrong.  true, or `why`.
 */
bool registration_is_sound(
    const struct registration *, char rut[RUT_MAX + 1], struct admission_why *);

/*
 * Takes in a registration that is sound, as `who`.  *member is the one of that
 * RUT, as kept, or all zero where there is none; it becomes the new one when
 * the verdict is ADMISSION_MOVED.
 */
enum admission_verdict admission_register(struct member *, const char *who,
    const struct registration *, const struct admission *,
    struct admission_why *);

/*
 * Does as `decision` says.  Also refused: one of before the registration (it
 * was about an earlier one: the log is being read again).  When another plate
 * was given, or another gateway, member->enrolment is a new number of
 * member->plate.
 */
enum admission_verdict admission_decide(struct member *,
    const struct member_decision *, const struct admission *,
    struct admission_why *);

/* The registration was erased from the log: whoever was one by it has left. */
enum admission_verdict admission_erase(struct member *, int64_t at_ms);

/*
 * The number of a plate's next gateway: higher than the one before, and at
 * least the minutes since 2020, so that a guild that forgot it does not give
 * out again a password that somebody has.
 */
uint32_t admission_enrolment(uint32_t before, int64_t at_ms);

#endif
