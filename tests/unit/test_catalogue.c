/*
 * The catalogue's rows and codes.  Its CSV is also in test_ctl_files.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "lib/catalogue.h"

struct complaints {
	int count;
	char text[1000]; /* "line column; " each */
};

static void
note(void *ctx, int line, const char *column, const char *expected)
{
	struct complaints *c = ctx;
	size_t len = strlen(c->text);

	assert_true(strlen(expected) > 3);
	c->count++;
	snprintf(c->text + len, sizeof(c->text) - len, "%d %s; ", line, column);
}

static struct catalogue
read_rows(const char *rows, struct complaints *complaints)
{
	const struct catalogue_critic critic = { note, complaints };
	struct catalogue c;
	char text[2000];

	snprintf(text, sizeof(text), "product_name,price,code\n%s", rows);
	*complaints = (struct complaints){ 0 };
	assert_int_equal(catalogue_init(&c, strlen(text)), 0);
	catalogue_read_csv(&c, text, &critic);
	return c;
}

static void
assert_codes(const char *rows, const struct product *old, size_t old_count,
    const uint32_t *codes, size_t count)
{
	struct complaints complaints;
	struct catalogue c = read_rows(rows, &complaints);
	size_t i;

	assert_string_equal(complaints.text, "");
	catalogue_number(&c, old, old_count);
	assert_int_equal(c.count, count);
	for (i = 0; i < count; i++)
		if (c.products[i].code != codes[i])
			fail_msg("%s: row %zu has %u", rows, i + 1,
			    c.products[i].code);
	catalogue_rows_release(&c);
}

static void
every_wrong_line_is_told_and_the_rest_read(void **state)
{
	struct complaints complaints;
	struct catalogue c = read_rows("a,1,\n,2,\nb,x,y\nc,-1,70000\na,3,\n"
				       "d,4,1\ne,5,1\nf,6,\n",
	    &complaints);

	(void)state;
	assert_string_equal(complaints.text,
	    "3 product_name; 4 price; 4 code; 5 price; 5 code; "
	    "6 product_name; 8 code; ");
	assert_int_equal(c.count, 3); /* a, d, f */
	catalogue_rows_release(&c);
}

static void
a_table_that_is_broken_is_read_to_there(void **state)
{
	struct complaints complaints;
	struct catalogue c = read_rows("a,1,\n\"b,2,\nc,3,\n", &complaints);

	(void)state;
	assert_string_equal(complaints.text, "3 ; ");
	assert_int_equal(c.count, 1);
	catalogue_rows_release(&c);
}

static void
products_without_a_code_are_numbered_from_0(void **state)
{
	(void)state;
	assert_codes("a,1,\nb,2,\n", NULL, 0, (const uint32_t[]){ 0, 1 }, 2);
	assert_codes(
	    "a,1,\nb,2,0\nc,3,\n", NULL, 0, (const uint32_t[]){ 1, 0, 2 }, 3);
}

static const struct product two[] = {
	{ .code = 0, .name = { "a", 1 }, .price = 1 },
	{ .code = 7, .name = { "b", 1 }, .price = 2 },
};

static void
a_product_keeps_the_code_of_its_name(void **state)
{
	(void)state;
	assert_codes("b,2,\na,9,\n", two, 2, (const uint32_t[]){ 7, 0 }, 2);
	/* a new one goes above all, also of those that go */
	assert_codes("c,1,\na,1,\n", two, 2, (const uint32_t[]){ 8, 0 }, 2);
	/* a code that was said is taken at its word: b is renamed */
	assert_codes("z,1,7\na,1,\n", two, 2, (const uint32_t[]){ 7, 0 }, 2);
	/* and its old owner gets another */
	assert_codes("z,1,7\nb,1,\n", two, 2, (const uint32_t[]){ 7, 8 }, 2);
}

static void
codes_that_run_out_begin_again_with_the_free_ones(void **state)
{
	static const struct product last[] = {
		{ .code = PRODUCT_MAX, .name = { "z", 1 }, .price = 1 },
		{ .code = 0, .name = { "a", 1 }, .price = 1 },
	};

	(void)state;
	assert_codes("z,1,\na,1,\nb,1,\n", last, 2,
	    (const uint32_t[]){ PRODUCT_MAX, 0, 1 }, 3);
}

static void
the_same_catalogue_is_known_as_such(void **state)
{
	struct complaints complaints;
	struct catalogue c = read_rows("a,1,\nb,2,\n", &complaints);

	(void)state;
	catalogue_number(&c, two, 2);
	assert_true(catalogue_equals(&c, two, 2));
	assert_false(catalogue_equals(&c, two, 1));
	c.products[1].price = 3;
	assert_false(catalogue_equals(&c, two, 2));
	catalogue_rows_release(&c);
}

static void
names_have_no_control_characters(void **state)
{
	struct complaints complaints;
	struct catalogue c = read_rows("a\tb,1,\n", &complaints);

	(void)state;
	assert_string_equal(complaints.text, "2 product_name; ");
	catalogue_rows_release(&c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_wrong_line_is_told_and_the_rest_read),
		cmocka_unit_test(a_table_that_is_broken_is_read_to_there),
		cmocka_unit_test(products_without_a_code_are_numbered_from_0),
		cmocka_unit_test(a_product_keeps_the_code_of_its_name),
		cmocka_unit_test(
		    codes_that_run_out_begin_again_with_the_free_ones),
		cmocka_unit_test(the_same_catalogue_is_known_as_such),
		cmocka_unit_test(names_have_no_control_characters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
