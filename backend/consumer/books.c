/*
 * books: see the header.
 */
#include <stdio.h>
#include <string.h>

#include "backend/consumer/books.h"
#include "backend/consumer/day.h"
#include "backend/rules/event_hash.h"

static uint64_t
hash_number(uint64_t hash, int64_t n)
{
	return event_hash_more(hash, &n, sizeof(n));
}

static uint64_t
hash_text(uint64_t hash, struct text text)
{
	hash = hash_number(hash, text.s == NULL ? -1 : (int64_t)text.len);
	return event_hash_more(hash, text.s, text.len);
}

/* What the POS said: a repeat of the same request has another time and
 * perhaps another place, but this is the same. */
static uint64_t
content_hash(const struct sale *sale)
{
	uint64_t hash = hash_number(EVENT_HASH_START, sale->confirmed);

	hash = hash_text(hash, sale->customer);
	hash = hash_text(hash, sale->contact);
	for (uint32_t i = 0; i < sale->line_count; i++) {
		hash = hash_number(hash, sale->lines[i].product);
		hash = hash_number(hash, sale->lines[i].units);
		hash = hash_number(hash, sale->lines[i].amount);
	}
	return hash;
}

static struct folio
folio_of(const struct intake_event *ev)
{
	struct folio folio = { .epoch = ev->epoch, .seq = ev->seq };

	snprintf(folio.cart, sizeof(folio.cart), "%s", ev->cart);
	return folio;
}

static void
record_fill(const struct books *books, const struct intake_event *ev,
    struct sale_record *rec)
{
	const struct sale *sale = &ev->item->sale;

	memset(rec, 0, sizeof(*rec));
	rec->folio = folio_of(ev);
	rec->given.boot = ev->at.boot;
	rec->given.ms = ev->at.ms == INSTANT_MISSING ? 0 : ev->at.ms;
	rec->at_ms = ev->time.ms;
	rec->provisional = ev->time.provisional;
	rec->record_ms = ev->record->time_ms;
	day_of(rec->at_ms, rec->day);
	rec->confirmed = sale->confirmed;
	customer_key(
	    books->customers, sale->customer, sale->contact, rec->customer_key);
	customer_seal(books->customer_secret, rec->customer_key);
	for (uint32_t i = 0; i < sale->line_count; i++) {
		rec->units += sale->lines[i].units;
		rec->amount += sale->lines[i].amount;
	}
	rec->bytes_hash = event_hash(ev->item->bytes, ev->item->len);
	rec->content_hash = content_hash(sale);
	rec->what = sale;
}

/* A customer's first sale of a day makes one more, the last void one less. */
static int
count_customer(struct books *books, const struct sale_record *rec, int sign,
    struct day_change *change)
{
	int64_t sales;

	if (rec->customer_key[0] == '\0')
		return 0;
	if (books->store->ops->customer_add(books->store, rec->folio.cart,
		rec->day, rec->customer_key, sign, &sales) == -1)
		return -1;
	if (sign > 0 && sales == 1)
		change->customers = 1;
	if (sign < 0 && sales == 0)
		change->customers = -1;
	return 0;
}

/* Puts a sale into its day's total (1), or takes it out (-1). */
static int
total(struct books *books, const struct sale_record *rec, int sign)
{
	struct day_change change = { .sales = 0 };
	int64_t *tally = books->ctx->tally;

	if (!rec->confirmed) {
		change.abandoned = sign;
	} else if (rec->voided) {
		change.voided = sign;
	} else {
		change.sales = sign;
		change.units = sign * rec->units;
		change.revenue = sign * rec->amount;
		change.provisional = rec->provisional ? sign : 0;
		if (count_customer(books, rec, sign, &change) == -1)
			return -1;
	}
	tally[TALLY_SALES] += change.sales;
	tally[TALLY_REVENUE] += change.revenue;
	tally[TALLY_ABANDONED] += change.abandoned;
	if (books->store->ops->day_add(
		books->store, rec->folio.cart, rec->day, &change) == -1)
		return -1;
	return daybooks_change(books->daybooks, rec->day,
	    change.sales != 0 ? rec->customer_key : "");
}

/* Kept whole and flagged, once however often it is said. */
static int
conflict(struct books *books, const struct sale_record *kept,
    const struct intake_event *ev, const char *why)
{
	struct conflict c = {
		.sale = kept->id,
		.epoch = ev->epoch,
		.seq = ev->seq,
		.why = why,
		.record_ms = ev->record->time_ms,
		.item = ev->item->bytes,
		.item_len = ev->item->len,
	};
	char folio[FOLIO_MAX + 1];
	bool fresh;

	if (books->store->ops->conflict_put(books->store, &c, &fresh) == -1)
		return -1;
	if (!fresh)
		return 0;
	books->ctx->tally[TALLY_CONFLICTS]++;
	folio_format(&kept->folio, folio);
	if (sale_alert(books->refused, kept->folio.cart, ev->record->time_ms,
		folio,
		strcmp(why, "folio") == 0
		    ? "two sales with this folio"
		    : "two sales with one request_id") == -1)
		return -1;
	return books->store->ops->sale_set_flagged(books->store, kept->id);
}

