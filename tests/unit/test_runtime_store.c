/*
 * The runtime's tables: compare-and-swap of offsets and accounts, what goes
 * out, what is forgotten.
 */
#include "tests/unit/desk.h"

#include "backend/consumer/account.h"

static struct desk d;
static struct runtime_store *store;

static int
open_desk(void **state)
{
	(void)state;
	desk_open(&d, &role_sales);
	store = d.ctx.store;
	return 0;
}

static int
close_desk(void **state)
{
	(void)state;
	desk_close(&d);
	return 0;
}

static void
an_offset_is_written_only_over_the_one_expected(void **state)
{
	int64_t next = 0;

	(void)state;
	assert_int_equal(store->ops->offset_get(store, "t", 0, &next), 0);
	assert_int_equal(store->ops->offset_swap(store, "t", 0, -1, 10), 0);
	assert_int_equal(store->ops->offset_swap(store, "t", 0, -1, 20), -1);
	assert_int_equal(errno, ESTALE);
	assert_int_equal(store->ops->offset_swap(store, "t", 0, 9, 20), -1);
	assert_int_equal(errno, ESTALE);
	assert_int_equal(store->ops->offset_swap(store, "t", 0, 10, 20), 0);
	assert_int_equal(store->ops->offset_get(store, "t", 0, &next), 1);
	assert_int_equal(next, 20);
	assert_int_equal(store->ops->offset_get(store, "t", 1, &next), 0);
	assert_int_equal(store->ops->offsets_clear(store), 0);
	assert_int_equal(store->ops->offset_get(store, "t", 0, &next), 0);
}

static struct account
account_of(uint64_t epoch)
{
	return (struct account){
		.cart = DESK_CART, .stream = STREAM_SALE, .epoch = epoch
	};
}

static void
an_account_comes_back_with_its_gaps(void **state)
{
	struct account a = account_of(1), b = account_of(1);
	struct account_gap why = {
		.reason = GAP_FULL, .from_ms = 3, .to_ms = 4
	};
	struct account_span spans[ACCOUNT_GAPS_MAX + 1];
	uint64_t explained;
	size_t count;

	(void)state;
	assert_int_equal(store->ops->account_get(store, &a), 0);
	account_take(&a, 10, 20, 500, spans, &count);
	account_explain(&a, 2, 5, 600, &why, &explained);
	assert_int_equal(store->ops->account_swap(store, &a), 0);
	assert_int_equal(store->ops->account_get(store, &b), 1);
	assert_int_equal(b.next, 20);
	assert_int_equal(b.touched_ms, 600);
	assert_int_equal(b.gap_count, 3);
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(b.gaps[i].first, a.gaps[i].first);
		assert_int_equal(b.gaps[i].end, a.gaps[i].end);
		assert_int_equal(b.gaps[i].reason, a.gaps[i].reason);
		assert_int_equal(b.gaps[i].noticed_ms, 500);
		assert_int_equal(b.gaps[i].from_ms, a.gaps[i].from_ms);
	}
	account_release(&a);
	account_release(&b);
}

static void
an_account_that_another_wrote_is_not_overwritten(void **state)
{
	struct account a = account_of(1), zombie = account_of(1);

	(void)state;
	assert_int_equal(store->ops->account_get(store, &a), 0);
	assert_int_equal(store->ops->account_get(store, &zombie), 0);
	a.next = 5;
	assert_int_equal(store->ops->account_swap(store, &a), 0);
	zombie.next = 3;
	assert_int_equal(store->ops->account_swap(store, &zombie), -1);
	assert_int_equal(errno, ESTALE);
	zombie = a;
	a.next = 6;
	assert_int_equal(store->ops->account_swap(store, &a), 0);
	assert_int_equal(store->ops->account_swap(store, &zombie), -1);
	assert_int_equal(errno, ESTALE);
}

