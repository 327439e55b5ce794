/*
 * Sales over HTTP: what is told becomes frames as a gateway's, the same ones
 * however often it is told.
 */
#include "tests/unit/api_trial.h"

#include "backend/rules/event_hash.h"
#include "schemas/frame.h"

#define SALES "/api/v1/sales"
#define AT "\"confirmed_at\":\"2026-11-20T13:04:00Z\","
#define SALE                                                                   \
	"{\"cart\":\"AB1234\"," AT                                             \
	"\"opened_at\":\"2026-11-20T10:03:30-03:00\",\"customer\":\"Ana\","    \
	"\"contact\":\"ana@b.cl\",\"units\":3,\"amount\":4500,"                \
	"\"stock_after\":17,\"lat\":-33.4378,\"lon\":-70.6505}"
#define OTHER "{\"cart\":\"AB1234\"," AT "\"units\":4,\"amount\":4500}"
#define LINES                                                                  \
	"{\"cart\":\"AB1234\"," AT "\"lines\":["                               \
	"{\"product\":3,\"units\":1,\"amount\":500,\"stock_after\":-2},"       \
	"{\"product\":4,\"units\":2,\"amount\":900},"                          \
	"{\"product\":5,\"units\":3,\"amount\":0,\"stock_after\":9}]}"

/* Books that know one sale, or are away. */
struct books {
	struct reader reader; /* first */
	int error; /* errno; 0: they are there */
	bool known;
	struct sale_row row;
	struct folio asked;
};

static int
books_sale_of(struct reader *reader, const struct folio *folio,
    int (*row)(void *, const struct sale_row *), void *ctx)
{
	struct books *books = (struct books *)reader;

	books->asked = *folio;
	if (books->error == 0 && books->known)
		row(ctx, &books->row);
	errno = books->error;
	return books->error != 0 ? -1 : 0;
}

static const struct reader_ops books_ops = { .sale = books_sale_of };

static struct books *
open_books(struct trial *t)
{
	static struct books books;

	books = (struct books){ .reader = { &books_ops }, .error = ENOENT };
	t->reader = &books.reader;
	return &books;
}

/* The one item, or the first, of a record; the items stay within it. */
static struct item
read_item(const struct submit_record *r, enum stream stream,
    struct frame *frame, struct frame_items *items)
{
	struct decode_error error;
	struct item item;

	assert_int_equal(frame_decode(r->value, r->len, frame, &error), 0);
	frame_items_init(items, frame, stream);
	assert_int_equal(frame_items_next(items, &item), 1);
	return item;
}

static void
a_sale_is_a_stream_of_one_event(void **state)
{
	static struct frame_items items;
	struct trial *t = *state;
	const struct submit_record *r;
	struct books *books = open_books(t);
	struct frame frame;
	struct item item;
	struct folio folio = { .cart = "AB1234" };
	char text[FOLIO_MAX + 1];

	trial_begin(t, "POST", SALES, VENDOR, "k", SALE);
	assert_int_equal(t->answer.status, 202);
	assert_int_equal(submission_count(t->call.submission), 2);
	r = submission_at(t->call.submission, 0);
	assert_int_equal(r->topic, TOPIC_VENTAS);
	assert_string_equal(r->key, "AB1234");
	assert_string_equal(r->schema, SCHEMA_FRAME_SALE);
	item = read_item(r, STREAM_SALE, &frame, &items);
	assert_int_equal(frame.ledger, 0);
	assert_int_equal(frame.first_seq, 0);
	assert_int_equal(frame.count, 1);
	assert_int_equal(item.kind, ITEM_SALE);
	assert_true(item.sale.confirmed);
	assert_true(item.sale.at.ms == NOW - 60000);
	assert_int_equal(item.sale.open_ms, 30000);
	assert_memory_equal(item.sale.customer.s, "Ana", 3);
	assert_null(item.sale.request_id.s);
	assert_int_equal(item.sale.line_count, 1);
	assert_int_equal(item.sale.lines[0].product, 0);
	assert_int_equal(item.sale.place.lat_e6, -33437800);
	folio.epoch = frame.epoch;
	folio_format(&folio, text);
	assert_true(trial_says(t, text));
	assert_true(books->asked.epoch == frame.epoch);
	r = submission_at(t->call.submission, 1);
	assert_int_equal(r->topic, TOPIC_STOCK);
	assert_string_equal(r->schema, SCHEMA_FRAME_STOCK);
	item = read_item(r, STREAM_STOCK, &frame, &items);
	assert_true(frame.epoch == folio.epoch);
	assert_int_equal(item.stock.delta, -3);
	assert_int_equal(item.stock.level, 17);
	assert_int_equal(item.stock.reason, STOCK_SALE);
	assert_true(item.stock.at.ms == NOW - 60000);
}

