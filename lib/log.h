/*
 * log: one event a line, key=value, to stderr.
 *
 *     2026-11-20T13:05:00.123Z error bridge.sale_refused cart=AB1234 why="..."
 *
 * Any thread.  errno is kept.  Control characters and line feeds in what is
 * printed are replaced, so that a stranger's text cannot forge a line.
 */
#ifndef PREGON_LOG_H
#define PREGON_LOG_H

#include <stddef.h>

enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG };

/* Before that: LOG_INFO, without a program's name. */
void log_init(const char *program, enum log_level);
/* "error", "warn", "info", "debug"; -1: EINVAL. */
int log_level_parse(const char *, enum log_level *);

/*
 * `event` is a dotted name; `fmt` the key=value pairs (text values in
 * double quotes: why=\"%s\"), may be "".
 */
void log_write(enum log_level, const char *event, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
#define log_error(...) log_write(LOG_ERROR, __VA_ARGS__)
#define log_warn(...) log_write(LOG_WARN, __VA_ARGS__)
#define log_info(...) log_write(LOG_INFO, __VA_ARGS__)
#define log_debug(...) log_write(LOG_DEBUG, __VA_ARGS__)

/*
 * For what may come a thousand times a second: true for the first and then
 * at most once in `every_ms`; *suppressed is how many were held back since.
 * The caller owns the struct, zeroed at first; one thread.
 */
struct log_limit {
	long long next_ms;
	unsigned long held;
};
int log_limited(struct log_limit *, int every_ms, unsigned long *suppressed);

#endif