static void
accounts_not_touched_for_long_are_dropped(void **state)
{
	struct account a = account_of(1);
	int dropped, sum = 0;

	(void)state;
	for (uint64_t i = 0; i < 1200; i++) {
		a = account_of(i + 1);
		a.next = 1;
		a.touched_ms = i % 2 ? 100 : 900;
		assert_int_equal(store->ops->account_swap(store, &a), 0);
	}
	for (int i = 0; i < 3; i++) {
		assert_int_equal(
		    store->ops->accounts_expire(store, 500, &dropped), 0);
		sum += dropped;
	}
	assert_int_equal(sum, 600);
	a = account_of(2);
	assert_int_equal(store->ops->account_get(store, &a), 0);
	a = account_of(3);
	assert_int_equal(store->ops->account_get(store, &a), 1);
}

static int
count_row(void *ctx, int64_t id, const struct outgoing *out)
{
	(void)id;
	assert_int_equal(out->topic, TOPIC_RECHAZADOS);
	assert_memory_equal(out->key, "k", out->key_len);
	assert_int_equal(out->value_len, 0);
	assert_string_equal(out->reason, "why");
	assert_null(out->schema);
	(*(int *)ctx)++;
	return 0;
}

static void
what_goes_out_stays_until_it_is_deleted(void **state)
{
	struct outgoing out = { .topic = TOPIC_RECHAZADOS,
		.key = "k",
		.key_len = 1,
		.value = "",
		.reason = "why" };
	int rows = 0;

	(void)state;
	for (int i = 0; i < 5; i++)
		assert_int_equal(store->ops->outgoing_put(store, &out), 0);
	assert_int_equal(
	    store->ops->outgoing_list(store, 0, 3, count_row, &rows), 0);
	assert_int_equal(rows, 3);
	assert_int_equal(store->ops->outgoing_delete(store, 3, 4), 0);
	rows = 0;
	assert_int_equal(
	    store->ops->outgoing_list(store, 1, 10, count_row, &rows), 0);
	assert_int_equal(rows, 2);
}

/* The tombstone is the first, for partition 0; the other is by its key. */
static int
check_row(void *ctx, int64_t id, const struct outgoing *out)
{
	bool first = (*(int *)ctx)++ == 0;

	(void)id;
	assert_int_equal(out->value == NULL, first);
	assert_int_equal(out->fixed_partition, first);
	if (first)
		assert_int_equal(out->partition, 0);
	return 0;
}

static void
a_tombstone_is_no_empty_value_and_goes_where_it_must(void **state)
{
	struct outgoing out = { .topic = TOPIC_NUEVOS_USUARIOS,
		.key = "k",
		.key_len = 1,
		.fixed_partition = true };
	int rows = 0;

	(void)state;
	assert_int_equal(store->ops->outgoing_put(store, &out), 0);
	out.value = "";
	out.fixed_partition = false;
	assert_int_equal(store->ops->outgoing_put(store, &out), 0);
	assert_int_equal(
	    store->ops->outgoing_list(store, 0, 3, check_row, &rows), 0);
	assert_int_equal(rows, 2);
}

static void
what_was_rolled_back_never_was(void **state)
{
	struct log_identity log = { .ledger = 5 }, kept;

	(void)state;
	desk_begin(&d);
	assert_int_equal(store->ops->log_put(store, &log), 0);
	assert_int_equal(store->ops->log_get(store, &kept), 1);
	d.ctx.db->ops->rollback(d.ctx.db);
	assert_int_equal(store->ops->log_get(store, &kept), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_desk, close_desk)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_offset_is_written_only_over_the_one_expected),
		TEST(an_account_comes_back_with_its_gaps),
		TEST(an_account_that_another_wrote_is_not_overwritten),
		TEST(accounts_not_touched_for_long_are_dropped),
		TEST(what_goes_out_stays_until_it_is_deleted),
		TEST(a_tombstone_is_no_empty_value_and_goes_where_it_must),
		TEST(what_was_rolled_back_never_was),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
