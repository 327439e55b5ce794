/*
 * jansson reads the text (it refuses what is no UTF-8, NUL within text,
 * numbers beyond 64 bits); this file bounds it and finds words for the rest.
 */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "backend/api/body.h"
#include "schemas/event.h"
#include "schemas/identity.h"

/* Brackets outside of text: jansson's own bound on recursion is 2048. */
static bool
is_too_deep(const char *s, size_t len)
{
	bool in_text = false;
	int depth = 0;
	size_t i;

	for (i = 0; i < len; i++) {
		if (in_text && s[i] == '\\')
			i++;
		else if (s[i] == '"')
			in_text = !in_text;
		else if (in_text)
			continue;
		else if (s[i] == '{' || s[i] == '[')
			depth++;
		else if (s[i] == '}' || s[i] == ']')
			depth--;
		if (depth > BODY_DEPTH_MAX)
			return true;
	}
	return false;
}

void
body_init(struct body *body)
{
	body->root = NULL;
	body->error_count = 0;
}

int
body_parse(struct body *body, const char *text, size_t len, struct answer *a)
{
	json_error_t error;

	body_init(body);
	if (is_too_deep(text, len)) {
		answer_problem(a, 400, NULL, NULL,
		    "the body is no JSON, or deeper than %d levels",
		    BODY_DEPTH_MAX);
		return -1;
	}
	body->root = json_loadb(
	    text, len, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
	if (body->root == NULL) {
		answer_problem(a, 400, NULL, NULL,
		    "the body is no JSON: line %d, column %d: %.200s",
		    error.line, error.column, error.text);
		return -1;
	}
	return 0;
}

void
body_release(struct body *body)
{
	json_decref(body->root);
	body->root = NULL;
}

/* Bytes of `s` that fit into `max`, cut between two characters. */
static int
whole_characters(const char *s, size_t max)
{
	size_t len = strlen(s);

	if (len <= max)
		return (int)len;
	for (len = max; len > 0 && ((unsigned char)s[len] & 0xc0) == 0x80;)
		len--;
	return (int)len;
}

static void
put_path(const struct node *node, char *path, size_t cap)
{
	size_t len;

	if (node->up == NULL)
		return;
	put_path(node->up, path, cap);
	len = strlen(path);
	if (node->key != NULL)
		snprintf(path + len, cap - len, "%s%.*s", len > 0 ? "." : "",
		    whole_characters(node->key, cap - len - 2), node->key);
	else
		snprintf(path + len, cap - len, "[%zu]", node->index);
}

/* Room for one more; NULL: it is counted only. */
static struct body_error *
new_error(struct body *body)
{
	if (body->error_count++ >= BODY_ERRORS_MAX)
		return NULL;
	return &body->errors[body->error_count - 1];
}

void
body_wrong_field(struct body *body, const char *field, const char *fmt, ...)
{
	struct body_error *e = new_error(body);
	va_list ap;

	if (e == NULL)
		return;
	snprintf(e->field, sizeof(e->field), "%.*s",
	    whole_characters(field, BODY_FIELD_MAX), field);
	va_start(ap, fmt);
	vsnprintf(e->detail, sizeof(e->detail), fmt, ap);
	va_end(ap);
}

void
body_wrong(const struct node *node, const char *fmt, ...)
{
	struct body_error *e = new_error(node->body);
	size_t len;
	va_list ap;

	if (e == NULL)
		return;
	e->field[0] = '\0';
	put_path(node, e->field, sizeof(e->field));
	len = (size_t)snprintf(e->detail, sizeof(e->detail), "%sexpected ",
	    body_has(node) ? "" : "missing: ");
	va_start(ap, fmt);
	vsnprintf(e->detail + len, sizeof(e->detail) - len, fmt, ap);
	va_end(ap);
}

/* The first error is in `detail` too, for clients that show only that. */
void
body_refuse(const struct body *body, struct answer *a)
{
	struct jsonw *j = &a->body;
	const struct body_error *e = &body->errors[0];
	size_t i, more = body->error_count - 1;
	char and_more[40] = "";

	if (more > 0)
		snprintf(and_more, sizeof(and_more), " (and %zu more)", more);
	answer_problem_open(a, 422, "%s%s%s%s", e->field,
	    e->field[0] != '\0' ? ": " : "", e->detail, and_more);
	jsonw_key(j, "errors");
	jsonw_open(j, '[');
	for (i = 0; i < body->error_count && i < BODY_ERRORS_MAX; i++) {
		jsonw_open(j, '{');
		jsonw_key(j, "field");
		jsonw_text(j, body->errors[i].field);
		jsonw_key(j, "detail");
		jsonw_text(j, body->errors[i].detail);
		jsonw_close(j, '}');
	}
	jsonw_close(j, ']');
	jsonw_close(j, '}');
}

struct node
body_root(struct body *body)
{
	return (struct node){ .body = body, .json = body->root };
}

struct node
body_field(const struct node *object, const char *key)
{
	return (struct node){ .body = object->body,
		.json = json_object_get(object->json, key),
		.up = object,
		.key = key };
}

struct node
body_item(const struct node *list, size_t i)
{
	return (struct node){ .body = list->body,
		.json = json_array_get(list->json, i),
		.up = list,
		.index = i };
}

static bool
is_known(const char *name, const char *const *known)
{
	for (; *known != NULL; known++)
		if (strcmp(*known, name) == 0)
			return true;
	return false;
}

bool
body_object(const struct node *node, const char *const *known)
{
	const char *key;
	json_t *value;

	if (!json_is_object(node->json)) {
		body_wrong(node, "an object");
		return false;
	}
	if (known == NULL)
		return true;
	json_object_foreach(node->json, key, value) if (!is_known(key, known))
	{
		struct node unknown = body_field(node, key);

		body_wrong(&unknown, "no field of this name");
	}
	return true;
}

bool
body_list(const struct node *node, size_t min, size_t max, size_t *count)
{
	size_t n = json_array_size(node->json);

	if (!json_is_array(node->json) || n < min || n > max) {
		body_wrong(node, "a list of %zu to %zu", min, max);
		return false;
	}
	*count = n;
	return true;
}

bool
body_int(const struct node *node, int64_t min, int64_t max, int64_t *out)
{
	json_int_t n = json_integer_value(node->json);

	if (!json_is_integer(node->json) || n < min || n > max) {
		body_wrong(node, "a whole number from %lld to %lld",
		    (long long)min, (long long)max);
		return false;
	}
	*out = n;
	return true;
}

bool
body_degrees(const struct node *node, int32_t max_e6, int32_t *out)
{
	double degrees = json_number_value(node->json);

	if (!json_is_number(node->json) ||
	    !(fabs(degrees) * 1e6 <= (double)max_e6)) {
		body_wrong(node, "degrees from -%d to %d", max_e6 / 1000000,
		    max_e6 / 1000000);
		return false;
	}
	*out = (int32_t)lround(degrees * 1e6);
	return true;
}

static bool
has_control(const char *s, const char *allowed)
{
	for (; *s != '\0'; s++)
		if (((unsigned char)*s < 0x20 || *s == 0x7f) &&
		    strchr(allowed, *s) == NULL)
			return true;
	return false;
}

static bool
read_text(const struct node *node, size_t min, size_t max, const char *allowed,
    const char **out)
{
	const char *s = json_string_value(node->json);

	if (s == NULL || strlen(s) < min || strlen(s) > max) {
		body_wrong(node, "text of %zu to %zu bytes", min, max);
		return false;
	}
	if (has_control(s, allowed)) {
		body_wrong(node, "text without control characters");
		return false;
	}
	*out = s;
	return true;
}

bool
body_text(const struct node *node, size_t min, size_t max, const char **out)
{
	return read_text(node, min, max, "", out);
}

bool
body_note(const struct node *node, size_t min, size_t max, char *out)
{
	const char *s;

	if (!read_text(node, min, max, "\t\r\n", &s))
		return false;
	memcpy(out, s, strlen(s) + 1);
	return true;
}

bool
body_name(const struct node *node, char *out)
{
	const char *s;

	if (!body_text(node, 1, TEXT_NAME_MAX, &s))
		return false;
	memcpy(out, s, strlen(s) + 1);
	return true;
}

bool
body_cart(const struct node *node, char *out)
{
	const char *s = json_string_value(node->json);

	if (s == NULL || !cart_is_valid(s, strlen(s))) {
		body_wrong(node, "a plate: 4 to 8 of A-Z and 0-9");
		return false;
	}
	memcpy(out, s, strlen(s) + 1);
	return true;
}
