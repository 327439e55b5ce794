/*
 * roll_say: what goes out: notices, and what Mosquitto is to know.
 */
#include <stdio.h>
#include <string.h>

#include "backend/consumer/roll_parts.h"

#define NEWS_MS (INT64_C(24) * 3600 * 1000)

static void
add(struct notice *notice, const char *name, const char *value)
{
	if (value[0] != '\0')
		notice->values[notice->value_count++] = (struct notice_value){
			name, value
		};
}

int
roll_say(struct roll *roll, const struct roll_news *news)
{
	struct role_context *ctx = roll->ctx;
	char id[NOTICE_ID_MAX + 1], to[NOTICE_TO_MAX + 1];
	struct notice notice = { .id = id,
		.to = to,
		.event = news->event,
		.subject = news->registration,
		.at_ms = news->at_ms };

	if (clock_realtime_ms(ctx->clock) - news->at_ms > NEWS_MS)
		return 0;
	snprintf(to, sizeof(to), "member:%s", news->registration);
	/* The same cause has the same id, whenever it is told. */
	snprintf(id, sizeof(id), "%s%s%s/%s", news->registration,
	    news->cause[0] != '\0' ? "/" : "", news->cause,
	    news->event + strlen("member."));
	add(&notice, "plate", news->plate);
	add(&notice, "code", news->code);
	add(&notice, "reason", news->reason);
	return role_tell(ctx, &notice);
}

static int
put(struct roll *roll, const struct member *member, bool in)
{
	struct gate_row row = { .in = in, .enrolment = member->enrolment };

	if (member->enrolment == 0)
		return 0;
	memcpy(row.plate, member->plate, sizeof(row.plate));
	return roll->store->ops->gate_put(roll->store, &row);
}

/* A plate that was given up may be another's since: only who was live says
 * what becomes of it. */
int
roll_gate(
    struct roll *roll, const struct member *before, const struct member *now)
{
	if (before->who[0] != '\0' && member_is_live(before->state) &&
	    strcmp(before->plate, now->plate) != 0 &&
	    put(roll, before, false) == -1)
		return -1;
	return put(roll, now, member_is_in(now));
}
