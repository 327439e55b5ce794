/*
 * notify_parts: what the role notify's own files share; nobody else's.
 *
 *     record -> notify_take -> letters in the store
 *     letters that are due -> notify_turn -> notify_write -> senders
 *     what became of them -> notify_turn -> the store
 */
#ifndef PREGON_CONSUMER_NOTIFY_PARTS_H
#define PREGON_CONSUMER_NOTIFY_PARTS_H

#include <stdatomic.h>

#include "backend/consumer/hook.h"
#include "backend/consumer/mailer.h"
#include "backend/consumer/product_names.h"
#include "backend/consumer/role.h"
#include "backend/consumer/sender.h"
#include "backend/consumer/templates.h"
#include "backend/store/contacts.h"
#include "backend/store/notify_store.h"

/* Ways that have a sender: mail and webhook. */
#define SENDERS 2

/* What one digest tells of; the others are in the next. */
#define DIGEST_MAX 500

/* A server that serves nobody is tried with one letter now and then; the
 * others stay where they are. */
struct probe {
	uint32_t failures; /* in a row; 0: it serves */
	int64_t next_ms; /* not before */
};

struct notify {
	struct role_context *ctx;
	const struct role_settings *settings;
	struct courier_rules rules;
	struct notify_store *store;
	struct contacts *contacts;
	struct product_names *products;
	struct templates *templates;
	/* Set before the senders are freed. */
	atomic_bool stop;
	struct mailer *mailer;
	struct hook *hook;
	struct sender *senders[SENDERS]; /* by way; NULL: there is none */
	struct probe probes[SENDERS];

	int64_t now_ms; /* of the transaction under way */
	bool caught_up; /* at the last tick */
	/* What an earlier process was sending is queued again: in this
	 * transaction, and for good. */
	bool resumed, has_resumed;
	int64_t forget_ms; /* when next */
	uint64_t chance; /* for the jitter */

	/* To be handed over once the transaction is committed. */
	struct parcel staged[SENDERS][SENDER_MAX];
	size_t staged_count[SENDERS];
	/* Taken from the senders; kept until what they say is committed. */
	struct parcel_report reports[SENDERS][SENDER_MAX];
	size_t report_count[SENDERS];

	struct letter due[SENDER_MAX], held[DIGEST_MAX];
};

/* notify_take.c: a record's notices become letters.  0, or -1: the store. */
int notify_take(struct notify *, const struct record *);

/* notify_turn.c: takes in reports, hands over what is due.  0, or -1. */
int notify_turn(struct notify *);

/* notify_reports.c; each 0, or -1. */

/* Keeps what a letter's courier has come to, counts its end, and if it was an
 * alert that nobody was told of, ends the news of its end. */
int notify_settle(struct notify *, struct letter *);
/* What became of one that is sending, and of all that a digest tells of. */
int notify_result(
    struct notify *, struct letter *, const struct courier_result *);
/* Takes in what a way's sender has to say. */
int notify_reports(struct notify *, enum letter_way);
/* What an earlier process was sending when it ended goes again. */
int notify_resume(struct notify *);

/* notify_write.c */

/* A letter as its way carries it: 1: done, 0: not, and *outcome says why;
 * -1: the store failed.  `held`: what a digest tells of. */
int notify_write(struct notify *, const struct letter *,
    const struct letter *held, int held_count, struct parcel *,
    enum courier_outcome *);
/* notify_cart.c: puts the message into `outgoing`.  1: done, 0: there are no
 * words for it, -1. */
int notify_tell_cart(struct notify *, const struct notice *,
    const char *mail_id, const char *plate);

#endif