static int
compare(struct books *books, const struct sale_record *kept,
    const struct intake_event *ev)
{
	uint64_t hash = event_hash(ev->item->bytes, ev->item->len);

	if (hash != kept->bytes_hash)
		return conflict(books, kept, ev, "folio");
	books->ctx->tally[TALLY_DUPLICATES]++;
	return 0;
}

static int
make_void(struct books *books, struct sale_record *rec)
{
	if (rec->voided || !rec->confirmed)
		return 0;
	if (total(books, rec, -1) == -1)
		return -1;
	rec->voided = true;
	if (books->store->ops->sale_set_voided(books->store, rec->id) == -1)
		return -1;
	return total(books, rec, 1);
}

/* REQDEDUP.  1: it is the same sale as one in the books; 0: it is not. */
static int
same_request(struct books *books, const struct sale_record *rec)
{
	struct sales_store *store = books->store;
	struct sale_record first;
	int rc;

	rc = store->ops->request_find(store, rec->folio.cart,
	    rec->what->request_id, &rec->content_hash, &first);
	if (rc != 1)
		return rc;
	if (store->ops->alias_put(
		store, &rec->folio, first.id, rec->bytes_hash) == -1)
		return -1;
	books->ctx->tally[TALLY_DUPLICATES]++;
	/* A void that knew only the second folio may have come before. */
	rc = store->ops->void_find(store, &rec->folio);
	if (rc == -1 || (rc == 1 && make_void(books, &first) == -1))
		return -1;
	return 1;
}

static int
put(struct books *books, struct sale_record *rec)
{
	int rc = books->store->ops->void_find(books->store, &rec->folio);

	if (rc == -1)
		return -1;
	rec->voided = rc == 1 && rec->confirmed;
	if (books->store->ops->sale_put(books->store, rec) == -1 ||
	    total(books, rec, 1) == -1)
		return -1;
	return follow(books->ctx, &books->follow, rec);
}

int
books_sale(struct books *books, const struct intake_event *ev)
{
	struct sales_store *store = books->store;
	struct sale_record rec, known;
	bool requested, alias;
	int rc;

	record_fill(books, ev, &rec);
	rc = store->ops->sale_find(store, &rec.folio, &known, &alias);
	if (rc != 0)
		return rc == 1 ? compare(books, &known, ev) : -1;
	requested = rec.what->request_id.len > 0;
	if (requested) {
		rc = same_request(books, &rec);
		if (rc != 0)
			return rc == 1 ? 0 : -1;
		rc = store->ops->request_find(
		    store, rec.folio.cart, rec.what->request_id, NULL, &known);
		if (rc == -1)
			return -1;
	}
	if (put(books, &rec) == -1)
		return -1;
	/* The same request with other content: both count, both are shown. */
	if (requested && rc == 1) {
		if (conflict(books, &known, ev, "request") == -1)
			return -1;
		return store->ops->sale_set_flagged(store, rec.id);
	}
	return 0;
}

int
books_repeat(struct books *books, const struct intake_event *ev)
{
	struct sale_record known;
	struct folio folio = folio_of(ev);
	bool alias;
	int rc;

	rc = books->store->ops->sale_find(books->store, &folio, &known, &alias);
	if (rc != 1)
		return rc;
	if (event_hash(ev->item->bytes, ev->item->len) == known.bytes_hash)
		return 0;
	return conflict(books, &known, ev, "folio");
}

int
books_void(struct books *books, const struct intake_event *ev)
{
	const struct void_sale *taken = &ev->item->void_sale;
	struct sales_store *store = books->store;
	struct sale_record rec;
	struct folio folio;
	bool alias;
	int rc;

	if (folio_parse(taken->folio.s, taken->folio.len, &folio) == -1)
		return role_reject(
		    books->ctx, ev->record, "void.folio: expected a folio");
	if (strcmp(folio.cart, ev->cart) != 0)
		return role_reject(books->ctx, ev->record,
		    "void.folio: expected a folio of the same cart");
	if (store->ops->void_put(
		store, &folio, taken->reason, ev->record->time_ms) == -1)
		return -1;
	rc = store->ops->sale_find(store, &folio, &rec, &alias);
	return rc == 1 ? make_void(books, &rec) : rc;
}

int
books_mend(
    struct books *books, const char *cart, uint64_t boot, int64_t offset_ms)
{
	struct sales_store *store = books->store;
	struct sale_record rec;
	struct event_time time;
	int rc;

	while ((rc = store->ops->unmended_find(store, cart, boot, &rec)) == 1) {
		time = event_time(&rec.given, rec.record_ms, &offset_ms);
		if (total(books, &rec, -1) == -1)
			return -1;
		rec.at_ms = time.ms;
		/* Not believed even so: the arrival's time is the last word. */
		rec.provisional = false;
		day_of(rec.at_ms, rec.day);
		if (store->ops->sale_set_time(store, &rec) == -1 ||
		    total(books, &rec, 1) == -1)
			return -1;
	}
	return rc;
}
