/*
 * roll_erase: personal data go.
 */
#include <stdio.h>
#include <string.h>

#include "backend/consumer/roll_parts.h"

int
roll_bury(struct roll *roll, const char *who, const char *id, int32_t partition)
{
	char key[MEMBER_KEY_MAX + 1];
	struct outgoing out = {
		.topic = TOPIC_NUEVOS_USUARIOS,
		.key = key,
		.fixed_partition = true,
		.partition = partition,
	};

	if (member_key_format(who, id, key) == -1)
		return -1;
	out.key_len = strlen(key);
	return role_send(roll->ctx, &out);
}

struct burial {
	struct roll *roll;
	const char *who;
};

static int
bury_decision(void *ctx, const char *id, int32_t partition)
{
	struct burial *burial = ctx;

	return roll_bury(burial->roll, burial->who, id, partition);
}

int
roll_erase(struct roll *roll, const struct registration_row *row)
{
	struct members_store *store = roll->store;
	struct burial burial = { roll, row->who };

	roll->ctx->erases = true;
	/* One that was refused never had a say in who its `who` is. */
	if (row->refusal[0] == '\0' &&
	    store->ops->decisions_erase(
		store, row->who, bury_decision, &burial) == -1)
		return -1;
	if (roll_bury(roll, row->who, row->id, row->partition) == -1)
		return -1;
	return store->ops->registration_erase(store, row->id);
}

int
roll_erase_id(struct roll *roll, const char *id)
{
	struct registration_row row;
	int rc = roll->store->ops->registration_get(roll->store, id, &row);

	return rc == 1 ? roll_erase(roll, &row) : rc;
}
