/*
 * show_people: members and tickets (declared in show_guild.h).
 */
#include <string.h>

#include "schemas/member.h"
#include "schemas/ticket.h"
#include "tools/ctl/show_guild.h"

static json_t *
show_string(const char *s)
{
	return s[0] == '\0' ? json_null() : json_string(s);
}

/* Not the person: what is on a terminal is soon in a file. */
static json_t *
registration_show(const void *bytes, size_t len)
{
	struct decode_error error;
	struct registration r;

	if (registration_decode(bytes, len, &r, &error) == -1)
		return show_error(&error);
	return json_pack("{s:s, s:o, s:s, s:b, s:s}", "id", r.id, "at",
	    show_time(r.at_ms), "plate", r.plate, "premium", (int)r.premium,
	    "language", r.language);
}

static json_t *
decision_show(const void *bytes, size_t len)
{
	struct decode_error error;
	struct member_decision d;

	if (member_decision_decode(bytes, len, &d, &error) == -1)
		return show_error(&error);
	return json_pack("{s:s, s:s, s:s, s:o, s:s, s:o, s:o}", "id", d.id,
	    "who", d.who, "act", member_act_name(d.act), "at",
	    show_time(d.at_ms), "by", d.by, "reason", show_string(d.reason),
	    "plate", show_string(d.plate));
}

static json_t *
ticket_show(const void *bytes, size_t len)
{
	struct decode_error error;
	struct ticket_word t;

	if (ticket_decode(bytes, len, &t, &error) == -1)
		return show_error(&error);
	return json_pack("{s:s, s:s, s:s, s:o, s:s, s:o, s:o, s:o}", "ticket",
	    t.ticket, "word", t.word, "act", ticket_act_name(t.act), "at",
	    show_time(t.at_ms), "by", t.by, "cart", show_string(t.cart), "mail",
	    show_string(t.mail), "text", show_string(t.text));
}

static const struct {
	const char *schema;
	json_t *(*show)(const void *, size_t);
} shows[] = {
	{ SCHEMA_MEMBER, registration_show },
	{ SCHEMA_MEMBER_DECISION, decision_show },
	{ SCHEMA_TICKET, ticket_show },
};

json_t *
show_people(
    const void *schema, size_t schema_len, const void *bytes, size_t len)
{
	for (size_t i = 0; i < sizeof(shows) / sizeof(shows[0]); i++) {
		if (strlen(shows[i].schema) == schema_len &&
		    memcmp(shows[i].schema, schema, schema_len) == 0)
			return shows[i].show(bytes, len);
	}
	return NULL;
}
