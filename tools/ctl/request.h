/*
 * request: a request to the gateway, built from flags or from a JSON object
 * as typed.
 */
#ifndef PREGON_CTL_REQUEST_H
#define PREGON_CTL_REQUEST_H

#include <stddef.h>

enum request_kind { REQUEST_TEXT, REQUEST_INT, REQUEST_PRODUCT, REQUEST_JSON };

struct request_field {
	const char *name; /* as the gateway knows it */
	enum request_kind kind;
	const char *value; /* as typed; "": not given */
};

/*
 * One line of JSON without a line feed, malloc'ed: {"type": type, ...} with
 * the fields of `object` (JSON text, NULL: none) and then those given.
 * NULL, and `why` in words.
 */
char *request_build(const char *type, const char *object,
    const struct request_field *, size_t count, char *why, size_t why_cap);

#endif
