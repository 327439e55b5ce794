/*
 * log_format: printf(3) for log lines: what a %s brings stays inside its
 * quotes and its line.  log's own; nobody else's.
 */
#ifndef PREGON_LOG_FORMAT_H
#define PREGON_LOG_FORMAT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

/*
 * Writes at most cap bytes without a NUL; *cut: there was more.  Control
 * bytes become \n, \r, \t or \xNN; within "%s" of the format a quote or
 * backslash gets a backslash too.  Takes what printf takes, but %n and wide
 * characters.
 */
size_t log_format(char *to, size_t cap, bool *cut, const char *fmt, va_list)
    __attribute__((format(printf, 4, 0)));

#endif
