/*
 * The vendor's page without sockets: what it gives, and to whom.
 */
#include "tests/unit/gateway_fixture.h"

#include "firmware-gateway/page_files.h"
#include "firmware-gateway/page_request.h"

#define PAGE_BYTES_MAX (50 * 1024)

struct visit {
	struct bench *bench;
	struct page page;
	struct page_call call;
	struct page_answer answer;
};

static void
set_pin(struct visit *v, const char *pin)
{
	page_lock_init(&v->page.lock, v->bench->ob, pin);
}

static int
begin(void **state)
{
	struct visit *v = calloc(1, sizeof(*v));
	void *bench;

	bench_begin(&bench);
	v->bench = bench;
	v->page = (struct page){ .pos = &v->bench->pos,
		.clock = &v->bench->clock.clock,
		.host = "carro.lan" };
	set_pin(v, "");
	*state = v;
	return 0;
}

static int
end(void **state)
{
	struct visit *v = *state;
	void *bench = v->bench;

	free(v->answer.body);
	free(v);
	return bench_end(&bench);
}

/* Asks as a browser on the cart's Wi-Fi does. */
static void
as_a_browser(struct visit *v, const char *method, const char *path)
{
	v->call = (struct page_call){ .method = method,
		.path = path,
		.host = "192.168.4.1:8080",
		.body = "" };
	if (strcmp(method, "POST") == 0) {
		v->call.origin = "http://192.168.4.1:8080";
		v->call.content_type = "application/json";
	}
}

static unsigned
go(struct visit *v)
{
	free(v->answer.body);
	page_answer(&v->page, &v->call, &v->answer);
	assert_true(v->answer.constant != NULL || v->answer.body != NULL);
	return v->answer.status;
}

static unsigned
get(struct visit *v, const char *path)
{
	as_a_browser(v, "GET", path);
	return go(v);
}

static unsigned
post(struct visit *v, const char *path, const char *body)
{
	as_a_browser(v, "POST", path);
	v->call.body = body;
	v->call.body_len = strlen(body);
	return go(v);
}

static const json_t *
said(struct visit *v)
{
	json_decref(v->bench->answer);
	v->bench->answer = json_loadb(v->answer.body, v->answer.len, 0, NULL);
	assert_non_null(v->bench->answer);
	return v->bench->answer;
}

static void
assert_fault(struct visit *v, const char *fault)
{
	assert_false(is_ok(said(v)));
	assert_string_equal(text_of(v->bench->answer, "fault"), fault);
	assert_true(strlen(text_of(v->bench->answer, "error")) > 0);
}

static void
the_page_is_small_and_has_no_script_or_style_of_its_own(void **state)
{
	static const char *const paths[] = { "/", "/page.css", "/page.js",
		"/words.js", "/enrol.js", "/icon.svg" };
	struct visit *v = *state;
	size_t all = 0;
	char *html;

	for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++) {
		assert_int_equal(get(v, paths[i]), 200);
		assert_true(v->answer.len > 100);
		all += v->answer.len;
	}
	assert_true(all <= PAGE_BYTES_MAX);
	assert_int_equal(get(v, "/"), 200);
	html = strndup(v->answer.constant, v->answer.len);
	assert_non_null(strstr(html, "<!doctype html>"));
	assert_null(strstr(html, "style="));
	assert_null(strstr(html, "<style"));
	assert_null(strstr(html, "onclick"));
	assert_null(strstr(html, "<script>"));
	free(html);
}

static void
without_a_plate_there_is_no_point_of_sale(void **state)
{
	struct visit *v = *state;

	v->page.pos = NULL;
	assert_int_equal(get(v, "/state"), 200);
	assert_true(is_ok(said(v)));
	assert_true(json_is_true(json_object_get(said(v), "bare")));
	assert_int_equal(post(v, "/api", "{\"type\":\"open\"}"), 409);
	assert_fault(v, "bare");
	assert_int_equal(get(v, "/"), 200);
}

