/*
 * roll_register: somebody asks to be of the guild.
 */
#include <stdio.h>
#include <string.h>

#include "backend/consumer/roll_parts.h"

/* What became of one registration. */
struct filing {
	struct registration_row row;
	struct registration data;
	struct admission_why why;
	bool readable;
	bool told; /* the applicant, if it is refused */
};

/* The same record again.  What was to go from the log must go again. */
static int
register_again(struct roll *roll, const struct record *record,
    const struct roll_key *key, bool live)
{
	roll->ctx->tally[TALLY_DUPLICATES]++;
	if (live)
		return 0;
	return roll_bury(roll, key->who, key->id, record->partition);
}

static int
refuse(struct roll *roll, struct filing *filing)
{
	struct members_store *store = roll->store;
	struct registration_row *row = &filing->row;
	struct roll_news news = { .registration = row->id,
		.event = "member.refused",
		.cause = "",
		.at_ms = row->received_ms,
		.plate = filing->data.plate,
		.code = filing->why.code,
		.reason = filing->why.text };
	unsigned long held;

	roll->ctx->tally[TALLY_REGISTRATIONS_REFUSED]++;
	if (log_limited(&roll->limit, 1000, &held))
		log_info("members.registration_refused",
		    "id=%s code=%s held_back=%lu", row->id, filing->why.code,
		    held);
	snprintf(row->refusal, sizeof(row->refusal), "%s", filing->why.code);
	snprintf(row->reason, sizeof(row->reason), "%s", filing->why.text);
	row->ended_ms = row->received_ms;
	if (store->ops->registration_put(
		store, row, filing->readable ? &filing->data : NULL) == -1)
		return -1;
	if (filing->told && roll_say(roll, &news) == -1)
		return -1;
	/* What a mended reader might read stays until its time is over. */
	if (!filing->readable)
		return 0;
	return roll_bury(roll, row->who, row->id, row->partition);
}

/* Can it be read, is it whose key says, is it in order?  Else why not. */
static bool
judge_form(struct roll *roll, const struct record *record,
    const struct roll_key *key, struct filing *filing)
{
	struct registration *data = &filing->data;
	char rut[RUT_MAX + 1], who[WHO_MAX + 1];
	struct decode_error error;
	bool sound;

	snprintf(filing->why.code, sizeof(filing->why.code), "record.wrong");
	if (registration_decode(record->value, record->len, data, &error) ==
	    -1) {
		snprintf(filing->why.text, sizeof(filing->why.text),
		    "%s: expected %s", error.field, error.expected);
		return false;
	}
	filing->readable = true;
	sound = registration_is_sound(data, rut, &filing->why);
	if (rut[0] != '\0')
		secret_who(&roll->secret, rut, who);
	if (strcmp(data->id, key->id) != 0 ||
	    (rut[0] != '\0' && strcmp(who, key->who) != 0)) {
		snprintf(
		    filing->why.code, sizeof(filing->why.code), "who.forged");
		snprintf(filing->why.text, sizeof(filing->why.text),
		    "the record's key is not that of its RUT");
		return false;
	}
	filing->told = mail_is_valid(data->mail, strlen(data->mail));
	if (sound)
		memcpy(data->rut, rut, sizeof(rut));
	return sound;
}

static int
tell(struct roll *roll, const struct filing *filing, const struct member *now)
{
	struct roll_news news = { .registration = filing->row.id,
		.event = "member.received",
		.cause = "",
		.at_ms = filing->row.received_ms,
		.plate = now->plate,
		.code = "",
		.reason = "" };

	if (roll_say(roll, &news) == -1)
		return -1;
	if (now->state != MEMBER_APPROVED)
		return 0;
	news.event = "member.approved";
	return roll_say(roll, &news);
}

static int
take_in(struct roll *roll, struct filing *filing, const struct member *before,
    const struct member *now)
{
	struct members_store *store = roll->store;

	roll->ctx->tally[TALLY_MEMBERS]++;
	/* What was rejected and is not erased yet is of no use any more. */
	if (before->who[0] != '\0' &&
	    roll_erase_id(roll, before->registration) == -1)
		return -1;
	if (store->ops->registration_put(store, &filing->row, &filing->data) ==
		-1 ||
	    store->ops->member_put(store, now) == -1 ||
	    roll_gate(roll, before, now) == -1)
		return -1;
	return tell(roll, filing, now);
}

static int
admit(struct roll *roll, const struct record *record,
    const struct roll_key *key, struct filing *filing)
{
	struct members_store *store = roll->store;
	char holder[WHO_MAX + 1];
	struct member before, now;
	struct admission known = { .at_ms = record->time_ms,
		.plate_holder = holder };

	if (store->ops->member_get(store, key->who, &before) == -1 ||
	    store->ops->plate_holder(store, filing->data.plate, holder) == -1 ||
	    store->ops->gate_enrolment(
		store, filing->data.plate, &known.plate_enrolment) == -1)
		return -1;
	now = before;
	switch (admission_register(
	    &now, key->who, &filing->data, &known, &filing->why)) {
	case ADMISSION_MOVED:
		return take_in(roll, filing, &before, &now);
	case ADMISSION_REFUSED:
		return refuse(roll, filing);
	case ADMISSION_SAME:
	case ADMISSION_CHANGED:
		break;
	}
	/* The one that made them a member, erased since. */
	return register_again(roll, record, key, false);
}

int
roll_register(
    struct roll *roll, const struct record *record, const struct roll_key *key)
{
	struct members_store *store = roll->store;
	struct filing filing = { .row = { .partition = record->partition,
				     .received_ms = record->time_ms } };
	struct registration_row kept;
	int rc = store->ops->registration_get(store, key->id, &kept);

	if (rc == -1)
		return -1;
	if (rc == 1)
		return register_again(roll, record, key,
		    kept.ended_ms == 0 || kept.refusal[0] == '\0');
	memcpy(filing.row.id, key->id, sizeof(filing.row.id));
	memcpy(filing.row.who, key->who, sizeof(filing.row.who));
	if (!judge_form(roll, record, key, &filing))
		return refuse(roll, &filing);
	return admit(roll, record, key, &filing);
}
