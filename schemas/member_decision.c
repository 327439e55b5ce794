/*
 * member_decision: what people decide about a member (declared in member.h).
 */
#include <string.h>

#include "schemas/envelope.h"
#include "schemas/member.h"
#include "schemas/record_parts.h"

#define DECISION_FIELDS 8 /* the version and what follows */
#define ENROL_FIELDS 2 /* after them */

int
member_decision_encode(
    const struct member_decision *said, void *buf, size_t cap)
{
	struct mp_writer w;

	mp_writer_init(&w, buf, cap);
	mp_write_array(&w,
	    DECISION_FIELDS + (said->act == MEMBER_ENROL ? ENROL_FIELDS : 0));
	mp_write_int(&w, MEMBER_VERSION);
	mp_write_cstr(&w, said->id);
	mp_write_cstr(&w, said->who);
	mp_write_int(&w, said->act);
	mp_write_int(&w, said->at_ms);
	mp_write_cstr(&w, said->by);
	record_text_write(said->reason, &w);
	record_text_write(said->plate, &w);
	if (said->act == MEMBER_ENROL) {
		mp_write_int(&w, said->enrolment);
		mp_write_cstr(&w, said->gateway);
	}
	return envelope_len(&w);
}

/* A keyed hash in capitals and digits. */
static int
hash_read(struct mp_reader *r, const char *field, size_t max, char *hash)
{
	if (record_word_read(r, field, max, hash) == -1)
		return -1;
	if (!who_is_valid(hash, strlen(hash)))
		return mp_refuse(r, field, "[A-Z0-9]{1,26}");
	return 0;
}

/* Only what gives another plate names one. */
static int
plate_read(struct mp_reader *r, struct member_decision *said)
{
	if (said->act == MEMBER_PLATE)
		return record_cart_read(r, "decision.plate", said->plate);
	said->plate[0] = '\0';
	if (!mp_read_nil(r))
		return mp_refuse(r, "decision.plate", "nil: it gives no plate");
	return 0;
}

/* What is appended where a gateway took a code. */
static int
enrol_read(
    struct mp_reader *r, uint32_t *appended, struct member_decision *said)
{
	said->enrolment = 0;
	said->gateway[0] = '\0';
	if (said->act != MEMBER_ENROL)
		return 0;
	if (*appended < ENROL_FIELDS)
		return mp_refuse(
		    r, "decision.act", "a number and a gateway after it");
	*appended -= ENROL_FIELDS;
	if (record_uint32_read(r, "decision.enrolment", 1, &said->enrolment) ==
	    -1)
		return -1;
	return hash_read(
	    r, "decision.gateway", ENROL_GATEWAY_MAX, said->gateway);
}

int
member_decision_decode(const void *bytes, size_t len,
    struct member_decision *said, struct decode_error *error)
{
	struct mp_reader r;
	uint32_t appended;
	int act;

	mp_reader_init(&r, bytes, len, error);
	if (envelope_begin(&r, "decision", MEMBER_VERSION, DECISION_FIELDS - 1,
		&appended) == -1 ||
	    record_id_read(&r, "decision.id", MEMBER_ID_MAX, said->id) == -1 ||
	    hash_read(&r, "decision.who", WHO_MAX, said->who) == -1 ||
	    record_choice_read(&r, "decision.act", MEMBER_ACTS, &act) == -1 ||
	    record_time_read(&r, "decision.at", &said->at_ms) == -1 ||
	    record_word_read(&r, "decision.by", TEXT_NAME_MAX, said->by) ==
		-1 ||
	    record_text_read(
		&r, "decision.reason", TEXT_NOTE_MAX, said->reason) == -1)
		return -1;
	said->act = (enum member_act)act;
	if (plate_read(&r, said) == -1 || enrol_read(&r, &appended, said) == -1)
		return -1;
	return envelope_end(&r, "decision", appended);
}
