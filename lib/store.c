/*
 * Opening a database: of our kind, of our version, in WAL mode.
 *
 * The kind stands in SQLite's application_id (a hash of the schema's name),
 * the version in its user_version.
 */
#include "lib/store.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/store_parts.h"

/* Only another process that opens the same file makes one wait. */
#define BUSY_TIMEOUT_MS 2000
/* A checkpoint syncs the disk twice, which whoever syncs beside it waits for:
 * at 1000 pages, SQLite's own, the p99 from street to query was twice this. */
#define CHECKPOINT_PAGES "4000"
/* What a checkpointed WAL may keep of the disk. */
#define JOURNAL_SIZE_LIMIT "16777216"

int
store_fail(struct store *st, int code)
{
	int sys = sqlite3_system_errno(st->db);

	snprintf(st->error, sizeof(st->error), "%s", sqlite3_errmsg(st->db));
	switch (code & 0xff) {
	case SQLITE_FULL:
		errno = ENOSPC;
		break;
	case SQLITE_READONLY:
		errno = EROFS;
		break;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		errno = EBADMSG;
		break;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		errno = EBUSY;
		break;
	case SQLITE_CANTOPEN:
		errno = sys != 0 ? sys : EACCES;
		break;
	case SQLITE_PERM:
	case SQLITE_AUTH:
		errno = EACCES;
		break;
	case SQLITE_IOERR:
		errno = sys == ENOSPC || sys == EDQUOT ? ENOSPC : EIO;
		break;
	case SQLITE_NOMEM:
		errno = ENOMEM;
		break;
	case SQLITE_CONSTRAINT:
		errno = code == SQLITE_CONSTRAINT_UNIQUE ||
			code == SQLITE_CONSTRAINT_PRIMARYKEY
		    ? EEXIST
		    : EINVAL;
		break;
	default:
		errno = EINVAL;
	}
	return -1;
}

static int
execute(struct store *st, const char *sql)
{
	int code = sqlite3_exec(st->db, sql, NULL, NULL, NULL);

	return code == SQLITE_OK ? 0 : store_fail(st, code);
}

/* The first column of the first row; 0 if there is none. */
static int
query_int(struct store *st, const char *sql, int64_t *value)
{
	sqlite3_stmt *stmt;
	int code = sqlite3_prepare_v2(st->db, sql, -1, &stmt, NULL);

	*value = 0;
	if (code == SQLITE_OK) {
		code = sqlite3_step(stmt);
		if (code == SQLITE_ROW)
			*value = sqlite3_column_int64(stmt, 0);
	}
	if (code != SQLITE_ROW && code != SQLITE_DONE)
		store_fail(st, code);
	sqlite3_finalize(stmt);
	return code == SQLITE_ROW || code == SQLITE_DONE ? 0 : -1;
}

/* FNV-1a of the name, as a positive number that is not 0. */
static int32_t
kind_id(const char *name)
{
	uint32_t hash = 2166136261u;

	for (; *name != '\0'; name++)
		hash = (hash ^ (unsigned char)*name) * 16777619u;
	return (int32_t)(hash >> 1 | 1);
}

/* What the person who reads it can do about errno. */
static const char *
advice(int error)
{
	switch (error) {
	case ENOSPC:
		return ": make room on the disk";
	case EROFS:
		return ": it must lie where this program may write";
	case EACCES:
	case EPERM:
		return ": give this user the right to it";
	case ENOENT:
		return ": make its folder first";
	case EBADMSG:
		return ": restore it from a copy, or move it away";
	case EBUSY:
		return ": another process is writing to it";
	default:
		return "";
	}
}

static void
say(const char *path, const char *words, char *why, size_t why_cap)
{
	int saved = errno;

	snprintf(why, why_cap, "%s: %s%s", path, words, advice(saved));
	errno = saved;
}

enum file_state { FILE_NEW, FILE_OURS, FILE_REFUSED };

/* Whose file is it, and of which version? */
static enum file_state
identify(struct store *st, const char *path, const struct store_schema *schema,
    int64_t *version, char *why, size_t why_cap)
{
	int64_t kind, tables;

	if (query_int(st, "PRAGMA application_id", &kind) == -1 ||
	    query_int(st, "PRAGMA user_version", version) == -1 ||
	    query_int(st, "SELECT count(*) FROM sqlite_schema", &tables) ==
		-1) {
		say(path, st->error, why, why_cap);
		return FILE_REFUSED;
	}
	if (kind == 0 && *version == 0 && tables == 0)
		return FILE_NEW;
	if (kind != kind_id(schema->name)) {
		snprintf(why, why_cap,
		    "%s is not a database of %s: name another file, or move "
		    "this one away",
		    path, schema->name);
		errno = EMEDIUMTYPE;
		return FILE_REFUSED;
	}
	if (*version > schema->step_count) {
		snprintf(why, why_cap,
		    "%s is of version %lld, this program knows %d: upgrade "
		    "the program",
		    path, (long long)*version, schema->step_count);
		errno = ENOTSUP;
		return FILE_REFUSED;
	}
	return FILE_OURS;
}

static int
upgrade_step(struct store *st, const struct store_schema *schema, int step)
{
	char pragmas[128];

	snprintf(pragmas, sizeof(pragmas),
	    "PRAGMA application_id = %d; PRAGMA user_version = %d;",
	    kind_id(schema->name), step + 1);
	if (execute(st, "BEGIN IMMEDIATE") == -1)
		return -1;
	if (execute(st, schema->steps[step]) == -1 ||
	    execute(st, pragmas) == -1 || execute(st, "COMMIT") == -1) {
		store_rollback(st);
		return -1;
	}
	return 0;
}

