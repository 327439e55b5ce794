/*
 * web: files of one folder, for browsers: what stands under it and nothing
 * else.  No link is followed within it, nothing whose name begins with a dot
 * is there, and each part of a path is opened from the one before, so that no
 * path leads out, however it is written.
 *
 * Any thread.
 */
#ifndef PREGON_API_WEB_H
#define PREGON_API_WEB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "backend/api/range.h"

struct web;
/* NULL: `why` in words. */
struct web *web_open(const char *folder, char *why, size_t why_cap);
void web_close(struct web *); /* NULL is nothing */

struct web_file {
	int fd; /* the caller closes it */
	size_t size;
	const char *type; /* Content-Type; literal */
	char etag[64]; /* with its quotes */
	bool gzip; /* it is "<path>.gz", which is not older than the path's */
	bool forever; /* its name would change with it */
	struct range range; /* what of it is to be sent; the caller's */
};
/*
 * `path` as it was asked for, unescaped, from '/' on; one that ends with '/'
 * means the index.html there.  -1: ENOENT, or what open() says.
 */
int web_find(
    const struct web *, const char *path, bool gzip, struct web_file *);

/* Does Accept-Encoding (NULL: not given) take gzip? */
bool web_takes_gzip(const char *accepted);

#endif
