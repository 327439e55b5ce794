/*
 * statements: a store's SQL as a table of named statements, prepared when
 * the store is opened.
 */
#ifndef PREGON_BACKEND_STATEMENTS_H
#define PREGON_BACKEND_STATEMENTS_H

#include "lib/store.h"

/* All of sql[0..count-1] into statements[]; -1: errno, store_error(). */
static inline int
statements_prepare(struct store *store, const char *const *sql, size_t count,
    struct statement **statements)
{
	for (size_t i = 0; i < count; i++) {
		statements[i] = store_prepare(store, sql[i]);
		if (statements[i] == NULL)
			return -1;
	}
	return 0;
}

#endif
