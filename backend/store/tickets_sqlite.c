/*
 * Tickets and what was said about them, in SQLite.
 */
#include <stdio.h>
#include <stdlib.h>

#include "backend/store/tickets_sqlite.h"

enum tickets_statement {
	TICKET_GET,
	TICKET_NEW,
	TICKET_PUT,
	WORD_FIND,
	WORD_PUT,
	TOLD_SINCE,
	TOLD_OF_CART,
	UNMENDED_FIND,
	ASKED_PUT,
	MAILS_FORGET,
	TICKETS_STATEMENTS
};

struct tickets_sqlite {
	struct tickets_store base;
	struct statement *statements[TICKETS_STATEMENTS];
};

/* What is written out is for the partial indexes: the state 2 is
 * TICKET_RESOLVED. */
static const char *const tickets_sql[TICKETS_STATEMENTS] = {
	[TICKET_GET] = "SELECT " TICKET_COLUMNS " FROM ticket WHERE id = ?",
	[TICKET_NEW] = "INSERT INTO ticket (" TICKET_COLUMNS ", asked_ms, boot,"
		       " boot_ms, lat_e6, lon_e6, age_s, told)"
		       " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,"
		       " ?, ?)",
	[TICKET_PUT] = "UPDATE ticket SET state = ?, revision = ?, replies = ?,"
		       " changed_ms = ? WHERE id = ?",
	[WORD_FIND] = "SELECT 1 FROM ticket_word WHERE ticket = ? AND word = ?",
	[WORD_PUT] = "INSERT INTO ticket_word (ticket, word, act, at_ms,"
		     " by_whom, text, state, revision, refused)"
		     " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
	[TOLD_SINCE] = "SELECT count(*) FROM ticket"
		       " WHERE opened_ms > ? AND told = 1",
	[TOLD_OF_CART] = "SELECT count(*) FROM ticket"
			 " WHERE opened_ms > ? AND told = 1 AND cart = ?",
	[UNMENDED_FIND] = "SELECT id, boot_ms, opened_ms FROM ticket"
			  " WHERE cart = ? AND boot = ? AND boot <> 0 LIMIT 1",
	[ASKED_PUT] = "UPDATE ticket SET asked_ms = ?, boot = 0, boot_ms = 0"
		      " WHERE id = ?",
	[MAILS_FORGET] = "UPDATE ticket SET mail = ''"
			 " WHERE changed_ms < ? AND state = 2 AND mail <> ''",
};

static struct statement *
prepared(struct tickets_store *store, enum tickets_statement which)
{
	return ((struct tickets_sqlite *)store)->statements[which];
}

static void
copy_text(char *to, size_t cap, struct statement *s, int column)
{
	snprintf(to, cap, "%s", statement_text(s, column));
}

void
ticket_fill(struct statement *s, struct helpdesk_ticket *t)
{
	copy_text(t->id, sizeof(t->id), s, 0);
	copy_text(t->cart, sizeof(t->cart), s, 1);
	copy_text(t->mail, sizeof(t->mail), s, 2);
	copy_text(t->by, sizeof(t->by), s, 3);
	copy_text(t->text, sizeof(t->text), s, 4);
	t->state = (enum ticket_state)statement_int(s, 5);
	t->revision = (uint32_t)statement_int(s, 6);
	t->replies = (uint32_t)statement_int(s, 7);
	t->opened_ms = statement_int(s, 8);
	t->changed_ms = statement_int(s, 9);
}

static int
ticket_get(
    struct tickets_store *store, const char *id, struct helpdesk_ticket *ticket)
{
	struct statement *s = prepared(store, TICKET_GET);
	int rc;

	if (statement_bind(s, "s", id) == -1)
		return -1;
	rc = statement_step(s);
	if (rc == 1)
		ticket_fill(s, ticket);
	statement_reset(s);
	return rc;
}

