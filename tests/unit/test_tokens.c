/*
 * Who may ask: the table of tokens, the feed that fills it, and the roles
 * that a request is held to.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "backend/api/access.h"
#include "backend/api/request.h"
#include "backend/api/tokens.h"
#include "backend/api/tokens_feed.h"

#define ADMIN "aaaaaaaa.0123456789abcdef0123456789abcdef"
#define VENDOR "vvvvvvvv.0123456789abcdef0123456789abcdef"

static struct token
token_of(const char *bearer, enum token_role role, const char *cart)
{
	struct token token = { .role = role,
		.name = "Rosa",
		.created_ms = INT64_C(1795179900000),
		.by = "test" };

	snprintf(token.id, sizeof(token.id), "%.8s", bearer);
	snprintf(token.cart, sizeof(token.cart), "%s", cart);
	assert_int_equal(token_hash(bearer, strlen(bearer), token.hash), 0);
	return token;
}

static void
put(struct tokens *tokens, const char *bearer, enum token_role role,
    const char *cart)
{
	struct token token = token_of(bearer, role, cart);

	assert_int_equal(tokens_put(tokens, &token), 0);
}

static enum tokens_answer
find(struct tokens *tokens, const char *bearer)
{
	struct token token;

	return tokens_find(tokens, bearer, strlen(bearer), &token);
}

static void
nobody_is_let_in_before_the_topic_was_read(void **state)
{
	struct tokens *tokens = tokens_new();

	(void)state;
	put(tokens, ADMIN, TOKEN_ADMIN, "");
	assert_int_equal(find(tokens, ADMIN), TOKENS_UNKNOWN);
	assert_int_equal(find(tokens, "nonsense"), TOKENS_UNKNOWN);
	tokens_set_known(tokens);
	assert_int_equal(find(tokens, ADMIN), TOKENS_FOUND);
	tokens_clear(tokens);
	assert_false(tokens_known(tokens));
	assert_int_equal(find(tokens, ADMIN), TOKENS_UNKNOWN);
	tokens_free(tokens);
}

static void
only_the_whole_token_is_the_token(void **state)
{
	static const char *const wrong[] = { "", ".", "aaaaaaaa", "aaaaaaaa.",
		"aaaaaaaa.0123456789abcdef0123456789abcdeF",
		"aaaaaaaa.0123456789abcdef0123456789abcde", ADMIN "0",
		"aaaaaaab.0123456789abcdef0123456789abcdef",
		".0123456789abcdef0123456789abcdef",
		"an-id-that-is-longer-than-ids-are.x" };
	struct tokens *tokens = tokens_new();

	(void)state;
	put(tokens, ADMIN, TOKEN_ADMIN, "");
	tokens_set_known(tokens);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_int_equal(find(tokens, wrong[i]), TOKENS_REFUSED);
	tokens_free(tokens);
}

static void
a_thousand_tokens_come_and_go_one_by_one(void **state)
{
	struct tokens *tokens = tokens_new();
	char bearer[40];

	(void)state;
	tokens_set_known(tokens);
	for (int i = 0; i < 1000; i++) {
		snprintf(bearer, sizeof(bearer), "%08d.secret%d", i, i);
		put(tokens, bearer, TOKEN_DEPOT, "");
	}
	for (int i = 0; i < 1000; i += 2) {
		snprintf(bearer, sizeof(bearer), "%08d", i);
		tokens_remove(tokens, bearer, 8);
	}
	for (int i = 0; i < 1000; i++) {
		snprintf(bearer, sizeof(bearer), "%08d.secret%d", i, i);
		assert_int_equal(find(tokens, bearer),
		    i % 2 == 0 ? TOKENS_REFUSED : TOKENS_FOUND);
	}
	tokens_free(tokens);
}

static void
feed(struct tokens *tokens, const char *bearer, const struct token *token)
{
	uint8_t value[TOKEN_BYTES_MAX];
	char key[32];
	int len = token != NULL ? token_encode(token, value, sizeof(value)) : 0;

	assert_true(len >= 0);
	snprintf(key, sizeof(key), TOKEN_KEY "%.8s", bearer);
	tokens_feed.record(tokens, key, strlen(key),
	    token != NULL ? value : NULL, (size_t)len);
}

static void
a_tombstone_revokes(void **state)
{
	struct token token = token_of(ADMIN, TOKEN_ADMIN, "");
	struct tokens *tokens = tokens_new();

	(void)state;
	tokens_feed.begin(tokens);
	feed(tokens, ADMIN, &token);
	tokens_feed.caught_up(tokens);
	assert_int_equal(find(tokens, ADMIN), TOKENS_FOUND);
	feed(tokens, ADMIN, NULL);
	assert_int_equal(find(tokens, ADMIN), TOKENS_REFUSED);
	tokens_free(tokens);
}

static void
a_record_that_cannot_be_read_lets_nobody_in(void **state)
{
	struct token token = token_of(ADMIN, TOKEN_ADMIN, "");
	struct tokens *tokens = tokens_new();

	(void)state;
	feed(tokens, ADMIN, &token);
	tokens_feed.caught_up(tokens);
	tokens_feed.record(
	    tokens, TOKEN_KEY "aaaaaaaa", strlen(TOKEN_KEY) + 8, "\x01", 1);
	assert_int_equal(find(tokens, ADMIN), TOKENS_REFUSED);
	/* Under another's key it is nobody's. */
	feed(tokens, "bbbbbbbb", &token);
	assert_int_equal(find(tokens, ADMIN), TOKENS_REFUSED);
	tokens_free(tokens);
}

