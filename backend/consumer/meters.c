/*
 * meters: see the header.
 */
#include <errno.h>

#include "backend/consumer/meters.h"

#define NOTICES "pregon_consumer_notices_total"
#define NOTICES_HELP "Notices to a recipient by what became of them"

static const struct {
	const char *name;
	const char *metric;
	const char *labels;
	const char *help;
	bool goes_down;
} tallies[TALLY_COUNT] = {
	[TALLY_RECORDS] = { "records", "pregon_consumer_records_total", NULL,
	    "Records applied", false },
	[TALLY_NEW] = { "new", "pregon_consumer_events_total", "fate=\"new\"",
	    "Events by what became of them", false },
	[TALLY_DUPLICATES] = { "duplicates", "pregon_consumer_events_total",
	    "fate=\"duplicate\"", "Events by what became of them", false },
	[TALLY_CONFLICTS] = { "conflicts", "pregon_consumer_events_total",
	    "fate=\"conflict\"", "Events by what became of them", false },
	[TALLY_REJECTED] = { "rejected", "pregon_consumer_rejected_total", NULL,
	    "Records kept in topic_rechazados", false },
	[TALLY_FIXES] = { "fixes", "pregon_consumer_fixes_total", NULL,
	    "Fixes put into tracks", false },
	[TALLY_SALES] = { "sales", "pregon_consumer_sales", NULL,
	    "Sales counted since the start, less those voided", true },
	[TALLY_REVENUE] = { "revenue", "pregon_consumer_revenue_clp", NULL,
	    "Their amounts", true },
	[TALLY_ABANDONED] = { "abandoned", "pregon_consumer_abandoned", NULL,
	    "Purchases abandoned", true },
	[TALLY_BOOKS] = { "books", "pregon_consumer_books_total", NULL,
	    "Editions of days' books made", false },
	[TALLY_THANKS] = { "thanks", "pregon_consumer_follow_ups_total",
	    "kind=\"thanks\"", "Customers written to after a purchase", false },
	[TALLY_APOLOGIES] = { "apologies", "pregon_consumer_follow_ups_total",
	    "kind=\"apology\"", "Customers written to after a purchase",
	    false },
	[TALLY_ORDERS] = { "orders", "pregon_consumer_orders_total", NULL,
	    "Restock orders opened", false },
	[TALLY_ORDERS_REFUSED] = { "orders_refused",
	    "pregon_consumer_orders_refused_total", NULL,
	    "Moves of restock orders that were refused", false },
	[TALLY_TICKETS] = { "tickets", "pregon_consumer_tickets_total", NULL,
	    "Support tickets opened", false },
	[TALLY_TICKETS_REFUSED] = { "tickets_refused",
	    "pregon_consumer_tickets_refused_total", NULL,
	    "Words about support tickets that were refused", false },
	[TALLY_MEMBERS] = { "members", "pregon_consumer_registrations_total",
	    "fate=\"taken\"", "Registrations by what became of them", false },
	[TALLY_REGISTRATIONS_REFUSED] = { "registrations_refused",
	    "pregon_consumer_registrations_total", "fate=\"refused\"",
	    "Registrations by what became of them", false },
	[TALLY_DECISIONS_REFUSED] = { "decisions_refused",
	    "pregon_consumer_decisions_refused_total", NULL,
	    "Decisions about members that were refused", false },
	[TALLY_MAILS] = { "mails", NOTICES, "fate=\"mail\"", NOTICES_HELP,
	    false },
	[TALLY_WEBHOOKS] = { "webhooks", NOTICES, "fate=\"webhook\"",
	    NOTICES_HELP, false },
	[TALLY_MESSAGES] = { "messages", NOTICES, "fate=\"cart\"", NOTICES_HELP,
	    false },
	[TALLY_NOTICES_IN_DIGEST] = { "notices_in_digest", NOTICES,
	    "fate=\"digest\"", NOTICES_HELP, false },
	[TALLY_NOTICES_OVER] = { "notices_over", NOTICES, "fate=\"over\"",
	    NOTICES_HELP, false },
	[TALLY_NOTICES_REFUSED] = { "notices_refused", NOTICES,
	    "fate=\"refused\"", NOTICES_HELP, false },
	[TALLY_NOTICES_GIVEN_UP] = { "notices_given_up", NOTICES,
	    "fate=\"given_up\"", NOTICES_HELP, false },
	[TALLY_NOTICES_NOBODY] = { "notices_nobody", NOTICES, "fate=\"nobody\"",
	    NOTICES_HELP, false },
};

const char *
tally_name(enum tally tally)
{
	return tallies[tally].name;
}

static int
tallies_init(struct meters *f)
{
	for (int i = 0; i < TALLY_COUNT; i++) {
		f->tally[i] = (tallies[i].goes_down
			? metrics_gauge
			: metrics_counter)(f->registry, tallies[i].metric,
		    tallies[i].labels, tallies[i].help);
		if (f->tally[i] == NULL)
			return -1;
	}
	return 0;
}

int
meters_init(struct meters *f)
{
	*f = (struct meters){ .registry = metrics_new() };
	if (f->registry == NULL)
		return -1;
	f->batches = metrics_counter(f->registry,
	    "pregon_consumer_batches_total", NULL, "Transactions committed");
	f->rollbacks = metrics_counter(f->registry,
	    "pregon_consumer_rollbacks_total", NULL,
	    "Transactions rolled back and read again");
	f->assigned = metrics_gauge(f->registry, "pregon_consumer_partitions",
	    NULL, "Partitions assigned");
	f->lag = metrics_gauge(f->registry, "pregon_consumer_lag_records", NULL,
	    "Records in the assigned partitions not applied yet");
	f->gaps = metrics_gauge(f->registry, "pregon_consumer_gaps_open", NULL,
	    "Ranges of numbers missing for over a minute, unexplained");
	f->batch_ms = metrics_histogram(f->registry, "pregon_consumer_batch_ms",
	    NULL, "From a transaction's first record to its commit");
	f->batch_records = metrics_histogram(f->registry,
	    "pregon_consumer_batch_records", NULL, "Records a transaction");
	if (f->batches == NULL || f->rollbacks == NULL || f->assigned == NULL ||
	    f->lag == NULL || f->gaps == NULL || f->batch_ms == NULL ||
	    f->batch_records == NULL || tallies_init(f) == -1) {
		meters_release(f);
		errno = ENOMEM;
		return -1;
	}
	return 0;
}

void
meters_release(struct meters *f)
{
	metrics_free(f->registry);
	f->registry = NULL;
}
