/*
 * A line is made on the stack and leaves in one write(2): lines of several
 * threads or processes on one stderr do not mix.
 */
#include "lib/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/log_format.h"

/* Longer ones are cut, and end in "..."; a pipe takes 4096 as a whole. */
#define LINE_MAX_BYTES 4096
#define HEAD_MAX 256
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
	char line[LINE_MAX_BYTES], when[CLOCK_TEXT];
	size_t len, put, tail = strlen(program_field);
	int saved = errno, head;
	bool cut;
	va_list ap;

	if (level > level_max)
		return;
	clock_format(clock_realtime_ms(&clock_system), when);
	head = snprintf(
	    line, HEAD_MAX, "%s %s %s ", when, level_names[level], event);
	len = head < HEAD_MAX ? (size_t)head : HEAD_MAX - 1;

	errno = saved; /* for %m */
	va_start(ap, fmt);
	put = log_format(line + len,
	    sizeof(line) - len - tail - sizeof("...\n"), &cut, fmt, ap);
	va_end(ap);
	if (put == 0 && !cut)
		len--; /* no pairs, no space before them */
	len += put;
	if (cut) {
		memcpy(line + len, "...", 3);
		len += 3;
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
