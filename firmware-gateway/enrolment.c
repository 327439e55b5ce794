#include "firmware-gateway/enrolment.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "firmware-gateway/credentials.h"
#include "firmware-gateway/enrol_say.h"
#include "lib/log.h"

#define LINE_MAX_BYTES 2048
/* Where inotify says nothing. */
#define LOOK_S 5.0
#define ARGS_MAX 12

extern char **environ;

struct enrolment {
	struct ev_loop *loop;
	struct settings *settings;
	void (*changed)(void *ctx);
	void *ctx;
	char path[CREDENTIALS_PATH_MAX];
	ev_stat file;
	/* The process that enrols, and what it says. */
	pid_t child; /* 0: none */
	int fd; /* -1: none */
	ev_child gone;
	ev_io said;
	char line[LINE_MAX_BYTES];
	size_t len;
	bool too_long; /* the line so far is skipped */
	json_t *steps[ENROL_STEPS]; /* NULL: not come to yet */
};

static void
forget_steps(struct enrolment *e)
{
	for (int i = 0; i < ENROL_STEPS; i++) {
		json_decref(e->steps[i]);
		e->steps[i] = NULL;
	}
}

/* ---- credentials that came ---- */

static void
take_up(struct enrolment *e)
{
	uint32_t before = e->settings->enrolment;
	char *password = strdup(e->settings->mqtt.password);
	char why[400];
	int rc = credentials_take(e->settings, why, sizeof(why));

	if (rc == -1) {
		log_error("enrolment.not_taken", "why=\"%s\"", why);
	} else if (rc == 1 &&
	    (before != e->settings->enrolment || password == NULL ||
		strcmp(password, e->settings->mqtt.password) != 0)) {
		log_info("enrolment.taken", "cart=%s enrolment=%u host=%s",
		    e->settings->cart, e->settings->enrolment,
		    e->settings->mqtt.host);
		e->changed(e->ctx);
	}
	if (password != NULL)
		explicit_bzero(password, strlen(password));
	free(password);
}

static void
on_file(struct ev_loop *loop, ev_stat *file, int events)
{
	(void)loop;
	(void)events;
	if (file->attr.st_nlink != 0)
		take_up(file->data);
}

/* ---- the process ---- */

static void
take_line(struct enrolment *e)
{
	json_t *o = json_loadb(e->line, e->len, 0, NULL);
	const char *step = json_string_value(json_object_get(o, "step"));

	for (int i = 0; i < ENROL_STEPS && step != NULL; i++) {
		if (strcmp(step, enrol_step_name((enum enrol_step)i)) != 0)
			continue;
		json_decref(e->steps[i]);
		e->steps[i] = json_incref(o);
	}
	json_decref(o);
}

static void
close_pipe(struct enrolment *e)
{
	if (e->fd == -1)
		return;
	ev_io_stop(e->loop, &e->said);
	close(e->fd);
	e->fd = -1;
}

static void
take_bytes(struct enrolment *e, const char *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (bytes[i] == '\n') {
			if (!e->too_long)
				take_line(e);
			e->len = 0;
			e->too_long = false;
		} else if (e->len < sizeof(e->line)) {
			e->line[e->len++] = bytes[i];
		} else {
			e->too_long = true;
		}
	}
}

/* Until there is nothing more for now. */
static void
read_pipe(struct enrolment *e)
{
	char bytes[512];
	ssize_t n;

	while (e->fd != -1 && (n = read(e->fd, bytes, sizeof(bytes))) != 0) {
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1 && errno == EAGAIN)
			return;
		if (n == -1)
			break;
		take_bytes(e, bytes, (size_t)n);
	}
	close_pipe(e);
}

static void
on_said(struct ev_loop *loop, ev_io *io, int events)
{
	(void)loop;
	(void)events;
	read_pipe(io->data);
}

/* Did it end without a word of why? */
static bool
has_stopped(const struct enrolment *e)
{
	for (int i = 0; i < ENROL_STEPS; i++) {
		const char *mark = json_string_value(
		    json_object_get(e->steps[i], "mark"));

		if (mark != NULL &&
		    strcmp(mark, enrol_mark_name(ENROL_STOP)) == 0)
			return true;
	}
	return false;
}

static void
on_gone(struct ev_loop *loop, ev_child *child, int events)
{
	struct enrolment *e = child->data;

	(void)events;
	read_pipe(e);
	close_pipe(e);
	ev_child_stop(loop, child);
	e->child = 0;
	log_info("enrolment.ended", "status=%d", child->rstatus);
	if (child->rstatus == 0) {
		take_up(e);
	} else if (!has_stopped(e)) {
		json_decref(e->steps[ENROL_REACH]);
		e->steps[ENROL_REACH] = json_pack("{ss ss ss ss}", "step",
		    enrol_step_name(ENROL_REACH), "mark",
		    enrol_mark_name(ENROL_STOP), "fault", "broken", "words",
		    "it ended without a word: the gateway's log may say why");
	}
}

