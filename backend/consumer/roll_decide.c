/*
 * roll_decide: what people decide about members.
 */
#include <stdio.h>
#include <string.h>

#include "backend/consumer/roll_parts.h"

static int
keep_decision(struct roll *roll, const struct record *record,
    const struct member_decision *decision, const char *refusal)
{
	struct decision_row row = { decision, record->time_ms,
		record->partition, refusal };

	return roll->store->ops->decision_put(roll->store, &row);
}

static int
refuse_decision(struct roll *roll, const struct record *record,
    const struct member_decision *decision, const struct admission_why *why)
{
	unsigned long held;

	roll->ctx->tally[TALLY_DECISIONS_REFUSED]++;
	if (log_limited(&roll->limit, 1000, &held))
		log_warn("members.decision_refused",
		    "id=%s who=%s act=%s held_back=%lu code=%s why=\"%s\"",
		    decision->id, decision->who, member_act_name(decision->act),
		    held, why->code, why->text);
	return keep_decision(roll, record, decision, why->text);
}

static const char *
event_of(enum member_act act)
{
	static const char *const events[MEMBER_ACTS] = {
		[MEMBER_APPROVE] = "member.approved",
		[MEMBER_REJECT] = "member.rejected",
		[MEMBER_SUSPEND] = "member.suspended",
		[MEMBER_REINSTATE] = "member.reinstated",
	};

	return events[act];
}

static int
tell(struct roll *roll, const struct member_decision *decision,
    const struct member *now, int64_t at_ms)
{
	struct roll_news news = { .registration = now->registration,
		.event = event_of(decision->act),
		.cause = decision->id,
		.at_ms = at_ms,
		.plate = now->plate,
		.code = "",
		.reason = now->reason };

	/* A plate, a gateway: they stand at the depot; gone: nobody is there
	 * to be told. */
	return news.event == NULL ? 0 : roll_say(roll, &news);
}

/* What becomes of the registration. */
static int
follow(struct roll *roll, const struct member *now, int64_t at_ms)
{
	if (now->state == MEMBER_LEFT)
		return roll_erase_id(roll, now->registration);
	if (now->state == MEMBER_REJECTED)
		return roll->store->ops->registration_end(
		    roll->store, now->registration, at_ms);
	return 0;
}

static int
apply(struct roll *roll, const struct record *record,
    const struct member_decision *decision, const struct member *before,
    const struct member *now)
{
	struct members_store *store = roll->store;

	if (store->ops->member_put(store, now) == -1 ||
	    roll_gate(roll, before, now) == -1 ||
	    keep_decision(roll, record, decision, "") == -1 ||
	    follow(roll, now, record->time_ms) == -1)
		return -1;
	log_info("members.decided", "id=%s who=%s act=%s plate=%s",
	    decision->id, decision->who, member_act_name(decision->act),
	    now->plate);
	return tell(roll, decision, now, record->time_ms);
}

static int
decide(struct roll *roll, const struct record *record,
    const struct member_decision *decision)
{
	struct members_store *store = roll->store;
	char holder[WHO_MAX + 1] = "";
	struct member before, now;
	struct admission known = { .at_ms = record->time_ms,
		.plate_holder = holder };
	struct admission_why why;
	const char *plate;

	if (store->ops->member_get(store, decision->who, &before) == -1)
		return -1;
	plate = decision->act == MEMBER_PLATE ? decision->plate : before.plate;
	if (store->ops->plate_holder(store, plate, holder) == -1 ||
	    store->ops->gate_enrolment(store, plate, &known.plate_enrolment) ==
		-1)
		return -1;
	now = before;
	switch (admission_decide(&now, decision, &known, &why)) {
	case ADMISSION_MOVED:
	case ADMISSION_CHANGED:
		return apply(roll, record, decision, &before, &now);
	case ADMISSION_REFUSED:
		return refuse_decision(roll, record, decision, &why);
	case ADMISSION_SAME:
		break;
	}
	return keep_decision(roll, record, decision, "");
}

static int
reject(struct roll *roll, const struct record *record,
    const struct decode_error *error)
{
	char reason[160];

	snprintf(reason, sizeof(reason), "%s: expected %s", error->field,
	    error->expected);
	return roll_reject(roll, record, reason);
}

int
roll_decide(
    struct roll *roll, const struct record *record, const struct roll_key *key)
{
	struct member_decision decision;
	struct decode_error error;
	bool erased;
	int rc;

	if (member_decision_decode(
		record->value, record->len, &decision, &error) == -1)
		return reject(roll, record, &error);
	if (strcmp(decision.who, key->who) != 0 ||
	    strcmp(decision.id, key->id) != 0) {
		error = (struct decode_error){ "decision",
			"the who and the id of the record's key" };
		return reject(roll, record, &error);
	}
	rc = roll->store->ops->decision_find(roll->store, key->id, &erased);
	if (rc == -1)
		return -1;
	if (rc == 0)
		return decide(roll, record, &decision);
	roll->ctx->tally[TALLY_DUPLICATES]++;
	if (!erased)
		return 0;
	return roll_bury(roll, key->who, key->id, record->partition);
}

/*
 * Whoever is a member by a registration that has a tombstone was so in
 * another life of the log, whose rest is not known any more.
 */
int
roll_erased(
    struct roll *roll, const struct record *record, const struct roll_key *key)
{
	struct members_store *store = roll->store;
	struct registration_row row;
	struct member before, now;
	int rc = store->ops->registration_get(store, key->id, &row);

	if (rc != 1 || row.refusal[0] != '\0')
		return rc == -1 ? -1 : 0;
	if (store->ops->member_get(store, row.who, &before) == -1)
		return -1;
	now = before;
	if (strcmp(before.registration, row.id) == 0 &&
	    admission_erase(&now, record->time_ms) == ADMISSION_MOVED &&
	    (store->ops->member_put(store, &now) == -1 ||
		roll_gate(roll, &before, &now) == -1))
		return -1;
	roll->ctx->erases = true;
	return store->ops->registration_erase(store, row.id);
}
