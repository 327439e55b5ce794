/*
 * tiles: where pages have their map's background from, as tiles.url says it,
 * and what their Content-Security-Policy must let them fetch for that.
 *
 *   ""                                     none: a plain grid
 *   https://tile.example.org/{z}/{x}/{y}.png      images; {r} as Leaflet has it
 *   https://{s}.tile.example.org/{z}/{x}/{y}.png  of several hosts
 *   /santiago.pmtiles                      one file of web.root
 *   https://example.org/santiago.pmtiles   or of another site
 */
#ifndef PREGON_API_TILES_H
#define PREGON_API_TILES_H

#include <stddef.h>

enum tiles_kind { TILES_NONE, TILES_XYZ, TILES_PMTILES };

#define TILES_URL_MAX 500
#define TILES_ORIGIN_MAX (sizeof("https://") + 253 + sizeof(":65535"))
#define TILES_POLICY_MAX (2 * TILES_ORIGIN_MAX + 300)

struct tiles {
	enum tiles_kind kind;
	/* "https://tile.example.org:8443", with "*." for {s}; "": they
	 * are our own */
	char origin[TILES_ORIGIN_MAX + 1];
};

/* -1, and `why` in words, without the setting's name. */
int tiles_parse(const char *url, struct tiles *, char *why, size_t why_cap);
const char *tiles_kind_name(enum tiles_kind); /* "xyz" */

/*
 * The Content-Security-Policy of pages and of what they load: all is ours but
 * these tiles.  One of TILES_POLICY_MAX + 1 always fits.
 */
void tiles_policy(const struct tiles *, char policy[TILES_POLICY_MAX + 1]);

#endif
