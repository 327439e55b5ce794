#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "backend/api/tiles.h"

#define HOST_MAX 253 /* a name's, by RFC 1035 */
#define PORT_MAX 65535
#define DIGITS "0123456789"
#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define ENDING ".pmtiles"
#define SUBDOMAIN "{s}"

static const char *const kind_names[] = { "none", "xyz", "pmtiles" };

const char *
tiles_kind_name(enum tiles_kind kind)
{
	return kind_names[kind];
}

static int
refuse(char *why, size_t why_cap, const char *words)
{
	snprintf(why, why_cap, "%s", words);
	return -1;
}

/* As far as a file's name goes. */
static size_t
name_len(const char *url)
{
	return strcspn(url, "?#");
}

static bool
is_pmtiles(const char *url)
{
	size_t len = name_len(url), end = strlen(ENDING);

	return len > end && strncmp(url + len - end, ENDING, end) == 0;
}

/* Of what a URL may hold as it is, without what ends an attribute. */
static bool
has_strange(const char *url)
{
	for (; *url != '\0'; url++)
		if (*url <= ' ' || *url >= 0x7f ||
		    strchr("\"'<>\\^`|", *url) != NULL)
			return true;
	return false;
}

/* Of a host: letters, digits and '-' between dots; none at its ends. */
static bool
is_name(const char *s, size_t len)
{
	if (len == 0 || len > HOST_MAX || s[0] == '.' || s[len - 1] == '.' ||
	    strspn(s, LETTERS DIGITS ".-") < len)
		return false;
	for (size_t i = 1; i < len; i++)
		if (s[i] == '.' && s[i - 1] == '.')
			return false;
	return true;
}

static bool
is_port(const char *s, size_t len)
{
	unsigned long port = 0;

	if (len == 0 || len > strlen("65535") || strspn(s, DIGITS) < len)
		return false;
	for (size_t i = 0; i < len; i++)
		port = port * 10 + (unsigned long)(s[i] - '0');
	return port > 0 && port <= PORT_MAX;
}

/*
 * "{s}.tile.example.org": a policy can leave open whole labels only, and a
 * wildcard before a mere "org" would let in the world.
 */
static int
take_wildcard(const char *host, size_t len, size_t *label)
{
	const char *dot = memchr(host, '.', len);

	if (dot == NULL || strstr(host, SUBDOMAIN) > dot)
		return -1;
	*label = (size_t)(dot - host);
	return is_name(dot + 1, len - *label - 1) &&
		memchr(dot + 1, '.', len - *label - 1) != NULL
	    ? 0
	    : -1;
}

/* `url` from after the scheme on; *path is what follows the host. */
static int
take_origin(struct tiles *tiles, const char *scheme, const char *url,
    const char **path, char *why, size_t why_cap)
{
	size_t all = strcspn(url, "/?#"), len = strcspn(url, ":/?#"), label = 0;
	const char *s = strstr(url, SUBDOMAIN);
	bool many = s != NULL && s < url + len;

	*path = url + all;
	if (**path != '/' ||
	    (len < all && !is_port(url + len + 1, all - len - 1)) ||
	    (!many && !is_name(url, len)))
		return refuse(
		    why, why_cap, "expected https://HOST/PATH or http://...");
	if (many && take_wildcard(url, len, &label) == -1)
		return refuse(why, why_cap,
		    "{s} may stand in the first part of the host's name, and "
		    "two more must follow: https://{s}.example.org/");
	snprintf(tiles->origin, sizeof(tiles->origin), "%s%s%.*s", scheme,
	    many ? "*" : "", (int)(all - label), url + label);
	return 0;
}

static bool
stands_at(const char *s, const char *word)
{
	return strncmp(s, word, strlen(word)) == 0;
}

/* Each of {z}, {x}, {y}, and no other but {r}, in what follows the host. */
static int
check_path(const char *path, char *why, size_t why_cap)
{
	static const char *const needed[] = { "{z}", "{x}", "{y}" };
	const char *s;

	for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++)
		if (strstr(path, needed[i]) == NULL) {
			snprintf(why, why_cap,
			    "expected {z}, {x} and {y} in it, or a name that "
			    "ends in .pmtiles: there is no %s",
			    needed[i]);
			return -1;
		}
	for (s = strpbrk(path, "{}"); s != NULL; s = strpbrk(s + 3, "{}"))
		if (!stands_at(s, "{z}") && !stands_at(s, "{x}") &&
		    !stands_at(s, "{y}") && !stands_at(s, "{r}"))
			return refuse(why, why_cap,
			    "only {z}, {x}, {y}, {r} and, in the host, {s} are "
			    "known in it");
	return 0;
}

static int
take_url(struct tiles *tiles, const char *url, char *why, size_t why_cap)
{
	const char *path = url;
	int rc = 0;

	if (stands_at(url, "https://"))
		rc = take_origin(
		    tiles, "https://", url + 8, &path, why, why_cap);
	else if (stands_at(url, "http://"))
		rc = take_origin(
		    tiles, "http://", url + 7, &path, why, why_cap);
	else if (url[0] != '/' || url[1] == '/')
		rc = refuse(why, why_cap,
		    "expected https://..., http://..., a path of web.root "
		    "(/...), or nothing");
	if (rc == -1)
		return -1;
	if (tiles->kind == TILES_XYZ)
		return check_path(path, why, why_cap);
	return strpbrk(url, "{}") == NULL
	    ? 0
	    : refuse(why, why_cap, "no {...} may stand in a PMTiles file's");
}

int
tiles_parse(const char *url, struct tiles *tiles, char *why, size_t why_cap)
{
	*tiles = (struct tiles){ .kind = TILES_NONE };
	if (url[0] == '\0')
		return 0;
	if (strlen(url) > TILES_URL_MAX)
		return refuse(why, why_cap, "it is longer than a URL of tiles");
	if (has_strange(url))
		return refuse(why, why_cap,
		    "it has a character that a URL does not have: write it as "
		    "%XX");
	tiles->kind = is_pmtiles(url) ? TILES_PMTILES : TILES_XYZ;
	return take_url(tiles, url, why, why_cap);
}

void
tiles_policy(const struct tiles *tiles, char policy[TILES_POLICY_MAX + 1])
{
	const char *space = tiles->origin[0] != '\0' ? " " : "";
	bool images = tiles->kind == TILES_XYZ;

	snprintf(policy, TILES_POLICY_MAX + 1,
	    "default-src 'self'; img-src 'self' data: blob:%s%s; "
	    "connect-src 'self'%s%s; object-src 'none'; base-uri 'none'; "
	    "form-action 'self'; frame-ancestors 'none'",
	    images ? space : "", images ? tiles->origin : "",
	    images ? "" : space, images ? "" : tiles->origin);
}
