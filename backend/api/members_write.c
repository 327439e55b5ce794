/*
 * Registrations, and what admins decide about members.
 *
 * The role members decides what becomes of each.  Here only what is wrong in
 * itself is refused: whether a RUT or a plate is taken is not told to
 * whoever asks.
 */
#include <string.h>

#include "backend/api/forms.h"
#include "backend/api/handlers.h"
#include "backend/api/members_parts.h"
#include "backend/api/writes.h"
#include "backend/rules/admission.h"
#include "lib/secret.h"

#define ID_CHARS 26

/* Premium ones do not wait behind the others: theirs is partition 0. */
struct member_place {
	const char *who, *id;
	bool premium;
};

/* `len`: what its encoder said.  0, or -1 and it is answered. */
static int
submit_member(struct call *call, const struct member_place *place,
    const char *schema, const void *bytes, int len)
{
	char key[MEMBER_KEY_MAX + 1];
	struct submit_record record = {
		.topic = TOPIC_NUEVOS_USUARIOS,
		.reserved = place->premium,
		.key = key,
		.owner = place->who,
		.value = bytes,
		.schema = schema,
	};

	if (member_key_format(place->who, place->id, key) == -1)
		len = -1;
	return write_record(call, &record, len);
}

static void
submit_registration(
    struct call *call, const struct secret *secret, struct registration *r)
{
	uint8_t bytes[MEMBER_BYTES_MAX];
	char who[WHO_MAX + 1];
	const struct member_place place = { who, r->id, r->premium };

	if (call_make_id(call, "member", r->id, ID_CHARS) == -1)
		return;
	r->at_ms = clock_realtime_ms(call->api->clock);
	secret_who(secret, r->rut, who);
	if (submit_member(call, &place, SCHEMA_MEMBER, bytes,
		registration_encode(r, bytes, sizeof(bytes))) == 0)
		write_done(call, NULL, r->id, true);
}

void
api_member_post(struct call *call)
{
	const struct secret *secret = members_secret(call);
	struct registration r;
	struct body body;

	if (secret == NULL || write_body(call, &body, false) == -1)
		return;
	if (!form_member(&body, &r))
		body_refuse(&body, call->answer);
	else
		submit_registration(call, secret, &r);
	body_release(&body);
}

static int
take_who(void *ctx, const struct member_row *row)
{
	memcpy(ctx, row->who, sizeof(row->who));
	return 1;
}

int
members_submit(struct call *call, const struct member_row *row,
    const struct member_decision *d)
{
	const struct member_place place = { row->who, d->id, row->premium };
	uint8_t bytes[MEMBER_BYTES_MAX];

	return submit_member(call, &place, SCHEMA_MEMBER_DECISION, bytes,
	    member_decision_encode(d, bytes, sizeof(bytes)));
}

/* Whose cart has the plate that is asked for; "": nobody's. */
static int
find_holder(struct call *call, const char *plate, char who[WHO_MAX + 1])
{
	const struct members_query query = {
		.plate = plate, .state = -1, .limit = 1
	};

	who[0] = '\0';
	if (plate[0] == '\0' ||
	    call->reader->ops->members(call->reader, &query, take_who, who) ==
		0)
		return 0;
	api_read_failed(call, "members");
	return -1;
}

/*
 * What cannot be is refused here, so that whoever asks hears why.  All else is
 * the role's to judge, also what seems to be so already: this program's sight
 * of it may lag behind.
 */
static int
check_decision(struct call *call, const struct member_row *row,
    const struct member_decision *d)
{
	char holder[WHO_MAX + 1];
	const struct admission now = {
		.at_ms = clock_realtime_ms(call->api->clock),
		.plate_holder = holder,
	};
	struct member member = { .state = row->state,
		.premium = row->premium,
		.enrolment = row->enrolment,
		.registered_ms = row->registered_ms,
		.state_ms = row->state_ms };
	struct admission_why why;

	if (find_holder(call, d->plate, holder) == -1)
		return -1;
	memcpy(member.who, row->who, sizeof(member.who));
	memcpy(member.registration, row->registration,
	    sizeof(member.registration));
	memcpy(member.plate, row->plate, sizeof(member.plate));
	if (admission_decide(&member, d, &now, &why) != ADMISSION_REFUSED)
		return 0;
	answer_problem(call->answer, 409, NULL, NULL, "%s", why.text);
	return -1;
}

static void
decide(struct call *call, enum member_act act)
{
	struct member_decision d = { .act = act };
	struct member_row row;
	struct body body;

	if (find_member(call, &row) != 1 || write_body(call, &body, true) == -1)
		return;
	memcpy(d.who, row.who, sizeof(d.who));
	d.at_ms = clock_realtime_ms(call->api->clock);
	write_by(call, d.by);
	if (!form_decision(&body, &d))
		body_refuse(&body, call->answer);
	else if (call_make_id(call, "decision", d.id, ID_CHARS) == 0 &&
	    check_decision(call, &row, &d) == 0 &&
	    members_submit(call, &row, &d) == 0)
		write_done(call, MEMBERS_PATH, row.who, true);
	body_release(&body);
}

/* The path's last word is the act's name. */
void
api_member_decide(struct call *call)
{
	const char *word = strrchr(call->route->path, '/') + 1;
	enum member_act act;

	if (member_act_parse(word, strlen(word), &act) == 0)
		decide(call, act);
	else
		answer_problem(call->answer, 500, NULL, NULL,
		    "no such decision: %s", word);
}
