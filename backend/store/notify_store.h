/*
 * notify_store: what the role notify remembers: each notice once for each of
 * its recipients, until it was sent or given up, and for a while after that.
 *
 * Each function returns 0, or -1 with errno; a `get`, `find` or `add` 1 when
 * it found or added one, 0 when not.  All are called within the runtime's
 * transaction.  It decides nothing (backend/rules/courier.h does), but that a
 * notice goes to a recipient once: a unique key.
 *
 * Personal data: addresses and words are kept as long as they are needed to
 * send, and not after that.
 */
#ifndef PREGON_BACKEND_NOTIFY_STORE_H
#define PREGON_BACKEND_NOTIFY_STORE_H

#include "backend/rules/courier.h"
#include "backend/store/database.h"
#include "schemas/notice.h"

enum letter_way {
	WAY_MAIL,
	WAY_WEBHOOK,
	WAY_CART /* by topic_comandos: never due */
};

enum letter_kind {
	LETTER_PLAIN,
	LETTER_ALERT, /* alert.opened */
	LETTER_ALERT_END, /* alert.resolved */
	LETTER_DIGEST /* of alerts that were held back */
};

#define LETTER_ID_MAX 32

struct letter {
	int64_t id; /* 1, 2, ... in the order in which they came */
	char mail_id[LETTER_ID_MAX + 1];
	enum letter_way way;
	enum letter_kind kind;
	/* "mail:<address>", "member:<id>", "vendor:<plate>", "webhook" */
	char to[NOTICE_TO_MAX + 1];
	char event[NOTICE_EVENT_MAX + 1];
	char subject[NOTICE_ID_MAX + 1];
	struct courier courier;
	int64_t digest; /* of the one that it is told in; 0: alone */
};

struct notify_store;
struct notify_store_ops {
	/* Gives it its id.  `notice` is the record's value; NULL of a digest.
	 * 0: this notice went to this recipient before. */
	int (*add)(struct notify_store *, struct letter *, const void *notice,
	    size_t len);
	int (*get)(struct notify_store *, int64_t id, struct letter *);
	/* Its notice, copied.  ENOBUFS. */
	int (*notice)(struct notify_store *, int64_t id, void *buf, size_t cap,
	    size_t *len);
	/* Its courier and digest; what is over by now_ms loses its notice. */
	int (*put)(
	    struct notify_store *, const struct letter *, int64_t now_ms);

	/* Those that are due, those that wait longest first, without those
	 * behind another that is open, of the same recipient and subject;
	 * at most `cap`; how many, or -1. */
	int (*due)(struct notify_store *, enum letter_way, int64_t now_ms,
	    struct letter *, int cap);
	/* In one of the states held and sending, of `to` (NULL: anybody's),
	 * at most `cap`; how many, or -1. */
	int (*in_state)(struct notify_store *, enum courier_state,
	    const char *to, struct letter *, int cap);
	/* Sending, within this digest. */
	int (*of_digest)(
	    struct notify_store *, int64_t digest, struct letter *, int cap);
	/* Each recipient that has held ones, once. */
	int (*held_recipients)(
	    struct notify_store *, char (*to)[NOTICE_TO_MAX + 1], int cap);

	/* The newest alert.opened of this recipient and subject. */
	int (*find_alert)(struct notify_store *, const char *to,
	    const char *subject, struct letter *);
	/* An open one of this kind, the oldest. */
	int (*find_open)(struct notify_store *, const char *to,
	    const char *subject, enum letter_kind, struct letter *);
	/* Alerts and digests that went to it since, or are on their way. */
	int (*alerts_since)(struct notify_store *, const char *to,
	    int64_t since_ms, int64_t *count);

	/* Those that wait for the way's server (courier_wake). */
	int (*wake)(struct notify_store *, enum letter_way, int64_t now_ms);
	/* What was over before then. */
	int (*forget)(struct notify_store *, int64_t before_ms);
	void (*close)(struct notify_store *);
};
struct notify_store {
	const struct notify_store_ops *ops;
};

/* NULL: errno.  It uses the database and does not own it. */
struct notify_store *notify_store_sqlite(struct database *);

#endif
