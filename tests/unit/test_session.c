/*
 * Logging in with a browser: what its cookie is good for, and when no more.
 */
#include "api_trial.h"
#include "backend/api/session.h"

#define HOUR INT64_C(3600000)

static const struct secret secret = { { 1, 2, 3 } };

/* A browser: its cookie, and what its page was told. */
struct browser {
	struct trial *t;
	struct session session;
	struct token token;
	const char *csrf, *site;
};

static enum tokens_answer
find(struct browser *b, const char *text)
{
	struct session session;
	struct token token;

	return sessions_find(b->t->api.sessions, b->t->api.tokens, text,
	    clock_realtime_ms(b->t->api.clock), &session, &token);
}

static void
ask(struct browser *b, const char *method, const char *path, const char *body)
{
	struct trial *t = b->t;

	api_release(&t->call);
	answer_release(&t->answer);
	answer_init(&t->answer);
	t->request = (struct request){ .method = method,
		.path = path,
		.session = b->session.text[0] != '\0' ? b->session.text : NULL,
		.csrf = b->csrf,
		.fetch_site = b->site,
		.type = "application/json",
		.body = body,
		.body_len = strlen(body) };
	t->call = (struct call){
		.api = &t->api, .request = &t->request, .answer = &t->answer
	};
	if (api_begin(&t->call) == 0)
		api_answer(&t->call);
}

static void
log_in(struct trial *t, const char *bearer, struct browser *b)
{
	*b = (struct browser){ .t = t };
	assert_int_equal(
	    tokens_find(t->api.tokens, bearer, strlen(bearer), &b->token),
	    TOKENS_FOUND);
	assert_int_equal(sessions_begin(t->api.sessions, &b->token,
			     clock_realtime_ms(t->api.clock), &b->session),
	    0);
}

static int
setup(void **state)
{
	struct trial *t;

	assert_int_equal(trial_setup(state), 0);
	t = *state;
	t->api.sessions = sessions_new(&secret, 12 * HOUR, false);
	assert_non_null(t->api.sessions);
	return 0;
}

static int
teardown(void **state)
{
	struct trial *t = *state;

	sessions_free(t->api.sessions);
	return trial_teardown(state);
}

static void
a_token_begins_a_session_and_its_cookie_is_asked_by(void **state)
{
	struct trial *t = *state;
	struct browser b = { .t = t };
	char cookie[SESSION_TEXT_MAX + 1];

	ask(&b, "POST", "/api/v1/session", "{\"token\":\"" DEPOT "\"}");
	assert_int_equal(t->answer.status, 200);
	assert_true(trial_says(t, "\"role\":\"depot\""));
	assert_true(
	    trial_says(t, "\"expires_at\":\"2026-11-21T01:05:00.000Z\""));
	assert_non_null(strstr(t->answer.set_cookie,
	    "; Path=/; Max-Age=43200; HttpOnly; SameSite=Strict"));
	assert_null(strstr(t->answer.set_cookie, "Secure"));
	assert_int_equal(
	    sscanf(t->answer.set_cookie, "pregon-session=%160[^;]", cookie), 1);
	assert_null(strstr(cookie, "secret"));
	assert_int_equal(find(&b, cookie), TOKENS_FOUND);
	snprintf(b.session.text, sizeof(b.session.text), "%s", cookie);
	ask(&b, "GET", "/api/v1/session", "");
	assert_int_equal(t->answer.status, 200);
	assert_true(trial_says(t, "\"id\":\"dddddddd\""));
	assert_true(trial_says(t, "\"csrf\":\""));
}

static void
a_wrong_login_begins_nothing(void **state)
{
	static const struct {
		const char *body;
		int status;
	} wrong[] = {
		{ "{\"token\":\"dddddddd.secreT\"}", 401 },
		{ "{\"token\":\"nobody\"}", 401 },
		{ "{\"token\":\"\"}", 422 },
		{ "{\"token\":7}", 422 },
		{ "{}", 422 },
		{ "", 400 },
		{ "{\"token\":\"" DEPOT "\",\"a\":1}", 422 },
	};
	struct trial *t = *state;
	struct browser b = { .t = t };

	limits_free(t->api.limits);
	t->api.limits = NULL;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		ask(&b, "POST", "/api/v1/session", wrong[i].body);
		assert_int_equal(t->answer.status, wrong[i].status);
		assert_string_equal(t->answer.set_cookie, "");
	}
}

static void
guesses_of_one_address_are_slowed_down(void **state)
{
	struct trial *t = *state;
	struct browser b = { .t = t };

	for (int i = 0; i < 2; i++) {
		ask(&b, "POST", "/api/v1/session", "{\"token\":\"a.b\"}");
		assert_int_equal(t->answer.status, 401);
	}
	ask(&b, "POST", "/api/v1/session", "{\"token\":\"" ADMIN "\"}");
	assert_int_equal(t->answer.status, 429);
	assert_string_equal(t->answer.set_cookie, "");
}

