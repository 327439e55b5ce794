/*
 * role: what a consumer decides and remembers, as a struct of functions.
 *
 * The runtime (runtime.h) reads topics, keeps transactions, offsets and what
 * is to be sent; it knows of a role only what stands here.  A new role is one
 * file with one `const struct role`, its store, and a line in main.c.
 */
#ifndef PREGON_CONSUMER_ROLE_H
#define PREGON_CONSUMER_ROLE_H

#include "backend/store/runtime_store.h"
#include "lib/clock.h"
#include "schemas/notice.h"

/* One record of Kafka's, the runtime's for the time of the call. */
struct record {
	enum topic topic;
	int32_t partition;
	int64_t offset;
	int64_t time_ms; /* when the bridge had it */
	const char *key;
	size_t key_len;
	const char *schema; /* header; "" if it has none */
	/* Headers of SCHEMA_REJECT; else "". */
	const char *origin, *reason;
	const uint8_t *value;
	size_t len;
};

/* Counted in a transaction, kept in the table `counter` and shown in
 * /metrics once it is committed. */
enum tally {
	TALLY_RECORDS,
	TALLY_NEW, /* events, each fix one */
	TALLY_DUPLICATES,
	TALLY_CONFLICTS, /* same identity, other content */
	TALLY_REJECTED, /* records sent to topic_rechazados */
	TALLY_FIXES, /* in tracks */
	TALLY_SALES, /* counted; goes down with a void */
	TALLY_REVENUE,
	TALLY_ABANDONED,
	TALLY_BOOKS, /* editions of days' books */
	TALLY_THANKS, /* follow-ups of purchases */
	TALLY_APOLOGIES,
	TALLY_ORDERS, /* restock orders opened */
	TALLY_ORDERS_REFUSED, /* moves of them that were refused */
	TALLY_MEMBERS, /* registrations taken in */
	TALLY_REGISTRATIONS_REFUSED,
	TALLY_DECISIONS_REFUSED, /* about members */
	TALLY_TICKETS, /* of support, opened */
	TALLY_TICKETS_REFUSED, /* words about them that were refused */
	TALLY_MAILS, /* notices told by mail */
	TALLY_WEBHOOKS,
	TALLY_MESSAGES, /* to carts */
	TALLY_NOTICES_IN_DIGEST,
	TALLY_NOTICES_OVER, /* no news any more before they were told */
	TALLY_NOTICES_REFUSED,
	TALLY_NOTICES_GIVEN_UP,
	TALLY_NOTICES_NOBODY, /* nobody to tell */
	TALLY_COUNT
};

/* What the runtime hands a role, for its whole life. */
struct role_context {
	struct database *db;
	struct runtime_store *store;
	const struct clock *clock;
	/* Of the transaction under way. */
	bool sends; /* something was put to be sent */
	bool erases; /* what was deleted must not stand in the database's own
			log either: it is scrubbed after the commit */
	uint64_t ledger_heard; /* the highest that a cart has sent to */
	int64_t tally[TALLY_COUNT];
	int64_t late[LATE_BUCKETS];
};

