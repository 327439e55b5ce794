/*
 * The books and customers over the API: both forms, and what may be asked;
 * over a reader that answers from arrays.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "backend/api/api.h"
#include "backend/api/tokens.h"

#define NOW INT64_C(1795179900000) /* 2026-11-20T13:05:00Z */
#define ADMIN "aaaaaaaa.secret"

static const struct book_head heads[] = {
	{ "2026-04-05", 2, 2, NOW, 4 },
	{ "2026-04-05", 1, 2, NOW - 60000, 4 },
	{ "2026-04-04", 1, 1, NOW - 86400000, 4 },
};
static const struct book_row rows[] = {
	{ "",
	    { .sales = 3,
		.units = 7,
		.revenue = 10500,
		.customers = 3,
		.frequent = 1,
		.abandoned = 1,
		.voided = 2 } },
	{ "AB1234", { .sales = 3, .units = 7, .revenue = 10500 } },
};
static const struct customer_row people[] = {
	{ "Ana, \"la Flaca\"", "+56 9 8123 4567", 5, true, NOW, "AB1234" },
	{ "=1+1", "", 1, false, INT64_MIN, "" },
};

struct fake {
	struct reader reader; /* first */
	int error;
	/* as asked last */
	int64_t edition, days, limit;
	char cart[CART_MAX + 1], before[11], from[11], to[11];
	bool frequent_only;
};

static int
fail_with(const struct fake *f)
{
	errno = f->error;
	return f->error != 0 ? -1 : 0;
}

static void
note(char *to, size_t cap, const char *text)
{
	snprintf(to, cap, "%s", text != NULL ? text : "");
}

static int
fake_book(struct reader *r, const struct book_query *query,
    int (*head)(void *, const struct book_head *),
    int (*row)(void *, const struct book_row *), void *ctx)
{
	struct fake *f = (struct fake *)r;

	f->edition = query->edition;
	note(f->cart, sizeof(f->cart), query->cart);
	if (strcmp(query->date, heads[0].date) != 0 || query->edition > 2)
		return fail_with(f);
	head(ctx, &heads[query->edition == 1 ? 1 : 0]);
	for (size_t i = 0; i < 2; i++) {
		if (query->cart == NULL ||
		    strcmp(query->cart, rows[i].cart) == 0)
			row(ctx, &rows[i]);
	}
	return fail_with(f);
}

static int
fake_books(struct reader *r, const struct books_query *query,
    int (*row)(void *, const struct book_head *, const struct book_row *),
    void *ctx)
{
	struct fake *f = (struct fake *)r;

	f->days = query->days;
	note(f->cart, sizeof(f->cart), query->cart);
	note(f->before, sizeof(f->before), query->before);
	for (size_t i = 0; i < 3; i++)
		row(ctx, &heads[i], &rows[0]);
	return fail_with(f);
}

static int
fake_customers(struct reader *r, const struct customers_query *query,
    int (*head)(void *, int64_t),
    int (*row)(void *, const struct customer_row *), void *ctx)
{
	struct fake *f = (struct fake *)r;

	note(f->from, sizeof(f->from), query->from);
	note(f->to, sizeof(f->to), query->to);
	f->frequent_only = query->frequent_only;
	f->limit = query->limit;
	if (f->error == 0)
		head(ctx, 4);
	for (size_t i = 0; f->error == 0 && i < 2; i++)
		row(ctx, &people[i]);
	return fail_with(f);
}

static const struct reader_ops fake_ops = {
	.book = fake_book, .books = fake_books, .customers = fake_customers
};

static struct fake fake;
static struct answer answer;
static struct tokens *tokens;

/* Parameters as pairs, NULL at the end. */
static void
get_with(
    const char *authorization, bool open_reads, const char *path, va_list ap)
{
	struct request request = {
		.method = "GET", .path = path, .authorization = authorization
	};
	struct clock_manual clock;
	struct api api = { .clock = &clock.clock,
		.tokens = tokens,
		.open_reads = open_reads };
	struct call call = { .api = &api,
		.reader = &fake.reader,
		.request = &request,
		.answer = &answer };
	struct param *p;
	const char *name;

	clock_manual_init(&clock, NOW);
	while ((name = va_arg(ap, const char *)) != NULL) {
		p = &request.params[request.param_count++];
		p->name = name;
		p->value = va_arg(ap, const char *);
	}
	answer_release(&answer);
	answer_init(&answer);
	if (api_begin(&call) == 0)
		api_answer(&call);
	api_release(&call);
	assert_non_null(answer.body.text);
}

static void
get(const char *path, ...)
{
	va_list ap;

	va_start(ap, path);
	get_with("Bearer " ADMIN, false, path, ap);
	va_end(ap);
}

static void
get_as_anyone(const char *path, ...)
{
	va_list ap;

	va_start(ap, path);
	get_with(NULL, true, path, ap);
	va_end(ap);
}

