/* A repeated write is the same write, and gets the same answer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "backend/api/idempotency.h"

#define DAY IDEMPOTENCY_KEPT_MS

static const struct asker rosa = { .known = true, .id = "rosa" };

struct trial {
	struct idempotency *table;
	struct answer answer;
};

static struct digest
slot_of(const struct asker *asker, const char *key)
{
	struct digest slot;

	assert_int_equal(idempotency_slot(asker, key, &slot), 0);
	return slot;
}

static enum idempotency_verdict
begin(struct trial *t, const char *key, const char *body, int64_t now_ms)
{
	struct digest slot = slot_of(&rosa, key), fingerprint;

	assert_int_equal(idempotency_fingerprint("POST", "/api/v1/restocks",
			     body, strlen(body), &fingerprint),
	    0);
	answer_release(&t->answer);
	answer_init(&t->answer);
	return idempotency_begin(
	    t->table, &slot, &fingerprint, now_ms, &t->answer);
}

static void
finish(struct trial *t, const char *key, const char *word, int64_t now_ms)
{
	struct digest slot = slot_of(&rosa, key);

	t->answer.status = 202;
	jsonw_open(&t->answer.body, '{');
	jsonw_key(&t->answer.body, "order");
	jsonw_text(&t->answer.body, word);
	jsonw_close(&t->answer.body, '}');
	idempotency_finish(t->table, &slot, &t->answer, now_ms);
}

static bool
answered(const struct trial *t, const char *word)
{
	return t->answer.status == 202 && t->answer.replayed &&
	    memmem(t->answer.body.text, t->answer.body.len, word,
		strlen(word)) != NULL;
}

static void
setup(struct trial *t, size_t keys, size_t bytes)
{
	t->table = idempotency_new(keys, bytes);
	assert_non_null(t->table);
	answer_init(&t->answer);
}

static void
teardown(struct trial *t)
{
	answer_release(&t->answer);
	idempotency_free(t->table);
}

static void
a_repeat_gets_the_same_answer(void **state)
{
	struct trial t;

	(void)state;
	setup(&t, 100, 10000);
	assert_int_equal(begin(&t, "k1", "{}", 0), IDEMPOTENCY_NEW);
	snprintf(t.answer.location, sizeof(t.answer.location), "/somewhere");
	finish(&t, "k1", "first", 10);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(begin(&t, "k1", "{}", 20), IDEMPOTENCY_REPEAT);
		assert_true(answered(&t, "first"));
		assert_string_equal(t.answer.location, "/somewhere");
	}
	assert_int_equal(begin(&t, "k2", "{}", 20), IDEMPOTENCY_NEW);
	teardown(&t);
}

static void
a_key_used_for_something_else_is_told_apart(void **state)
{
	struct trial t;

	(void)state;
	setup(&t, 100, 10000);
	assert_int_equal(begin(&t, "k1", "{}", 0), IDEMPOTENCY_NEW);
	assert_int_equal(begin(&t, "k1", "{}", 0), IDEMPOTENCY_UNDER_WAY);
	assert_int_equal(begin(&t, "k1", "{ }", 0), IDEMPOTENCY_OTHER);
	finish(&t, "k1", "first", 10);
	assert_int_equal(begin(&t, "k1", "{ }", 20), IDEMPOTENCY_OTHER);
	teardown(&t);
}

static void
what_came_to_nothing_may_be_tried_again(void **state)
{
	struct trial t;
	struct digest slot = slot_of(&rosa, "k1");

	(void)state;
	setup(&t, 100, 10000);
	assert_int_equal(begin(&t, "k1", "{}", 0), IDEMPOTENCY_NEW);
	idempotency_drop(t.table, &slot);
	assert_int_equal(begin(&t, "k1", "{\"a\":1}", 0), IDEMPOTENCY_NEW);
	teardown(&t);
}

static void
a_key_is_kept_for_a_day(void **state)
{
	struct trial t;

	(void)state;
	setup(&t, 100, 10000);
	begin(&t, "k1", "{}", 0);
	finish(&t, "k1", "first", 0);
	assert_int_equal(begin(&t, "k1", "{}", DAY - 1), IDEMPOTENCY_REPEAT);
	assert_int_equal(begin(&t, "k1", "{}", DAY), IDEMPOTENCY_NEW);
	teardown(&t);
}

static void
a_full_table_gives_up_the_oldest_answer_never_one_under_way(void **state)
{
	struct trial t;
	char key[16];

	(void)state;
	setup(&t, 4, 10000);
	assert_int_equal(begin(&t, "slow", "{}", 0), IDEMPOTENCY_NEW);
	for (int i = 0; i < 100; i++) {
		snprintf(key, sizeof(key), "k%d", i);
		assert_int_equal(begin(&t, key, "{}", i), IDEMPOTENCY_NEW);
		finish(&t, key, key, i);
	}
	assert_int_equal(begin(&t, "slow", "{}", 100), IDEMPOTENCY_UNDER_WAY);
	assert_int_equal(begin(&t, "k99", "{}", 100), IDEMPOTENCY_REPEAT);
	assert_int_equal(begin(&t, "k3", "{}", 100), IDEMPOTENCY_NEW);
	for (int i = 200; i < 202; i++) {
		snprintf(key, sizeof(key), "k%d", i);
		assert_int_equal(begin(&t, key, "{}", i), IDEMPOTENCY_NEW);
	}
	assert_int_equal(begin(&t, "k300", "{}", 300), IDEMPOTENCY_FULL);
	teardown(&t);
}

static void
answers_are_bounded_in_bytes(void **state)
{
	struct trial t;
	char key[16];

	(void)state;
	setup(&t, 1000, 200);
	for (int i = 0; i < 100; i++) {
		snprintf(key, sizeof(key), "k%d", i);
		assert_int_equal(begin(&t, key, "{}", i), IDEMPOTENCY_NEW);
		finish(&t, key, "some twenty bytes of it", i);
	}
	assert_int_equal(begin(&t, "k99", "{}", 100), IDEMPOTENCY_REPEAT);
	assert_int_equal(begin(&t, "k90", "{}", 100), IDEMPOTENCY_NEW);
	teardown(&t);
}

static void
ids_come_from_the_asker_and_the_key_alone(void **state)
{
	const struct asker ana = { .known = true, .id = "ana" };
	struct asker passer_by = { 0 }, other = { 0 };
	struct digest slots[4] = { slot_of(&rosa, "k1"), slot_of(&rosa, "k2"),
		slot_of(&ana, "k1"), slot_of(&passer_by, "k1") };
	struct digest elsewhere;
	char ids[4][14], again[14], another[14];

	(void)state;
	for (int i = 0; i < 4; i++) {
		assert_int_equal(
		    idempotency_id(&slots[i], "order", ids[i], 13), 0);
		assert_int_equal(strlen(ids[i]), 13);
		assert_int_equal(
		    strspn(ids[i], "0123456789ABCDEFGHJKMNPQRSTVWXYZ"), 13);
		for (int k = 0; k < i; k++)
			assert_string_not_equal(ids[i], ids[k]);
	}
	idempotency_id(&slots[0], "order", again, 13);
	assert_string_equal(again, ids[0]);
	idempotency_id(&slots[0], "zone", another, 13);
	assert_string_not_equal(another, ids[0]);
	other.address.in6.s6_addr[15] = 1;
	elsewhere = slot_of(&other, "k1");
	assert_memory_not_equal(&elsewhere, &slots[3], sizeof(elsewhere));
}

static void
an_id_is_the_digests_bits_from_the_first(void **state)
{
	struct digest slot = { { 0 } };
	char text[52], first[14];

	(void)state;
	assert_int_equal(idempotency_id(&slot, "x", text, 51), 0);
	assert_int_equal(idempotency_id(&slot, "x", first, 13), 0);
	assert_memory_equal(text, first, 13);
	/* Python: int.from_bytes(sha256(q(32) + bytes(32) + q(1) + b"x")) >> 1
	 * with q = lambda n: n.to_bytes(8, "little"), in base 32. */
	assert_string_equal(
	    text, "CCDGFG0PT3NY1QDR4AQH3T4K6SZQCB3R2ZJS9QXDZ6ACHD5MVYD");
}