/* The guild's; records of topic_reglas may say otherwise (schemas/rules.h). */
struct role_settings {
	/* positions */
	int64_t tracks_keep_days; /* 0: for ever */
	int64_t missing_s; /* silent for so long is missing */
	char *hours; /* when carts work, rules/hours.h; "": always */
	int64_t zone_dwell_s; /* outside for so long is astray */
	int64_t report_radius_m; /* a strange cart this near is that cart */
	int64_t report_window_s; /* ... if it was there so long ago */
	int64_t fugitive_fade_s;
	int64_t backlog_s; /* an event kept for so long is an alert */
	/* stock */
	int64_t stock_threshold; /* a level below it is ordered */
	int64_t stock_target; /* up to it; 0: the day's first level */
	int64_t lot_size; /* orders that make a delivery */
	int64_t lot_wait_s; /* or the first has waited so long */
	char *depot; /* "lat,lon"; "": not known */
	char *auto_advance; /* seconds in each state, "5,5,5"; "": by hand */
	int64_t confirm_wait_s; /* what was delivered counts so long unseen */
	/* sales */
	int64_t frequent_visits; /* in 30 days: a frequent customer */
	int64_t books_wait_s; /* a day's book is made so long after midnight */
	int64_t books_quiet_s; /* ... and again when late news have ended */
	int64_t follow_quick_s; /* a purchase under it gets thanks */
	int64_t follow_late_h; /* one older than it gets nothing */
	int64_t contacts_keep_days; /* customers' contacts; 0: for ever */
	/* members */
	char *secret_file; /* lib/secret.h */
	int64_t refused_keep_days; /* a refused registration is shown so long */
	char *gate_host, *gate_user, *gate_password, *gate_cafile;
	int64_t gate_port; /* of Mosquitto, whose dynamic security it commands;
			      host "": nobody is let in or out */
	/* notify */
	char *templates; /* folder, with one of each language */
	char *language; /* of those who have not said theirs */
	char *admins, *depot_mail; /* addresses, with commas */
	char *guild_name, *guild_contact; /* in the words that are sent */
	char *smtp_url; /* "smtp://host:port", smtps; "": no mail */
	char *smtp_user, *smtp_password, *smtp_from, *smtp_cafile;
	int smtp_tls; /* enum smtp_tls, mailer.h */
	int64_t smtp_timeout_s, webhook_timeout_s; /* of one try */
	char *webhook_url, *webhook_secret; /* "": none */
	int64_t retry_first_s, retry_max_s, give_up_s;
	int64_t alerts_per_hour; /* to one recipient, then a digest */
};

struct role {
	const char *name; /* of the role, its database and its group */
	const struct store_schema *schema;
	const enum topic *topics;
	size_t topic_count;
	/* The first so many of them are read to their end before any record
	 * of the others is applied: what one judges by comes before what is
	 * judged.  Also later, whenever they have a backlog. */
	size_t prior_count;
	/* The reserved partition of a topic comes before its others in the
	 * same way, and no record of theirs is taken while one is known to
	 * wait there. */
	bool reserved_first;
	/* Nobody waits for it by the millisecond: its records are fetched a
	 * fifth of a second's at a time, which spares Kafka most of the work
	 * when they come in floods. */
	bool patient;

	/* Its state, or NULL with `why`.  The context outlives it. */
	void *(*open)(struct role_context *, const struct role_settings *,
	    char *why, size_t why_cap);
	void (*close)(void *);

	/*
	 * Applies one record within the transaction: 0, or -1 with errno when
	 * the store failed; the batch is then rolled back and read again.  A
	 * record that cannot be read is no failure: role_reject.
	 */
	int (*apply)(void *, const struct record *);
	/* The transaction is about to be committed: what is still in memory
	 * only goes to the store.  0 or -1, as above. */
	int (*flush)(void *);
	/* Has something come from elsewhere than the log that is to be
	 * remembered before the next tick?  A transaction is begun and flushed
	 * then.  NULL: never. */
	bool (*has_news)(void *);
	/* The transaction is committed: what had to wait for that may go.
	 * NULL: nothing has to. */
	void (*committed)(void *);
	/* What is in memory may not be what is stored (rolled back, or other
	 * partitions are ours now): forget it. */
	void (*forget)(void *);
	/*
	 * About once a second, in a transaction of its own, flushed after.
	 * caught_up: every record that was in the log some moment ago has
	 * been applied; else what is due by the clock must wait.
	 */
	int (*tick)(void *, int64_t now_ms, bool caught_up);
};

extern const struct role role_positions;
extern const struct role role_sales;
extern const struct role role_stock;
extern const struct role role_notify;
extern const struct role role_support;
extern const struct role role_members;

/* Sends a record once the transaction is committed; again until Kafka has
 * acknowledged it, so its reader must bear repeats. */
int role_send(struct role_context *, const struct outgoing *);

/* Sends a notice, to its own `to`; -1 also: EINVAL (notice.h). */
int role_tell(struct role_context *, const struct notice *);

/* Keeps a record that cannot be read, whole, in topic_rechazados. */
int role_reject(
    struct role_context *, const struct record *, const char *reason);

/* An event of `at_ms` was received at record_ms. */
void role_late(struct role_context *, int64_t at_ms, int64_t record_ms);

#endif