static void
api_takes_what_the_socket_takes(void **state)
{
	static const char sale[] = "{\"type\":\"sale\",\"units\":2,"
				   "\"amount\":3000,\"request_id\":\"p1\"}";
	struct visit *v = *state;
	char folio[FOLIO_MAX + 1];

	assert_int_equal(post(v, "/api", sale), 200);
	snprintf(folio, sizeof(folio), "%s", text_of(said(v), "folio"));
	assert_true(strlen(folio) > 0);
	assert_int_equal(post(v, "/api", sale), 200);
	assert_string_equal(text_of(said(v), "folio"), folio);
	assert_string_equal(text_of(ask(v->bench, "%s", sale), "folio"), folio);
	assert_int_equal(v->bench->shop.sales, 1);
	assert_int_equal(post(v, "/api", "nonsense"), 200);
	assert_fault(v, "invalid");
}

static void
state_shows_the_sales_and_less_than_an_operator_sees(void **state)
{
	struct visit *v = *state;

	ask(v->bench, "{\"type\":\"sale\",\"units\":2,\"amount\":3000}");
	assert_int_equal(get(v, "/state"), 200);
	assert_true(is_ok(said(v)));
	assert_string_equal(text_of(v->bench->answer, "cart"), CART);
	assert_int_equal(
	    json_array_size(json_object_get(v->bench->answer, "sales")), 1);
	assert_null(json_object_get(v->bench->answer, "outbox"));
}

static void
a_name_that_is_not_ours_is_refused(void **state)
{
	static const char *const good[] = { "192.168.4.1", "192.168.4.1:80",
		"[fe80::1]:8080", "[::1]", "localhost:1", "CARRO.lan:8080",
		"carro.lan" };
	static const char *const bad[] = { "evil.example", "evil.example:8080",
		"192.168.4.1.evil.example", "192.168.4.1:80.evil.example",
		"[fe80::1", "[evil]", "", "carro.lan.evil.example", "1.2.3.4@x",
		"carro.lan@evil", ":8080" };
	struct visit *v = *state;

	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
		as_a_browser(v, "GET", "/state");
		v->call.host = good[i];
		assert_int_equal(go(v), 200);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		as_a_browser(v, "GET", "/state");
		v->call.host = bad[i];
		assert_int_equal(go(v), 421);
		assert_fault(v, "host");
	}
	v->call.host = NULL;
	assert_int_equal(go(v), 421);
}

static void
another_page_may_not_post(void **state)
{
	static const char *const origins[] = { "http://evil.example", "null",
		"https://192.168.4.1:8080", "http://192.168.4.1:80801",
		"http://192.168.4.1" };
	static const char *const types[] = { NULL, "text/plain", "",
		"application/x-www-form-urlencoded", "application/jsonx" };
	struct visit *v = *state;

	for (size_t i = 0; i < sizeof(origins) / sizeof(*origins); i++) {
		as_a_browser(v, "POST", "/api");
		v->call.origin = origins[i];
		assert_int_equal(go(v), 403);
		assert_fault(v, "origin");
	}
	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++) {
		as_a_browser(v, "POST", "/api");
		v->call.content_type = types[i];
		assert_int_equal(go(v), 415);
		assert_fault(v, "type");
	}
	assert_int_equal(v->bench->pos.requests, 0);
}

static void
what_is_not_there_or_not_so_asked_for_is_refused(void **state)
{
	struct visit *v = *state;

	assert_int_equal(get(v, "/../etc/passwd"), 404);
	assert_int_equal(get(v, "/page.html"), 404);
	assert_int_equal(get(v, "/api"), 405);
	assert_string_equal(v->answer.allow, "POST");
	assert_int_equal(post(v, "/state", "{}"), 405);
	assert_int_equal(post(v, "/", "{}"), 405);
	as_a_browser(v, "OPTIONS", "/api");
	assert_int_equal(go(v), 405);
	as_a_browser(v, "POST", "/api");
	v->call.too_long = true;
	assert_int_equal(go(v), 413);
}

