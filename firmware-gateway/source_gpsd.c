/*
 * Fixes from gpsd, decoded by libgps.
 *
 * We connect and cut lines ourselves, and give libgps one whole line at a
 * time (gps_unpack): gps_open would block the loop for as long as connect
 * does, and gps_read and gps_waiting of 3.22 spin on a partial line.
 */
#include "firmware-gateway/source.h"

#include <arpa/inet.h>
#include <errno.h>
#include <gps.h>
#include <math.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/log.h"

/* gpsd's longest line is 10240 bytes (GPS_JSON_RESPONSE_MAX). */
#define LINE_MAX_BYTES 16384
#define DEVICE_TEXT 160

struct gpsd {
	struct source source; /* first */
	union {
		struct sockaddr any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	} address;
	socklen_t address_len;
	char wanted[GPS_PATH_MAX]; /* device */
	char device[DEVICE_TEXT];
	int fd;
	size_t len; /* bytes in `line` */
	size_t done; /* of them handled */
	bool skipping; /* a line too long: until its end */
	struct log_limit said_error;
	struct gps_data_t gps;
	char line[LINE_MAX_BYTES];
};

static int
address_parse(struct gpsd *g, const char *host, int port)
{
	if (strcmp(host, "localhost") == 0)
		host = "127.0.0.1";
	if (inet_pton(AF_INET, host, &g->address.v4.sin_addr) == 1) {
		g->address.v4.sin_family = AF_INET;
		g->address.v4.sin_port = htons((uint16_t)port);
		g->address_len = sizeof(g->address.v4);
		return 0;
	}
	if (inet_pton(AF_INET6, host, &g->address.v6.sin6_addr) == 1) {
		g->address.v6.sin6_family = AF_INET6;
		g->address.v6.sin6_port = htons((uint16_t)port);
		g->address_len = sizeof(g->address.v6);
		return 0;
	}
	errno = EINVAL;
	return -1;
}

