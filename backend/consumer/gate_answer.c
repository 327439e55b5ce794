#include <stdlib.h>
#include <string.h>

#include "backend/consumer/gate_parts.h"

#define MARK_DIGITS 16

/* The end of a description that gate_command.c made; 0: none. */
static uint64_t
mark_of(const char *description)
{
	size_t len = description != NULL ? strlen(description) : 0;
	const char *digits;

	if (len < MARK_DIGITS)
		return 0;
	digits = description + len - MARK_DIGITS;
	if (strspn(digits, "0123456789abcdef") != MARK_DIGITS)
		return 0;
	return strtoull(digits, NULL, 16);
}

/* Is it the cart's own role? */
static bool
is_own(const char *role, const char *username)
{
	return strncmp(role, "cart-", strlen("cart-")) == 0 &&
	    strcmp(role + strlen("cart-"), username) == 0;
}

static bool
read_roles(const json_t *roles, const char *username, struct gate_seen *seen)
{
	const json_t *role;
	size_t i;

	json_array_foreach(roles, i, role)
	{
		const char *name = json_string_value(
		    json_object_get(role, "rolename"));

		if (name == NULL)
			return false;
		if (is_own(name, username))
			seen->role = true;
		else
			seen->foreign = true;
	}
	return true;
}

bool
gate_answer_client(
    const json_t *client, const char **username, struct gate_seen *seen)
{
	*seen = (struct gate_seen){ .known = true, .present = true };
	*username = json_string_value(json_object_get(client, "username"));
	if (*username == NULL)
		return false;
	seen->disabled = json_is_true(json_object_get(client, "disabled"));
	seen->mark = mark_of(
	    json_string_value(json_object_get(client, "textdescription")));
	if (json_array_size(json_object_get(client, "groups")) > 0)
		seen->foreign = true;
	return read_roles(json_object_get(client, "roles"), *username, seen);
}

bool
gate_answer_is_harmless(const char *command, const char *error)
{
	return strcmp(command, "createRole") == 0 &&
	    strcmp(error, "Role already exists") == 0;
}
