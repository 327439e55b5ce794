/*
 * member: the names of acts and states, and the keys of records.
 * schemas/member.md is the text; registration.c and member_decision.c read
 * and write the records.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "schemas/member.h"
#include "schemas/record_parts.h"

static const char *const acts[MEMBER_ACTS] = { [MEMBER_APPROVE] = "approve",
	[MEMBER_REJECT] = "reject",
	[MEMBER_SUSPEND] = "suspend",
	[MEMBER_REINSTATE] = "reinstate",
	[MEMBER_PLATE] = "plate",
	[MEMBER_REPLACE] = "replace",
	[MEMBER_LEAVE] = "leave",
	[MEMBER_ENROL] = "enrol" };

static const char *const states[MEMBER_STATES] = { [MEMBER_WAITING] = "waiting",
	[MEMBER_APPROVED] = "approved",
	[MEMBER_REJECTED] = "rejected",
	[MEMBER_SUSPENDED] = "suspended",
	[MEMBER_LEFT] = "left" };

const char *
member_act_name(enum member_act act)
{
	return acts[act];
}

int
member_act_parse(const char *name, size_t len, enum member_act *act)
{
	int found = record_name_find(acts, MEMBER_ACTS, name, len);

	if (found == -1)
		return -1;
	*act = (enum member_act)found;
	return 0;
}

const char *
member_state_name(enum member_state state)
{
	return states[state];
}

int
member_state_parse(const char *name, size_t len, enum member_state *state)
{
	int found = record_name_find(states, MEMBER_STATES, name, len);

	if (found == -1)
		return -1;
	*state = (enum member_state)found;
	return 0;
}

bool
who_is_valid(const char *who, size_t len)
{
	if (len == 0 || len > WHO_MAX)
		return false;
	for (size_t i = 0; i < len; i++) {
		if ((who[i] < 'A' || who[i] > 'Z') &&
		    (who[i] < '0' || who[i] > '9'))
			return false;
	}
	return true;
}

int
member_key_format(const char *who, const char *id, char key[MEMBER_KEY_MAX + 1])
{
	if (!who_is_valid(who, strlen(who)) ||
	    !record_id_is_valid(id, strlen(id), MEMBER_ID_MAX)) {
		errno = EINVAL;
		return -1;
	}
	snprintf(key, MEMBER_KEY_MAX + 1, "%s/%s", who, id);
	return 0;
}

int
member_key_parse(const char *key, size_t len, char who[WHO_MAX + 1],
    char id[MEMBER_ID_MAX + 1])
{
	const char *slash = len == 0 ? NULL : memchr(key, '/', len);
	size_t who_len = slash == NULL ? 0 : (size_t)(slash - key);
	size_t id_len = slash == NULL ? 0 : len - who_len - 1;

	if (!who_is_valid(key, who_len) ||
	    !record_id_is_valid(key + who_len + 1, id_len, MEMBER_ID_MAX)) {
		errno = EINVAL;
		return -1;
	}
	memcpy(who, key, who_len);
	who[who_len] = '\0';
	memcpy(id, key + who_len + 1, id_len);
	id[id_len] = '\0';
	return 0;
}
