/*
 * What the guild laid down for stock, in SQLite: rules and the catalogue.
 */
#include <errno.h>
#include <string.h>

#include "backend/store/stock_sqlite.h"

int
stock_rules_get(struct stock_store *store, const char *scope,
    struct replenish_scope *levels)
{
	struct statement *s = stock_statement(store, RULES_GET);
	struct decode_error error;
	struct rules rules;
	struct text bad;
	const void *record;
	size_t len;
	int rc;

	if (statement_bind(s, "s", scope) == -1)
		return -1;
	rc = statement_step(s);
	if (rc == 1) {
		record = statement_blob(s, 0, &len);
		if (rules_decode(record, len, &rules, &error) == -1) {
			errno = EBADMSG;
			rc = -1;
		} else {
			/* A bad value was said when the record came. */
			replenish_scope_read(&rules, levels, &bad);
		}
	}
	statement_reset(s);
	return rc;
}

int
stock_rules_put(struct stock_store *store, const char *scope,
    const void *record, size_t len)
{
	struct statement *s = stock_statement(
	    store, record != NULL ? RULES_PUT : RULES_DROP);
	int rc;

	rc = record != NULL ? statement_bind(s, "sb", scope, record, len)
			    : statement_bind(s, "s", scope);
	return rc == -1 ? -1 : statement_run(s);
}

int
stock_rules_count(struct stock_store *store, int64_t *scopes)
{
	struct statement *s = stock_statement(store, RULES_COUNT);
	int rc;

	if (statement_bind(s, "s", RULES_ALL) == -1)
		return -1;
	rc = statement_step(s);
	if (rc == 1)
		*scopes = statement_int(s, 0);
	statement_reset(s);
	return rc == 1 ? 0 : -1;
}

int
stock_catalogue_is(struct stock_store *store, const void *payload, size_t len,
    int64_t *revision, bool *same)
{
	struct statement *s = stock_statement(store, CATALOGUE_GET);
	const void *stands;
	size_t stands_len;
	int rc;

	*revision = 0;
	*same = false;
	if (statement_bind(s, "") == -1)
		return -1;
	rc = statement_step(s);
	if (rc == 1) {
		*revision = statement_int(s, 0);
		stands = statement_blob(s, 1, &stands_len);
		*same = stands_len == len && memcmp(stands, payload, len) == 0;
	}
	statement_reset(s);
	return rc == -1 ? -1 : 0;
}

int
stock_catalogue_put(struct stock_store *store, const struct stock_catalogue *c,
    const struct product *products, size_t count)
{
	struct statement *s = stock_statement(store, CATALOGUE_PUT);

	if (statement_bind(s, "IIsb", c->revision, c->at_ms, c->by, c->payload,
		c->payload_len) == -1 ||
	    statement_run(s) == -1)
		return -1;
	s = stock_statement(store, PRODUCTS_CLEAR);
	if (statement_bind(s, "") == -1 || statement_run(s) == -1)
		return -1;
	s = stock_statement(store, PRODUCT_PUT);
	for (size_t i = 0; i < count; i++) {
		if (statement_bind(s, "ItI", (int64_t)products[i].code,
			products[i].name.s, products[i].name.len,
			products[i].price) == -1 ||
		    statement_run(s) == -1)
			return -1;
	}
	return 0;
}
