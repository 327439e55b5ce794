/* Answers of a moment ago, for those who ask the same. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "backend/api/cache.h"
#include "backend/api/request.h"

#define MS INT64_C(1000)

static void
put(struct cache *c, const char *key, int64_t now_us, int64_t took_us,
    size_t len)
{
	struct answer a;

	answer_init(&a);
	a.cacheable = true;
	jsonw_open(&a.body, '[');
	while (a.body.len < len)
		jsonw_int(&a.body, 1234567);
	jsonw_close(&a.body, ']');
	cache_put(c, key, now_us, took_us, &a);
	answer_release(&a);
}

static bool
got(struct cache *c, const char *key, int64_t now_us)
{
	struct answer a;
	bool hit;

	answer_init(&a);
	hit = cache_get(c, key, now_us, &a);
	if (hit) {
		assert_true(a.cacheable);
		assert_string_equal(a.type, TYPE_JSON);
		assert_int_equal(a.body.text[0], '[');
	}
	answer_release(&a);
	return hit;
}

static void
an_answer_is_kept_ten_times_as_long_as_it_took(void **state)
{
	struct cache *c = cache_new(250 * MS, 100000);

	(void)state;
	put(c, "a", 0, 3 * MS, 10);
	assert_true(got(c, "a", 30 * MS - 1));
	assert_false(got(c, "a", 30 * MS));
	assert_false(got(c, "b", 0));
	put(c, "slow", 0, 100 * MS, 10);
	assert_true(got(c, "slow", 250 * MS - 1));
	assert_false(got(c, "slow", 250 * MS));
	/* Made longer ago than it may be old. */
	put(c, "slower", 0, 300 * MS, 10);
	assert_false(got(c, "slower", 1));
	cache_free(c);
}

static void
a_newer_answer_replaces_the_one_before(void **state)
{
	struct cache *c = cache_new(250 * MS, 100000);

	(void)state;
	for (int i = 0; i < 1000; i++)
		put(c, "a", i * MS, 10 * MS, 1000);
	assert_true(got(c, "a", 1050 * MS));
	cache_free(c);
}

static void
the_oldest_goes_when_there_are_too_many_or_too_much(void **state)
{
	struct cache *c = cache_new(250 * MS, 100000);
	char key[32];

	(void)state;
	for (int i = 0; i < 200; i++) {
		snprintf(key, sizeof(key), "k%d", i);
		put(c, key, i, 100 * MS, 10);
	}
	assert_true(got(c, "k199", 200));
	assert_false(got(c, "k0", 200));
	for (int i = 0; i < 10; i++) {
		snprintf(key, sizeof(key), "big%d", i);
		put(c, key, 1000 + i, 100 * MS, 20000);
	}
	assert_true(got(c, "big9", 2000));
	assert_false(got(c, "big0", 2000));
	/* One that is most of the room is not taken. */
	put(c, "huge", 3000, 100 * MS, 60000);
	assert_false(got(c, "huge", 3000));
	assert_true(got(c, "big9", 3000));
	cache_free(c);
}

static void
a_key_tells_parameters_and_sights_apart(void **state)
{
	struct request r = { .path = "/api/v1/gaps" };
	char long_value[400], none[CACHE_KEY_MAX], own[CACHE_KEY_MAX];
	char one[CACHE_KEY_MAX], two[CACHE_KEY_MAX];

	(void)state;
	assert_int_equal(cache_key(&r, "", none), 0);
	assert_int_equal(cache_key(&r, "AB1234", own), 0);
	assert_string_not_equal(none, own);
	r.params[0] = (struct param){ "a", "1\nb=1:2" };
	r.param_count = 1;
	assert_int_equal(cache_key(&r, "", one), 0);
	r.params[0] = (struct param){ "a", "1" };
	r.params[1] = (struct param){ "b", "2" };
	r.param_count = 2;
	assert_int_equal(cache_key(&r, "", two), 0);
	assert_string_not_equal(one, two);
	memset(long_value, 'x', sizeof(long_value) - 1);
	long_value[sizeof(long_value) - 1] = '\0';
	r.params[0].value = long_value;
	assert_int_equal(cache_key(&r, "", one), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    an_answer_is_kept_ten_times_as_long_as_it_took),
		cmocka_unit_test(a_newer_answer_replaces_the_one_before),
		cmocka_unit_test(
		    the_oldest_goes_when_there_are_too_many_or_too_much),
		cmocka_unit_test(a_key_tells_parameters_and_sights_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