static void
assert_body(const char *expected)
{
	assert_int_equal(answer.status, 200);
	assert_int_equal(answer.body.len, strlen(expected));
	assert_memory_equal(answer.body.text, expected, answer.body.len);
}

static bool
body_has(const char *part)
{
	return memmem(answer.body.text, answer.body.len, part, strlen(part)) !=
	    NULL;
}

static void
assert_problem(int status, const char *field)
{
	char part[40];

	snprintf(part, sizeof(part), "\"field\":\"%s\"", field);
	assert_int_equal(answer.status, status);
	assert_string_equal(answer.type, TYPE_PROBLEM);
	assert_true(body_has(part));
}

#define FIGURES                                                                \
	"\"sales\":3,\"units\":7,\"revenue_clp\":10500,\"customers\":3,"       \
	"\"units_per_customer\":2.33,\"frequent_customers\":1,"                \
	"\"abandoned\":1,\"abandoned_percent\":16.67,\"voided\":2,"            \
	"\"provisional\":0"

static void
a_book_is_the_guilds_figures_and_each_carts(void **state)
{
	(void)state;
	get("/api/v1/books", "date", "2026-04-05", NULL);
	assert_string_equal(answer.type, TYPE_JSON);
	assert_body("{\"date\":\"2026-04-05\",\"edition\":2,"
		    "\"latest_edition\":2,"
		    "\"made_at\":\"2026-11-20T13:05:00.000Z\","
		    "\"frequent_visits\":4,\"guild\":{" FIGURES "},"
		    "\"carts\":[{\"cart\":\"AB1234\",\"sales\":3,\"units\":7,"
		    "\"revenue_clp\":10500,\"customers\":0,"
		    "\"units_per_customer\":null,\"frequent_customers\":0,"
		    "\"abandoned\":0,\"abandoned_percent\":0.00,"
		    "\"voided\":0,\"provisional\":0}]}");
	assert_true(answer.cacheable);
}

static void
one_cart_or_one_edition_may_be_asked_for(void **state)
{
	(void)state;
	get("/api/v1/books", "date", "2026-04-05", "cart", "AB1234", "edition",
	    "1", NULL);
	assert_string_equal(fake.cart, "AB1234");
	assert_int_equal(fake.edition, 1);
	assert_true(body_has("\"edition\":1,\"latest_edition\":2,"));
	assert_true(body_has("\"guild\":null,\"carts\":[{\"cart\":\"AB1234\""));
	/* One that did nothing that day. */
	get("/api/v1/books", "date", "2026-04-05", "cart", "ZZ9999", NULL);
	assert_true(body_has("\"guild\":null,\"carts\":[]}"));
}

static void
a_book_is_a_table_too(void **state)
{
	(void)state;
	get("/api/v1/books", "date", "2026-04-05", "format", "csv", NULL);
	assert_string_equal(answer.type, TYPE_CSV);
	assert_body("date,edition,made_at,cart,sales,units,revenue_clp,"
		    "customers,units_per_customer,frequent_customers,"
		    "abandoned,abandoned_percent,voided,provisional\r\n"
		    "2026-04-05,2,2026-11-20T13:05:00.000Z,guild,3,7,10500,3,"
		    "2.33,1,1,16.67,2,0\r\n"
		    "2026-04-05,2,2026-11-20T13:05:00.000Z,AB1234,3,7,10500,0,"
		    ",0,0,0.00,0,0\r\n");
}

static void
without_a_date_there_is_a_list_of_the_editions(void **state)
{
	(void)state;
	get("/api/v1/books", NULL);
	assert_int_equal(answer.status, 200);
	assert_int_equal(fake.days, 31);
	assert_true(body_has("{\"books\":[{\"date\":\"2026-04-05\","
			     "\"edition\":2,\"latest_edition\":2,"));
	assert_true(body_has("\"cart\":null," FIGURES "}"));
	assert_true(body_has("],\"next_before\":null}"));
	/* Two days were asked for and came: there may be more. */
	get("/api/v1/books", "limit", "2", "before", "2026-04-06", "cart",
	    "AB1234", NULL);
	assert_int_equal(fake.days, 2);
	assert_string_equal(fake.before, "2026-04-06");
	assert_string_equal(fake.cart, "AB1234");
	assert_true(body_has("],\"next_before\":\"2026-04-04\"}"));
	get("/api/v1/books", "format", "csv", NULL);
	assert_true(body_has("\r\n2026-04-04,1,2026-11-19T13:05:00.000Z,guild,"
			     "3,7,10500,3,"));
}

