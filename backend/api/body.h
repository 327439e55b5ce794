/*
 * body: a request's JSON read strictly, with a word for every field that is
 * wrong, all at once.
 *
 * Refused as a whole (400): what is no JSON, has a name twice, is deeper than
 * BODY_DEPTH_MAX.  Refused by field (422): what is missing, unknown, of
 * another type, too long or out of range.  Readers go on after a wrong field,
 * so that the answer names them all; the form is good if body_is_good() at
 * the end.
 *
 *	struct body body;
 *	struct node root, units;
 *
 *	if (body_parse(&body, text, len, answer) == -1)
 *		return;
 *	root = body_root(&body);
 *	if (body_object(&root, (const char *[]){ "units", NULL })) {
 *		units = body_field(&root, "units");
 *		body_int(&units, 1, UNITS_MAX, &n);
 *	}
 *	if (!body_is_good(&body))
 *		body_refuse(&body, answer);
 *	body_release(&body);
 */
#ifndef PREGON_API_BODY_H
#define PREGON_API_BODY_H

#include <jansson.h>

#include "backend/api/answer.h"

#define BODY_DEPTH_MAX 16
#define BODY_ERRORS_MAX 32 /* named; more are only counted */
#define BODY_FIELD_MAX 119

struct body_error {
	char field[BODY_FIELD_MAX + 1]; /* "lines[2].units"; "": the whole */
	char detail[160];
};
struct body {
	json_t *root; /* owned */
	size_t error_count; /* also of those that found no place */
	struct body_error errors[BODY_ERRORS_MAX];
};

/*
 * A value of the body and the way to it.  What a node was made from must
 * outlive it.
 */
struct node {
	struct body *body;
	json_t *json; /* NULL: it is not there */
	const struct node *up; /* NULL: the root */
	const char *key; /* its name; NULL: an element of a list */
	size_t index;
};

/* No JSON yet: for errors of bodies of another form. */
void body_init(struct body *);
/* 0; or -1, *answer is the problem, and there is nothing to release. */
int body_parse(struct body *, const char *text, size_t len, struct answer *);
void body_release(struct body *);

static inline bool
body_is_good(const struct body *body)
{
	return body->error_count == 0;
}

/* Notes what is wrong with a field that is known by its name alone. */
void body_wrong_field(struct body *, const char *field, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* Notes what is wrong with a value: words that follow "expected". */
void body_wrong(const struct node *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* 422 with all that was noted. */
void body_refuse(const struct body *, struct answer *);

struct node body_root(struct body *);
/* Of an object: its field, there or not. */
struct node body_field(const struct node *object, const char *key);
/* Of a list that has it. */
struct node body_item(const struct node *list, size_t i);

static inline bool
body_has(const struct node *node)
{
	return node->json != NULL;
}

/*
 * Each reads one value: true, or false and what is wrong was noted; *out then
 * stays.  A value that is not there is wrong: ask body_has() first where it
 * may be left out.
 */

/* An object with no other names than these (NULL at the end; NULL: any). */
bool body_object(const struct node *, const char *const *known);
bool body_list(const struct node *, size_t min, size_t max, size_t *count);
bool body_int(const struct node *, int64_t min, int64_t max, int64_t *out);
/* Degrees into 1e-6 of them, rounded; from -max to max. */
bool body_degrees(const struct node *, int32_t max_e6, int32_t *out);
/* UTF-8 without control characters, min to max bytes.  Within the body. */
bool body_text(const struct node *, size_t min, size_t max, const char **out);
/* The same into the caller's max + 1 bytes; lines may end within it. */
bool body_note(const struct node *, size_t min, size_t max, char *out);
/* A name: 1 to TEXT_NAME_MAX bytes, into TEXT_NAME_MAX + 1. */
bool body_name(const struct node *, char *out);
/* A plate, into CART_MAX + 1 bytes. */
bool body_cart(const struct node *, char *out);

#endif