/* "--name=value" */
static char *
flag(const char *name, const char *value)
{
	char *text;

	return asprintf(&text, "--%s=%s", name, value) == -1 ? NULL : text;
}

/* What it must know of our settings; it reads no file of its own.  The code
 * goes by a pipe: arguments are seen by everyone. */
static size_t
make_args(const struct enrolment *e, char *args[ARGS_MAX])
{
	const struct settings *s = e->settings;
	const char *const pairs[][2] = { { "enrol.file", e->path },
		{ "enrol.ca", s->enrol.ca }, { "enrol.pin", s->enrol.pin },
		{ "cart", s->cart }, { "mqtt.cafile", s->mqtt.cafile } };
	size_t n = 0;

	args[n++] = strdup("pregon-gateway");
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
		args[n++] = flag(pairs[i][0], pairs[i][1]);
	args[n++] = strdup("--enrol");
	args[n++] = strdup("-");
	args[n++] = strdup("--enrol-json");
	args[n] = NULL;
	for (size_t i = 0; i < n; i++)
		if (args[i] == NULL)
			errno = ENOMEM;
	return n;
}

static int
spawn(struct enrolment *e, int in, int out)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	char *args[ARGS_MAX];
	sigset_t none;
	size_t n = make_args(e, args);
	int rc;

	sigemptyset(&none);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setsigmask(&attributes, &none);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
	rc = posix_spawn(
	    &e->child, "/proc/self/exe", &actions, &attributes, args, environ);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attributes);
	for (size_t i = 0; i < n; i++)
		free(args[i]);
	if (rc != 0)
		e->child = 0;
	errno = rc;
	return rc == 0 ? 0 : -1;
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
run(struct enrolment *e, const char *address)
{
	size_t len = strlen(address);
	int in[2], out[2], rc = -1;

	if (open_pipes(in, out) == -1)
		return -1;
	if (write(in[1], address, len) == (ssize_t)len &&
	    spawn(e, in[0], out[1]) == 0) {
		fcntl(out[0], F_SETFL, O_NONBLOCK);
		e->fd = out[0];
		out[0] = -1;
		rc = 0;
	}
	close(in[0]);
	close(in[1]);
	close(out[1]);
	if (out[0] != -1)
		close(out[0]);
	return rc;
}

static bool
is_enrolled(const struct settings *s)
{
	return s->mqtt.password[0] != '\0' || s->mqtt.certfile[0] != '\0';
}

static bool
is_allowed(const struct settings *s)
{
	return !is_enrolled(s) || s->page.pin[0] != '\0';
}

int
enrolment_start(struct enrolment *e, const char *address)
{
	if (!is_allowed(e->settings)) {
		errno = EPERM;
		return -1;
	}
	if (e->child != 0) {
		errno = EBUSY;
		return -1;
	}
	forget_steps(e);
	e->len = 0;
	e->too_long = false;
	if (run(e, address) == -1)
		return -1;
	ev_io_set(&e->said, e->fd, EV_READ);
	ev_io_start(e->loop, &e->said);
	ev_child_set(&e->gone, e->child, 0);
	ev_child_start(e->loop, &e->gone);
	log_info("enrolment.begun", "pid=%d", (int)e->child);
	return 0;
}

json_t *
enrolment_json(const struct enrolment *e)
{
	json_t *steps = json_array();

	for (int i = 0; i < ENROL_STEPS; i++)
		if (e->steps[i] != NULL)
			json_array_append(steps, e->steps[i]);
	return json_pack("{sb sb sb so*}", "enrolled", is_enrolled(e->settings),
	    "allowed", is_allowed(e->settings), "running", e->child != 0,
	    "steps", steps);
}

struct enrolment *
enrolment_new(struct ev_loop *loop, struct settings *settings,
    void (*changed)(void *ctx), void *ctx)
{
	struct enrolment *e = calloc(1, sizeof(*e));

	if (e == NULL)
		return NULL;
	e->loop = loop;
	e->settings = settings;
	e->changed = changed;
	e->ctx = ctx;
	e->fd = -1;
	credentials_path(settings, e->path);
	ev_init(&e->said, on_said);
	e->said.data = e;
	ev_init(&e->gone, on_gone);
	e->gone.data = e;
	ev_stat_init(&e->file, on_file, e->path, LOOK_S);
	e->file.data = e;
	ev_stat_start(loop, &e->file);
	return e;
}

void
enrolment_free(struct enrolment *e)
{
	if (e == NULL)
		return;
	if (e->child != 0)
		kill(e->child, SIGTERM);
	ev_child_stop(e->loop, &e->gone);
	close_pipe(e);
	ev_stat_stop(e->loop, &e->file);
	forget_steps(e);
	free(e);
}