/* Nothing of it comes from the clock, the token or this program's memory. */
static void
a_repeat_has_the_same_bytes_whoever_asks_and_whatever_was_forgotten(
    void **state)
{
	struct trial *t = *state;
	uint8_t first[2][1000];
	size_t len[2];

	open_books(t);
	trial_begin(t, "POST", SALES, VENDOR, "k", SALE);
	for (size_t i = 0; i < 2; i++) {
		const struct submit_record *r = submission_at(
		    t->call.submission, i);

		len[i] = r->len;
		memcpy(first[i], r->value, r->len);
	}
	trial_restart(t);
	clock_manual_advance(&t->clock, 86400000);
	trial_begin(t, "POST", SALES, ADMIN, "k", SALE);
	assert_false(t->answer.replayed);
	for (size_t i = 0; i < 2; i++) {
		const struct submit_record *r = submission_at(
		    t->call.submission, i);

		assert_int_equal(r->len, len[i]);
		assert_memory_equal(r->value, first[i], len[i]);
	}
}

static uint64_t
epoch_of(struct trial *t, const char *bearer, const char *key, const char *body)
{
	static struct frame_items items;
	struct frame frame;

	trial_begin(t, "POST", SALES, bearer, key, body);
	assert_int_equal(t->answer.status, 202);
	read_item(
	    submission_at(t->call.submission, 0), STREAM_SALE, &frame, &items);
	return frame.epoch;
}

static void
another_key_or_another_cart_is_another_folio(void **state)
{
	static const char elsewhere[] = "{\"cart\":\"CD5678\"," AT
					"\"units\":3,\"amount\":4500}";
	struct trial *t = *state;
	uint64_t epoch;

	open_books(t);
	epoch = epoch_of(t, ADMIN, "k", SALE);
	assert_true(epoch != 0 && epoch <= EPOCH_MAX);
	assert_true(epoch_of(t, ADMIN, "l", SALE) != epoch);
	trial_restart(t);
	assert_true(epoch_of(t, ADMIN, "k", elsewhere) != epoch);
}

static void
levels_are_told_for_the_lines_that_have_one(void **state)
{
	static struct frame_items items;
	struct trial *t = *state;
	struct frame frame;
	struct item item;

	open_books(t);
	trial_begin(t, "POST", SALES, ADMIN, "k", LINES);
	assert_int_equal(t->answer.status, 202);
	item = read_item(
	    submission_at(t->call.submission, 0), STREAM_SALE, &frame, &items);
	assert_int_equal(item.sale.line_count, 3);
	assert_int_equal(item.sale.open_ms, -1);
	item = read_item(
	    submission_at(t->call.submission, 1), STREAM_STOCK, &frame, &items);
	assert_int_equal(frame.count, 2);
	assert_int_equal(item.stock.product, 3);
	assert_int_equal(item.stock.level, -2);
	assert_int_equal(frame_items_next(&items, &item), 1);
	assert_int_equal(item.stock.product, 5);
	assert_int_equal(item.stock.delta, -3);
	assert_int_equal(frame_items_next(&items, &item), 0);
	trial_begin(t, "POST", SALES, ADMIN, "l", OTHER);
	assert_int_equal(submission_count(t->call.submission), 1);
}

static void
an_abandoned_purchase_has_no_folio_and_takes_nothing_away(void **state)
{
	static const char with[] =
	    "{\"cart\":\"AB1234\",\"abandoned_at\":\"2026-11-20T13:04:00Z\","
	    "\"units\":1,\"amount\":5,\"stock_after\":3}";
	static const char without[] =
	    "{\"cart\":\"AB1234\",\"abandoned_at\":\"2026-11-20T13:04:00Z\"}";
	static struct frame_items items;
	struct trial *t = *state;
	struct frame frame;
	struct item item;

	open_books(t);
	trial_begin(t, "POST", SALES, ADMIN, "k", with);
	assert_int_equal(t->answer.status, 202);
	assert_true(trial_says(t, "\"folio\":null"));
	assert_int_equal(submission_count(t->call.submission), 1);
	item = read_item(
	    submission_at(t->call.submission, 0), STREAM_SALE, &frame, &items);
	assert_false(item.sale.confirmed);
	assert_int_equal(item.sale.line_count, 1);
	trial_begin(t, "POST", SALES, ADMIN, "l", without);
	assert_int_equal(t->answer.status, 202);
}

static void
a_key_that_the_books_know_for_another_sale_is_refused(void **state)
{
	static struct frame_items items;
	struct trial *t = *state;
	struct books *books = open_books(t);
	struct frame frame;
	struct item item;

	trial_begin(t, "POST", SALES, ADMIN, "k", SALE);
	item = read_item(
	    submission_at(t->call.submission, 0), STREAM_SALE, &frame, &items);
	books->error = 0;
	books->known = true;
	books->row.bytes_hash = event_hash(item.bytes, item.len);
	trial_restart(t);
	trial_begin(t, "POST", SALES, ADMIN, "k", SALE);
	assert_int_equal(t->answer.status, 202);
	assert_int_equal(submission_count(t->call.submission), 2);
	trial_restart(t);
	trial_begin(t, "POST", SALES, ADMIN, "k", OTHER);
	assert_int_equal(t->answer.status, 422);
	assert_true(trial_says(t, "\"field\":\"Idempotency-Key\""));
	/* While it is remembered here, nobody need be asked. */
	books->known = false;
	trial_post(t, SALES, ADMIN, "m", SALE, SUBMIT_ACKNOWLEDGED);
	trial_begin(t, "POST", SALES, ADMIN, "m", OTHER);
	assert_int_equal(t->answer.status, 422);
}

