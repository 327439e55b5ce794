/*
 * range: the part of a file that Range asks for (RFC 9110, 14).
 */
#ifndef PREGON_API_RANGE_H
#define PREGON_API_RANGE_H

#include <stddef.h>
#include <stdint.h>

enum range_kind {
	RANGE_WHOLE, /* none was asked for, or none that is understood */
	RANGE_PART,
	RANGE_NONE /* it begins behind the file's end: 416 */
};
struct range {
	enum range_kind kind;
	uint64_t from, len; /* of RANGE_PART; len > 0 */
};

/* `asked`: Range's value; NULL: not given.  Several parts at once are the
 * whole. */
struct range range_find(const char *asked, uint64_t size);

/* Content-Range: "bytes 0-9/100"; of none the size alone. */
#define RANGE_TEXT_MAX 72
void range_format(
    const struct range *, uint64_t size, char text[RANGE_TEXT_MAX]);

#endif
