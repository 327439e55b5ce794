/*
 * Statements: prepared once, bound by a word of types, stepped.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "lib/store_parts.h"

struct statement *
store_prepare(struct store *st, const char *sql)
{
	struct statement *s = calloc(1, sizeof(*s));
	int code;

	if (s == NULL)
		return NULL;
	code = sqlite3_prepare_v3(
	    st->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &s->stmt, NULL);
	if (code != SQLITE_OK) {
		store_fail(st, code);
		free(s);
		return NULL;
	}
	s->store = st;
	s->next = st->statements;
	st->statements = s;
	return s;
}

void
statement_reset(struct statement *s)
{
	sqlite3_reset(s->stmt);
}

static int
bind_one(sqlite3_stmt *stmt, int at, char type, va_list *ap)
{
	const char *text;
	const void *blob;
	size_t len;

	switch (type) {
	case 'i':
		return sqlite3_bind_int(stmt, at, va_arg(*ap, int));
	case 'I':
		return sqlite3_bind_int64(stmt, at, va_arg(*ap, int64_t));
	case 'd':
		return sqlite3_bind_double(stmt, at, va_arg(*ap, double));
	case 's':
		text = va_arg(*ap, const char *);
		return sqlite3_bind_text(stmt, at, text, -1, SQLITE_STATIC);
	case 't':
		text = va_arg(*ap, const char *);
		len = va_arg(*ap, size_t);
		/* An empty text is not NULL, wherever it points. */
		return sqlite3_bind_text64(stmt, at, len > 0 ? text : "", len,
		    SQLITE_STATIC, SQLITE_UTF8);
	case 'b':
		blob = va_arg(*ap, const void *);
		len = va_arg(*ap, size_t);
		if (len == 0)
			return sqlite3_bind_zeroblob(stmt, at, 0);
		return sqlite3_bind_blob64(stmt, at, blob, len, SQLITE_STATIC);
	case 'n':
		return sqlite3_bind_null(stmt, at);
	default:
		return SQLITE_MISUSE;
	}
}

int
statement_bind(struct statement *s, const char *types, ...)
{
	int wanted = sqlite3_bind_parameter_count(s->stmt);
	int code = SQLITE_OK, at = 0;
	va_list ap;

	sqlite3_reset(s->stmt);
	va_start(ap, types);
	while (types[at] != '\0' && code == SQLITE_OK) {
		code = bind_one(s->stmt, at + 1, types[at], &ap);
		at++;
	}
	va_end(ap);
	if (code == SQLITE_OK && at == wanted)
		return 0;
	return store_fail(s->store, code == SQLITE_OK ? SQLITE_MISUSE : code);
}

int
statement_step(struct statement *s)
{
	int code = sqlite3_step(s->stmt);

	if (code == SQLITE_ROW)
		return 1;
	if (code == SQLITE_DONE) {
		if (!sqlite3_stmt_readonly(s->stmt))
			s->changes = sqlite3_changes(s->store->db);
		sqlite3_reset(s->stmt);
		return 0;
	}
	store_fail(s->store, code);
	code = errno;
	sqlite3_reset(s->stmt);
	errno = code;
	return -1;
}

int
statement_run(struct statement *s)
{
	int rc;

	do
		rc = statement_step(s);
	while (rc == 1);
	return rc;
}

int
statement_changes(struct statement *s)
{
	return s->changes;
}

int64_t
statement_int(struct statement *s, int column)
{
	return sqlite3_column_int64(s->stmt, column);
}

double
statement_double(struct statement *s, int column)
{
	return sqlite3_column_double(s->stmt, column);
}

bool
statement_null(struct statement *s, int column)
{
	return sqlite3_column_type(s->stmt, column) == SQLITE_NULL;
}

const char *
statement_text(struct statement *s, int column)
{
	return (const char *)sqlite3_column_text(s->stmt, column);
}

const void *
statement_blob(struct statement *s, int column, size_t *len)
{
	const void *blob = sqlite3_column_blob(s->stmt, column);

	*len = (size_t)sqlite3_column_bytes(s->stmt, column);
	/* SQLite gives NULL for an empty blob as well. */
	if (blob == NULL && sqlite3_column_type(s->stmt, column) != SQLITE_NULL)
		blob = "";
	return blob;
}
