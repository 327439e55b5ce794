#include "firmware-gateway/credentials_file.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define PATH_BYTES 1100
#define LOCK_PAUSE_MS 50

static int
write_all(int fd, const char *text, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, text, len);

		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return -1;
		text += n;
		len -= (size_t)n;
	}
	return fsync(fd);
}

/* Descriptor of the folder; -1: errno. */
static int
open_folder(const char *path)
{
	char copy[PATH_BYTES];

	snprintf(copy, sizeof(copy), "%s", path);
	return open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

/* The gateway is to read what root enrolled it with. */
static int
give_to_owner(int fd, int folder)
{
	struct stat st;

	if (geteuid() != 0)
		return 0;
	if (fstat(folder, &st) == -1)
		return -1;
	return fchown(fd, st.st_uid, st.st_gid);
}

int
credentials_file_write(const char *path, const char *text)
{
	char fresh[PATH_BYTES];
	int folder, fd, error, rc = -1;

	if (snprintf(fresh, sizeof(fresh), "%s.new", path) >=
	    (int)sizeof(fresh)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	folder = open_folder(path);
	if (folder == -1)
		return -1;
	/* One of a crash would keep its mode. */
	unlink(fresh);
	fd = open(
	    fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd == -1)
		goto close_folder;
	if (give_to_owner(fd, folder) == -1 ||
	    write_all(fd, text, strlen(text)) == -1 ||
	    rename(fresh, path) == -1 || fsync(folder) == -1)
		goto close_fresh;
	rc = 0;
close_fresh:
	error = errno;
	close(fd);
	if (rc == -1)
		unlink(fresh);
	errno = error;
close_folder:
	error = errno;
	close(folder);
	errno = error;
	return rc;
}

int
credentials_file_read(const char *path, char *text, size_t cap)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t len = 0;
	ssize_t n = 0;

	if (fd == -1)
		return -1;
	while (len < cap && (n = read(fd, text + len, cap - len)) > 0)
		len += (size_t)n;
	if (n == -1 || len == cap) {
		int error = n == -1 ? errno : EFBIG;

		close(fd);
		errno = error;
		return -1;
	}
	close(fd);
	text[len] = '\0';
	return 0;
}

int
credentials_file_lock(const char *path, int patience_ms)
{
	const struct timespec pause = { 0, LOCK_PAUSE_MS * 1000000L };
	int fd = open_folder(path), error;

	if (fd == -1)
		return -1;
	while (flock(fd, LOCK_EX | LOCK_NB) == -1) {
		if (errno == EWOULDBLOCK && patience_ms > 0) {
			patience_ms -= LOCK_PAUSE_MS;
			nanosleep(&pause, NULL);
			continue;
		}
		error = errno;
		close(fd);
		errno = error;
		return -1;
	}
	return fd;
}
