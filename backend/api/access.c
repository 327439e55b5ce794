#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "backend/api/answer.h"
#include "backend/api/request.h"
#include "backend/api/tokens.h"

#define ROLE_COUNT TOKEN_ROLES

/* "admin or depot" */
static void
name_roles(unsigned roles, char *text, size_t cap)
{
	size_t len = 0;

	text[0] = '\0';
	for (int i = 0; i < ROLE_COUNT; i++) {
		if ((roles & MAY(i)) == 0)
			continue;
		snprintf(text + len, cap - len, "%s%s", len > 0 ? " or " : "",
		    token_role_name((enum token_role)i));
		len = strlen(text);
	}
}

static void
ask_for_token(struct answer *a, unsigned roles, bool given)
{
	char names[64];

	name_roles(roles, names, sizeof(names));
	if (given)
		answer_problem(a, 401, NULL, NULL,
		    "the token is not known: is it whole, and not revoked?");
	else
		answer_problem(a, 401, NULL, NULL,
		    "a token of the role %s is needed: Authorization: Bearer "
		    "TOKEN",
		    names);
	a->authenticate = given
	    ? "Bearer realm=\"pregon\", error=\"invalid_token\""
	    : "Bearer realm=\"pregon\"";
}

/* The token after "Bearer "; NULL: no such header. */
static const char *
bearer_of(const struct request *r)
{
	static const char scheme[] = "Bearer ";
	const char *s = r->authorization;

	if (s == NULL || strncasecmp(s, scheme, strlen(scheme)) != 0)
		return NULL;
	s += strlen(scheme);
	return s + strspn(s, " ");
}

static void
take_token(struct asker *asker, const struct token *token)
{
	asker->known = true;
	asker->role = token->role;
	snprintf(asker->id, sizeof(asker->id), "%s", token->id);
	snprintf(asker->by, sizeof(asker->by), "%s",
	    token->name[0] != '\0' ? token->name : token->id);
	if (token->role == TOKEN_VENDOR)
		snprintf(asker->cart, sizeof(asker->cart), "%s", token->cart);
}

static int
check_role(const struct token *token, unsigned roles, struct answer *a)
{
	char names[64];

	if ((roles & (MAY(token->role) | MAY_PUBLIC)) == 0) {
		name_roles(roles, names, sizeof(names));
		answer_problem(a, 403, NULL, NULL,
		    "the role %s is needed here; this token's is %s", names,
		    token_role_name(token->role));
		return -1;
	}
	if (token->role == TOKEN_VENDOR && token->cart[0] == '\0') {
		answer_problem(a, 403, NULL, NULL,
		    "this vendor's token names no cart: make another");
		return -1;
	}
	return 0;
}

static int
not_known_yet(struct answer *a)
{
	answer_problem(a, 503, NULL, NULL,
	    "who may ask is not known yet: topic_reglas was not read, is "
	    "Kafka there?");
	a->retry_s = 2;
	return -1;
}

int
access_check_bearer(struct tokens *tokens, const char *bearer, unsigned roles,
    struct token *token, struct answer *a)
{
	switch (tokens_find(tokens, bearer, strlen(bearer), token)) {
	case TOKENS_FOUND:
		return check_role(token, roles, a);
	case TOKENS_REFUSED:
		ask_for_token(a, roles, true);
		return -1;
	case TOKENS_UNKNOWN:
		break;
	}
	return not_known_yet(a);
}

/* Was it our own page that asked? */
static bool
is_ours(const struct request *r, const struct session *session)
{
	return (r->fetch_site == NULL ||
		   strcmp(r->fetch_site, "same-origin") == 0) &&
	    session_csrf_is(session, r->csrf);
}

static void
refuse_session(const struct gate *gate, unsigned roles, struct answer *a)
{
	static const struct session none;

	ask_for_token(a, roles, true);
	answer_problem(
	    a, 401, NULL, NULL, "the session has ended: log in again");
	sessions_set_cookie(gate->sessions, &none, a->set_cookie);
}

/* Where anyone may, a cookie that does not count makes nobody less. */
static int
check_session(const struct gate *gate, const struct request *r, unsigned roles,
    struct asker *asker, struct answer *a)
{
	bool anyone = (roles & MAY_PUBLIC) != 0;
	struct session session;
	struct token token;

	switch (sessions_find(gate->sessions, gate->tokens, r->session,
	    gate->now_ms, &session, &token)) {
	case TOKENS_FOUND:
		break;
	case TOKENS_REFUSED:
		if (!anyone)
			refuse_session(gate, roles, a);
		return anyone ? 0 : -1;
	case TOKENS_UNKNOWN:
		return anyone ? 0 : not_known_yet(a);
	}
	if (!gate->read && !is_ours(r, &session)) {
		if (!anyone)
			answer_problem(a, 403, "X-Pregon-CSRF", NULL,
			    "X-Pregon-CSRF: a write with a session's cookie "
			    "needs what GET /api/v1/session says as csrf, and "
			    "a page of this site");
		return anyone ? 0 : -1;
	}
	if (check_role(&token, roles, a) == -1)
		return -1;
	take_token(asker, &token);
	asker->session = session;
	return 0;
}

int
access_check(const struct gate *gate, const struct request *r, unsigned roles,
    struct asker *asker, struct answer *a)
{
	const char *bearer = bearer_of(r);
	struct token token;

	snprintf(asker->by, sizeof(asker->by), "public");
	if (bearer == NULL && r->session != NULL && gate->sessions != NULL)
		return check_session(gate, r, roles, asker, a);
	if (bearer == NULL) {
		if ((roles & MAY_PUBLIC) != 0)
			return 0;
		ask_for_token(a, roles, false);
		return -1;
	}
	/* Who tokens are of is not known: they are anyone meanwhile. */
	if ((roles & MAY_PUBLIC) != 0 && !tokens_known(gate->tokens))
		return 0;
	if (access_check_bearer(gate->tokens, bearer, roles, &token, a) == -1)
		return -1;
	take_token(asker, &token);
	return 0;
}
