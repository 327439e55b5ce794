/*
 * store_parts: what store's own files share; nobody else's.
 */
#ifndef PREGON_STORE_PARTS_H
#define PREGON_STORE_PARTS_H

#include "lib/store.h"

struct store {
	sqlite3 *db;
	bool reader;
	struct statement *statements;
	char error[256]; /* the last failure, in words */
};

struct statement {
	struct store *store;
	struct statement *next;
	sqlite3_stmt *stmt;
	int changes;
};

/* Keeps SQLite's words, sets errno from its code; always -1. */
int store_fail(struct store *, int code);

#endif
