/*
 * capture: what the code under test writes to stdout or stderr.
 */
#ifndef PREGON_TESTS_CAPTURE_H
#define PREGON_TESTS_CAPTURE_H

#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct capture {
	int fd; /* STDOUT_FILENO or STDERR_FILENO */
	int saved;
	FILE *file;
	char text[32768];
};

static inline void
capture_begin(struct capture *c, int fd)
{
	fflush(NULL);
	c->fd = fd;
	c->saved = dup(fd);
	c->file = tmpfile();
	if (c->saved == -1 || c->file == NULL ||
	    dup2(fileno(c->file), fd) == -1)
		_exit(99);
}

/* The fd is itself again, and `text` holds what was written. */
static inline const char *
capture_end(struct capture *c)
{
	size_t n;

	fflush(NULL);
	dup2(c->saved, c->fd);
	close(c->saved);
	rewind(c->file);
	n = fread(c->text, 1, sizeof(c->text) - 1, c->file);
	c->text[n] = '\0';
	fclose(c->file);
	return c->text;
}

#endif
