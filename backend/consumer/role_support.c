/*
 * support: who asked for help, and what they were answered.
 *
 * A sidecar: what it reads and writes no other role does, so it may be
 * stopped, flooded or replaced while the others work.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/consumer/tickets.h"
#include "backend/store/schema.h"

#define DAY_MS (INT64_C(24) * 3600 * 1000)

struct support {
	struct role_context *ctx;
	struct tickets_store *store;
	struct intake *intake;
	struct tickets tickets;
	int64_t contacts_keep_ms; /* 0: for ever */
};

static int
support_event(void *self, const struct intake_event *ev)
{
	struct support *support = self;

	if (ev->item->kind != ITEM_HELP)
		return 0;
	return tickets_help(&support->tickets, ev);
}

static int
support_mend(void *self, const char *cart, uint64_t boot, int64_t offset_ms)
{
	struct support *support = self;

	return tickets_mend(&support->tickets, cart, boot, offset_ms);
}

static const struct intake_handler support_handler = {
	.event = support_event,
	.mend = support_mend,
};

static int
support_apply(void *self, const struct record *record)
{
	struct support *support = self;

	if (strcmp(record->schema, SCHEMA_FRAME_HELP) == 0)
		return intake_frame(support->intake, record);
	if (strcmp(record->schema, SCHEMA_TICKET) == 0)
		return tickets_word(&support->tickets, record);
	return role_reject(
	    support->ctx, record, "schema: expected help/1 or ticket/1");
}

static int
support_flush(void *self)
{
	struct support *support = self;

	return intake_flush(support->intake);
}

static void
support_forget(void *self)
{
	struct support *support = self;

	intake_forget(support->intake);
}

/* Nobody writes to those any more whose ticket was resolved long ago. */
static int
support_tick(void *self, int64_t now_ms, bool caught_up)
{
	struct support *support = self;
	struct tickets_store *store = support->store;

	(void)caught_up;
	if (support->contacts_keep_ms == 0)
		return 0;
	return store->ops->forget_mails(
	    store, now_ms - support->contacts_keep_ms);
}

static void
support_close(void *self)
{
	struct support *support = self;

	intake_free(support->intake);
	if (support->store != NULL)
		support->store->ops->close(support->store);
	free(support);
}

static void *
support_open(struct role_context *ctx, const struct role_settings *settings,
    char *why, size_t why_cap)
{
	struct support *support = calloc(1, sizeof(*support));

	if (support == NULL)
		goto say;
	support->ctx = ctx;
	support->contacts_keep_ms = settings->contacts_keep_days * DAY_MS;
	support->store = tickets_store_sqlite(ctx->db);
	support->intake = intake_new(
	    ctx, STREAM_HELP, &support_handler, support);
	if (support->store == NULL || support->intake == NULL)
		goto close;
	support->tickets = (struct tickets){ .ctx = ctx,
		.store = support->store };
	return support;
close:
	support_close(support);
say:
	snprintf(why, why_cap, "%s", strerror(errno));
	return NULL;
}

static const enum topic support_topics[] = { TOPIC_SOPORTE };

const struct role role_support = {
	.name = "support",
	.schema = &schema_support,
	.topics = support_topics,
	.topic_count = 1,
	.patient = true,
	.open = support_open,
	.close = support_close,
	.apply = support_apply,
	.flush = support_flush,
	.forget = support_forget,
	.tick = support_tick,
};
