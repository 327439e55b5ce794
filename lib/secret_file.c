/*
 * secret_file: the file that the guild's secret is kept in.  Nothing of it is
 * left in memory but what the caller asked for.
 */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/secret.h"

#define HEX_DIGITS (2 * SECRET_BYTES)

static int
say(char *why, size_t cap, const char *path, const char *words)
{
	snprintf(why, cap, "%s: %s", path, words);
	return -1;
}

/* Its group may read it: two programs share it. */
static int
check_mode(int fd, const char *path, char *why, size_t cap)
{
	struct stat st;

	if (fstat(fd, &st) == -1)
		return say(why, cap, path, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return say(why, cap, path, "not a file");
	if ((st.st_mode & (S_IWGRP | S_IXGRP | S_IRWXO)) != 0) {
		snprintf(why, cap,
		    "%s: its mode is %04o: a secret is for its owner alone, "
		    "and for its group to read (0600 or 0640)",
		    path, (unsigned)st.st_mode & 07777);
		return -1;
	}
	return 0;
}

/* All of a small file; bytes, or -1. */
static ssize_t
read_all(int fd, char *text, size_t cap)
{
	size_t len = 0;
	ssize_t n = 1;

	while (len < cap && n > 0) {
		n = read(fd, text + len, cap - len);
		if (n == -1 && errno == EINTR)
			n = 1;
		else if (n > 0)
			len += (size_t)n;
	}
	return n == -1 ? -1 : (ssize_t)len;
}

/* -1: not a digit. */
static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* 64 digits; a line feed may end them. */
static int
read_hex(const char *text, size_t len, struct secret *secret)
{
	if (len == HEX_DIGITS + 1 && text[HEX_DIGITS] == '\n')
		len--;
	if (len != HEX_DIGITS)
		return -1;
	for (size_t i = 0; i < SECRET_BYTES; i++) {
		int high = hex_digit(text[2 * i]);
		int low = hex_digit(text[2 * i + 1]);

		if (high == -1 || low == -1)
			return -1;
		secret->bytes[i] = (uint8_t)(high << 4 | low);
	}
	return 0;
}

int
secret_load(struct secret *secret, const char *path, char *why, size_t why_cap)
{
	/* One more than may be there. */
	char text[HEX_DIGITS + 2];
	/* Not to wait for the other end of a pipe. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	ssize_t len;
	int rc = -1;

	if (fd == -1 && errno == ENOENT)
		return say(why, why_cap, path,
		    "is not there: pregonctl secret create makes it");
	if (fd == -1)
		return say(why, why_cap, path, strerror(errno));
	if (check_mode(fd, path, why, why_cap) == -1)
		goto close_file;
	len = read_all(fd, text, sizeof(text));
	if (len == -1)
		say(why, why_cap, path, strerror(errno));
	else if (read_hex(text, (size_t)len, secret) == -1)
		say(why, why_cap, path,
		    "expected 64 hexadecimal digits and nothing else");
	else
		rc = 0;
	explicit_bzero(text, sizeof(text));
	if (rc == -1)
		explicit_bzero(secret, sizeof(*secret));
close_file:
	close(fd);
	return rc;
}

/* HEX_DIGITS and a line feed. */
static int
make_text(char text[HEX_DIGITS + 1])
{
	static const char digits[] = "0123456789abcdef";
	uint8_t random[SECRET_BYTES];

	if (getrandom(random, sizeof(random), 0) != (ssize_t)sizeof(random))
		return -1;
	for (size_t i = 0; i < SECRET_BYTES; i++) {
		text[2 * i] = digits[random[i] >> 4];
		text[2 * i + 1] = digits[random[i] & 15];
	}
	text[HEX_DIGITS] = '\n';
	explicit_bzero(random, sizeof(random));
	return 0;
}

/* A file's name is kept once its folder is. */
static int
sync_folder(const char *path)
{
	char copy[PATH_MAX];
	int fd, rc;

	if ((size_t)snprintf(copy, sizeof(copy), "%s", path) >= sizeof(copy)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd == -1)
		return -1;
	rc = fsync(fd);
	close(fd);
	return rc;
}

/* A short write is a full disk. */
static int
write_synced(int fd, const char *text, size_t len)
{
	ssize_t n = write(fd, text, len);

	if (n == -1)
		return -1;
	if ((size_t)n != len) {
		errno = ENOSPC;
		return -1;
	}
	return fsync(fd);
}

int
secret_create(const char *path, char *why, size_t why_cap)
{
	char text[HEX_DIGITS + 1];
	int fd, failed;

	if (make_text(text) == -1)
		return say(why, why_cap, path, "no random bytes");
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd == -1) {
		explicit_bzero(text, sizeof(text));
		return say(why, why_cap, path,
		    errno == EEXIST ? "is there already, and stays as it is"
				    : strerror(errno));
	}
	failed = write_synced(fd, text, sizeof(text)) == -1 ||
		sync_folder(path) == -1
	    ? errno
	    : 0;
	explicit_bzero(text, sizeof(text));
	close(fd);
	if (failed == 0)
		return 0;
	unlink(path);
	return say(why, why_cap, path, strerror(failed));
}