static int
gpsd_open(struct source *s)
{
	struct gpsd *g = (struct gpsd *)s;

	g->len = g->done = 0;
	g->skipping = false;
	g->device[0] = '\0';
	g->fd = socket(g->address.any.sa_family,
	    SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (g->fd == -1)
		return -1;
	if (connect(g->fd, &g->address.any, g->address_len) == -1 &&
	    errno != EINPROGRESS) {
		int saved = errno;

		close(g->fd);
		g->fd = -1;
		errno = saved;
		return -1;
	}
	return g->fd;
}

static int
gpsd_greet(struct source *s)
{
	struct gpsd *g = (struct gpsd *)s;
	char watch[GPS_PATH_MAX + 64];
	socklen_t len = sizeof(int);
	int error = 0;
	int n;

	if (getsockopt(g->fd, SOL_SOCKET, SO_ERROR, &error, &len) == -1)
		return -1;
	if (error != 0) {
		errno = error;
		return -1;
	}
	if (g->wanted[0] == '\0')
		n = snprintf(watch, sizeof(watch),
		    "?WATCH={\"enable\":true,\"json\":true};\n");
	else
		n = snprintf(watch, sizeof(watch),
		    "?WATCH={\"enable\":true,\"json\":true,"
		    "\"device\":\"%s\"};\n",
		    g->wanted);
	/* A new connection's buffer always has room for it. */
	if (send(g->fd, watch, (size_t)n, MSG_NOSIGNAL) != n)
		return -1;
	return 0;
}

static bool
is_class(const char *line, const char *name)
{
	static const char head[] = "{\"class\":\"";
	size_t n = strlen(name);

	return strncmp(line, head, sizeof(head) - 1) == 0 &&
	    strncmp(line + sizeof(head) - 1, name, n) == 0 &&
	    line[sizeof(head) - 1 + n] == '"';
}

/* gpsd lists its devices to a new client, and tells when one comes. */
static void
note_device(struct gpsd *g)
{
	const struct devconfig_t *d = &g->gps.dev;

	if (g->gps.set & DEVICELIST_SET)
		d = &g->gps.devices.list[0];
	if (d->path[0] == '\0')
		return;
	snprintf(g->device, sizeof(g->device), "%.100s%s%.50s", d->path,
	    d->driver[0] != '\0' ? " " : "", d->driver);
}

static bool
take_tpv(struct gpsd *g, int64_t read_ms, struct report *r)
{
	const struct gps_fix_t *fix = &g->gps.fix;

	/* Never `status`: 0 for a plain 3D fix in 3.22. */
	if (!(g->gps.set & MODE_SET))
		return false;
	*r = (struct report){
		.read_ms = read_ms,
		.mode = fix->mode,
		.has_time = (g->gps.set & TIME_SET) != 0 &&
		    fix->time.tv_sec > 0,
		.time_ms = (int64_t)fix->time.tv_sec * 1000 +
		    (fix->time.tv_nsec + 500000) / 1000000,
		.lat = fix->latitude,
		.lon = fix->longitude,
		.speed = fix->speed,
		.course = fix->track,
		.error = fix->eph,
	};
	return true;
}

/* True: a report came of it. */
static bool
take_line(struct gpsd *g, char *line, int64_t read_ms, struct report *r)
{
	bool tpv = is_class(line, "TPV");
	unsigned long held;

	/* The rest (SKY, ATT, ...) is not worth its decoding. */
	if (!tpv && !is_class(line, "DEVICE") && !is_class(line, "DEVICES") &&
	    !is_class(line, "ERROR"))
		return false;
	/* What an earlier line has set would seem to be of this one. */
	g->gps.set = 0;
	gps_clear_fix(&g->gps.fix);
	if (gps_unpack(line, &g->gps) == -1)
		return false;
	if (tpv)
		return take_tpv(g, read_ms, r);
	if (g->gps.set & ERROR_SET) {
		if (log_limited(&g->said_error, 60000, &held))
			log_warn("gpsd.error", "why=\"%s\"", g->gps.error);
	} else {
		note_device(g);
	}
	return false;
}

/* The next whole line of what was read, without its end; NULL: none. */
static char *
next_line(struct gpsd *g)
{
	char *start = g->line + g->done;
	char *end = memchr(start, '\n', g->len - g->done);
	bool skipped = g->skipping;

	if (end == NULL) {
		g->len -= g->done;
		memmove(g->line, start, g->len);
		g->done = 0;
		if (g->len == sizeof(g->line)) {
			g->skipping = true;
			g->len = 0;
		}
		return NULL;
	}
	g->done = (size_t)(end - g->line) + 1;
	g->skipping = false;
	*end = '\0';
	if (end > start && end[-1] == '\r')
		end[-1] = '\0';
	return skipped ? end : start;
}

static enum source_result
gpsd_read(struct source *s, int64_t read_ms, struct report *r)
{
	struct gpsd *g = (struct gpsd *)s;

	for (;;) {
		char *line;
		ssize_t n;

		while ((line = next_line(g)) != NULL)
			if (take_line(g, line, read_ms, r))
				return SOURCE_REPORT;
		n = recv(g->fd, g->line + g->len, sizeof(g->line) - g->len, 0);
		if (n == 0) {
			errno = 0;
			return SOURCE_GONE;
		}
		if (n == -1) {
			if (errno == EINTR)
				continue;
			return errno == EAGAIN ? SOURCE_LATER : SOURCE_GONE;
		}
		g->len += (size_t)n;
	}
}

static void
gpsd_close(struct source *s)
{
	struct gpsd *g = (struct gpsd *)s;

	close(g->fd);
	g->fd = -1;
}

static void
gpsd_free(struct source *s)
{
	free(s);
}

static const char *
gpsd_device(const struct source *s)
{
	return ((const struct gpsd *)s)->device;
}

static const struct source_ops gpsd_ops = {
	.name = "gpsd",
	.open = gpsd_open,
	.greet = gpsd_greet,
	.read = gpsd_read,
	.close = gpsd_close,
	.free = gpsd_free,
	.device = gpsd_device,
};

struct source *
source_gpsd_new(const char *host, int port, const char *device)
{
	struct gpsd *g;

	/* It goes into a JSON text. */
	if (strlen(device) >= sizeof(g->wanted) ||
	    strpbrk(device, "\"\\") != NULL) {
		errno = EINVAL;
		return NULL;
	}
	g = calloc(1, sizeof(*g));
	if (g == NULL)
		return NULL;
	g->source.ops = &gpsd_ops;
	g->fd = -1;
	snprintf(g->wanted, sizeof(g->wanted), "%s", device);
	if (address_parse(g, host, port) == -1) {
		free(g);
		errno = EINVAL;
		return NULL;
	}
	return &g->source;
}
