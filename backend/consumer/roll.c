/*
 * roll: from a record to what it is about, and what time does.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "backend/consumer/roll_parts.h"

/* Registrations that one tick erases; the next goes on. */
#define EXPIRE_AT_ONCE 100

int
roll_reject(struct roll *roll, const struct record *record, const char *reason)
{
	struct record bare = *record;

	bare.value = (const void *)"";
	bare.len = 0;
	return role_reject(roll->ctx, &bare, reason);
}

static int
key_of(const struct record *record, struct roll_key *key)
{
	return member_key_parse(
	    record->key, record->key_len, key->who, key->id);
}

int
roll_apply(struct roll *roll, const struct record *record)
{
	struct roll_key key;

	if (key_of(record, &key) == -1)
		return roll_reject(roll, record, "key: expected WHO/ID");
	if (record->len == 0)
		return roll_erased(roll, record, &key);
	if (strcmp(record->schema, SCHEMA_MEMBER) == 0)
		return roll_register(roll, record, &key);
	if (strcmp(record->schema, SCHEMA_MEMBER_DECISION) == 0)
		return roll_decide(roll, record, &key);
	return roll_reject(roll, record,
	    "schema: expected member/1 or member-decision/1; the record "
	    "stays where it came");
}

int
roll_expire(struct roll *roll, int64_t now_ms)
{
	struct members_store *store = roll->store;
	struct registration_row rows[EXPIRE_AT_ONCE];
	int count = store->ops->registrations_ended(
	    store, now_ms - roll->refused_keep_ms, rows, EXPIRE_AT_ONCE);

	for (int i = 0; i < count; i++) {
		if (roll_erase(roll, &rows[i]) == -1)
			return -1;
	}
	return count == -1 ? -1 : 0;
}
