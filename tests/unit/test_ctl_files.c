/*
 * What pregonctl reads from people: catalogues, lists of plates, requests.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/ctl/catalogue_file.h"
#include "tools/ctl/plates.h"
#include "tools/ctl/request.h"

static void
assert_product(const struct catalogue *c, size_t i, uint32_t code,
    const char *name, int64_t price)
{
	assert_true(i < c->count);
	assert_int_equal(c->products[i].code, code);
	assert_int_equal(c->products[i].name.len, strlen(name));
	assert_memory_equal(c->products[i].name.s, name, strlen(name));
	assert_true(c->products[i].price == price);
}

static void
a_csv_gives_codes_in_the_order_of_its_lines(void **state)
{
	struct catalogue c;
	char why[200];

	(void)state;
	assert_int_equal(catalogue_file_read(&c,
			     "\xef\xbb\xbfproduct_name,price\r\n"
			     "Empanada de pino,1500\r\n"
			     "\r\n"
			     "\"Jugo, de \"\"maqui\"\"\",900\r\n",
			     why, sizeof(why)),
	    0);
	assert_int_equal(c.count, 2);
	assert_product(&c, 0, 0, "Empanada de pino", 1500);
	assert_product(&c, 1, 1, "Jugo, de \"maqui\"", 900);
	catalogue_rows_release(&c);
}

static void
a_csv_may_name_its_codes_and_have_other_columns(void **state)
{
	struct catalogue c;
	char why[200];

	(void)state;
	assert_int_equal(catalogue_file_read(&c,
			     "color,code,price,product_name\n"
			     "red,7,1500,Empanada\n,2,900,Jugo",
			     why, sizeof(why)),
	    0);
	assert_product(&c, 0, 7, "Empanada", 1500);
	assert_product(&c, 1, 2, "Jugo", 900);
	catalogue_rows_release(&c);
}

static void
json_is_a_list_or_an_object_with_products(void **state)
{
	struct catalogue c;
	char why[200];

	(void)state;
	assert_int_equal(catalogue_file_read(&c,
			     " [{\"name\": \"Té\", \"price\": 0},"
			     " {\"name\": \"Pan\", \"price\": 5, "
			     "\"code\": 65535}]",
			     why, sizeof(why)),
	    0);
	assert_product(&c, 0, 0, "Té", 0);
	assert_product(&c, 1, 65535, "Pan", 5);
	catalogue_rows_release(&c);
	assert_int_equal(catalogue_file_read(&c,
			     "{\"products\": [{\"name\": \"x\", "
			     "\"price\": 1}]}",
			     why, sizeof(why)),
	    0);
	catalogue_rows_release(&c);
}

static void
a_catalogue_that_is_wrong_is_refused_with_its_line(void **state)
{
	static const struct {
		const char *text, *words;
	} wrong[] = {
		{ "", "line 1: expected the columns" },
		{ "name,price\nx,1\n", "line 1: expected the columns" },
		{ "product_name,price\n", "no products" },
		{ "product_name,price\nx\n", "line 2: expected as many" },
		{ "product_name,price\nx,1\ny,-1\n", "line 3: expected price" },
		{ "product_name,price\nx,1.5\n", "line 2: expected price" },
		{ "product_name,price\nx,1\nx,2\n",
		    "line 3: expected product_name: a name" },
		{ "product_name,price,code\nx,1,3\ny,1,3\n",
		    "line 3: expected code: a code" },
		{ "product_name,price,code\nx,1,65536\n",
		    "line 2: expected code" },
		{ "product_name,price\n\"x,1\ny,2\n",
		    "line 2: expected a closing quote" },
		{ "product_name,price\n\"x\"y,1\n",
		    "line 2: expected a comma" },
		{ "product_name,price\n,1\n", "line 2: expected product_name" },
		{ "[{\"name\": \"x\"}]", "line 1: expected {\"name\"" },
		{ "[{\"name\": \"x\", \"price\": 1},", "line 1: " },
		{ "{\"product\": []}", "a list of products" },
	};
	struct catalogue c;
	char why[200];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		assert_int_equal(
		    catalogue_file_read(&c, wrong[i].text, why, sizeof(why)),
		    -1);
		if (strstr(why, wrong[i].words) == NULL)
			fail_msg("%s: %s", wrong[i].text, why);
	}
}

static void
a_catalogue_is_bounded(void **state)
{
	struct catalogue c;
	char *text = malloc(100000), why[200];
	size_t len = 0;
	int i;

	(void)state;
	len += (size_t)sprintf(text, "product_name,price\n");
	for (i = 0; i <= CATALOGUE_MAX; i++)
		len += (size_t)sprintf(text + len, "product %d,1\n", i);
	assert_int_equal(catalogue_file_read(&c, text, why, sizeof(why)), -1);
	assert_non_null(strstr(why, "2000"));
	free(text);
}

static int
read_plates(struct plates *p, const char *text, char *why, size_t why_cap)
{
	FILE *f = fmemopen((void *)(uintptr_t)text, strlen(text), "r");
	int rc;

	assert_non_null(f);
	rc = plates_read(p, f, why, why_cap);
	fclose(f);
	return rc;
}

static void
a_list_of_plates_may_have_remarks(void **state)
{
	struct plates p;
	char why[200];

	(void)state;
	assert_int_equal(
	    read_plates(&p, "# the north\nAB1234\n\n  CD5678 # Ana\r\nEF90",
		why, sizeof(why)),
	    0);
	assert_int_equal(p.count, 3);
	assert_string_equal(p.at[1], "CD5678");
	assert_string_equal(p.at[2], "EF90");
	plates_release(&p);
	assert_int_equal(
	    read_plates(&p, "AB1234\nab1234\n", why, sizeof(why)), -1);
	assert_non_null(strstr(why, "line 2"));
	assert_int_equal(
	    read_plates(&p, "AB1234 CD5678\n", why, sizeof(why)), -1);
	assert_int_equal(read_plates(&p, "# none\n", why, sizeof(why)), -1);
}

static void
a_request_has_the_fields_that_were_given(void **state)
{
	const struct request_field fields[] = {
		{ "customer", REQUEST_TEXT, "Ana \"la\" Ñ" },
		{ "contact", REQUEST_TEXT, "" },
		{ "units", REQUEST_INT, "3" },
		{ "product", REQUEST_PRODUCT, "7" },
		{ "lines", REQUEST_JSON, "[{\"units\":2}]" },
	};
	char why[200];
	char *line = request_build("sale", NULL, fields, 5, why, sizeof(why));

	(void)state;
	assert_string_equal(line,
	    "{\"type\":\"sale\",\"customer\":\"Ana \\\"la\\\" Ñ\","
	    "\"units\":3,\"product\":7,\"lines\":[{\"units\":2}]}");
	free(line);
}

static void
flags_outdo_the_object_and_the_type_stays(void **state)
{
	const struct request_field fields[] = { { "product", REQUEST_PRODUCT,
	    "empanada" } };
	char why[200];
	char *line = request_build("sale",
	    "{\"type\":\"void\",\"product\":1,\"units\":2}", fields, 1, why,
	    sizeof(why));

	(void)state;
	assert_string_equal(
	    line, "{\"type\":\"sale\",\"product\":\"empanada\",\"units\":2}");
	free(line);
}

static void
a_request_that_is_wrong_is_refused_by_field(void **state)
{
	const struct request_field units[] = { { "units", REQUEST_INT,
	    "three" } };
	const struct request_field lines[] = { { "lines", REQUEST_JSON, "[" } };
	const struct request_field name[] = { { "customer", REQUEST_TEXT,
	    "\xff" } };
	char why[200];

	(void)state;
	assert_null(request_build("sale", NULL, units, 1, why, sizeof(why)));
	assert_non_null(strstr(why, "--units"));
	assert_null(request_build("sale", NULL, lines, 1, why, sizeof(why)));
	assert_non_null(strstr(why, "--lines"));
	assert_null(request_build("sale", NULL, name, 1, why, sizeof(why)));
	assert_non_null(strstr(why, "--customer"));
	assert_null(request_build("sale", "[1]", NULL, 0, why, sizeof(why)));
	assert_non_null(strstr(why, "object"));
	assert_null(request_build("sale", "{", NULL, 0, why, sizeof(why)));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_csv_gives_codes_in_the_order_of_its_lines),
		cmocka_unit_test(
		    a_csv_may_name_its_codes_and_have_other_columns),
		cmocka_unit_test(json_is_a_list_or_an_object_with_products),
		cmocka_unit_test(
		    a_catalogue_that_is_wrong_is_refused_with_its_line),
		cmocka_unit_test(a_catalogue_is_bounded),
		cmocka_unit_test(a_list_of_plates_may_have_remarks),
		cmocka_unit_test(a_request_has_the_fields_that_were_given),
		cmocka_unit_test(flags_outdo_the_object_and_the_type_stays),
		cmocka_unit_test(a_request_that_is_wrong_is_refused_by_field),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
