/* alert: ids that come back, records at their largest, and what is refused. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "schemas/alert.h"

static struct decode_error error;

static struct alert_event
largest(void)
{
	struct alert_event a = { .cart = "ABCD1234",
		.cause = ALERT_RESTOCK_DISPUTE,
		.state = ALERT_RESOLVED,
		.revision = UINT32_MAX,
		.at_ms = TIME_MAX_MS,
		.since_ms = TIME_MIN_MS,
		.until_ms = TIME_MAX_MS,
		.known = KNOWN_NO_FIX,
		.why = WHY_RECEIVER,
		.has_place = true,
		.lat_e6 = -LAT_E6_MAX,
		.lon_e6 = -LON_E6_MAX,
		.place_at_ms = TIME_MAX_MS,
		.moved_m = INT64_MAX,
		.count = INT64_MAX };

	memset(a.id, 'i', ALERT_ID_MAX);
	memset(a.subject, 's', TEXT_NAME_MAX);
	memset(a.by, 'b', TEXT_NAME_MAX);
	memset(a.note, 'n', TEXT_NOTE_MAX);
	return a;
}

static void
every_id_that_is_made_is_read(void **state)
{
	static const char *const carts[] = { "", "AB12", "ZZZZ9999" };
	static const int64_t times[] = { 0, TIME_MIN_MS, TIME_MAX_MS,
		INT64_MAX };
	char id[ALERT_ID_MAX + 1], cart[CART_MAX + 1];
	enum alert_cause cause;

	(void)state;
	for (int c = 0; c < ALERT_CAUSES; c++) {
		for (size_t i = 0; i < 12; i++) {
			alert_id(id, carts[i % 3], (enum alert_cause)c,
			    times[i / 3]);
			assert_int_equal(alert_id_parse(id, cart, &cause), 0);
			assert_string_equal(cart, carts[i % 3]);
			assert_int_equal(cause, c);
		}
	}
}

static void
the_same_cause_at_the_same_time_has_the_same_id(void **state)
{
	char id[ALERT_ID_MAX + 1];

	(void)state;
	alert_id(id, "DEMO01", ALERT_MISSING, INT64_C(1795192205000));
	assert_string_equal(id, "DEMO01-missing-mwp736iw");
	alert_id(id, "DEMO01", ALERT_GAP_SALE, 36);
	assert_string_equal(id, "DEMO01-gap.sale-10");
	alert_id(id, "", ALERT_FUGITIVE, 35);
	assert_string_equal(id, "fugitive-z");
	alert_id(id, "DEMO01", ALERT_BACKLOG, -1);
	assert_string_equal(id, "DEMO01-backlog-0");
}

static void
a_fugitive_may_be_named_after_its_report(void **state)
{
	char cart[CART_MAX + 1];
	enum alert_cause cause;

	(void)state;
	assert_int_equal(
	    alert_id_parse("fugitive-R7Q2-Z_9K0", cart, &cause), 0);
	assert_string_equal(cart, "");
	assert_int_equal(cause, ALERT_FUGITIVE);
}

static void
other_ids_are_refused(void **state)
{
	static const char *const wrong[] = { "", "-", "missing", "DEMO01",
		"DEMO01-missing", "DEMO01-missing-", "DEMO01-lost-z",
		"DEMO01-missing-Z", "DEMO01-missing-1-2", "demo01-missing-1",
		"DEMO01missing-1", "fugitive-", "fugitive-a/b", "fugitive-a b",
		"DEMO01-missing-00000000000000",
		"fugitive-0123456789012345678901234567890123456789" };
	char cart[CART_MAX + 1];
	enum alert_cause cause;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		memcpy(cart, "DEMO01", 7);
		errno = 0;
		assert_int_equal(alert_id_parse(wrong[i], cart, &cause), -1);
		assert_int_equal(errno, EINVAL);
		assert_string_equal(cart, "");
	}
}

static void
each_name_is_there_and_its_own(void **state)
{
	enum alert_cause cause;

	(void)state;
	for (int i = 0; i < ALERT_CAUSES; i++) {
		const char *name = alert_cause_name((enum alert_cause)i);

		assert_int_equal(
		    alert_cause_parse(name, strlen(name), &cause), 0);
		assert_int_equal(cause, i);
		assert_int_equal(
		    alert_cause_parse(name, strlen(name) - 1, &cause), -1);
	}
	assert_string_equal(alert_state_name(ALERT_OPENED), "opened");
	assert_string_equal(alert_state_name(ALERT_RESOLVED), "resolved");
	assert_string_equal(alert_known_name(KNOWN_LINK_LOST), "link_lost");
	assert_string_equal(alert_known_name(KNOWN_NO_FIX), "no_fix");
	assert_string_equal(alert_why_name(WHY_UNKNOWN), "unknown");
	assert_string_equal(alert_why_name(WHY_RECEIVER), "receiver");
}

static void
a_resolution_goes_to_the_role_that_owns_the_cause(void **state)
{
	(void)state;
	for (int i = 0; i < ALERT_CAUSES; i++) {
		enum topic topic = alert_topic((enum alert_cause)i);

		if (i == ALERT_GAP_SALE || i == ALERT_SALE_REFUSED)
			assert_int_equal(topic, TOPIC_VENTAS);
		else if (i == ALERT_GAP_STOCK || i == ALERT_RESTOCK_DISPUTE)
			assert_int_equal(topic, TOPIC_STOCK);
		else
			assert_int_equal(topic, TOPIC_COORDENADAS);
	}
}

static void
the_largest_alert_fits_and_comes_back(void **state)
{
	struct alert_event a = largest(), got;
	uint8_t buf[ALERT_BYTES_MAX];
	int len = alert_encode(&a, buf, sizeof(buf));

	(void)state;
	assert_true(len > 0);
	memset(&got, 0xff, sizeof(got));
	assert_int_equal(alert_decode(buf, (size_t)len, &got, &error), 0);
	assert_string_equal(got.id, a.id);
	assert_string_equal(got.cart, a.cart);
	assert_int_equal(got.cause, a.cause);
	assert_int_equal(got.state, a.state);
	assert_true(got.revision == UINT32_MAX);
	assert_true(got.at_ms == a.at_ms && got.since_ms == a.since_ms);
	assert_true(got.until_ms == a.until_ms);
	assert_int_equal(got.known, a.known);
	assert_int_equal(got.why, a.why);
	assert_true(got.has_place && got.lat_e6 == a.lat_e6);
	assert_true(got.lon_e6 == a.lon_e6);
	assert_true(got.place_at_ms == a.place_at_ms);
	assert_true(got.moved_m == INT64_MAX && got.count == INT64_MAX);
	assert_string_equal(got.subject, a.subject);
	assert_string_equal(got.by, a.by);
	assert_string_equal(got.note, a.note);
	for (size_t cut = 0; cut < (size_t)len; cut++)
		assert_int_equal(alert_decode(buf, cut, &got, &error), -1);
	assert_int_equal(alert_encode(&a, buf, (size_t)len - 1), -1);
	assert_int_equal(errno, ENOBUFS);
}

static void
what_is_not_known_comes_back_as_that(void **state)
{
	struct alert_event a = { .id = "fugitive-r1",
		.cause = ALERT_FUGITIVE,
		.at_ms = TIME_MIN_MS,
		.since_ms = TIME_MIN_MS,
		.until_ms = INSTANT_MISSING,
		.place_at_ms = INSTANT_MISSING,
		.moved_m = -1 };
	struct alert_event got;
	uint8_t buf[ALERT_BYTES_MAX];
	int len = alert_encode(&a, buf, sizeof(buf));

	(void)state;
	memset(&got, 0xff, sizeof(got));
	assert_int_equal(alert_decode(buf, (size_t)len, &got, &error), 0);
	assert_string_equal(got.cart, "");
	assert_true(got.until_ms == INSTANT_MISSING && got.moved_m == -1);
	assert_false(got.has_place);
	assert_true(got.place_at_ms == INSTANT_MISSING);
	assert_string_equal(got.subject, "");
	assert_string_equal(got.by, "");
	assert_string_equal(got.note, "");
}

static void
a_resolution_is_somebody_s(void **state)
{
	struct alert_resolution said = { .id = "DEMO01-missing-mwp736iw",
		.at_ms = TIME_MIN_MS,
		.by = "Rosa" };
	struct alert_resolution got;
	uint8_t buf[ALERT_BYTES_MAX];
	int len;

	(void)state;
	memset(said.note, 'n', TEXT_NOTE_MAX);
	len = resolution_encode(&said, buf, sizeof(buf));
	assert_true(len > 0);
	assert_int_equal(resolution_decode(buf, (size_t)len, &got, &error), 0);
	assert_string_equal(got.id, said.id);
	assert_true(got.at_ms == said.at_ms);
	assert_string_equal(got.by, "Rosa");
	assert_string_equal(got.note, said.note);
	for (size_t cut = 0; cut < (size_t)len; cut++)
		assert_int_equal(resolution_decode(buf, cut, &got, &error), -1);
	said.by[0] = '\0';
	len = resolution_encode(&said, buf, sizeof(buf));
	assert_int_equal(resolution_decode(buf, (size_t)len, &got, &error), -1);
	assert_string_equal(error.field, "resolution.by");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_id_that_is_made_is_read),
		cmocka_unit_test(
		    the_same_cause_at_the_same_time_has_the_same_id),
		cmocka_unit_test(a_fugitive_may_be_named_after_its_report),
		cmocka_unit_test(other_ids_are_refused),
		cmocka_unit_test(each_name_is_there_and_its_own),
		cmocka_unit_test(
		    a_resolution_goes_to_the_role_that_owns_the_cause),
		cmocka_unit_test(the_largest_alert_fits_and_comes_back),
		cmocka_unit_test(what_is_not_known_comes_back_as_that),
		cmocka_unit_test(a_resolution_is_somebody_s),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
