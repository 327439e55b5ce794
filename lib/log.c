/*
 * A line is made on the stack and leaves in one write(2): lines of several
 * threads or processes on one stderr do not mix.
 */
#include "lib/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "lib/clock.h"

/* Longer ones are cut, and end in "..."; a pipe takes 4096 as a whole. */
#define LINE_MAX_BYTES 4096
#define PROGRAM_MAX 32

/* The only state of its kind: a log belongs to the process.  Set once, before
 * there are threads. */
static char program_field[PROGRAM_MAX + sizeof(" program=")];
static enum log_level level_max = LOG_INFO;

static const char *const level_names[] = { "error", "warn", "info", "debug" };

void
log_init(const char *program, enum log_level level)
{
	if (program != NULL)
		snprintf(program_field, sizeof(program_field), " program=%.*s",
		    PROGRAM_MAX, program);
	else
		program_field[0] = '\0';
	level_max = level;
}

int
log_level_parse(const char *text, enum log_level *level)
{
	for (size_t i = 0; i < sizeof(level_names) / sizeof(*level_names);
	     i++) {
		if (strcmp(text, level_names[i]) == 0) {
			*level = (enum log_level)i;
			return 0;
		}
	}
	errno = EINVAL;
	return -1;
}

/* Copies text as one line's part; returns the bytes put, at most cap. */
static size_t
put_escaped(char *to, size_t cap, const char *text)
{
	static const char hex[] = "0123456789abcdef";
	size_t n = 0;

	for (; *text != '\0'; text++) {
		unsigned char c = (unsigned char)*text;

		if (c >= 0x20 && c != 0x7f) {
			if (n + 1 > cap)
				break;
			to[n++] = (char)c;
		} else {
			if (n + 4 > cap)
				break;
			to[n++] = '\\';
			to[n++] = 'x';
			to[n++] = hex[c >> 4];
			to[n++] = hex[c & 15];
		}
	}
	return n;
}

static void
write_line(const char *line, size_t len)
{
	ssize_t n;

	do
		n = write(STDERR_FILENO, line, len);
	while (n == -1 && errno == EINTR);
	/* A log that cannot be written has nowhere to say so. */
}

void
log_write(enum log_level level, const char *event, const char *fmt, ...)
{
	char line[LINE_MAX_BYTES], text[LINE_MAX_BYTES], when[CLOCK_TEXT];
	int saved = errno, head, wanted;
	size_t len, room, tail = strlen(program_field);
	va_list ap;

	if (level > level_max)
		return;
	clock_format(clock_realtime_ms(&clock_system), when);
	head = snprintf(line, sizeof(line) / 2, "%s %s %s", when,
	    level_names[level], event);
	len = head < (int)sizeof(line) / 2 ? (size_t)head
					   : sizeof(line) / 2 - 1;

	errno = saved; /* for %m */
	va_start(ap, fmt);
	wanted = vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (wanted > 0) {
		size_t put;

		line[len++] = ' ';
		room = sizeof(line) - len - tail - sizeof("...\n");
		put = put_escaped(line + len, room, text);
		len += put;
		if ((size_t)wanted >= sizeof(text) || put + 4 > room) {
			memcpy(line + len, "...", 3);
			len += 3;
		}
	}
	memcpy(line + len, program_field, tail);
	len += tail;
	line[len++] = '\n';
	write_line(line, len);
	errno = saved;
}

int
log_limited(struct log_limit *limit, int every_ms, unsigned long *suppressed)
{
	long long now = clock_boottime_ms(&clock_system);

	if (now < limit->next_ms) {
		limit->held++;
		return 0;
	}
	*suppressed = limit->held;
	limit->held = 0;
	limit->next_ms = now + every_ms;
	return 1;
}