struct visit {
	struct asker asker;
	struct answer answer;
};

static int
visit(struct visit *v, struct tokens *tokens, const char *authorization,
    unsigned roles)
{
	const struct request request = { .authorization = authorization };
	const struct gate gate = { .tokens = tokens };

	answer_release(&v->answer);
	answer_init(&v->answer);
	memset(&v->asker, 0, sizeof(v->asker));
	return access_check(&gate, &request, roles, &v->asker, &v->answer);
}

static bool
says(const struct visit *v, const char *words)
{
	return memmem(v->answer.body.text, v->answer.body.len, words,
		   strlen(words)) != NULL;
}

static void
each_role_does_what_the_route_serves_it(void **state)
{
	struct tokens *tokens = tokens_new();
	struct visit v = { 0 };

	(void)state;
	put(tokens, ADMIN, TOKEN_ADMIN, "");
	put(tokens, VENDOR, TOKEN_VENDOR, "AB1234");
	tokens_set_known(tokens);
	assert_int_equal(visit(&v, tokens, "Bearer " ADMIN, MAY_ADMIN), 0);
	assert_true(v.asker.known);
	assert_string_equal(v.asker.by, "Rosa");
	assert_string_equal(v.asker.cart, "");
	assert_int_equal(visit(&v, tokens, "bearer  " VENDOR, MAY_MEMBERS), 0);
	assert_string_equal(v.asker.cart, "AB1234");
	assert_int_equal(visit(&v, tokens, "Bearer " VENDOR, MAY_STAFF), -1);
	assert_int_equal(v.answer.status, 403);
	assert_true(says(&v, "admin or depot"));
	assert_true(says(&v, "vendor"));
	answer_release(&v.answer);
	tokens_free(tokens);
}

static void
who_has_no_token_is_told_which_is_needed(void **state)
{
	struct tokens *tokens = tokens_new();
	struct visit v = { 0 };

	(void)state;
	tokens_set_known(tokens);
	assert_int_equal(visit(&v, tokens, NULL, MAY_STAFF), -1);
	assert_int_equal(v.answer.status, 401);
	assert_non_null(strstr(v.answer.authenticate, "Bearer"));
	assert_true(says(&v, "admin or depot"));
	assert_int_equal(visit(&v, tokens, "Basic YTpi", MAY_STAFF), -1);
	assert_int_equal(v.answer.status, 401);
	assert_int_equal(visit(&v, tokens, "Bearer " ADMIN, MAY_STAFF), -1);
	assert_int_equal(v.answer.status, 401);
	assert_non_null(strstr(v.answer.authenticate, "invalid_token"));
	answer_release(&v.answer);
	tokens_free(tokens);
}

