/*
 * A gateway takes its code.
 *
 * Which of two takers was first is the log's to say, not ours: the gateway's
 * word goes into topic_nuevos-usuarios, the role members heeds the first, and
 * only who stands in its row is given the credentials.  Until that row is
 * seen the answer is 202, and the gateway asks again; also after any crash,
 * with the same word, and gets the same bytes.
 *
 * Who has no right code learns nothing: mistyped, of no member, of a gateway
 * that was replaced are one answer, made at the same cost.
 */
#include <stdio.h>
#include <string.h>

#include "backend/api/forms.h"
#include "backend/api/handlers.h"
#include "backend/api/members_parts.h"
#include "backend/api/writes.h"

/* Until the gateway asks again. */
#define RETRY_TAKE_S 1
#define MINUTE_MS 60000

struct search {
	const struct secret *secret;
	const struct enrol_code *code;
	int64_t now_ms;
	bool found;
	int64_t ends_ms;
	struct member_row row;
};

/* All who share the place are looked at, also after the right one. */
static int
try_member(void *ctx, const struct member_row *row)
{
	struct search *search = ctx;
	int64_t ends_ms;

	if (!enrol_code_is(search->code, search->secret, row->who,
		row->enrolment, search->now_ms, &ends_ms))
		return 0;
	search->found = true;
	search->ends_ms = ends_ms;
	search->row = *row;
	return 0;
}

static void
write_answer(struct call *call, const struct member_row *row)
{
	struct jsonw *j = &call->answer->body;

	jsonw_open(j, '{');
	enrol_write_credentials(call, row);
	jsonw_key(j, "ca");
	jsonw_text(j, call->api->enrol.ca);
	jsonw_close(j, '}');
}

/*
 * A repeat within a minute is the same decision; a later one has another id,
 * so that what was refused once may be asked for again.
 */
static int
submit_take(struct call *call, const struct member_row *row,
    const char *gateway, int64_t now_ms)
{
	struct member_decision d = { .act = MEMBER_ENROL,
		.at_ms = now_ms,
		.by = "gateway",
		.enrolment = row->enrolment };

	snprintf(d.id, sizeof(d.id), "E%.12s%llx", gateway,
	    (unsigned long long)(now_ms / MINUTE_MS));
	memcpy(d.who, row->who, sizeof(d.who));
	snprintf(d.gateway, sizeof(d.gateway), "%s", gateway);
	if (members_submit(call, row, &d) == -1)
		return -1;
	write_done(call, NULL, d.id, true);
	call->answer->retry_s = RETRY_TAKE_S;
	return 0;
}

static void
refuse(struct call *call, int status, const char *words)
{
	answer_problem(call->answer, status, "code", NULL, "code: %s", words);
}

/* Whoever asks has a right code: plain words. */
static void
take(struct call *call, const struct search *search, const char *gateway)
{
	const struct member_row *row = &search->row;

	if (row->enrolled_ms != 0 && strcmp(row->gateway, gateway) != 0)
		refuse(call, 409,
		    "another gateway took it before: if that was not yours, "
		    "tell the guild, which can let in another one "
		    "(\"replace\") and give its code");
	else if (row->state != MEMBER_APPROVED)
		answer_problem(call->answer, 409, "member", NULL,
		    "member: it is not approved now: ask the guild");
	else if (row->enrolled_ms != 0)
		write_answer(call, row);
	else if (search->ends_ms <= search->now_ms)
		refuse(
		    call, 410, "its time is over: ask the guild for another");
	else
		submit_take(call, row, gateway, search->now_ms);
}

static void
find_and_take(
    struct call *call, const struct secret *secret, struct form_enrol *form)
{
	const struct members_query query = {
		.state = -1, .by_code = true, .code_place = form->code.place
	};
	struct search search = { .secret = secret,
		.code = &form->code,
		.now_ms = clock_realtime_ms(call->api->clock) };
	char gateway[ENROL_GATEWAY_MAX + 1];

	secret_gateway(secret, form->word, gateway);
	if (call->reader->ops->members(
		call->reader, &query, try_member, &search) == -1)
		api_read_failed(call, "members");
	else if (!search.found)
		refuse(call, 404,
		    "the guild knows none like it: look for a mistyped letter; "
		    "if a newer code was made for another gateway, use that");
	else if (form->cart[0] != '\0' &&
	    strcmp(form->cart, search.row.plate) != 0)
		answer_problem(call->answer, 409, "cart", NULL,
		    "cart: the code is for the cart %s, and this gateway is "
		    "set up for %s",
		    search.row.plate, form->cart);
	else
		take(call, &search, gateway);
}

void
api_enrol_post(struct call *call)
{
	const struct secret *secret = members_secret(call);
	struct form_enrol form;
	struct body body;

	if (secret == NULL || write_body(call, &body, false) == -1)
		return;
	if (form_enrol(&body, &form))
		find_and_take(call, secret, &form);
	else
		body_refuse(&body, call->answer);
	body_release(&body);
}
