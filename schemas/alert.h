/*
 * alert: what the guild is told is wrong with a cart, a record of
 * topic_alertas for each change, and an admin's word that it is settled.
 *
 * At most one alert is open for a (cart, cause).  Its id is deterministic:
 * the same cause at the same time gives the same alert.
 */
#ifndef PREGON_ALERT_H
#define PREGON_ALERT_H

#include "schemas/event.h"
#include "schemas/identity.h"
#include "schemas/topics.h"

#define ALERT_VERSION 1
#define ALERT_ID_MAX 48
#define ALERT_BYTES_MAX 2048

enum alert_cause {
	ALERT_MISSING, /* nothing, or no fix, was heard of it */
	ALERT_ASTRAY_ZONE, /* outside its zones for longer than the dwell */
	ALERT_ASTRAY_HOURS, /* moving outside its hours */
	ALERT_ASTRAY_REPORTED, /* a passer-by reported it where it is */
	ALERT_FUGITIVE, /* a report that no cart of ours explains: no cart */
	ALERT_BACKLOG, /* it keeps events older than an hour */
	ALERT_GAP_POS, /* numbers of a stream are missing, unexplained */
	ALERT_GAP_SALE,
	ALERT_GAP_STOCK,
	ALERT_SALE_REFUSED, /* a sale could not be read, or is in conflict */
	ALERT_RESTOCK_DISPUTE, /* cart and depot say different numbers */
	ALERT_CAUSES
};
/* "missing", "astray.zone", "astray.hours", "astray.reported", "fugitive",
 * "backlog", "gap.pos", "gap.sale", "gap.stock", "sale.refused",
 * "restock.dispute" */
const char *alert_cause_name(enum alert_cause);
int alert_cause_parse(const char *, size_t len, enum alert_cause *);
/* Where a resolution goes: the topic of the role that owns the cause. */
enum topic alert_topic(enum alert_cause);

enum alert_state { ALERT_OPENED, ALERT_CHANGED, ALERT_RESOLVED, ALERT_STATES };
const char *alert_state_name(enum alert_state);

/* What is known of a missing cart. */
enum alert_known {
	KNOWN_NOTHING,
	KNOWN_LINK_LOST, /* the broker's will came */
	KNOWN_STOPPED, /* it stopped cleanly, with its day open */
	KNOWN_NO_FIX, /* it reports, but not where it is */
	KNOWN_COUNT
};
const char *alert_known_name(enum alert_known);

/* Why it was missing, known on its return. */
enum alert_why {
	WHY_UNKNOWN,
	WHY_NETWORK, /* the same start: it had no network */
	WHY_GATEWAY, /* the same boot, another start of the gateway */
	WHY_POWER, /* another boot */
	WHY_RECEIVER, /* it had no fix, and has one again */
	WHY_COUNT
};
const char *alert_why_name(enum alert_why);

struct alert_event {
	char id[ALERT_ID_MAX + 1];
	char cart[CART_MAX + 1]; /* "": of no cart (fugitive) */
	enum alert_cause cause;
	enum alert_state state;
	uint32_t revision; /* 0 opened, then 1, 2, ... */
	int64_t at_ms; /* of this change: record time */
	int64_t since_ms; /* it began */
	int64_t until_ms; /* it ended; INSTANT_MISSING: it has not */
	enum alert_known known;
	enum alert_why why;
	bool has_place; /* the last good place, or where it was seen */
	int32_t lat_e6, lon_e6;
	int64_t place_at_ms; /* INSTANT_MISSING */
	int64_t moved_m; /* meanwhile; -1: not known (yet) */
	int64_t count; /* numbers missing, events kept, units; 0 */
	char subject[TEXT_NAME_MAX + 1]; /* zone's name, folio, order; "" */
	char by[TEXT_NAME_MAX + 1]; /* who resolved it; "": by itself */
	char note[TEXT_NOTE_MAX + 1];
};

/*
 * "<cart>-<cause>-<since, base 36, lower case>"; without a cart
 * "<cause>-<since>".  A fugitive's is "fugitive-<report>", which its finder
 * makes: two reports may have one millisecond.
 */
void alert_id(char id[ALERT_ID_MAX + 1], const char *cart, enum alert_cause,
    int64_t since_ms);
/* The cart ("" if none) and cause of either; -1: EINVAL, and no cart. */
int alert_id_parse(const char *id, char cart[CART_MAX + 1], enum alert_cause *);

/* Key: the cart, or the id where there is none.  Bytes, or -1: ENOBUFS. */
int alert_encode(const struct alert_event *, void *buf, size_t cap);
int alert_decode(
    const void *, size_t, struct alert_event *, struct decode_error *);

/*
 * A person's word that an alert is settled, a record of alert_topic(), key as
 * above: [version, id, at, by, note].
 */
struct alert_resolution {
	char id[ALERT_ID_MAX + 1];
	int64_t at_ms;
	char by[TEXT_NAME_MAX + 1];
	char note[TEXT_NOTE_MAX + 1];
};
int resolution_encode(const struct alert_resolution *, void *buf, size_t cap);
int resolution_decode(
    const void *, size_t, struct alert_resolution *, struct decode_error *);

#endif
