/*
 * notify_reports: what became of letters, and of the servers they went to.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/consumer/notify_parts.h"

/* A server that is back is found out so soon. */
#define PROBE_MAX_MS 60000
#define DAY_MS (INT64_C(24) * 3600 * 1000)

static uint32_t
random_next(struct notify *n)
{
	n->chance ^= n->chance << 13;
	n->chance ^= n->chance >> 7;
	n->chance ^= n->chance << 17;
	return (uint32_t)(n->chance >> 32);
}

static enum tally
tally_of(const struct letter *letter)
{
	switch (letter->courier.state) {
	case COURIER_DEAD:
		return TALLY_NOTICES_REFUSED;
	case COURIER_GAVE_UP:
		return TALLY_NOTICES_GIVEN_UP;
	case COURIER_OVER:
		return TALLY_NOTICES_OVER;
	case COURIER_NOBODY:
		return TALLY_NOTICES_NOBODY;
	default:
		break;
	}
	if (letter->digest != 0)
		return TALLY_NOTICES_IN_DIGEST;
	return letter->way == WAY_MAIL	 ? TALLY_MAILS
	    : letter->way == WAY_WEBHOOK ? TALLY_WEBHOOKS
					 : TALLY_MESSAGES;
}

static int
end_the_end(struct notify *n, const struct letter *alert)
{
	struct letter end;
	int rc = n->store->ops->find_open(
	    n->store, alert->to, alert->subject, LETTER_ALERT_END, &end);

	if (rc != 1)
		return rc;
	courier_over(&end.courier);
	if (!courier_is_open(end.courier.state))
		n->ctx->tally[TALLY_NOTICES_OVER]++;
	return n->store->ops->put(n->store, &end, n->now_ms);
}

int
notify_settle(struct notify *n, struct letter *letter)
{
	if (n->store->ops->put(n->store, letter, n->now_ms) == -1)
		return -1;
	if (courier_is_open(letter->courier.state))
		return 0;
	n->ctx->tally[tally_of(letter)]++;
	/* Address and words of what is over are nowhere in the database. */
	n->ctx->erases = true;
	if (letter->kind == LETTER_ALERT &&
	    !courier_end_is_news(&letter->courier))
		return end_the_end(n, letter);
	return 0;
}

/* A digest's fate is that of all it tells of. */
static int
result_of_digest(
    struct notify *n, int64_t digest, const struct courier_result *result)
{
	int count = n->store->ops->of_digest(
	    n->store, digest, n->held, DIGEST_MAX);

	for (int i = 0; i < count; i++) {
		struct letter *held = &n->held[i];

		courier_result(&held->courier, &n->rules, result, n->now_ms,
		    random_next(n));
		if (courier_is_open(held->courier.state))
			held->digest = 0;
		if (notify_settle(n, held) == -1)
			return -1;
	}
	return count == -1 ? -1 : 0;
}

int
notify_result(struct notify *n, struct letter *letter,
    const struct courier_result *result)
{
	courier_result(
	    &letter->courier, &n->rules, result, n->now_ms, random_next(n));
	if (letter->kind == LETTER_DIGEST &&
	    result_of_digest(n, letter->id, result) == -1)
		return -1;
	return notify_settle(n, letter);
}

static void
probe_failed(
    struct notify *n, struct probe *probe, const struct courier_result *result)
{
	int64_t wait_ms = courier_wait_ms(
	    &n->rules, ++probe->failures, random_next(n));

	if (wait_ms > PROBE_MAX_MS)
		wait_ms = PROBE_MAX_MS;
	if (wait_ms < result->retry_after_ms)
		wait_ms = result->retry_after_ms < DAY_MS
		    ? result->retry_after_ms
		    : DAY_MS;
	probe->next_ms = n->now_ms + wait_ms;
}

/* What the first of them says of the server; those behind it that were not
 * tried say the same. */
static void
judge_server(struct notify *n, enum letter_way way, bool *served)
{
	const struct parcel_report *reports = n->reports[way];
	const struct courier_result *away = NULL;

	for (size_t i = 0; i < n->report_count[way]; i++) {
		if (reports[i].result.outcome != OUTCOME_AWAY)
			n->probes[way].failures = 0;
		away = reports[i].result.outcome == OUTCOME_AWAY
		    ? &reports[i].result
		    : NULL;
		*served = *served || reports[i].result.outcome == OUTCOME_SENT;
	}
	if (away != NULL)
		probe_failed(n, &n->probes[way], away);
}

int
notify_reports(struct notify *n, enum letter_way way)
{
	struct parcel_report *reports = n->reports[way];
	bool served = false;
	struct letter letter;

	n->report_count[way] += sender_take(n->senders[way],
	    reports + n->report_count[way], SENDER_MAX - n->report_count[way]);
	judge_server(n, way, &served);
	for (size_t i = 0; i < n->report_count[way]; i++) {
		int rc = n->store->ops->get(n->store, reports[i].id, &letter);

		if (rc == 1 && letter.courier.state == COURIER_SENDING)
			rc = notify_result(n, &letter, &reports[i].result);
		if (rc == -1)
			return -1;
	}
	return served ? n->store->ops->wake(n->store, way, n->now_ms) : 0;
}

/* What an earlier process was sending when it ended. */
int
notify_resume(struct notify *n)
{
	int count;

	do {
		count = n->store->ops->in_state(
		    n->store, COURIER_SENDING, NULL, n->due, SENDER_MAX);
		for (int i = 0; i < count; i++) {
			courier_restart(&n->due[i].courier, n->now_ms);
			n->due[i].digest = 0;
			if (notify_settle(n, &n->due[i]) == -1)
				return -1;
		}
	} while (count == SENDER_MAX);
	n->resumed = count != -1;
	return count == -1 ? -1 : 0;
}
