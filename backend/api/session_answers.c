/*
 * Logging in with a token, out, and who it is that asks.
 */
#include <string.h>

#include "backend/api/handlers.h"
#include "backend/api/session.h"
#include "backend/api/writes.h"

#define TOKEN_TEXT_MAX 200

/* expires_at and csrf are null for who comes with the token itself. */
static void
write_session(
    struct call *call, const struct session *session, const struct token *token)
{
	struct jsonw *j = &call->answer->body;
	bool browser = session->text[0] != '\0';

	jsonw_open(j, '{');
	jsonw_key(j, "id");
	jsonw_text(j, token->id);
	jsonw_key(j, "name");
	jsonw_text(j, token->name);
	jsonw_key(j, "role");
	jsonw_text(j, token_role_name(token->role));
	jsonw_key(j, "cart");
	jsonw_text(j, token->cart[0] != '\0' ? token->cart : NULL);
	jsonw_key(j, "expires_at");
	jsonw_time(j, browser ? session->until_ms : INSTANT_MISSING);
	jsonw_key(j, "csrf");
	jsonw_text(j, browser ? session->csrf : NULL);
	jsonw_close(j, '}');
}

void
api_session(struct call *call)
{
	const struct asker *asker = &call->asker;
	struct token token;

	if (tokens_get(call->api->tokens, asker->id, &token) != TOKENS_FOUND) {
		answer_problem(call->answer, 401, NULL, NULL,
		    "the token was revoked just now");
		call->answer->authenticate = "Bearer realm=\"pregon\"";
		return;
	}
	write_session(call, &asker->session, &token);
}

static void
log_in(struct call *call, const char *bearer)
{
	struct answer *a = call->answer;
	struct session session;
	struct token token;

	if (access_check_bearer(
		call->api->tokens, bearer, MAY_MEMBERS, &token, a) == -1)
		return;
	if (sessions_begin(call->api->sessions, &token,
		clock_realtime_ms(call->api->clock), &session) == -1) {
		answer_problem(a, 500, NULL, NULL,
		    "no session could be made for this token");
		return;
	}
	sessions_set_cookie(call->api->sessions, &session, a->set_cookie);
	write_session(call, &session, &token);
}

void
api_session_post(struct call *call)
{
	static const char *const known[] = { "token", NULL };
	const char *bearer = NULL;
	struct body body;
	struct node root, token;

	if (write_body(call, &body, false) == -1)
		return;
	root = body_root(&body);
	if (body_object(&root, known)) {
		token = body_field(&root, "token");
		body_text(&token, 1, TOKEN_TEXT_MAX, &bearer);
	}
	if (body_is_good(&body))
		log_in(call, bearer);
	else
		body_refuse(&body, call->answer);
	body_release(&body);
}

void
api_session_delete(struct call *call)
{
	static const struct session none;
	const struct session *session = &call->asker.session;
	struct jsonw *j = &call->answer->body;
	bool browser = session->text[0] != '\0';

	if (browser) {
		sessions_end(call->api->sessions, session);
		sessions_set_cookie(
		    call->api->sessions, &none, call->answer->set_cookie);
	}
	jsonw_open(j, '{');
	jsonw_key(j, "ended");
	jsonw_bool(j, browser);
	jsonw_close(j, '}');
}