static void
books_that_cannot_be_read_do_not_keep_a_sale_away(void **state)
{
	static const int errors[] = { ENOENT, EBUSY, EIO };
	struct trial *t = *state;
	struct books *books = open_books(t);

	for (size_t i = 0; i < 3; i++) {
		books->error = errors[i];
		trial_restart(t);
		trial_begin(t, "POST", SALES, ADMIN, "k", SALE);
		assert_int_equal(t->answer.status, 202);
		assert_int_equal(t->call.reader_broken, errors[i] == EIO);
	}
}

static void
a_vendor_sells_and_voids_for_the_own_cart_alone(void **state)
{
	static const char elsewhere[] = "{\"cart\":\"CD5678\"," AT
					"\"units\":3,\"amount\":4500}";
	static const char reason[] = "{\"reason\":\"x\"}";
	struct trial *t = *state;

	open_books(t);
	trial_begin(t, "POST", SALES, VENDOR, "k", elsewhere);
	assert_int_equal(t->answer.status, 403);
	trial_begin(
	    t, "POST", SALES "/CD5678-0G3K9W2T-5/void", VENDOR, NULL, reason);
	assert_int_equal(t->answer.status, 403);
	trial_begin(
	    t, "POST", SALES "/ab1234-0g3k9w2t-5/void", VENDOR, NULL, reason);
	assert_int_equal(t->answer.status, 202);
	trial_begin(t, "POST", SALES, DEPOT, "l", SALE);
	assert_int_equal(t->answer.status, 403);
	trial_begin(t, "POST", SALES, VENDOR, NULL, SALE);
	assert_int_equal(t->answer.status, 400);
}

static void
a_void_is_an_event_of_its_own_and_always_the_same(void **state)
{
	static const char path[] = SALES "/AB1234-0G3K9W2T-5/void";
	static const char reason[] = "{\"reason\":\"paid twice\"}";
	static struct frame_items items;
	struct trial *t = *state;
	struct books *books = open_books(t);
	struct frame frame, again;
	struct item item;

	trial_begin(t, "POST", path, VENDOR, NULL, reason);
	assert_int_equal(t->answer.status, 202);
	assert_true(trial_says(t, "\"folio\":\"AB1234-0G3K9W2T-5\""));
	item = read_item(
	    submission_at(t->call.submission, 0), STREAM_SALE, &frame, &items);
	assert_int_equal(item.kind, ITEM_VOID);
	assert_true(item.void_sale.at.ms == INSTANT_MISSING);
	assert_memory_equal(item.void_sale.folio.s, "AB1234-0G3K9W2T-5", 17);
	assert_memory_equal(item.void_sale.reason.s, "paid twice", 10);
	trial_begin(t, "POST", path, ADMIN, "k", reason);
	read_item(
	    submission_at(t->call.submission, 0), STREAM_SALE, &again, &items);
	assert_true(again.epoch == frame.epoch);
	assert_true(again.epoch != books->asked.epoch);
}

static void
what_is_void_already_is_not_voided_again(void **state)
{
	static const char path[] = SALES "/AB1234-0G3K9W2T-5/void";
	static const char reason[] = "{\"reason\":\"paid twice\"}";
	struct trial *t = *state;
	struct books *books = open_books(t);

	books->error = 0;
	books->known = true;
	books->row = (struct sale_row){ .confirmed = true, .voided = true };
	trial_begin(t, "POST", path, ADMIN, NULL, reason);
	assert_int_equal(t->answer.status, 200);
	assert_null(t->call.submission);
	books->row.voided = books->row.confirmed = false;
	trial_begin(t, "POST", path, ADMIN, NULL, reason);
	assert_int_equal(t->answer.status, 409);
	trial_begin(t, "POST", SALES "/nothing/void", ADMIN, NULL, reason);
	assert_int_equal(t->answer.status, 400);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TRIAL(a_sale_is_a_stream_of_one_event),
		TRIAL(
		    a_repeat_has_the_same_bytes_whoever_asks_and_whatever_was_forgotten),
		TRIAL(another_key_or_another_cart_is_another_folio),
		TRIAL(levels_are_told_for_the_lines_that_have_one),
		TRIAL(
		    an_abandoned_purchase_has_no_folio_and_takes_nothing_away),
		TRIAL(a_key_that_the_books_know_for_another_sale_is_refused),
		TRIAL(books_that_cannot_be_read_do_not_keep_a_sale_away),
		TRIAL(a_vendor_sells_and_voids_for_the_own_cart_alone),
		TRIAL(a_void_is_an_event_of_its_own_and_always_the_same),
		TRIAL(what_is_void_already_is_not_voided_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
