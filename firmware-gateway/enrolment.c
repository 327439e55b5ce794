#include "firmware-gateway/enrolment.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "firmware-gateway/credentials.h"
#include "firmware-gateway/enrol_child.h"
#include "firmware-gateway/enrol_say.h"
#include "lib/log.h"

/* Where inotify says nothing. */
#define LOOK_S 5.0

struct enrolment {
	struct ev_loop *loop;
	struct settings *settings;
	void (*changed)(void *ctx);
	void *ctx;
	char path[CREDENTIALS_PATH_MAX];
	ev_stat file;
	struct enrol_child *child;
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

/* What a connection is made with, as one text; NULL: no memory. */
static char *
connection_of(const struct settings *s)
{
	char *text;

	return asprintf(&text, "%s:%d %s %s %s", s->mqtt.host,
		   (int)s->mqtt.port, s->mqtt.user, s->mqtt.password,
		   s->mqtt.cafile) == -1
	    ? NULL
	    : text;
}

static void
forget_secret(char *text)
{
	if (text != NULL)
		explicit_bzero(text, strlen(text));
	free(text);
}

static void
take_up(struct enrolment *e)
{
	char *before = connection_of(e->settings), *now;
	char why[400];
	int rc = credentials_take(e->settings, why, sizeof(why));

	now = connection_of(e->settings);
	if (rc == -1)
		log_error("enrolment.not_taken", "why=\"%s\"", why);
	if (rc == 1 &&
	    (before == NULL || now == NULL || strcmp(before, now) != 0)) {
		log_info("enrolment.taken", "cart=%s enrolment=%u host=%s",
		    e->settings->cart, e->settings->enrolment,
		    e->settings->mqtt.host);
		e->changed(e->ctx);
	}
	forget_secret(before);
	forget_secret(now);
}

static void
on_file(struct ev_loop *loop, ev_stat *file, int events)
{
	(void)loop;
	(void)events;
	if (file->attr.st_nlink != 0)
		take_up(file->data);
}

static void
on_said(void *ctx, json_t *step)
{
	struct enrolment *e = ctx;
	const char *name = json_string_value(json_object_get(step, "step"));

	for (int i = 0; i < ENROL_STEPS && name != NULL; i++) {
		if (strcmp(name, enrol_step_name((enum enrol_step)i)) != 0)
			continue;
		json_decref(e->steps[i]);
		e->steps[i] = json_incref(step);
	}
}

/* Did it say where it stopped? */
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
on_ended(void *ctx, bool good)
{
	struct enrolment *e = ctx;

	if (good) {
		take_up(e);
	} else if (!has_stopped(e)) {
		json_decref(e->steps[ENROL_REACH]);
		e->steps[ENROL_REACH] = json_pack("{ss ss ss ss}", "step",
		    enrol_step_name(ENROL_REACH), "mark",
		    enrol_mark_name(ENROL_STOP), "fault", "broken", "words",
		    "it ended without a word: the gateway's log may say why");
	}
}

/* ---- for the page ---- */

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
	if (enrol_child_runs(e->child)) {
		errno = EBUSY;
		return -1;
	}
	forget_steps(e);
	return enrol_child_start(e->child, e->settings, e->path, address);
}

json_t *
enrolment_json(const struct enrolment *e)
{
	json_t *steps = json_array();

	for (int i = 0; i < ENROL_STEPS; i++)
		if (e->steps[i] != NULL)
			json_array_append(steps, e->steps[i]);
	return json_pack("{sb sb sb so*}", "enrolled", is_enrolled(e->settings),
	    "allowed", is_allowed(e->settings), "running",
	    enrol_child_runs(e->child), "steps", steps);
}

struct enrolment *
enrolment_new(struct ev_loop *loop, struct settings *settings,
    void (*changed)(void *ctx), void *ctx)
{
	static const struct enrol_child_handler handler = {
		.said = on_said,
		.ended = on_ended,
	};
	struct enrolment *e = calloc(1, sizeof(*e));

	if (e == NULL)
		return NULL;
	e->loop = loop;
	e->settings = settings;
	e->changed = changed;
	e->ctx = ctx;
	e->child = enrol_child_new(loop, &handler, e);
	if (e->child == NULL || credentials_path(settings, e->path) == -1) {
		enrol_child_free(e->child);
		free(e);
		return NULL;
	}
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
	enrol_child_free(e->child);
	ev_stat_stop(e->loop, &e->file);
	forget_steps(e);
	free(e);
}
