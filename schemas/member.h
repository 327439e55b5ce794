/*
 * member: who asks to be of the guild, and what people decide about them:
 * records of topic_nuevos-usuarios.
 *
 * In keys, in every other topic and in logs a member is `who`: a keyed hash
 * of the RUT (lib/secret.h).  Name, RUT and mail are in registrations alone,
 * each under a key of its own, "<who>/<id>": the topic is compacted, so what
 * is not erased is kept for ever, and a registration goes from it with its
 * tombstone when the applicant was refused or the member has left.
 *
 * Partition: premium ones in 0, the others by murmur2 of `who`; what is
 * decided goes where the registration went.
 */
#ifndef PREGON_MEMBER_H
#define PREGON_MEMBER_H

#include "schemas/event.h"
#include "schemas/identity.h"

#define MEMBER_VERSION 1
#define WHO_MAX 26 /* Crockford's base 32 of 130 bits, upper case */
#define MEMBER_ID_MAX 32 /* of a registration or a decision */
#define MEMBER_KEY_MAX (WHO_MAX + 1 + MEMBER_ID_MAX)
#define MEMBER_BYTES_MAX 2048
#define RUT_MAX 10 /* "12345678-5": digits, hyphen, check digit, no dots */
#define MAIL_MAX 115 /* "mail:<address>" is to fit a notice's `to` */
#define LANGUAGE_MAX 2 /* "es", "en" */

/*
 * [version, id, at, first_name, last_name, rut, mail, plate, premium,
 *  language].  Schema SCHEMA_MEMBER, key "<who>/<id>".  Its reader takes any
 * RUT and mail: the role members judges them.
 */
struct registration {
	char id[MEMBER_ID_MAX + 1];
	int64_t at_ms;
	char first_name[TEXT_NAME_MAX + 1];
	char last_name[TEXT_NAME_MAX + 1];
	char rut[RUT_MAX + 1]; /* as it came if it is wrong, cut */
	char mail[MAIL_MAX + 1];
	char plate[CART_MAX + 1];
	bool premium;
	char language[LANGUAGE_MAX + 1];
};
int registration_encode(const struct registration *, void *buf, size_t cap);
int registration_decode(
    const void *, size_t, struct registration *, struct decode_error *);

enum member_act {
	MEMBER_APPROVE,
	MEMBER_REJECT, /* with a reason */
	MEMBER_SUSPEND, /* with a reason */
	MEMBER_REINSTATE,
	MEMBER_PLATE, /* another plate, from now on */
	MEMBER_REPLACE, /* another gateway: the old one's password ends */
	MEMBER_LEAVE,
	MEMBER_ENROL, /* a gateway took the code of its enrolment */
	MEMBER_ACTS
};
const char *member_act_name(enum member_act); /* "approve" */
int member_act_parse(const char *, size_t len, enum member_act *);

#define ENROL_GATEWAY_MAX 26 /* as secret_gateway() makes it */

/*
 * [version, id, who, act, at, by, reason, plate], and of MEMBER_ENROL
 * enrolment and gateway after them.  Schema SCHEMA_MEMBER_DECISION, key
 * "<who>/<id>".
 */
struct member_decision {
	char id[MEMBER_ID_MAX + 1];
	char who[WHO_MAX + 1];
	enum member_act act;
	int64_t at_ms;
	char by[TEXT_NAME_MAX + 1];
	char reason[TEXT_NOTE_MAX + 1]; /* for the member to read; "" */
	char plate[CART_MAX + 1]; /* of MEMBER_PLATE; else "" */
	/* Of MEMBER_ENROL; else 0 and "". */
	uint32_t enrolment; /* the gateway's number */
	char gateway[ENROL_GATEWAY_MAX + 1]; /* which one took it */
};
int member_decision_encode(
    const struct member_decision *, void *buf, size_t cap);
int member_decision_decode(
    const void *, size_t, struct member_decision *, struct decode_error *);

/* "<who>/<id>" of a record's key, an id being [A-Za-z0-9_-]{1,32}.  0, or -1
 * (EINVAL). */
int member_key_format(
    const char *who, const char *id, char key[MEMBER_KEY_MAX + 1]);
int member_key_parse(const char *key, size_t len, char who[WHO_MAX + 1],
    char id[MEMBER_ID_MAX + 1]);

bool who_is_valid(const char *, size_t len); /* [A-Z0-9]{1,26} */

/*
 * A RUT as people write it, "12.345.678-5", "12345678k": normalised, without
 * leading zeros, and its check digit (modulo 11) is right.  0, or -1: EINVAL
 * (not the form of one, under 1 or over 99.999.999), EDOM (another check
 * digit); `rut` is then what fits of what came, in whole characters.
 */
int rut_parse(const char *, size_t len, char rut[RUT_MAX + 1]);

/* An address that mail can be sent to: one @, a domain with a dot, no space
 * or control character, to MAIL_MAX bytes; ASCII, nothing quoted. */
bool mail_is_valid(const char *, size_t len);

enum member_state {
	MEMBER_WAITING, /* for an admin */
	MEMBER_APPROVED,
	MEMBER_REJECTED,
	MEMBER_SUSPENDED,
	MEMBER_LEFT,
	MEMBER_STATES
};
const char *member_state_name(enum member_state); /* "waiting" */
int member_state_parse(const char *, size_t len, enum member_state *);

#endif