static void
the_public_needs_no_topic(void **state)
{
	struct tokens *tokens = tokens_new();
	struct visit v = { 0 };

	(void)state;
	assert_int_equal(visit(&v, tokens, NULL, MAY_PUBLIC | MAY_ADMIN), 0);
	assert_false(v.asker.known);
	assert_string_equal(v.asker.by, "public");
	assert_int_equal(
	    visit(&v, tokens, "Bearer " ADMIN, MAY_PUBLIC | MAY_ADMIN), 0);
	assert_false(v.asker.known);
	assert_int_equal(visit(&v, tokens, "Bearer " ADMIN, MAY_ADMIN), -1);
	assert_int_equal(v.answer.status, 503);
	assert_true(v.answer.retry_s > 0);
	assert_true(says(&v, "topic_reglas"));
	answer_release(&v.answer);
	tokens_free(tokens);
}

static struct address
address(const char *text)
{
	struct address a;

	assert_int_equal(address_parse(text, strlen(text), &a), 0);
	return a;
}

static void
assert_origin(const char *proxies, const char *peer, const char *forwarded,
    const char *expected)
{
	struct address from = address(peer), to = address(expected), origin;
	struct proxies p;

	assert_int_equal(proxies_parse(proxies, &p), 0);
	origin = proxies_origin(&p, &from, forwarded);
	assert_true(address_equal(&origin, &to));
}

static void
a_proxys_word_counts_and_a_clients_does_not(void **state)
{
	(void)state;
	assert_origin("", "192.0.2.1", "192.0.2.9", "192.0.2.1");
	assert_origin("10.0.0.1", "192.0.2.1", "192.0.2.9", "192.0.2.1");
	assert_origin("10.0.0.1", "10.0.0.1", NULL, "10.0.0.1");
	assert_origin("10.0.0.1", "10.0.0.1", "192.0.2.9", "192.0.2.9");
	assert_origin("10.0.0.1", "::ffff:10.0.0.1", "192.0.2.9", "192.0.2.9");
	/* What the client says of itself stands before what the proxy adds. */
	assert_origin(
	    "10.0.0.1", "10.0.0.1", "198.51.100.7, 192.0.2.9", "192.0.2.9");
	assert_origin("10.0.0.1 ,10.0.0.2", "10.0.0.2",
	    "198.51.100.7,192.0.2.9 , 10.0.0.1", "192.0.2.9");
	assert_origin("::1", "::1", "2001:db8::7", "2001:db8::7");
	assert_origin("::1", "::1", "[2001:db8::7]", "2001:db8::7");
	assert_origin("::1", "::1", "unknown", "::1");
}

static void
a_list_of_proxies_is_of_addresses(void **state)
{
	struct proxies p;

	(void)state;
	assert_int_equal(proxies_parse("", &p), 0);
	assert_int_equal(p.count, 0);
	assert_int_equal(proxies_parse("10.0.0.1", &p), 0);
	assert_int_equal(p.count, 1);
	assert_int_equal(proxies_parse("proxy.example", &p), -1);
	assert_int_equal(proxies_parse("10.0.0.1,,10.0.0.2", &p), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nobody_is_let_in_before_the_topic_was_read),
		cmocka_unit_test(only_the_whole_token_is_the_token),
		cmocka_unit_test(a_thousand_tokens_come_and_go_one_by_one),
		cmocka_unit_test(a_tombstone_revokes),
		cmocka_unit_test(a_record_that_cannot_be_read_lets_nobody_in),
		cmocka_unit_test(each_role_does_what_the_route_serves_it),
		cmocka_unit_test(who_has_no_token_is_told_which_is_needed),
		cmocka_unit_test(the_public_needs_no_topic),
		cmocka_unit_test(a_proxys_word_counts_and_a_clients_does_not),
		cmocka_unit_test(a_list_of_proxies_is_of_addresses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
