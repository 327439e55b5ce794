/*
 * api_trial: a request and what becomes of it, without HTTP and without Kafka.
 * Static functions: each test program is one file.
 */
#ifndef PREGON_TESTS_API_TRIAL_H
#define PREGON_TESTS_API_TRIAL_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/api/api.h"
#include "backend/api/tokens.h"

#define NOW INT64_C(1795179900000) /* 2026-11-20T13:05:00Z */
#define ADMIN "aaaaaaaa.secret"
#define DEPOT "dddddddd.secret"
#define VENDOR "vvvvvvvv.secret" /* of AB1234 */

struct trial {
	struct clock_manual clock;
	struct api api;
	struct reader *reader; /* the test's own; NULL: nothing is read */
	struct request request;
	struct answer answer;
	struct call call;
	char authorization[80];
};

static inline void
trial_add_token(struct tokens *tokens, const char *bearer, enum token_role role,
    const char *cart)
{
	struct token token = { .role = role, .name = "somebody" };

	snprintf(token.id, sizeof(token.id), "%.8s", bearer);
	snprintf(token.cart, sizeof(token.cart), "%s", cart);
	assert_int_equal(token_hash(bearer, strlen(bearer), token.hash), 0);
	assert_int_equal(tokens_put(tokens, &token), 0);
}

static inline int
trial_setup(void **state)
{
	struct limits_settings limits = { 2, 6000, 100 };
	struct trial *t = calloc(1, sizeof(*t));

	assert_non_null(t);
	clock_manual_init(&t->clock, NOW);
	t->api = (struct api){ .clock = &t->clock.clock,
		.tokens = tokens_new(),
		.limits = limits_new(&limits),
		.idempotency = idempotency_new(100, 10000) };
	trial_add_token(t->api.tokens, ADMIN, TOKEN_ADMIN, "");
	trial_add_token(t->api.tokens, DEPOT, TOKEN_DEPOT, "");
	trial_add_token(t->api.tokens, VENDOR, TOKEN_VENDOR, "AB1234");
	tokens_set_known(t->api.tokens);
	answer_init(&t->answer);
	*state = t;
	return 0;
}

static inline int
trial_teardown(void **state)
{
	struct trial *t = *state;

	api_release(&t->call);
	answer_release(&t->answer);
	tokens_free(t->api.tokens);
	limits_free(t->api.limits);
	idempotency_free(t->api.idempotency);
	free(t);
	return 0;
}

/* What the program remembers is gone, as after a crash. */
static inline void
trial_restart(struct trial *t)
{
	api_release(&t->call);
	idempotency_free(t->api.idempotency);
	t->api.idempotency = idempotency_new(100, 10000);
}

/* As the server does it, up to the hand-over to Kafka. */
static inline void
trial_begin(struct trial *t, const char *method, const char *path,
    const char *bearer, const char *key, const char *body)
{
	api_release(&t->call);
	answer_release(&t->answer);
	answer_init(&t->answer);
	snprintf(t->authorization, sizeof(t->authorization), "Bearer %s",
	    bearer != NULL ? bearer : "");
	t->request = (struct request){ .method = method,
		.path = path,
		.authorization = bearer != NULL ? t->authorization : NULL,
		.key = key,
		.type = "application/json",
		.body = body,
		.body_len = strlen(body) };
	t->call = (struct call){ .api = &t->api,
		.reader = t->reader,
		.request = &t->request,
		.answer = &t->answer };
	if (api_begin(&t->call) == 0)
		api_answer(&t->call);
}

/* And Kafka's word. */
static inline void
trial_post(struct trial *t, const char *path, const char *bearer,
    const char *key, const char *body, enum submit_result result)
{
	trial_begin(t, "POST", path, bearer, key, body);
	if (t->call.submission == NULL)
		return;
	submission_free(t->call.submission);
	t->call.submission = NULL;
	api_submitted(&t->call, 0, result);
}

/* Does the answer's body have this text? */
static inline bool
trial_says(const struct trial *t, const char *text)
{
	return memmem(t->answer.body.text, t->answer.body.len, text,
		   strlen(text)) != NULL;
}

#define TRIAL(f) cmocka_unit_test_setup_teardown(f, trial_setup, trial_teardown)

#endif
