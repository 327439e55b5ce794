#include "firmware-gateway/enrol_child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/log.h"

#define LINE_MAX_BYTES 2048
#define ARGS_MAX 12

extern char **environ;

struct enrol_child {
	struct ev_loop *loop;
	struct enrol_child_handler handler;
	void *ctx;
	pid_t pid; /* 0: none */
	int fd; /* what it says; -1: none */
	ev_child gone;
	ev_io said;
	char line[LINE_MAX_BYTES];
	size_t len;
	bool too_long; /* the line so far is skipped */
};

/* ---- what it says ---- */

static void
take_line(struct enrol_child *c)
{
	json_t *step = json_loadb(c->line, c->len, 0, NULL);

	if (step != NULL)
		c->handler.said(c->ctx, step);
	json_decref(step);
}

static void
take_bytes(struct enrol_child *c, const char *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (bytes[i] == '\n') {
			if (!c->too_long)
				take_line(c);
			c->len = 0;
			c->too_long = false;
		} else if (c->len < sizeof(c->line)) {
			c->line[c->len++] = bytes[i];
		} else {
			c->too_long = true;
		}
	}
}

static void
close_pipe(struct enrol_child *c)
{
	if (c->fd == -1)
		return;
	ev_io_stop(c->loop, &c->said);
	close(c->fd);
	c->fd = -1;
}

/* Until there is nothing more for now. */
static void
read_pipe(struct enrol_child *c)
{
	char bytes[512];
	ssize_t n;

	while (c->fd != -1 && (n = read(c->fd, bytes, sizeof(bytes))) != 0) {
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1 && errno == EAGAIN)
			return;
		if (n == -1)
			break;
		take_bytes(c, bytes, (size_t)n);
	}
	close_pipe(c);
}

static void
on_said(struct ev_loop *loop, ev_io *io, int events)
{
	(void)loop;
	(void)events;
	read_pipe(io->data);
}

static void
on_gone(struct ev_loop *loop, ev_child *child, int events)
{
	struct enrol_child *c = child->data;
	bool good = WIFEXITED(child->rstatus) &&
	    WEXITSTATUS(child->rstatus) == 0;

	(void)events;
	read_pipe(c);
	close_pipe(c);
	ev_child_stop(loop, child);
	c->pid = 0;
	log_info("enrolment.ended", "status=%d", child->rstatus);
	c->handler.ended(c->ctx, good);
}

/* ---- starting it ---- */

/* "--name=value" */
static char *
flag(const char *name, const char *value)
{
	char *text;

	return asprintf(&text, "--%s=%s", name, value) == -1 ? NULL : text;
}

/*
 * What it must know of our settings; it reads no file of its own.  The code
 * goes by a pipe: arguments are seen by everyone.  The number of arguments,
 * for the caller to free; -1: ENOMEM.
 */
static int
make_args(const struct settings *s, const char *path, char *args[ARGS_MAX])
{
	const char *const pairs[][2] = { { "enrol.file", path },
		{ "enrol.ca", s->enrol.ca }, { "enrol.pin", s->enrol.pin },
		{ "cart", s->cart }, { "mqtt.cafile", s->mqtt.cafile } };
	int n = 0;
	bool whole = true;

	args[n++] = strdup("pregon-gateway");
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
		args[n++] = flag(pairs[i][0], pairs[i][1]);
	args[n++] = strdup("--enrol-json");
	args[n++] = strdup("--enrol");
	args[n++] = strdup("-");
	args[n] = NULL;
	for (int i = 0; i < n; i++)
		whole = whole && args[i] != NULL;
	if (whole)
		return n;
	for (int i = 0; i < n; i++)
		free(args[i]);
	errno = ENOMEM;
	return -1;
}

static int
spawn(struct enrol_child *c, char *const args[], int in, int out)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t none;
	int rc;

	sigemptyset(&none);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setsigmask(&attributes, &none);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
	rc = posix_spawn(
	    &c->pid, "/proc/self/exe", &actions, &attributes, args, environ);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attributes);
	if (rc == 0)
		return 0;
	c->pid = 0;
	errno = rc;
	return -1;
}

static int
open_pipes(int in[2], int out[2])
{
	if (pipe2(in, O_CLOEXEC) == -1)
		return -1;
	if (pipe2(out, O_CLOEXEC) == 0)
		return 0;
	close(in[0]);
	close(in[1]);
	return -1;
}

/* The address is far less than a pipe holds. */
static int
run(struct enrol_child *c, char *const args[], const char *address)
{
	size_t len = strlen(address);
	int in[2], out[2], rc = -1;

	if (open_pipes(in, out) == -1)
		return -1;
	if (write(in[1], address, len) == (ssize_t)len &&
	    spawn(c, args, in[0], out[1]) == 0) {
		fcntl(out[0], F_SETFL, O_NONBLOCK);
		c->fd = out[0];
		rc = 0;
	} else {
		close(out[0]);
	}
	close(in[0]);
	close(in[1]);
	close(out[1]);
	return rc;
}

int
enrol_child_start(struct enrol_child *c, const struct settings *settings,
    const char *path, const char *address)
{
	char *args[ARGS_MAX];
	int n = make_args(settings, path, args), rc;

	if (n == -1)
		return -1;
	c->len = 0;
	c->too_long = false;
	rc = run(c, args, address);
	for (int i = 0; i < n; i++)
		free(args[i]);
	if (rc == -1)
		return -1;
	ev_io_set(&c->said, c->fd, EV_READ);
	ev_io_start(c->loop, &c->said);
	ev_child_set(&c->gone, c->pid, 0);
	ev_child_start(c->loop, &c->gone);
	log_info("enrolment.begun", "pid=%d", (int)c->pid);
	return 0;
}

bool
enrol_child_runs(const struct enrol_child *c)
{
	return c->pid != 0;
}

struct enrol_child *
enrol_child_new(
    struct ev_loop *loop, const struct enrol_child_handler *handler, void *ctx)
{
	struct enrol_child *c = calloc(1, sizeof(*c));

	if (c == NULL)
		return NULL;
	c->loop = loop;
	c->handler = *handler;
	c->ctx = ctx;
	c->fd = -1;
	ev_init(&c->said, on_said);
	c->said.data = c;
	ev_init(&c->gone, on_gone);
	c->gone.data = c;
	return c;
}

void
enrol_child_free(struct enrol_child *c)
{
	if (c == NULL)
		return;
	if (c->pid != 0)
		kill(c->pid, SIGTERM);
	ev_child_stop(c->loop, &c->gone);
	close_pipe(c);
	free(c);
}
