/*
 * vectors_check: reads the golden bytes of schemas/vectors with a reader for
 * each format.  For the tests of the golden bytes alone; they run from the
 * root of the checkout.
 */
#ifndef PREGON_TEST_VECTORS_CHECK_H
#define PREGON_TEST_VECTORS_CHECK_H

#include <errno.h>
#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "schemas/frame.h"

#define FOLDER "schemas/vectors/"

/* What a format's reader leaves: values, and the bytes written again. */
struct reading {
	json_t *values; /* NULL: refused */
	struct decode_error error;
	int errno_seen;
	uint8_t again[FRAME_BYTES_MAX];
	int again_len;
};

typedef void (*reader_fn)(
    const json_t *vector, const uint8_t *, size_t, struct reading *);

static const char *
string_at(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

/* From hexadecimal into a block of exactly that size, so that a sanitizer
 * sees each read beyond it. */
static uint8_t *
bytes_of(const char *hex, size_t *len)
{
	uint8_t *bytes;

	*len = strlen(hex) / 2;
	bytes = malloc(*len + (*len == 0));
	for (size_t i = 0; i < *len; i++) {
		unsigned byte;

		assert_int_equal(sscanf(hex + 2 * i, "%2x", &byte), 1);
		bytes[i] = (uint8_t)byte;
	}
	return bytes;
}

static void
compare(const json_t *vector, const uint8_t *bytes, size_t len,
    const struct reading *got)
{
	const char *name = string_at(vector, "name");
	const char *error = string_at(vector, "error");
	const char *wanted_errno = string_at(vector, "errno");
	const json_t *values = json_object_get(vector, "values");

	if (error != NULL) {
		if (got->values != NULL)
			fail_msg("%s was read", name);
		if (strcmp(got->error.field, error) != 0)
			fail_msg("%s: refused at %s: expected %s", name,
			    got->error.field, got->error.expected);
		assert_true(got->error.expected[0] != '\0');
		assert_int_equal(
		    got->errno_seen, wanted_errno != NULL ? ENOTSUP : EBADMSG);
		return;
	}
	if (got->values == NULL)
		fail_msg("%s: refused: %s: expected %s", name, got->error.field,
		    got->error.expected);
	if (!json_equal(got->values, values)) {
		char *text = json_dumps(got->values, JSON_SORT_KEYS);

		fail_msg("%s was read as %s", name, text);
	}
	if (json_is_false(json_object_get(vector, "canonical")))
		return;
	if (got->again_len != (int)len || memcmp(got->again, bytes, len) != 0)
		fail_msg("%s: written again it has other bytes", name);
}

/* Every vector of a file; at least one is read and one refused. */
static void
check_file(const char *file, reader_fn reader)
{
	static struct reading got;
	json_error_t why;
	json_t *vectors, *vector;
	char path[128];
	size_t i;

	snprintf(path, sizeof(path), FOLDER "%s.json", file);
	vectors = json_load_file(path, 0, &why);
	if (vectors == NULL)
		fail_msg("%s:%d: %s", path, why.line, why.text);
	assert_true(json_array_size(vectors) > 1);
	json_array_foreach(vectors, i, vector)
	{
		size_t len;
		uint8_t *bytes = bytes_of(string_at(vector, "hex"), &len);

		got.values = NULL;
		got.error = (struct decode_error){ .field = "" };
		reader(vector, bytes, len, &got);
		compare(vector, bytes, len, &got);
		json_decref(got.values);
		free(bytes);
	}
	json_decref(vectors);
}

#endif