static void
a_pin_keeps_out_who_does_not_know_it(void **state)
{
	struct visit *v = *state;
	char cookie[100];

	set_pin(v, "2468");
	assert_int_equal(get(v, "/"), 200);
	assert_int_equal(get(v, "/state"), 401);
	assert_fault(v, "locked");
	assert_int_equal(post(v, "/api", "{\"type\":\"open\"}"), 401);
	assert_int_equal(v->bench->pos.requests, 0);
	assert_int_equal(post(v, "/pin", "{\"pin\":\"1111\"}"), 403);
	assert_fault(v, "wrong_pin");
	assert_int_equal(post(v, "/pin", "{\"pin\":2468}"), 400);
	assert_int_equal(post(v, "/pin", "{\"pin\":\"2468\"}"), 200);
	assert_int_equal(strlen(v->answer.token), PAGE_TOKEN_TEXT);
	snprintf(cookie, sizeof(cookie), "a=b; pregon=%s", v->answer.token);
	as_a_browser(v, "GET", "/state");
	v->call.cookie = cookie;
	assert_int_equal(go(v), 200);
	/* A restart forgets no phone; another PIN forgets all. */
	set_pin(v, "2468");
	assert_int_equal(go(v), 200);
	set_pin(v, "2469");
	assert_int_equal(go(v), 401);
	cookie[strlen(cookie) - 1] ^= 1;
	set_pin(v, "2468");
	assert_int_equal(go(v), 401);
}

static void
guessing_a_pin_takes_its_time(void **state)
{
	struct visit *v = *state;

	set_pin(v, "2468");
	for (int i = 0; i < PAGE_TRIES; i++)
		assert_int_equal(post(v, "/pin", "{\"pin\":\"0000\"}"), 403);
	/* The right one, too: or an answer would tell. */
	assert_int_equal(post(v, "/pin", "{\"pin\":\"2468\"}"), 429);
	assert_fault(v, "wait");
	assert_int_equal(v->answer.retry_s, PAGE_TRY_MS / 1000);
	clock_manual_advance(&v->bench->clock, PAGE_TRY_MS - 1);
	assert_int_equal(post(v, "/pin", "{\"pin\":\"2468\"}"), 429);
	clock_manual_advance(&v->bench->clock, 1);
	assert_int_equal(post(v, "/pin", "{\"pin\":\"0001\"}"), 403);
	assert_int_equal(post(v, "/pin", "{\"pin\":\"0002\"}"), 429);
	clock_manual_advance(&v->bench->clock, PAGE_TRY_MS);
	assert_int_equal(post(v, "/pin", "{\"pin\":\"2468\"}"), 200);
}

static void
the_oldest_phone_gives_way(void **state)
{
	struct visit *v = *state;
	char first[100], last[100];

	set_pin(v, "2468");
	for (int i = 0; i <= PAGE_PHONES_MAX; i++) {
		assert_int_equal(post(v, "/pin", "{\"pin\":\"2468\"}"), 200);
		snprintf(last, sizeof(last), "pregon=%s", v->answer.token);
		if (i == 0)
			memcpy(first, last, sizeof(first));
	}
	assert_true(page_lock_open(&v->page.lock, last));
	assert_false(page_lock_open(&v->page.lock, first));
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
	const struct CMUnitTest tests[] = {
		TEST(the_page_is_small_and_has_no_script_or_style_of_its_own),
		TEST(without_a_plate_there_is_no_point_of_sale),
		TEST(api_takes_what_the_socket_takes),
		TEST(state_shows_the_sales_and_less_than_an_operator_sees),
		TEST(a_name_that_is_not_ours_is_refused),
		TEST(another_page_may_not_post),
		TEST(what_is_not_there_or_not_so_asked_for_is_refused),
		TEST(a_pin_keeps_out_who_does_not_know_it),
		TEST(guessing_a_pin_takes_its_time),
		TEST(the_oldest_phone_gives_way),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
