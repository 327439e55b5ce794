/*
 * The file as a file: its lock, a damaged one set aside, a reader's copy.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "lib/outbox_parts.h"

/* A check reads the whole file; below this it costs no one anything. */
#define CHECK_ALWAYS_BYTES (4 * 1024 * 1024)

static void
lock_path(const char *path, char *buf, size_t cap)
{
	snprintf(buf, cap, "%s.lock", path);
}

int
outbox_lock(const char *path, int *fd, char *why, size_t why_cap)
{
	char name[PATH_MAX];
	int saved;

	lock_path(path, name, sizeof(name));
	*fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	if (*fd == -1) {
		saved = errno;
		snprintf(why, why_cap,
		    "%s: %s: the outbox must lie where the gateway may write",
		    name, strerror(saved));
		errno = saved;
		return -1;
	}
	if (flock(*fd, LOCK_EX | LOCK_NB) == 0)
		return 0;
	saved = errno;
	snprintf(why, why_cap,
	    saved == EWOULDBLOCK
		? "%s: another gateway has this outbox: stop it first, or "
		  "give this one a file of its own"
		: "%s: cannot be locked",
	    path);
	close(*fd);
	*fd = -1;
	errno = saved;
	return -1;
}

/* The lock's file is empty, or says that damage was met. */
void
outbox_note_damage(int lock_fd)
{
	static const char note[] = "check\n";

	if (lock_fd != -1)
		(void)!pwrite(lock_fd, note, sizeof(note) - 1, 0);
}

void
outbox_note_checked(int lock_fd)
{
	(void)!ftruncate(lock_fd, 0);
}

bool
outbox_must_check(int lock_fd, const char *path)
{
	struct stat file, lock;

	if (fstat(lock_fd, &lock) == 0 && lock.st_size > 0)
		return true;
	return stat(path, &file) == 0 && file.st_size <= CHECK_ALWAYS_BYTES;
}

/* The WAL keeps its name's end, so that SQLite finds it there too. */
int
outbox_set_aside(const char *path, char *why, size_t why_cap)
{
	static const char *const ends[] = { "", "-wal", "-shm" };
	char from[PATH_MAX], to[PATH_MAX];
	long long now = (long long)time(NULL);

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		snprintf(from, sizeof(from), "%s%s", path, ends[i]);
		snprintf(
		    to, sizeof(to), "%s.damaged-%lld%s", path, now, ends[i]);
		if (rename(from, to) == -1 && errno != ENOENT) {
			int saved = errno;

			snprintf(why, why_cap,
			    "%s is damaged and cannot be set aside: %s", path,
			    strerror(saved));
			errno = saved;
			return -1;
		}
	}
	return 0;
}

/* 0; also when there is no such file and `optional`. */
static int
copy_bytes(const char *from, const char *to, bool optional)
{
	char buf[16384];
	ssize_t n = 0;
	int in, out, rc = -1, saved;

	in = open(from, O_RDONLY | O_CLOEXEC);
	if (in == -1)
		return optional && errno == ENOENT ? 0 : -1;
	out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (out == -1)
		goto close_in;
	while ((n = read(in, buf, sizeof(buf))) > 0) {
		if (write(out, buf, (size_t)n) != n)
			goto close_out;
	}
	rc = n == 0 ? 0 : -1;
close_out:
	saved = errno;
	close(out);
	errno = saved;
close_in:
	saved = errno;
	close(in);
	errno = saved;
	return rc;
}

/* The file of a gateway that runs: as of one moment. */
static int
copy_live(const char *from, const char *to)
{
	sqlite3 *in = NULL, *out = NULL;
	sqlite3_backup *backup = NULL;
	int rc = -1;

	if (sqlite3_open_v2(from, &in, SQLITE_OPEN_READONLY, NULL) !=
		SQLITE_OK ||
	    sqlite3_open_v2(to, &out,
		SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL) != SQLITE_OK)
		goto close_both;
	sqlite3_busy_timeout(in, 2000);
	backup = sqlite3_backup_init(out, "main", in, "main");
	if (backup != NULL && sqlite3_backup_step(backup, -1) == SQLITE_DONE)
		rc = 0;
	if (sqlite3_backup_finish(backup) != SQLITE_OK)
		rc = -1;
close_both:
	sqlite3_close(in);
	sqlite3_close(out);
	if (rc == -1)
		errno = EIO;
	return rc;
}

/* Held by a gateway?  Else *fd keeps one from starting meanwhile. */
static bool
lock_shared(const char *path, int *fd)
{
	char name[PATH_MAX];

	lock_path(path, name, sizeof(name));
	*fd = open(name, O_RDONLY | O_CLOEXEC);
	return *fd != -1 && flock(*fd, LOCK_SH | LOCK_NB) == -1 &&
	    errno == EWOULDBLOCK;
}

void
outbox_copy_path(const char *dir, char *buf, size_t cap)
{
	snprintf(buf, cap, "%s/outbox.db", dir);
}

void
outbox_copy_remove(char *dir)
{
	static const char *const ends[] = { "", "-wal", "-shm", "-journal" };
	char path[PATH_MAX], name[PATH_MAX + 16];

	outbox_copy_path(dir, path, sizeof(path));
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		snprintf(name, sizeof(name), "%s%s", path, ends[i]);
		unlink(name);
	}
	rmdir(dir);
	free(dir);
}

static int
copy_into(const char *path, const char *dir, bool live)
{
	char to[PATH_MAX], from_wal[PATH_MAX], to_wal[PATH_MAX + 4];

	outbox_copy_path(dir, to, sizeof(to));
	if (live)
		return copy_live(path, to);
	snprintf(from_wal, sizeof(from_wal), "%s-wal", path);
	snprintf(to_wal, sizeof(to_wal), "%s-wal", to);
	if (copy_bytes(path, to, false) == -1)
		return -1;
	return copy_bytes(from_wal, to_wal, true);
}

/*
 * A copy, because nothing may be written to a dead cart's card and it may be
 * on a medium that takes no writing: but the newest sales are in its WAL,
 * which SQLite cannot read without files of its own beside it.
 */
char *
outbox_copy(const char *path, char *why, size_t why_cap)
{
	const char *tmp = getenv("TMPDIR");
	char name[PATH_MAX];
	char *dir;
	bool live;
	int fd, rc, saved;

	snprintf(name, sizeof(name), "%s/pregon-outbox-XXXXXX",
	    tmp != NULL ? tmp : "/tmp");
	if (mkdtemp(name) == NULL || (dir = strdup(name)) == NULL) {
		saved = errno;
		snprintf(why, why_cap, "%s: %s", name, strerror(saved));
		errno = saved;
		return NULL;
	}
	live = lock_shared(path, &fd);
	rc = copy_into(path, dir, live);
	saved = errno;
	if (fd != -1)
		close(fd);
	if (rc == 0)
		return dir;
	snprintf(why, why_cap, "%s cannot be copied to %s: %s", path, dir,
	    strerror(saved));
	outbox_copy_remove(dir);
	errno = saved;
	return NULL;
}
