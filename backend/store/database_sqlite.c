/*
 * A role's database in SQLite.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backend/store/database.h"
#include "lib/daemon.h"

struct database_sqlite {
	struct database base;
	int lock; /* an fd: it ends with the process, or here */
};

static int
sqlite_begin(struct database *db)
{
	return store_begin(db->sqlite);
}

static int
sqlite_commit(struct database *db)
{
	return store_commit(db->sqlite);
}

static void
sqlite_rollback(struct database *db)
{
	store_rollback(db->sqlite);
}

static int
sqlite_scrub(struct database *db)
{
	return store_scrub(db->sqlite);
}

static const char *
sqlite_error(struct database *db)
{
	return store_error(db->sqlite);
}

static void
sqlite_close(struct database *base)
{
	struct database_sqlite *db = (struct database_sqlite *)base;

	store_close(base->sqlite);
	close(db->lock);
	free(db);
}

static const struct database_ops sqlite_ops = {
	.begin = sqlite_begin,
	.commit = sqlite_commit,
	.rollback = sqlite_rollback,
	.scrub = sqlite_scrub,
	.error = sqlite_error,
	.close = sqlite_close,
};

static int
take_lock(const char *path, const char *role, char *why, size_t why_cap)
{
	char lock_path[PATH_MAX];
	int lock, saved;

	snprintf(lock_path, sizeof(lock_path), "%s.lock", path);
	lock = daemon_lock(lock_path);
	if (lock != -1)
		return lock;
	saved = errno;
	if (saved == EWOULDBLOCK)
		snprintf(why, why_cap,
		    "%s: another pregon-consumer %s writes it: on SQLite a "
		    "role is one process",
		    path, role);
	else
		snprintf(why, why_cap, "%s: %s", lock_path, strerror(saved));
	errno = saved;
	return -1;
}

struct database *
database_open_sqlite(const char *folder, const struct store_schema *schema,
    char *why, size_t why_cap)
{
	struct database_sqlite *db = calloc(1, sizeof(*db));
	char path[PATH_MAX - 8];
	int saved;

	if (db == NULL) {
		snprintf(why, why_cap, "%s", strerror(errno));
		return NULL;
	}
	db->base.ops = &sqlite_ops;
	snprintf(path, sizeof(path), "%s/%s.db", folder, schema->name);
	db->lock = take_lock(path, schema->name, why, why_cap);
	if (db->lock == -1)
		goto free_db;
	db->base.sqlite = store_open(path, schema, STORE_NORMAL, why, why_cap);
	if (db->base.sqlite == NULL)
		goto unlock;
	return &db->base;
unlock:
	saved = errno;
	close(db->lock);
	errno = saved;
free_db:
	saved = errno;
	free(db);
	errno = saved;
	return NULL;
}