static int
upgrade(struct store *st, const char *path, const struct store_schema *schema,
    int64_t version, char *why, size_t why_cap)
{
	for (int step = (int)version; step < schema->step_count; step++) {
		if (upgrade_step(st, schema, step) == -1) {
			int saved = errno;

			snprintf(why, why_cap,
			    "%s: cannot be made version %d: %s%s", path,
			    step + 1, st->error, advice(saved));
			errno = saved;
			return -1;
		}
	}
	return 0;
}

/* NULL with errno and `why`; else a connection that asked nothing yet. */
static struct store *
connect_file(const char *path, int flags, char *why, size_t why_cap)
{
	struct store *st = calloc(1, sizeof(*st));
	int code;

	if (st == NULL) {
		say(path, strerror(errno), why, why_cap);
		return NULL;
	}
	code = sqlite3_open_v2(
	    path, &st->db, flags | SQLITE_OPEN_NOMUTEX, NULL);
	if (code != SQLITE_OK) {
		if (st->db == NULL) {
			errno = ENOMEM;
			say(path, strerror(errno), why, why_cap);
		} else {
			store_fail(st, code);
			say(path, strerror(errno), why, why_cap);
		}
		store_close(st);
		return NULL;
	}
	sqlite3_extended_result_codes(st->db, 1);
	sqlite3_busy_timeout(st->db, BUSY_TIMEOUT_MS);
	return st;
}

/* SQLite opens what it may not write read-only, without a word. */
static int
check_writable(struct store *st, const char *path, char *why, size_t why_cap)
{
	if (sqlite3_db_readonly(st->db, "main") != 1)
		return 0;
	if (access(path, W_OK) == 0 || errno != EACCES)
		errno = EROFS;
	say(path, strerror(errno), why, why_cap);
	return -1;
}

static int
set_modes(struct store *st, enum store_sync sync)
{
	int on = 1;

	if (execute(st,
		"PRAGMA journal_mode = WAL;"
		"PRAGMA foreign_keys = ON;"
		"PRAGMA temp_store = MEMORY;"
		"PRAGMA wal_autocheckpoint = " CHECKPOINT_PAGES ";"
		"PRAGMA journal_size_limit = " JOURNAL_SIZE_LIMIT) == -1 ||
	    execute(st,
		sync == STORE_FULL ? "PRAGMA synchronous = FULL"
				   : "PRAGMA synchronous = NORMAL") == -1)
		return -1;
	/* A reader that may not write could not make the WAL's files anew. */
	sqlite3_file_control(st->db, "main", SQLITE_FCNTL_PERSIST_WAL, &on);
	return 0;
}

struct store *
store_open(const char *path, const struct store_schema *schema,
    enum store_sync sync, char *why, size_t why_cap)
{
	struct store *st;
	int64_t version = 0;
	int saved;

	st = connect_file(
	    path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, why, why_cap);
	if (st == NULL)
		return NULL;
	if (check_writable(st, path, why, why_cap) == -1 ||
	    identify(st, path, schema, &version, why, why_cap) == FILE_REFUSED)
		goto close;
	if (set_modes(st, sync) == -1) {
		say(path, st->error, why, why_cap);
		goto close;
	}
	if (upgrade(st, path, schema, version, why, why_cap) == -1)
		goto close;
	return st;
close:
	saved = errno;
	store_close(st);
	errno = saved;
	return NULL;
}

struct store *
store_open_reader(const char *path, const struct store_schema *schema,
    char *why, size_t why_cap)
{
	struct store *st;
	int64_t version = 0;
	enum file_state state;
	int saved;

	if (access(path, F_OK) == -1 && errno == ENOENT) {
		snprintf(why, why_cap,
		    "%s is not there yet: start the program that writes it",
		    path);
		errno = ENOENT;
		return NULL;
	}
	st = connect_file(path, SQLITE_OPEN_READONLY, why, why_cap);
	if (st == NULL)
		return NULL;
	st->reader = true;
	state = identify(st, path, schema, &version, why, why_cap);
	if (state == FILE_REFUSED)
		goto close;
	if (state == FILE_NEW || version < schema->step_count) {
		snprintf(why, why_cap,
		    "%s is of version %lld, this program reads %d: start the "
		    "program that writes it, which upgrades it",
		    path, (long long)version, schema->step_count);
		errno = ENOENT;
		goto close;
	}
	return st;
close:
	saved = errno;
	store_close(st);
	errno = saved;
	return NULL;
}

void
store_close(struct store *st)
{
	if (st == NULL)
		return;
	while (st->statements != NULL) {
		struct statement *next = st->statements->next;

		sqlite3_finalize(st->statements->stmt);
		free(st->statements);
		st->statements = next;
	}
	sqlite3_close(st->db);
	free(st);
}

const char *
store_error(struct store *st)
{
	return st->error;
}

sqlite3 *
store_handle(struct store *st)
{
	return st->db;
}

int
store_scrub(struct store *st)
{
	int code;

	sqlite3_busy_timeout(st->db, SCRUB_WAIT_MS);
	code = sqlite3_wal_checkpoint_v2(
	    st->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
	sqlite3_busy_timeout(st->db, BUSY_TIMEOUT_MS);
	return code == SQLITE_OK ? 0 : store_fail(st, code);
}

int
store_begin(struct store *st)
{
	return execute(st, st->reader ? "BEGIN" : "BEGIN IMMEDIATE");
}

int
store_commit(struct store *st)
{
	return execute(st, "COMMIT");
}

void
store_rollback(struct store *st)
{
	/* Some errors end the transaction by themselves. */
	if (!sqlite3_get_autocommit(st->db))
		sqlite3_exec(st->db, "ROLLBACK", NULL, NULL, NULL);
}
