/*
 * sale_alerts: see the header.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/consumer/map.h"
#include "backend/consumer/sale_alerts.h"

#define TOLD_EVERY_MS 60000
/* Carts whose numbers wait to be told; those beyond are told when one of them
 * is refused again. */
#define WAITING_MAX 1000

/* What is to be told of a cart. */
struct waiting {
	char cart[CART_MAX + 1];
	int64_t count;
	int64_t record_ms; /* of the last */
	char subject[TEXT_NAME_MAX + 1];
	char note[TEXT_NOTE_MAX + 1];
	struct waiting *next;
};

struct sale_alerts {
	struct role_context *ctx;
	struct alerts *alerts;
	struct map carts;
	struct waiting *first;
};

struct sale_alerts *
sale_alerts_new(struct role_context *ctx, struct alerts *alerts)
{
	struct sale_alerts *sa = calloc(1, sizeof(*sa));

	if (sa == NULL)
		return NULL;
	sa->ctx = ctx;
	sa->alerts = alerts;
	map_init(&sa->carts);
	return sa;
}

void
sale_alerts_forget(struct sale_alerts *sa)
{
	map_clear(&sa->carts, free);
	sa->first = NULL;
}

void
sale_alerts_free(struct sale_alerts *sa)
{
	if (sa == NULL)
		return;
	sale_alerts_forget(sa);
	free(sa);
}

/* How long ago was it told? */
static int64_t
silent_ms(const struct sale_alerts *sa, const struct alert_event *open)
{
	return clock_realtime_ms(sa->ctx->clock) - open->at_ms;
}

static int
tell(struct sale_alerts *sa, struct waiting *w)
{
	const struct alert_event *open;
	struct alert_event event;
	int rc;

	if (alerts_find(sa->alerts, w->cart, ALERT_SALE_REFUSED, &open) == -1)
		return -1;
	if (open == NULL)
		alert_begin(&event, w->cart, ALERT_SALE_REFUSED, w->record_ms,
		    w->record_ms);
	else if (silent_ms(sa, open) < TOLD_EVERY_MS)
		return 0;
	else
		event = *open;
	event.at_ms = w->record_ms;
	event.count += w->count;
	snprintf(event.subject, sizeof(event.subject), "%s", w->subject);
	snprintf(event.note, sizeof(event.note), "%s", w->note);
	rc = open == NULL ? alerts_open(sa->alerts, &event)
			  : alerts_change(sa->alerts, &event);
	if (rc == 0)
		w->count = 0;
	return rc;
}

int
sale_alerts_flush(struct sale_alerts *sa)
{
	bool waits = false;

	for (struct waiting *w = sa->first; w != NULL; w = w->next) {
		if (w->count > 0 && tell(sa, w) == -1)
			return -1;
		waits |= w->count > 0;
	}
	if (!waits)
		sale_alerts_forget(sa);
	return 0;
}

static struct waiting *
waiting_of(struct sale_alerts *sa, const char *cart)
{
	struct waiting *w = map_get(&sa->carts, map_cart(cart), 0);

	if (w != NULL || sa->carts.count >= WAITING_MAX)
		return w;
	w = calloc(1, sizeof(*w));
	if (w == NULL || map_put(&sa->carts, map_cart(cart), 0, w) == -1) {
		free(w);
		return NULL;
	}
	snprintf(w->cart, sizeof(w->cart), "%s", cart);
	w->next = sa->first;
	sa->first = w;
	return w;
}

int
sale_alert(struct sale_alerts *sa, const char *cart, int64_t record_ms,
    const char *subject, const char *note)
{
	struct waiting *w = waiting_of(sa, cart);

	if (w == NULL)
		return sa->carts.count >= WAITING_MAX ? 0 : -1;
	w->count++;
	w->record_ms = record_ms;
	snprintf(w->subject, sizeof(w->subject), "%s", subject);
	snprintf(w->note, sizeof(w->note), "%s", note);
	return 0;
}

/* By the bridge: "pregon/<cart>/sale"; by this role: "topic_ventas/1/55". */
static bool
is_of_sale(const char *origin)
{
	static const char stream[] = "/sale";
	const char *ours = topic_info(TOPIC_VENTAS)->name;
	size_t len = strlen(origin), tail = sizeof(stream) - 1;

	if (len > tail && strcmp(origin + len - tail, stream) == 0)
		return true;
	return strncmp(origin, ours, strlen(ours)) == 0;
}

int
sale_alerts_rejected(struct sale_alerts *sa, const struct record *record)
{
	char cart[CART_MAX + 1];

	if (!is_of_sale(record->origin) ||
	    !cart_is_valid(record->key, record->key_len))
		return 0;
	memcpy(cart, record->key, record->key_len);
	cart[record->key_len] = '\0';
	return sale_alert(sa, cart, record->time_ms, "", record->reason);
}
