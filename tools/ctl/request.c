#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "tools/ctl/request.h"

static json_t *
integer(const char *value)
{
	char *end;
	long long n;

	errno = 0;
	n = strtoll(value, &end, 10);
	return errno == 0 && *end == '\0' ? json_integer(n) : NULL;
}

/* NULL: the value does not read as its kind. */
static json_t *
field_json(const struct request_field *f)
{
	json_t *number;

	switch (f->kind) {
	case REQUEST_INT:
		return integer(f->value);
	case REQUEST_PRODUCT: /* by code or by name */
		number = integer(f->value);
		return number != NULL ? number : json_string(f->value);
	case REQUEST_JSON:
		return json_loads(f->value, JSON_REJECT_DUPLICATES, NULL);
	case REQUEST_TEXT:
		break;
	}
	return json_string(f->value);
}

static json_t *
base_object(const char *object, char *why, size_t why_cap)
{
	json_error_t error;
	json_t *o;

	if (object == NULL)
		return json_object();
	o = json_loads(object, JSON_REJECT_DUPLICATES, &error);
	if (o == NULL)
		snprintf(why, why_cap, "not JSON: %s (column %d)", error.text,
		    error.column);
	else if (!json_is_object(o)) {
		snprintf(why, why_cap, "not a JSON object: {...}");
		json_decref(o);
		o = NULL;
	}
	return o;
}

char *
request_build(const char *type, const char *object,
    const struct request_field *fields, size_t count, char *why, size_t why_cap)
{
	json_t *o = base_object(object, why, why_cap), *value;
	char *line = NULL;
	size_t i;

	if (o == NULL)
		return NULL;
	json_object_set_new(o, "type", json_string(type));
	for (i = 0; i < count; i++) {
		if (fields[i].value[0] == '\0')
			continue;
		value = field_json(&fields[i]);
		if (value == NULL) {
			snprintf(why, why_cap, "--%s: expected %s, got \"%s\"",
			    fields[i].name,
			    fields[i].kind == REQUEST_INT ? "a whole number"
				: fields[i].kind == REQUEST_JSON
				? "JSON"
				: "text in UTF-8",
			    fields[i].value);
			goto out;
		}
		json_object_set_new(o, fields[i].name, value);
	}
	line = json_dumps(o, JSON_COMPACT);
	if (line == NULL)
		snprintf(why, why_cap, "no memory");
out:
	json_decref(o);
	return line;
}