static void
a_cookie_that_was_touched_is_none(void **state)
{
	struct trial *t = *state;
	struct browser b;
	char text[SESSION_TEXT_MAX + 2];
	size_t len;

	log_in(t, VENDOR, &b);
	len = strlen(b.session.text);
	assert_int_equal(find(&b, b.session.text), TOKENS_FOUND);
	for (size_t i = 0; i < len; i++) {
		memcpy(text, b.session.text, len + 1);
		text[i] = text[i] == 'b' ? 'c' : 'b';
		assert_int_equal(find(&b, text), TOKENS_REFUSED);
		memcpy(text, b.session.text, len + 1);
		text[i] = '\0';
		assert_int_equal(find(&b, text), TOKENS_REFUSED);
	}
	snprintf(text, sizeof(text), "%sa", b.session.text);
	assert_int_equal(find(&b, text), TOKENS_REFUSED);
}

static void
it_ends_in_time_and_with_its_token(void **state)
{
	struct trial *t = *state;
	struct browser b;

	log_in(t, ADMIN, &b);
	clock_manual_advance(&t->clock, 12 * HOUR - 1);
	assert_int_equal(find(&b, b.session.text), TOKENS_FOUND);
	clock_manual_advance(&t->clock, 1);
	assert_int_equal(find(&b, b.session.text), TOKENS_REFUSED);
	ask(&b, "GET", "/api/v1/session", "");
	assert_int_equal(t->answer.status, 401);
	assert_true(trial_says(t, "log in again"));
	assert_non_null(strstr(t->answer.set_cookie, "Max-Age=0"));

	log_in(t, ADMIN, &b);
	tokens_remove(t->api.tokens, "aaaaaaaa", 8);
	assert_int_equal(find(&b, b.session.text), TOKENS_REFUSED);
	/* Another token of that id is not the one it was begun with. */
	trial_add_token(t->api.tokens, "aaaaaaaa.other", TOKEN_ADMIN, "");
	assert_int_equal(find(&b, b.session.text), TOKENS_REFUSED);
}

static void
who_logs_out_is_out_whoever_has_the_cookie(void **state)
{
	struct trial *t = *state;
	struct browser b, other;

	log_in(t, ADMIN, &b);
	log_in(t, ADMIN, &other);
	ask(&b, "DELETE", "/api/v1/session", "");
	assert_int_equal(t->answer.status, 403);
	assert_int_equal(find(&b, b.session.text), TOKENS_FOUND);
	b.csrf = b.session.csrf;
	ask(&b, "DELETE", "/api/v1/session", "");
	assert_int_equal(t->answer.status, 200);
	assert_true(trial_says(t, "\"ended\":true"));
	assert_non_null(strstr(t->answer.set_cookie, "pregon-session=;"));
	assert_int_equal(find(&b, b.session.text), TOKENS_REFUSED);
	assert_int_equal(find(&other, other.session.text), TOKENS_FOUND);
}

static void
only_the_last_that_were_ended_are_remembered(void **state)
{
	struct trial *t = *state;
	struct browser first, b;

	log_in(t, ADMIN, &first);
	sessions_end(t->api.sessions, &first.session);
	for (int i = 0; i < SESSIONS_ENDED_MAX - 1; i++) {
		log_in(t, ADMIN, &b);
		sessions_end(t->api.sessions, &b.session);
		sessions_end(t->api.sessions, &b.session);
	}
	assert_int_equal(find(&first, first.session.text), TOKENS_REFUSED);
	log_in(t, ADMIN, &b);
	sessions_end(t->api.sessions, &b.session);
	assert_int_equal(find(&first, first.session.text), TOKENS_FOUND);
	assert_int_equal(find(&b, b.session.text), TOKENS_REFUSED);
}

static void
a_restart_logs_nobody_out_where_there_is_a_secret(void **state)
{
	static const struct secret another = { { 9 } };
	struct trial *t = *state;
	struct browser b;

	log_in(t, ADMIN, &b);
	sessions_free(t->api.sessions);
	t->api.sessions = sessions_new(&secret, 12 * HOUR, false);
	assert_int_equal(find(&b, b.session.text), TOKENS_FOUND);
	sessions_free(t->api.sessions);
	t->api.sessions = sessions_new(&another, 12 * HOUR, false);
	assert_int_equal(find(&b, b.session.text), TOKENS_REFUSED);
	sessions_free(t->api.sessions);
	t->api.sessions = sessions_new(NULL, 12 * HOUR, false);
	assert_int_equal(find(&b, b.session.text), TOKENS_REFUSED);
}

#define ORDER "{\"cart\":\"AB1234\",\"lines\":[{\"product\":1,\"units\":2}]}"
#define REPORT "{\"lat\":-33.4,\"lon\":-70.6}"

