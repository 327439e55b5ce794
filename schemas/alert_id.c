/*
 * alert_id: the names of alerts, and of what they say (declared in alert.h).
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "schemas/alert.h"

/* A cause's name, and the topic of the role that finds it. */
static const struct cause {
	const char *name;
	enum topic topic;
} causes[ALERT_CAUSES] = { [ALERT_MISSING] = { "missing", TOPIC_COORDENADAS },
	[ALERT_ASTRAY_ZONE] = { "astray.zone", TOPIC_COORDENADAS },
	[ALERT_ASTRAY_HOURS] = { "astray.hours", TOPIC_COORDENADAS },
	[ALERT_ASTRAY_REPORTED] = { "astray.reported", TOPIC_COORDENADAS },
	[ALERT_FUGITIVE] = { "fugitive", TOPIC_COORDENADAS },
	[ALERT_BACKLOG] = { "backlog", TOPIC_COORDENADAS },
	[ALERT_GAP_POS] = { "gap.pos", TOPIC_COORDENADAS },
	[ALERT_GAP_SALE] = { "gap.sale", TOPIC_VENTAS },
	[ALERT_GAP_STOCK] = { "gap.stock", TOPIC_STOCK },
	[ALERT_SALE_REFUSED] = { "sale.refused", TOPIC_VENTAS },
	[ALERT_RESTOCK_DISPUTE] = { "restock.dispute", TOPIC_STOCK } };

static const char *const states[ALERT_STATES] = { [ALERT_OPENED] = "opened",
	[ALERT_CHANGED] = "changed",
	[ALERT_RESOLVED] = "resolved" };

static const char *const knowns[KNOWN_COUNT] = { [KNOWN_NOTHING] = "nothing",
	[KNOWN_LINK_LOST] = "link_lost",
	[KNOWN_STOPPED] = "stopped",
	[KNOWN_NO_FIX] = "no_fix" };

static const char *const whys[WHY_COUNT] = { [WHY_UNKNOWN] = "unknown",
	[WHY_NETWORK] = "network",
	[WHY_GATEWAY] = "gateway",
	[WHY_POWER] = "power",
	[WHY_RECEIVER] = "receiver" };

const char *
alert_cause_name(enum alert_cause cause)
{
	return causes[cause].name;
}

int
alert_cause_parse(const char *name, size_t len, enum alert_cause *cause)
{
	for (int i = 0; i < ALERT_CAUSES; i++) {
		if (strlen(causes[i].name) == len &&
		    memcmp(causes[i].name, name, len) == 0) {
			*cause = (enum alert_cause)i;
			return 0;
		}
	}
	errno = EINVAL;
	return -1;
}

enum topic
alert_topic(enum alert_cause cause)
{
	return causes[cause].topic;
}

const char *
alert_state_name(enum alert_state state)
{
	return states[state];
}

const char *
alert_known_name(enum alert_known known)
{
	return knowns[known];
}

const char *
alert_why_name(enum alert_why why)
{
	return whys[why];
}

void
alert_id(char id[ALERT_ID_MAX + 1], const char *cart, enum alert_cause cause,
    int64_t since_ms)
{
	static const char digits[] = "0123456789abcdefghijklmnopqrstuvwxyz";
	uint64_t left = since_ms < 0 ? 0 : (uint64_t)since_ms;
	char since[14];
	char *at = since + sizeof(since) - 1;

	*at = '\0';
	do {
		*--at = digits[left % 36];
		left /= 36;
	} while (left > 0);
	snprintf(id, ALERT_ID_MAX + 1, "%.*s%s%s-%s", CART_MAX, cart,
	    cart[0] == '\0' ? "" : "-", causes[cause].name, at);
}

/* What follows the cause: a time, or (of no cart) a report's id. */
static bool
tail_is_valid(const char *tail, bool of_cart)
{
	size_t len = strlen(tail);

	for (size_t i = 0; i < len; i++) {
		char c = tail[i];
		bool base36 = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z');

		if (!base36 &&
		    (of_cart || ((c < 'A' || c > 'Z') && c != '-' && c != '_')))
			return false;
	}
	return len > 0 && (!of_cart || len <= 13);
}

int
alert_id_parse(const char *id, char cart[CART_MAX + 1], enum alert_cause *cause)
{
	const char *name = id;
	const char *end = strchr(id, '-');
	size_t len = end == NULL ? 0 : (size_t)(end - id);

	cart[0] = '\0';
	if (strlen(id) > ALERT_ID_MAX || end == NULL)
		goto refuse;
	if (cart_is_valid(id, len)) {
		memcpy(cart, id, len);
		cart[len] = '\0';
		name = end + 1;
		end = strchr(name, '-');
		if (end == NULL)
			goto refuse;
	}
	if (alert_cause_parse(name, (size_t)(end - name), cause) == 0 &&
	    tail_is_valid(end + 1, cart[0] != '\0'))
		return 0;
refuse:
	cart[0] = '\0';
	errno = EINVAL;
	return -1;
}
