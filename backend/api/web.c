#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backend/api/web.h"

#define INDEX "index.html"
/* Files whose names carry a hash of what is within: "/assets/a-7DKQ2LXM.js".
 */
#define HASHED_FOLDER "/assets/"
#define HASH_CHARS "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
#define HASH_LEN 8
#define PATH_PARTS_MAX 16
/* With ".gz" behind it a file system's longest. */
#define NAME_BYTES_MAX 250
#define OPEN_WITHIN (O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)

struct web {
	int folder;
};

static const struct {
	const char *ending;
	const char *type;
} types[] = {
	{ ".html", "text/html; charset=utf-8" },
	{ ".js", "text/javascript; charset=utf-8" },
	{ ".mjs", "text/javascript; charset=utf-8" },
	{ ".css", "text/css; charset=utf-8" },
	{ ".json", "application/json" },
	{ ".map", "application/json" },
	{ ".webmanifest", "application/manifest+json" },
	{ ".txt", "text/plain; charset=utf-8" },
	{ ".svg", "image/svg+xml" },
	{ ".png", "image/png" },
	{ ".jpg", "image/jpeg" },
	{ ".webp", "image/webp" },
	{ ".ico", "image/x-icon" },
	{ ".woff2", "font/woff2" },
	{ ".pmtiles", "application/vnd.pmtiles" },
};

struct web *
web_open(const char *folder, char *why, size_t why_cap)
{
	struct web *web = malloc(sizeof(*web));

	if (web == NULL) {
		snprintf(why, why_cap, "no memory");
		return NULL;
	}
	web->folder = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (web->folder != -1)
		return web;
	snprintf(why, why_cap, "web.root %s: %s", folder, strerror(errno));
	free(web);
	return NULL;
}

void
web_close(struct web *web)
{
	if (web == NULL)
		return;
	close(web->folder);
	free(web);
}

/* The path's next part, from *path on; -1: it is none that is served. */
static int
take_part(const char **path, char name[NAME_BYTES_MAX + 1])
{
	size_t len = strcspn(*path, "/");

	if (len == 0 || len > NAME_BYTES_MAX || (*path)[0] == '.') {
		errno = ENOENT;
		return -1;
	}
	memcpy(name, *path, len);
	name[len] = '\0';
	*path += len;
	return 0;
}

/* Goes down to the folder of the last part, whose name is left in `name`. */
static int
open_folder(
    const struct web *web, const char *path, char name[NAME_BYTES_MAX + 1])
{
	int fd = fcntl(web->folder, F_DUPFD_CLOEXEC, 0), down, error;

	for (int parts = 0; fd != -1; parts++) {
		if (*path++ != '/' || parts == PATH_PARTS_MAX)
			break;
		if (*path == '\0') {
			strcpy(name, INDEX);
			return fd;
		}
		if (take_part(&path, name) == -1)
			break;
		if (*path == '\0')
			return fd;
		down = openat(fd, name, OPEN_WITHIN | O_DIRECTORY);
		error = errno;
		close(fd);
		errno = error;
		fd = down;
	}
	if (fd != -1) {
		close(fd);
		errno = ENOENT;
	}
	return -1;
}

static int
open_file(int folder, const char *name, struct stat *st)
{
	int fd = openat(folder, name, OPEN_WITHIN);

	if (fd == -1 || (fstat(fd, st) == 0 && S_ISREG(st->st_mode)))
		return fd;
	close(fd);
	errno = ENOENT;
	return -1;
}

static int64_t
changed_ns(const struct stat *st)
{
	return (int64_t)st->st_mtim.tv_sec * 1000000000 + st->st_mtim.tv_nsec;
}

static const char *
type_of(const char *name)
{
	const char *ending = strrchr(name, '.');

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (ending != NULL && strcmp(ending, types[i].ending) == 0)
			return types[i].type;
	return "application/octet-stream";
}

static bool
is_hashed(const char *path, const char *name)
{
	const char *ending = strchr(name, '.');
	const char *hash;

	if (strncmp(path, HASHED_FOLDER, strlen(HASHED_FOLDER)) != 0 ||
	    ending == NULL || ending - name <= HASH_LEN)
		return false;
	hash = ending - HASH_LEN;
	return hash[-1] == '-' && strspn(hash, HASH_CHARS) == HASH_LEN;
}

/* In the place of the plain one, if it is there and of the same age. */
static void
take_packed(int folder, const char *name, struct stat *st, int *fd, bool *gzip)
{
	char packed_name[NAME_BYTES_MAX + sizeof(".gz")];
	struct stat packed_st;
	int packed;

	snprintf(packed_name, sizeof(packed_name), "%s.gz", name);
	packed = open_file(folder, packed_name, &packed_st);
	if (packed == -1)
		return;
	if (changed_ns(&packed_st) < changed_ns(st)) {
		close(packed);
		return;
	}
	close(*fd);
	*fd = packed;
	*st = packed_st;
	*gzip = true;
}

int
web_find(
    const struct web *web, const char *path, bool gzip, struct web_file *file)
{
	char name[NAME_BYTES_MAX + 1];
	int folder = open_folder(web, path, name), error;
	struct stat st;

	if (folder == -1)
		return -1;
	file->gzip = false;
	file->fd = open_file(folder, name, &st);
	error = errno;
	if (file->fd != -1 && gzip)
		take_packed(folder, name, &st, &file->fd, &file->gzip);
	close(folder);
	if (file->fd == -1) {
		errno = error;
		return -1;
	}
	file->size = (size_t)st.st_size;
	file->type = type_of(name);
	file->forever = is_hashed(path, name);
	file->range = (struct range){ .kind = RANGE_WHOLE };
	snprintf(file->etag, sizeof(file->etag),
	    "\"%" PRIx64 "-%" PRIx64 "-%" PRIx64 "%s\"", (uint64_t)st.st_ino,
	    (uint64_t)changed_ns(&st), (uint64_t)st.st_size,
	    file->gzip ? "-gz" : "");
	return 0;
}

bool
web_takes_gzip(const char *accepted)
{
	const char *s = accepted, *q;
	size_t len;

	while (s != NULL && *s != '\0') {
		s += strspn(s, ", \t");
		len = strcspn(s, ",; \t");
		q = s + len;
		q += strspn(q, "; \t");
		if ((len == 4 && strncasecmp(s, "gzip", 4) == 0) ||
		    (len == 1 && *s == '*'))
			return strncasecmp(q, "q=", 2) != 0 ||
			    strtod(q + 2, NULL) > 0;
		s += strcspn(s, ",");
	}
	return false;
}
