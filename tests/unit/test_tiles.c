/*
 * Where the map's background comes from, and what pages may fetch for it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "backend/api/tiles.h"

#define OURS(images, connections)                                              \
	"default-src 'self'; img-src 'self' data: blob:" images                \
	"; connect-src 'self'" connections "; object-src 'none'; "             \
	"base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

static void
assert_is(
    const char *url, enum tiles_kind kind, const char *origin, const char *csp)
{
	struct tiles tiles;
	char why[200] = "", policy[TILES_POLICY_MAX + 1];

	if (tiles_parse(url, &tiles, why, sizeof(why)) == -1)
		fail_msg("%s: %s", url, why);
	assert_int_equal(tiles.kind, kind);
	assert_string_equal(tiles.origin, origin);
	tiles_policy(&tiles, policy);
	assert_string_equal(policy, csp);
}

static void
images_are_let_in_from_their_origin_alone(void **state)
{
	(void)state;
	assert_is("https://tile.openstreetmap.org/{z}/{x}/{y}.png", TILES_XYZ,
	    "https://tile.openstreetmap.org",
	    OURS(" https://tile.openstreetmap.org", ""));
	assert_is("http://127.0.0.1:8099/t?z={z}&x={x}&y={y}{r}", TILES_XYZ,
	    "http://127.0.0.1:8099", OURS(" http://127.0.0.1:8099", ""));
	assert_is("/tiles/{z}/{x}/{y}.webp", TILES_XYZ, "", OURS("", ""));
}

static void
several_hosts_are_one_wildcard(void **state)
{
	(void)state;
	assert_is("https://{s}.tile.example.org:444/{z}/{x}/{y}.png", TILES_XYZ,
	    "https://*.tile.example.org:444",
	    OURS(" https://*.tile.example.org:444", ""));
	assert_is("https://mt{s}.example.org/{z}/{x}/{y}", TILES_XYZ,
	    "https://*.example.org", OURS(" https://*.example.org", ""));
}

static void
a_file_of_another_site_is_fetched_and_shown_as_our_own(void **state)
{
	(void)state;
	assert_is("https://maps.example.cl/rm.pmtiles?key=1", TILES_PMTILES,
	    "https://maps.example.cl", OURS("", " https://maps.example.cl"));
	assert_is("/santiago.pmtiles", TILES_PMTILES, "", OURS("", ""));
}

static void
none_is_none(void **state)
{
	(void)state;
	assert_is("", TILES_NONE, "", OURS("", ""));
}

static void
what_is_no_source_of_tiles_is_refused_in_words(void **state)
{
	static const struct {
		const char *url, *words;
	} wrong[] = {
		{ "ftp://a.org/{z}/{x}/{y}", "https://" },
		{ "tile.openstreetmap.org/{z}/{x}/{y}.png", "https://" },
		{ "//a.org/{z}/{x}/{y}.png", "https://" },
		{ "https://a.org/{z}/{x}.png", "{y}" },
		{ "https://a.org/", "{z}" },
		{ "https://a.org", "HOST" },
		{ "https:///{z}/{x}/{y}.png", "HOST" },
		{ "https://a.org:0/{z}/{x}/{y}.png", "HOST" },
		{ "https://a.org:65536/{z}/{x}/{y}.png", "HOST" },
		{ "https://a.org:/{z}/{x}/{y}.png", "HOST" },
		{ "https://me@a.org/{z}/{x}/{y}.png", "HOST" },
		{ "https://a..org/{z}/{x}/{y}.png", "HOST" },
		{ "https://*.a.org/{z}/{x}/{y}.png", "HOST" },
		{ "https://a.org;script-src/{z}/{x}/{y}.png", "HOST" },
		{ "https://[::1]/{z}/{x}/{y}.png", "HOST" },
		{ "https://{z}.a.org/{x}/{y}.png", "HOST" },
		{ "https://{s}.org/{z}/{x}/{y}.png", "two more" },
		{ "https://{s}/{z}/{x}/{y}.png", "two more" },
		{ "https://a.{s}.a.org/{z}/{x}/{y}.png", "two more" },
		{ "https://{s}{s}.a.org/{s}/{z}/{x}/{y}.png", "{s}" },
		{ "https://a.org/{z}/{x}/{y}.{ext}", "known" },
		{ "https://a.org/{z}/{x}/{y}}", "known" },
		{ "https://a.org/{z} /{x}/{y}.png", "character" },
		{ "https://a.org/{z}/{x}/{y}.png\r\nSet-Cookie: a",
		    "character" },
		{ "https://a.org/\"{z}/{x}/{y}.png", "character" },
		{ "/{z}.pmtiles", "PMTiles" },
		{ "https://{s}.a.example.org/x.pmtiles", "PMTiles" },
	};
	struct tiles tiles;
	char why[200], url[TILES_URL_MAX + 20];

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		why[0] = '\0';
		if (tiles_parse(wrong[i].url, &tiles, why, sizeof(why)) == 0 ||
		    strstr(why, wrong[i].words) == NULL)
			fail_msg("%s: \"%s\"", wrong[i].url, why);
	}
	memset(url, 'a', sizeof(url));
	memcpy(url, "/{z}/{x}/{y}", 12);
	url[TILES_URL_MAX + 1] = '\0';
	assert_int_equal(tiles_parse(url, &tiles, why, sizeof(why)), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(images_are_let_in_from_their_origin_alone),
		cmocka_unit_test(several_hosts_are_one_wildcard),
		cmocka_unit_test(
		    a_file_of_another_site_is_fetched_and_shown_as_our_own),
		cmocka_unit_test(none_is_none),
		cmocka_unit_test(
		    what_is_no_source_of_tiles_is_refused_in_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
