/*
 * registration: who asks to be of the guild (declared in member.h).
 *
 * RUT and mail are read as they came: that they are wrong is for the role
 * members to say, to the applicant; what is refused here would lie whole,
 * name and all, in topic_rechazados.
 */
#include <string.h>

#include "schemas/envelope.h"
#include "schemas/member.h"
#include "schemas/record_parts.h"

#define REGISTRATION_FIELDS 10 /* the version and what follows */

int
registration_encode(const struct registration *asked, void *buf, size_t cap)
{
	struct mp_writer w;

	mp_writer_init(&w, buf, cap);
	mp_write_array(&w, REGISTRATION_FIELDS);
	mp_write_int(&w, MEMBER_VERSION);
	mp_write_cstr(&w, asked->id);
	mp_write_int(&w, asked->at_ms);
	mp_write_cstr(&w, asked->first_name);
	mp_write_cstr(&w, asked->last_name);
	record_text_write(asked->rut, &w);
	record_text_write(asked->mail, &w);
	mp_write_cstr(&w, asked->plate);
	mp_write_bool(&w, asked->premium);
	mp_write_cstr(&w, asked->language);
	return envelope_len(&w);
}

/* It becomes part of a file's name. */
static int
language_read(struct mp_reader *r, char language[LANGUAGE_MAX + 1])
{
	static const char field[] = "registration.language";

	if (record_word_read(r, field, LANGUAGE_MAX, language) == -1)
		return -1;
	if (strspn(language, "abcdefghijklmnopqrstuvwxyz") != LANGUAGE_MAX)
		return mp_refuse(r, field, "two letters, [a-z]{2}");
	return 0;
}

int
registration_decode(const void *bytes, size_t len, struct registration *asked,
    struct decode_error *error)
{
	struct mp_reader r;
	uint32_t appended;

	mp_reader_init(&r, bytes, len, error);
	if (envelope_begin(&r, "registration", MEMBER_VERSION,
		REGISTRATION_FIELDS - 1, &appended) == -1 ||
	    record_id_read(&r, "registration.id", MEMBER_ID_MAX, asked->id) ==
		-1 ||
	    record_time_read(&r, "registration.at", &asked->at_ms) == -1 ||
	    record_word_read(&r, "registration.first_name", TEXT_NAME_MAX,
		asked->first_name) == -1 ||
	    record_word_read(&r, "registration.last_name", TEXT_NAME_MAX,
		asked->last_name) == -1 ||
	    record_text_read(&r, "registration.rut", RUT_MAX, asked->rut) ==
		-1 ||
	    record_text_read(&r, "registration.mail", MAIL_MAX, asked->mail) ==
		-1 ||
	    record_cart_read(&r, "registration.plate", asked->plate) == -1 ||
	    mp_read_bool(&r, "registration.premium", &asked->premium) == -1 ||
	    language_read(&r, asked->language) == -1)
		return -1;
	return envelope_end(&r, "registration", appended);
}
