/*
 * Members as admins see them.  A RUT in a path is put into no log: whatever
 * is said of a request names its route.
 */
#include <string.h>

#include "backend/api/handlers.h"
#include "backend/api/members_parts.h"
#include "lib/secret.h"

#define MEMBERS_PAGE 100
#define MEMBERS_PAGE_MAX 1000

const struct secret *
members_secret(struct call *call)
{
	if (call->api->secret == NULL)
		answer_problem(call->answer, 503, NULL, NULL,
		    "the guild's secret could not be read when this program "
		    "started: its log says why");
	return call->api->secret;
}

static void
write_text(struct jsonw *j, const char *key, const char *s)
{
	jsonw_key(j, key);
	jsonw_text(j, s[0] != '\0' ? s : NULL);
}

static void
write_member(struct jsonw *j, const struct member_row *row)
{
	jsonw_open(j, '{');
	write_text(j, "who", row->who);
	write_text(j, "registration", row->registration);
	write_text(j, "state", member_state_name(row->state));
	jsonw_key(j, "premium");
	jsonw_bool(j, row->premium);
	write_text(j, "plate", row->plate);
	jsonw_key(j, "registered_at");
	jsonw_time(j, row->registered_ms);
	jsonw_key(j, "changed_at");
	jsonw_time(j, row->state_ms);
	write_text(j, "by", row->by);
	write_text(j, "reason", row->reason);
	write_text(j, "refusal", row->refusal);
	jsonw_key(j, "enrolment");
	jsonw_int(j, row->enrolment);
	jsonw_key(j, "gate_done");
	jsonw_bool(j, row->gate_done);
	jsonw_key(j, "enrolled_at");
	if (row->enrolled_ms != 0)
		jsonw_time(j, row->enrolled_ms);
	else
		jsonw_null(j);
	write_text(j, "first_name", row->first_name);
	write_text(j, "last_name", row->last_name);
	write_text(j, "rut", row->rut);
	write_text(j, "email", row->mail);
	write_text(j, "language", row->language);
	jsonw_close(j, '}');
}

struct members_walk {
	struct jsonw *json;
	int64_t left;
	char last[MEMBER_ID_MAX + 1];
};

static int
member_row(void *ctx, const struct member_row *row)
{
	struct members_walk *walk = ctx;

	write_member(walk->json, row);
	memcpy(walk->last, row->registration, sizeof(walk->last));
	return --walk->left == 0 || jsonw_failed(walk->json) != 0;
}

static int
take_member(void *ctx, const struct member_row *row)
{
	memcpy(ctx, row, sizeof(*row));
	return 1;
}

/* 1 found, 0 not, or -1 and it is answered. */
static int
find_one(struct call *call, const struct members_query *query,
    struct member_row *row)
{
	row->registration[0] = '\0';
	if (call->reader->ops->members(call->reader, query, take_member, row) ==
	    -1) {
		api_read_failed(call, "members");
		return -1;
	}
	return row->registration[0] != '\0';
}

/* No RUT has so many characters. */
static bool
is_who(const char *id)
{
	return strlen(id) == WHO_MAX && who_is_valid(id, WHO_MAX);
}

int
find_member(struct call *call, struct member_row *row)
{
	const struct secret *secret = members_secret(call);
	struct members_query query = { .state = -1, .limit = 1 };
	char rut[RUT_MAX + 1], who[WHO_MAX + 1];
	int found;

	if (secret == NULL)
		return -1;
	if (rut_parse(call->id, strlen(call->id), rut) == 0) {
		secret_who(secret, rut, who);
	} else if (is_who(call->id)) {
		memcpy(who, call->id, sizeof(who));
	} else {
		answer_problem(call->answer, 400, "rut", NULL,
		    "rut: expected a RUT as 12345678-5, or a member's `who`");
		return -1;
	}
	query.who = who;
	found = find_one(call, &query, row);
	if (found == 0)
		answer_problem(call->answer, 404, "rut", NULL,
		    "rut: there is no such member");
	return found;
}

static const char *const wanted_names[] = { "waiting", "approved", "rejected",
	"suspended", "left", "refused", "all", NULL };
#define WANTED_REFUSED MEMBER_STATES /* what follows the states */
#define WANTED_ALL (MEMBER_STATES + 1)

/* The page after the one that ended with `after`. */
static int
read_after(
    struct call *call, struct members_query *query, struct member_row *row)
{
	const char *after = request_param(call->request, "after");
	const struct members_query last = {
		.registration = after, .state = -1, .limit = 1
	};
	int found;

	if (after == NULL)
		return 0;
	found = find_one(call, &last, row);
	if (found == 0)
		answer_problem(call->answer, 400, "after", NULL,
		    "after: expected the id of a registration");
	query->before_ms = row->registered_ms;
	query->before_id = row->registration;
	return found == 1 ? 0 : -1;
}

void
api_members(struct call *call)
{
	struct jsonw *j = &call->answer->body;
	struct members_walk walk = { .json = j, .left = MEMBERS_PAGE };
	struct members_query query = { .state = -1 };
	struct member_row after;
	int wanted = WANTED_ALL;

	if (request_choice(call->request, "state", wanted_names, &wanted,
		call->answer) == -1 ||
	    request_int(call->request, "limit", 1, MEMBERS_PAGE_MAX, &walk.left,
		call->answer) == -1 ||
	    read_after(call, &query, &after) == -1)
		return;
	query.refused = wanted == WANTED_REFUSED;
	if (wanted < MEMBER_STATES)
		query.state = wanted;
	query.limit = walk.left;
	answer_page_begin(call->answer, "members");
	if (call->reader->ops->members(
		call->reader, &query, member_row, &walk) == -1) {
		api_read_failed(call, "members");
		return;
	}
	answer_page_end(
	    call->answer, "next_after", walk.left == 0 ? walk.last : NULL);
}

void
api_member(struct call *call)
{
	struct member_row row;

	if (find_member(call, &row) == 1)
		write_member(&call->answer->body, &row);
}
