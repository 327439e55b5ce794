/*
 * read_folder: a folder with roles' databases, filled by SQL, and the API's
 * reader over it.  Static functions: each test program is one file.
 */
#ifndef PREGON_TESTS_READ_FOLDER_H
#define PREGON_TESTS_READ_FOLDER_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backend/store/read.h"
#include "backend/store/schema.h"

struct read_folder {
	char path[64];
	struct reader *reader;
};

static inline void
read_folder_open(struct read_folder *f)
{
	strcpy(f->path, "/tmp/pregon-read-XXXXXX");
	assert_non_null(mkdtemp(f->path));
	f->reader = reader_open_sqlite(f->path);
	assert_non_null(f->reader);
}

static inline int
read_folder_remove(
    const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static inline void
read_folder_close(struct read_folder *f)
{
	f->reader->ops->close(f->reader);
	nftw(f->path, read_folder_remove, 8, FTW_DEPTH | FTW_PHYS);
}

/* As the role writes it: with a connection of its own. */
static inline void
read_folder_run(
    struct read_folder *f, const struct store_schema *schema, const char *sql)
{
	char path[96], why[256];
	struct store *store;

	snprintf(path, sizeof(path), "%s/%s.db", f->path, schema->name);
	store = store_open(path, schema, STORE_NORMAL, why, sizeof(why));
	if (store == NULL)
		fail_msg("%s", why);
	if (sqlite3_exec(store_handle(store), sql, NULL, NULL, NULL) !=
	    SQLITE_OK)
		fail_msg("%s", sqlite3_errmsg(store_handle(store)));
	store_close(store);
}

#endif