static void
what_is_not_there_or_makes_no_sense_is_said(void **state)
{
	(void)state;
	get("/api/v1/books", "date", "2026-04-06", NULL);
	assert_problem(404, "date");
	get("/api/v1/books", "date", "2026-04-06", "format", "csv", NULL);
	assert_problem(404, "date");
	get("/api/v1/books", "date", "2026-04-05", "edition", "3", NULL);
	assert_problem(404, "edition");
	get("/api/v1/books", "date", "2026-02-30", NULL);
	assert_problem(400, "date");
	get("/api/v1/books", "date", "2026-04-05", "edition", "0", NULL);
	assert_problem(400, "edition");
	get("/api/v1/books", "edition", "1", NULL);
	assert_problem(400, "edition");
	get("/api/v1/books", "date", "2026-04-05", "limit", "1", NULL);
	assert_problem(400, "limit");
	get("/api/v1/books", "date", "2026-04-05", "before", "2026-04-05",
	    NULL);
	assert_problem(400, "before");
	get("/api/v1/books", "format", "xlsx", NULL);
	assert_problem(400, "format");
	get("/api/v1/books", "cart", "guild", NULL);
	assert_problem(400, "cart");
}

static void
a_store_that_fails_is_no_answer(void **state)
{
	static const char *const forms[] = { "json", "csv" };

	(void)state;
	fake.error = ENOENT;
	for (size_t i = 0; i < 2; i++) {
		get("/api/v1/books", "format", forms[i], NULL);
		assert_int_equal(answer.status, 503);
		assert_true(body_has("\"role\":\"sales\""));
		get("/api/v1/books", "date", "2026-04-05", "format", forms[i],
		    NULL);
		assert_int_equal(answer.status, 503);
		get("/api/v1/customers", "format", forms[i], NULL);
		assert_int_equal(answer.status, 503);
		assert_true(body_has("\"role\":\"sales\""));
	}
}

static void
customers_are_those_of_the_last_30_days(void **state)
{
	(void)state;
	get("/api/v1/customers", "frequent", "true", NULL);
	assert_true(fake.frequent_only);
	assert_int_equal(fake.limit, 100);
	assert_string_equal(fake.from, "2026-10-22");
	assert_string_equal(fake.to, "2026-11-20");
	assert_body("{\"from\":\"2026-10-22\",\"to\":\"2026-11-20\","
		    "\"frequent_visits\":4,\"customers\":["
		    "{\"customer\":\"Ana, \\\"la Flaca\\\"\","
		    "\"contact\":\"+56 9 8123 4567\",\"visits\":5,"
		    "\"frequent\":true,"
		    "\"last_at\":\"2026-11-20T13:05:00.000Z\","
		    "\"last_cart\":\"AB1234\"},"
		    "{\"customer\":\"=1+1\",\"contact\":null,\"visits\":1,"
		    "\"frequent\":false,\"last_at\":null,"
		    "\"last_cart\":null}]}");
	assert_false(answer.cacheable);
}

static void
no_customer_is_a_formula(void **state)
{
	(void)state;
	get("/api/v1/customers", "format", "csv", NULL);
	assert_string_equal(answer.type, TYPE_CSV);
	assert_body("customer,contact,visits,frequent,last_at,last_cart\r\n"
		    "\"Ana, \"\"la Flaca\"\"\",'+56 9 8123 4567,5,true,"
		    "2026-11-20T13:05:00.000Z,AB1234\r\n"
		    "'=1+1,,1,false,,\r\n");
}

static void
customers_are_not_shown_without_a_token_even_where_reads_are_open(void **state)
{
	(void)state;
	get_as_anyone("/api/v1/books", NULL);
	assert_int_equal(answer.status, 200);
	get_as_anyone("/api/v1/customers", NULL);
	assert_int_equal(answer.status, 401);
}

static int
begin(void **state)
{
	struct token token = { .role = TOKEN_ADMIN, .name = "somebody" };

	(void)state;
	setenv("TZ", "America/Santiago", 1);
	tzset();
	memset(&fake, 0, sizeof(fake));
	fake.reader.ops = &fake_ops;
	answer_init(&answer);
	tokens = tokens_new();
	snprintf(token.id, sizeof(token.id), "%.8s", ADMIN);
	if (tokens == NULL || token_hash(ADMIN, strlen(ADMIN), token.hash) ||
	    tokens_put(tokens, &token) == -1)
		return -1;
	tokens_set_known(tokens);
	return 0;
}

static int
end(void **state)
{
	(void)state;
	answer_release(&answer);
	tokens_free(tokens);
	return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_book_is_the_guilds_figures_and_each_carts),
		TEST(one_cart_or_one_edition_may_be_asked_for),
		TEST(a_book_is_a_table_too),
		TEST(without_a_date_there_is_a_list_of_the_editions),
		TEST(what_is_not_there_or_makes_no_sense_is_said),
		TEST(a_store_that_fails_is_no_answer),
		TEST(customers_are_those_of_the_last_30_days),
		TEST(no_customer_is_a_formula),
		TEST(
		    customers_are_not_shown_without_a_token_even_where_reads_are_open),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
