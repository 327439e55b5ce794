/*
 * notify_turn: what is done with letters at the end of each transaction.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/consumer/notify_parts.h"

#define HOUR_MS (INT64_C(3600) * 1000)
#define DAY_MS (24 * HOUR_MS)
#define FORGET_EVERY_MS 60000
#define KEPT_MS (30 * DAY_MS)
/* Recipients whose digests are looked at in one turn. */
#define RECIPIENTS_MAX 16
/* A storm of alerts that are held back keeps others waiting no longer. */
#define ROUNDS_MAX 8

/* 1: its recipient has had enough alerts for now. */
static int
is_flooded(struct notify *n, const char *to)
{
	int64_t count;

	if (n->store->ops->alerts_since(
		n->store, to, n->now_ms - HOUR_MS, &count) == -1)
		return -1;
	return count >= n->settings->alerts_per_hour;
}

static int
digest_begin(struct notify *n, const struct letter *first)
{
	struct letter digest = {
		.way = WAY_MAIL,
		.kind = LETTER_DIGEST,
		.courier = { .born_ms = n->now_ms, .next_ms = n->now_ms },
	};
	int rc = n->store->ops->find_open(
	    n->store, first->to, "", LETTER_DIGEST, &digest);

	if (rc != 0)
		return rc == -1 ? -1 : 0;
	/* One letter is first in one digest, each time that it goes. */
	snprintf(digest.mail_id, sizeof(digest.mail_id), "%.20s-digest%u",
	    first->mail_id, first->courier.tries % 100000);
	memcpy(digest.to, first->to, sizeof(digest.to));
	snprintf(digest.event, sizeof(digest.event), "alert.digest");
	return n->store->ops->add(n->store, &digest, NULL, 0) == -1 ? -1 : 0;
}

/* There is room again: what was held back goes, together if it is several. */
static int
gather(struct notify *n)
{
	char to[RECIPIENTS_MAX][NOTICE_TO_MAX + 1];
	struct letter first[2];
	int count = n->store->ops->held_recipients(
	    n->store, to, RECIPIENTS_MAX);

	for (int i = 0; i < count; i++) {
		int rc = is_flooded(n, to[i]);

		if (rc == 1)
			continue;
		if (rc == 0)
			rc = n->store->ops->in_state(
			    n->store, COURIER_HELD, to[i], first, 2);
		if (rc == 1) {
			courier_release(&first[0].courier, n->now_ms);
			rc = notify_settle(n, &first[0]);
		} else if (rc == 2) {
			rc = digest_begin(n, &first[0]);
		}
		if (rc == -1)
			return -1;
	}
	return count == -1 ? -1 : 0;
}

/* What a digest tells of: how many, or -1.  They are on their way with it. */
static int
hand_over_held(struct notify *n, const struct letter *digest)
{
	int kept = 0, count;

	if (digest->kind != LETTER_DIGEST)
		return 0;
	count = n->store->ops->in_state(
	    n->store, COURIER_HELD, digest->to, n->held, DIGEST_MAX);
	for (int i = 0; i < count; i++) {
		struct letter held = n->held[i];

		if (courier_hand_over(&held.courier, &n->rules, n->now_ms))
			held.digest = digest->id;
		if (notify_settle(n, &held) == -1)
			return -1;
		if (held.digest != 0)
			n->held[kept++] = held;
	}
	return count == -1 ? -1 : kept;
}

static int
hand_over(struct notify *n, struct letter *letter)
{
	size_t *staged = &n->staged_count[letter->way];
	struct courier_result result = { .outcome = OUTCOME_LATER };
	int held, rc;

	if (!courier_hand_over(&letter->courier, &n->rules, n->now_ms))
		return notify_settle(n, letter);
	held = hand_over_held(n, letter);
	if (held == -1)
		return -1;
	if (held == 0 && letter->kind == LETTER_DIGEST) {
		letter->courier.state = COURIER_OVER;
		return notify_settle(n, letter);
	}
	rc = notify_write(n, letter, n->held, held,
	    &n->staged[letter->way][*staged], &result.outcome);
	if (rc == -1)
		return -1;
	if (rc == 0)
		return notify_result(n, letter, &result);
	++*staged;
	return notify_settle(n, letter);
}

/* 1: the alert is held back. */
static int
hold_back(struct notify *n, struct letter *letter)
{
	int rc;

	if (letter->way != WAY_MAIL ||
	    (letter->kind != LETTER_ALERT && letter->kind != LETTER_ALERT_END))
		return 0;
	rc = is_flooded(n, letter->to);
	if (rc != 1)
		return rc;
	courier_hold(&letter->courier);
	return notify_settle(n, letter) == -1 ? -1 : 1;
}

static int
hand_over_due(struct notify *n, enum letter_way way)
{
	const struct probe *probe = &n->probes[way];
	size_t room = sender_room(n->senders[way]);
	int count = 1;

	if (probe->failures > 0) {
		if (n->now_ms < probe->next_ms || room < SENDER_MAX)
			return 0;
		room = 1;
	}

	for (int round = 0; round < ROUNDS_MAX && count > 0; round++) {
		int cap = (int)(room - n->staged_count[way]);

		if (cap <= 0)
			return 0;
		count = n->store->ops->due(
		    n->store, way, n->now_ms, n->due, cap);
		for (int i = 0; i < count; i++) {
			int rc = hold_back(n, &n->due[i]);

			if (rc == 0)
				rc = hand_over(n, &n->due[i]);
			if (rc == -1)
				return -1;
		}
	}
	return count == -1 ? -1 : 0;
}

static int
forget_old(struct notify *n)
{
	if (n->now_ms < n->forget_ms)
		return 0;
	n->forget_ms = n->now_ms + FORGET_EVERY_MS;
	return n->store->ops->forget(n->store, n->now_ms - KEPT_MS);
}

int
notify_turn(struct notify *n)
{
	if (!n->resumed && notify_resume(n) == -1)
		return -1;
	for (int way = 0; way < SENDERS; way++) {
		if (n->senders[way] != NULL &&
		    notify_reports(n, (enum letter_way)way) == -1)
			return -1;
	}
	/* What is over may stand further on in the log. */
	if (!n->caught_up)
		return 0;
	if (gather(n) == -1)
		return -1;
	for (int way = 0; way < SENDERS; way++) {
		if (n->senders[way] != NULL &&
		    hand_over_due(n, (enum letter_way)way) == -1)
			return -1;
	}
	return forget_old(n);
}
