/*
 * The running gateway's half of an enrolment, as its state tells it: it took
 * the new credentials, the broker lets it in, a receiver, a fix, and the
 * guild's word that it has one.
 */
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "firmware-gateway/enrol.h"
#include "lib/clock.h"

#define LOOK_MS 300
#define ANSWER_S 5
#define STATE_MAX ((size_t)256 * 1024)
/* A step that takes so long may need a hand. */
#define HINT_MS 8000

static int
connect_pos(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct timeval patience = { ANSWER_S, 0 };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd == -1)
		return -1;
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0)
		return fd;
	close(fd);
	return -1;
}

/* The gateway's state; NULL: it does not answer. */
static json_t *
ask_state(const char *path, char *text)
{
	static const char line[] = "{\"type\":\"state\"}\n";
	int fd = connect_pos(path);
	size_t len = 0;
	ssize_t n;

	if (fd == -1)
		return NULL;
	if (write(fd, line, strlen(line)) == (ssize_t)strlen(line)) {
		while (len < STATE_MAX &&
		    (n = read(fd, text + len, STATE_MAX - len)) > 0) {
			len += (size_t)n;
			if (text[len - 1] == '\n')
				break;
		}
	}
	close(fd);
	return json_loadb(text, len, 0, NULL);
}

/* How far it has come: the step that is not done. */
static enum enrol_step
step_of(const json_t *state, uint32_t enrolment)
{
	const json_t *link = json_object_get(state, "link");
	const char *mode = json_string_value(
	    json_object_get(json_object_get(state, "fix"), "mode"));

	if (state == NULL ||
	    json_integer_value(json_object_get(state, "enrolment")) !=
		(json_int_t)enrolment)
		return ENROL_GATEWAY;
	if (!json_is_true(json_object_get(state, "connected")))
		return ENROL_BROKER;
	/* Also one of before: it is on the map. */
	if (json_integer_value(json_object_get(link, "fix_acks")) > 0)
		return ENROL_STEPS;
	if (!json_is_true(json_object_get(state, "gpsd_connected")))
		return ENROL_RECEIVER;
	if (mode == NULL || strcmp(mode, "none") == 0)
		return ENROL_FIX;
	return ENROL_MAP;
}

static void
say_done(const struct enrol *e, enum enrol_step step)
{
	static const char *const words[ENROL_STEPS] = {
		[ENROL_GATEWAY] = "the running gateway has it",
		[ENROL_BROKER] = "the broker lets it in",
		[ENROL_RECEIVER] = "gpsd answers",
		[ENROL_FIX] = "there is a fix",
		[ENROL_MAP] = "the guild has it: the cart is on the map",
	};

	enrol_say(&e->say, step, ENROL_OK, "", "%s", words[step]);
}

static void
say_hint(const struct enrol *e, enum enrol_step step, const json_t *state,
    enum enrol_mark mark)
{
	const struct settings *s = e->settings;
	const json_t *link = json_object_get(state, "link");
	const char *why = json_string_value(json_object_get(link, "why"));

	switch (step) {
	case ENROL_GATEWAY:
		if (state == NULL)
			enrol_say(&e->say, step, mark, "not_running",
			    "no gateway answers on %s: start it (systemctl "
			    "start pregon-gateway)",
			    s->pos.socket);
		else
			enrol_say(&e->say, step, mark, "not_taken",
			    "the running gateway has not taken it: its log "
			    "says why; start it again");
		break;
	case ENROL_BROKER:
		enrol_say(&e->say, step, mark,
		    json_is_true(json_object_get(link, "refused")) ? "refused"
								   : "broker",
		    "not connected: %s%s", why != NULL ? why : "no answer yet",
		    json_is_true(json_object_get(link, "refused"))
			? " (the guild may not have let it in yet; else its "
			  "member is suspended, or another gateway replaced "
			  "this one)"
			: " (is there a network? is the broker's port open?)");
		break;
	case ENROL_RECEIVER:
		enrol_say(&e->say, step, mark, "no_gpsd",
		    "no gpsd at %s:%d: start it (systemctl start gpsd)",
		    s->gpsd.host, (int)s->gpsd.port);
		break;
	case ENROL_FIX:
		enrol_say(&e->say, step, mark, "no_fix",
		    "no fix yet: is the receiver plugged in, and does its "
		    "antenna see the sky? A first fix may take minutes");
		break;
	default:
		enrol_say(&e->say, step, mark, "no_ack",
		    "the guild has not acknowledged a fix yet: a standing cart "
		    "keeps one a minute; else its bridge does not run");
	}
}

struct waiting {
	enum enrol_step step;
	int64_t since_ms;
	bool hinted;
};

/* true: all is done. */
static bool
look(const struct enrol *e, struct waiting *w, const json_t *state,
    uint32_t enrolment, int64_t now_ms)
{
	enum enrol_step step = step_of(state, enrolment);

	if (step != w->step) {
		/* One may fall back: a link is lost again. */
		for (; w->step < step; w->step++)
			say_done(e, w->step);
		w->step = step;
		w->since_ms = now_ms;
		w->hinted = false;
	} else if (!w->hinted && now_ms - w->since_ms >= HINT_MS) {
		say_hint(e, step, state, ENROL_DOING);
		w->hinted = true;
	}
	return step == ENROL_STEPS;
}

int
enrol_wait(const struct enrol *e, uint32_t enrolment)
{
	char *text = malloc(STATE_MAX);
	const struct timespec pause = { 0, LOOK_MS * 1000000L };
	int64_t now_ms = clock_boottime_ms(&clock_system);
	int64_t end_ms = now_ms + (int64_t)e->wait_s * 1000;
	struct waiting w = { ENROL_GATEWAY, now_ms, false };
	bool done = false;

	while (text != NULL && !done) {
		json_t *state = ask_state(e->settings->pos.socket, text);

		now_ms = clock_boottime_ms(&clock_system);
		done = look(e, &w, state, enrolment, now_ms);
		if (!done && now_ms >= end_ms)
			say_hint(e, w.step, state, ENROL_STOP);
		json_decref(state);
		if (!done && now_ms >= end_ms)
			break;
		nanosleep(&pause, NULL);
	}
	free(text);
	return done ? 0 : -1;
}