static void
keys_are_printable_and_short(void **state)
{
	char key[IDEMPOTENCY_KEY_MAX + 2];

	(void)state;
	memset(key, 'k', sizeof(key));
	key[IDEMPOTENCY_KEY_MAX] = '\0';
	assert_true(idempotency_key_is_valid(key));
	key[IDEMPOTENCY_KEY_MAX] = 'k';
	key[IDEMPOTENCY_KEY_MAX + 1] = '\0';
	assert_false(idempotency_key_is_valid(key));
	assert_false(idempotency_key_is_valid(""));
	assert_false(idempotency_key_is_valid("a b"));
	assert_false(idempotency_key_is_valid("a\x7f"));
	assert_false(idempotency_key_is_valid("\xc3\xa1"));
	assert_true(idempotency_key_is_valid(
	    "\"7b1f6f0e-5a4b-4c55-9d5e-0c1b6e2a9f10\""));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_repeat_gets_the_same_answer),
		cmocka_unit_test(a_key_used_for_something_else_is_told_apart),
		cmocka_unit_test(what_came_to_nothing_may_be_tried_again),
		cmocka_unit_test(a_key_is_kept_for_a_day),
		cmocka_unit_test(
		    a_full_table_gives_up_the_oldest_answer_never_one_under_way),
		cmocka_unit_test(answers_are_bounded_in_bytes),
		cmocka_unit_test(ids_come_from_the_asker_and_the_key_alone),
		cmocka_unit_test(an_id_is_the_digests_bits_from_the_first),
		cmocka_unit_test(keys_are_printable_and_short),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
