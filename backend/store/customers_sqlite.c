/*
 * Customers' contacts in SQLite.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/store/customers_store.h"
#include "backend/store/statements.h"

enum customer_statement {
	SECRET_GET,
	SECRET_PUT,
	CONTACTS_ERASE,
	CONFLICTS_ERASE,
	CUSTOMER_STATEMENTS
};

/* So many at a time: the role has other things to do. */
#define AT_ONCE "500"

static const char *const customers_sql[CUSTOMER_STATEMENTS] = {
	[SECRET_GET] = "SELECT customer_secret FROM sales_guild"
		       " WHERE customer_secret IS NOT NULL",
	[SECRET_PUT] = "UPDATE sales_guild SET customer_secret = ?",
	[CONTACTS_ERASE] =
	    "UPDATE sale SET contact = NULL WHERE id IN (SELECT id FROM sale"
	    " WHERE contact IS NOT NULL AND day < ? LIMIT " AT_ONCE ")",
	/* What the other said holds one too; one item is not another's. */
	[CONFLICTS_ERASE] =
	    "UPDATE conflict SET item = CAST(id AS BLOB), erased = 1"
	    " WHERE id IN (SELECT id FROM conflict WHERE erased = 0"
	    " AND record_ms < ? LIMIT " AT_ONCE ")",
};

struct customers_sqlite {
	struct customers_store base;
	struct store *store;
	struct statement *statements[CUSTOMER_STATEMENTS];
};

static struct statement *
statement(struct customers_store *store, enum customer_statement which)
{
	return ((struct customers_sqlite *)store)->statements[which];
}

static int
secret_get(struct customers_store *store, uint8_t secret[CUSTOMER_SECRET_BYTES])
{
	struct statement *s = statement(store, SECRET_GET);
	const void *bytes;
	size_t len;
	int rc;

	if (statement_bind(s, "") == -1)
		return -1;
	rc = statement_step(s);
	if (rc == 1) {
		bytes = statement_blob(s, 0, &len);
		rc = len == CUSTOMER_SECRET_BYTES ? 1 : -1;
		if (rc == 1)
			memcpy(secret, bytes, len);
		else
			errno = EBADMSG;
	}
	statement_reset(s);
	return rc;
}

static int
secret_put(
    struct customers_store *store, const uint8_t secret[CUSTOMER_SECRET_BYTES])
{
	struct statement *s = statement(store, SECRET_PUT);

	if (statement_bind(s, "b", secret, (size_t)CUSTOMER_SECRET_BYTES) == -1)
		return -1;
	return statement_run(s);
}

struct sealer {
	void (*seal)(void *, char[CUSTOMER_KEY_MAX + 1]);
	void *ctx;
};

static void
seal_in_sql(sqlite3_context *sql, int n, sqlite3_value **values)
{
	const struct sealer *sealer = sqlite3_user_data(sql);
	const unsigned char *text = sqlite3_value_text(values[0]);
	char key[CUSTOMER_KEY_MAX + 1];

	(void)n;
	snprintf(
	    key, sizeof(key), "%s", text != NULL ? (const char *)text : "");
	sealer->seal(sealer->ctx, key);
	sqlite3_result_text(sql, key, -1, SQLITE_TRANSIENT);
}

static int
rekey(struct customers_store *base,
    void (*seal)(void *, char key[CUSTOMER_KEY_MAX + 1]), void *ctx)
{
	sqlite3 *db = store_handle(((struct customers_sqlite *)base)->store);
	struct sealer sealer = { seal, ctx };
	int code = sqlite3_create_function(
	    db, "seal", 1, SQLITE_UTF8, &sealer, seal_in_sql, NULL, NULL);

	if (code == SQLITE_OK)
		code = sqlite3_exec(db,
		    "UPDATE sale SET customer_key = seal(customer_key);"
		    "UPDATE day_customer SET customer_key ="
		    " seal(customer_key)",
		    NULL, NULL, NULL);
	sqlite3_create_function(
	    db, "seal", 1, SQLITE_UTF8, NULL, NULL, NULL, NULL);
	if (code == SQLITE_OK)
		return 0;
	errno = code == SQLITE_FULL ? ENOSPC : EIO;
	return -1;
}

static int
contacts_erase(struct customers_store *store, const char *before_day,
    int64_t before_ms, int *erased)
{
	struct statement *s = statement(store, CONTACTS_ERASE);

	if (statement_bind(s, "s", before_day) == -1 || statement_run(s) == -1)
		return -1;
	*erased = statement_changes(s);
	s = statement(store, CONFLICTS_ERASE);
	if (statement_bind(s, "I", before_ms) == -1 || statement_run(s) == -1)
		return -1;
	*erased += statement_changes(s);
	return 0;
}

static void
customers_close(struct customers_store *store)
{
	free(store); /* statements go with the database */
}

static const struct customers_store_ops customers_ops = {
	.secret_get = secret_get,
	.secret_put = secret_put,
	.rekey = rekey,
	.contacts_erase = contacts_erase,
	.close = customers_close,
};

struct customers_store *
customers_store_sqlite(struct database *db)
{
	struct customers_sqlite *store = calloc(1, sizeof(*store));

	if (store == NULL)
		return NULL;
	store->base.ops = &customers_ops;
	store->store = db->sqlite;
	if (sqlite3_exec(store_handle(db->sqlite), "PRAGMA secure_delete = ON",
		NULL, NULL, NULL) != SQLITE_OK) {
		errno = EIO;
		goto free_store;
	}
	if (statements_prepare(db->sqlite, customers_sql, CUSTOMER_STATEMENTS,
		store->statements) == -1)
		goto free_store;
	return &store->base;
free_store:
	free(store);
	return NULL;
}