static int
write_as(struct browser *b, const char *csrf, const char *site)
{
	b->csrf = csrf;
	b->site = site;
	ask(b, "POST", "/api/v1/restocks", ORDER);
	return b->t->answer.status;
}

static void
a_cookie_writes_only_from_our_own_page(void **state)
{
	struct trial *t = *state;
	struct browser b, other;

	log_in(t, ADMIN, &b);
	log_in(t, ADMIN, &other);
	assert_int_equal(write_as(&b, NULL, NULL), 403);
	assert_true(trial_says(t, "\"field\":\"X-Pregon-CSRF\""));
	assert_null(t->call.submission);
	assert_int_equal(write_as(&b, "", NULL), 403);
	assert_int_equal(write_as(&b, other.session.csrf, NULL), 403);
	assert_int_equal(write_as(&b, b.session.csrf, "cross-site"), 403);
	assert_int_equal(write_as(&b, b.session.csrf, "same-site"), 403);
	/* Past the gate: it is a key that is missing now. */
	assert_int_equal(write_as(&b, b.session.csrf, "same-origin"), 400);
	assert_true(trial_says(t, "\"field\":\"Idempotency-Key\""));
	assert_true(t->call.asker.known);
	assert_string_equal(t->call.asker.id, "aaaaaaaa");
	assert_int_equal(write_as(&b, b.session.csrf, NULL), 400);
}

static void
where_anyone_may_write_a_cookie_alone_is_anyone(void **state)
{
	struct trial *t = *state;
	struct browser b;

	log_in(t, ADMIN, &b);
	ask(&b, "POST", "/api/v1/strange-carts", REPORT);
	assert_int_equal(t->answer.status, 202);
	assert_false(t->call.asker.known);
	b.csrf = b.session.csrf;
	ask(&b, "POST", "/api/v1/strange-carts", REPORT);
	assert_int_equal(t->answer.status, 202);
	assert_true(t->call.asker.known);
}

static void
a_session_may_what_its_token_may(void **state)
{
	struct trial *t = *state;
	struct browser b;

	log_in(t, VENDOR, &b);
	ask(&b, "GET", "/api/v1/members", "");
	assert_int_equal(t->answer.status, 403);
	ask(&b, "GET", "/api/v1/carts/CD5678", "");
	assert_int_equal(t->answer.status, 403);
	b.csrf = b.session.csrf;
	ask(&b, "PUT", "/api/v1/rules/AB1234", "{\"missing.s\":60}");
	assert_int_equal(t->answer.status, 403);
}

static void
a_token_goes_before_a_cookie(void **state)
{
	struct trial *t = *state;
	struct browser b;

	log_in(t, ADMIN, &b);
	trial_begin(t, "GET", "/api/v1/session", VENDOR, NULL, "");
	assert_int_equal(t->answer.status, 200);
	assert_true(trial_says(t, "\"cart\":\"AB1234\""));
	assert_true(trial_says(t, "\"expires_at\":null,\"csrf\":null"));
	trial_begin(t, "DELETE", "/api/v1/session", VENDOR, NULL, "");
	assert_int_equal(t->answer.status, 200);
	assert_true(trial_says(t, "\"ended\":false"));
	assert_string_equal(t->answer.set_cookie, "");
	assert_int_equal(find(&b, b.session.text), TOKENS_FOUND);
}

static void
over_https_the_cookie_is_for_https_alone(void **state)
{
	struct trial *t = *state;
	struct browser b;
	char text[SESSION_COOKIE_MAX];

	sessions_free(t->api.sessions);
	t->api.sessions = sessions_new(&secret, HOUR, true);
	log_in(t, ADMIN, &b);
	sessions_set_cookie(t->api.sessions, &b.session, text);
	assert_int_equal(strncmp(text, "__Host-pregon-session=", 22), 0);
	assert_non_null(strstr(text, "; Secure"));
	assert_string_equal(
	    sessions_cookie(t->api.sessions), "__Host-pregon-session");
}

#define SESSION(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		SESSION(a_token_begins_a_session_and_its_cookie_is_asked_by),
		SESSION(a_wrong_login_begins_nothing),
		SESSION(guesses_of_one_address_are_slowed_down),
		SESSION(a_cookie_that_was_touched_is_none),
		SESSION(it_ends_in_time_and_with_its_token),
		SESSION(who_logs_out_is_out_whoever_has_the_cookie),
		SESSION(only_the_last_that_were_ended_are_remembered),
		SESSION(a_restart_logs_nobody_out_where_there_is_a_secret),
		SESSION(a_cookie_writes_only_from_our_own_page),
		SESSION(where_anyone_may_write_a_cookie_alone_is_anyone),
		SESSION(a_session_may_what_its_token_may),
		SESSION(a_token_goes_before_a_cookie),
		SESSION(over_https_the_cookie_is_for_https_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