static int
ticket_open(struct tickets_store *store, const struct ticket_row *row)
{
	struct statement *s = prepared(store, TICKET_NEW);
	const struct helpdesk_ticket *t = &row->ticket;

	if (statement_bind(s, "sssssiIIIIIIIiiIi", t->id, t->cart, t->mail,
		t->by, t->text, (int)t->state, (int64_t)t->revision,
		(int64_t)t->replies, t->opened_ms, t->changed_ms, row->asked_ms,
		(int64_t)row->boot, row->boot_ms, (int)row->place.lat_e6,
		(int)row->place.lon_e6,
		row->place.given ? (int64_t)row->place.age_s : TICKET_NO_PLACE,
		(int)row->told) == -1)
		return -1;
	return statement_run(s);
}

static int
ticket_put(struct tickets_store *store, const struct helpdesk_ticket *t)
{
	struct statement *s = prepared(store, TICKET_PUT);

	if (statement_bind(s, "iIIIs", (int)t->state, (int64_t)t->revision,
		(int64_t)t->replies, t->changed_ms, t->id) == -1)
		return -1;
	return statement_run(s);
}

static int
word_find(struct tickets_store *store, const char *ticket, const char *word)
{
	struct statement *s = prepared(store, WORD_FIND);
	int rc;

	if (statement_bind(s, "ss", ticket, word) == -1)
		return -1;
	rc = statement_step(s);
	statement_reset(s);
	return rc;
}

static int
word_put(struct tickets_store *store, const char *ticket, const char *word,
    const struct ticket_entry *entry)
{
	struct statement *s = prepared(store, WORD_PUT);

	if (statement_bind(s, "ssiIssiIs", ticket, word, (int)entry->act,
		entry->at_ms, entry->by, entry->text, (int)entry->state,
		(int64_t)entry->revision, entry->refused) == -1)
		return -1;
	return statement_run(s);
}

static int
told_since(struct tickets_store *store, const char *cart, int64_t after_ms,
    int64_t *count)
{
	struct statement *s = prepared(
	    store, cart != NULL ? TOLD_OF_CART : TOLD_SINCE);
	int rc;

	if (statement_bind(s, cart != NULL ? "Is" : "I", after_ms, cart) == -1)
		return -1;
	rc = statement_step(s);
	*count = rc == 1 ? statement_int(s, 0) : 0;
	statement_reset(s);
	return rc == -1 ? -1 : 0;
}

static int
unmended_find(struct tickets_store *store, const char *cart, uint64_t boot,
    struct unmended_ticket *found)
{
	struct statement *s = prepared(store, UNMENDED_FIND);
	int rc;

	if (statement_bind(s, "sI", cart, (int64_t)boot) == -1)
		return -1;
	rc = statement_step(s);
	if (rc == 1) {
		copy_text(found->id, sizeof(found->id), s, 0);
		found->boot_ms = statement_int(s, 1);
		found->opened_ms = statement_int(s, 2);
	}
	statement_reset(s);
	return rc;
}

static int
asked_put(struct tickets_store *store, const char *id, int64_t asked_ms)
{
	struct statement *s = prepared(store, ASKED_PUT);

	if (statement_bind(s, "Is", asked_ms, id) == -1)
		return -1;
	return statement_run(s);
}

static int
forget_mails(struct tickets_store *store, int64_t before_ms)
{
	struct statement *s = prepared(store, MAILS_FORGET);

	if (statement_bind(s, "I", before_ms) == -1)
		return -1;
	return statement_run(s);
}

static void
tickets_close(struct tickets_store *store)
{
	free(store); /* statements go with the database */
}

static const struct tickets_store_ops tickets_ops = {
	.get = ticket_get,
	.open = ticket_open,
	.put = ticket_put,
	.word_find = word_find,
	.word_put = word_put,
	.told_since = told_since,
	.unmended_find = unmended_find,
	.asked_put = asked_put,
	.forget_mails = forget_mails,
	.close = tickets_close,
};

struct tickets_store *
tickets_store_sqlite(struct database *db)
{
	struct tickets_sqlite *store = calloc(1, sizeof(*store));

	if (store == NULL)
		return NULL;
	store->base.ops = &tickets_ops;
	if (statements_prepare(db->sqlite, tickets_sql, TICKETS_STATEMENTS,
		store->statements) == -1) {
		free(store);
		return NULL;
	}
	return &store->base;
}
