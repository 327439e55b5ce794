#include "firmware-gateway/enrol.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "firmware-gateway/credentials_file.h"
#include "firmware-gateway/enrol_http.h"
#include "firmware-gateway/enrol_parts.h"
#include "lib/clock.h"

/* The guild has our word, but has not decided; it is busy; the answer was
 * lost: asked again for so long. */
#define PATIENCE_MS 60000
#define PAUSE_FIRST_MS 300
#define PIN_MAX (ENROL_PIN_TEXT + 12)
#define WHY_MAX (CREDENTIALS_PATH_MAX + 200)
#define PAUSE_MAX_MS 5000

static int
understand(struct taking *t)
{
	switch (enrol_address_parse(t->enrol->address, &t->to)) {
	case ENROL_ADDRESS_GOOD:
		break;
	case ENROL_ADDRESS_NO_CODE:
		SAY(t, ENROL_REACH, ENROL_STOP, "no_code",
		    "there is no code in it: 16 letters and digits, as "
		    "K7QF-9M2X-4TRB-0VWN, are under the guild's QR code");
		return -1;
	case ENROL_ADDRESS_NO_GUILD:
		SAY(t, ENROL_REACH, ENROL_STOP, "no_guild",
		    "where the guild is was not said: give the whole address "
		    "of the QR code, or the guild's and the code, as "
		    "guild.example K7QF-9M2X-4TRB-0VWN");
		return -1;
	}
	return 0;
}

/* Two at once would each make a word of their own, and one be lost. */
static int
prepare(struct taking *t)
{
	char why[WHY_MAX];

	if (credentials_path(t->enrol->settings, t->path) == -1) {
		snprintf(why, sizeof(why), "the path is too long");
	} else {
		t->lock = credentials_file_lock(t->path, 2 * PATIENCE_MS);
		if (t->lock == -1)
			snprintf(why, sizeof(why), "%s: %s", t->path,
			    errno == EWOULDBLOCK ? "another enrolment holds it"
						 : strerror(errno));
		else if (credentials_word(t->path, t->word, why, sizeof(why)) ==
		    0)
			return 0;
	}
	SAY(t, ENROL_KEEP, ENROL_STOP, "disk",
	    "%s: nothing was taken; make it writable for this user, or set "
	    "enrol.file",
	    why);
	return -1;
}

/* ---- asking ---- */

/* false: no more patience. */
static bool
pause_before_next(struct taking *t, int retry_s)
{
	int64_t left = PATIENCE_MS -
	    (clock_boottime_ms(&clock_system) - t->begun_ms);
	int64_t ms = t->pause_ms > retry_s * 1000 ? t->pause_ms
						  : retry_s * 1000;
	struct timespec ts;

	if (ms > left)
		return false;
	t->pause_ms = 2 * t->pause_ms < PAUSE_MAX_MS ? 2 * t->pause_ms
						     : PAUSE_MAX_MS;
	ts = (struct timespec){ ms / 1000, (ms % 1000) * 1000000 };
	nanosleep(&ts, NULL);
	return true;
}

/* Whoever listens on the way has the cart's password then. */
static void
say_reached(const struct taking *t)
{
	SAY(t, ENROL_REACH, ENROL_OK, t->to.https ? "" : "plain",
	    "%s answers%s", t->to.base, t->to.https ? "" : ", unencrypted");
}

/* Of a problem document; what is not one is another server's. */
static int
stop_by_problem(struct taking *t, const struct enrol_http_answer *a)
{
	json_t *o = json_loads(a->body, 0, NULL);
	const char *words = json_string_value(json_object_get(o, "detail"));
	const char *field = json_string_value(json_object_get(o, "field"));
	bool of_code = field != NULL && strcmp(field, "code") == 0;
	const char *fault = a->status == 410 ? "ended"
	    : a->status == 404 && of_code    ? "wrong"
	    : a->status == 422		     ? "wrong"
	    : a->status == 409 && of_code    ? "taken"
	    : a->status == 409 && field != NULL && strcmp(field, "cart") == 0
	    ? "other_cart"
	    : a->status == 409 && field != NULL ? "member"
						: NULL;

	if (!t->answered && fault != NULL)
		say_reached(t);
	if (words == NULL || fault == NULL)
		SAY(t, ENROL_REACH, ENROL_STOP, "not_guild",
		    "%s answered with HTTP %ld%s%.200s: is it the guild's "
		    "address?",
		    t->to.base, a->status, words != NULL ? ": " : "",
		    words != NULL ? words : "");
	else
		SAY(t, ENROL_CODE, ENROL_STOP, fault, "%s", words);
	json_decref(o);
	return -1;
}

static int
stop_unreached(struct taking *t, enum enrol_http_result result, const char *why)
{
	switch (result) {
	case ENROL_HTTP_NO_LIBRARY:
		SAY(t, ENROL_REACH, ENROL_STOP, "library", "%s", why);
		break;
	case ENROL_HTTP_NO_NAME:
		SAY(t, ENROL_REACH, ENROL_STOP, "no_name",
		    "no machine is called %s: look for a mistyped letter, and "
		    "whether this cart has a network (%s)",
		    t->to.host, why);
		break;
	case ENROL_HTTP_CERTIFICATE:
		SAY(t, ENROL_REACH, ENROL_STOP, "certificate",
		    "the certificate of %s is not one that is trusted here "
		    "(%s): get the guild's own into enrol.ca (--enrol-ca "
		    "FILE), "
		    "by a way that nobody else can write on",
		    t->to.base, why);
		break;
	default:
		SAY(t, ENROL_REACH, ENROL_STOP, "no_answer",
		    "%s does not answer (%s): is there a network, and does the "
		    "guild's address begin with http:// or https://?",
		    t->to.base, why);
	}
	return -1;
}

static int
stop_impatient(struct taking *t, const struct enrol_http_answer *a)
{
	if (a->status == 202)
		SAY(t, ENROL_CODE, ENROL_STOP, "slow",
		    "the guild has this gateway's word, but does not say who "
		    "was first (its role members does not run?): run this "
		    "again later, the code is not lost");
	else
		SAY(t, ENROL_CODE, ENROL_STOP, "busy",
		    "the guild is busy or asks to wait (HTTP %ld): run this "
		    "again in some minutes, the code is not lost",
		    a->status);
	return -1;
}

/* 1: once more; 0 it is kept; -1 it stopped. */
static int
heed(struct taking *t, const struct enrol_http_answer *a, uint32_t *enrolment)
{
	bool later = a->status == 202 || a->status == 429 || a->status == 503;

	if (!t->answered && a->status != 404) {
		say_reached(t);
		SAY(t, ENROL_CODE, ENROL_DOING, "", "taking %s", t->to.code);
		t->answered = true;
	}
	if (a->status == 200)
		return enrol_keep(t, a->body, enrolment);
	if (!later)
		return stop_by_problem(t, a);
	return pause_before_next(t, a->status == 202 ? 0 : a->retry_s)
	    ? 1
	    : stop_impatient(t, a);
}

/* Of a certificate that nobody here trusts, but the code's own address names
 * its key.  1: once more. */
static int
use_pin(
    const struct enrol_address *to, struct enrol_http *http, char pin[PIN_MAX])
{
	snprintf(pin, PIN_MAX, "sha256//%s=", to->pin);
	for (char *c = pin + strlen("sha256//"); *c != '\0'; c++)
		*c = *c == '-' ? '+' : *c == '_' ? '/' : *c;
	http->pin = pin;
	return 1;
}

static int
ask(struct taking *t, const char *json, uint32_t *enrolment)
{
	const struct settings *s = t->enrol->settings;
	char url[ENROL_BASE_MAX + 40], pin[PIN_MAX];
	struct enrol_http http = { url, s->enrol.ca, s->enrol.pin };
	int rc;

	snprintf(url, sizeof(url), "%s/api/v1/enrol", t->to.base);
	do {
		struct enrol_http_answer a;
		enum enrol_http_result result = enrol_http_post(
		    &http, json, &a);

		if (result == ENROL_HTTP_ANSWERED)
			rc = heed(t, &a, enrolment);
		else if (result == ENROL_HTTP_CERTIFICATE &&
		    http.pin[0] == '\0' && t->to.pin[0] != '\0')
			rc = use_pin(&t->to, &http, pin);
		else if (t->answered && pause_before_next(t, 0))
			rc = 1;
		else
			rc = stop_unreached(t, result, a.why);
		if (a.body != NULL)
			explicit_bzero(a.body, strlen(a.body));
		free(a.body);
	} while (rc == 1);
	return rc;
}

static int
take(struct taking *t, uint32_t *enrolment)
{
	const char *cart = t->enrol->settings->cart;
	json_t *o = json_pack("{ss ss ss*}", "code", t->to.code, "gateway",
	    t->word, "cart", cart[0] != '\0' ? cart : NULL);
	char *json = o != NULL ? json_dumps(o, JSON_COMPACT) : NULL;
	int rc = -1;

	if (json == NULL)
		SAY(t, ENROL_REACH, ENROL_STOP, "memory", "no memory");
	else
		rc = ask(t, json, enrolment);
	free(json);
	json_decref(o);
	return rc;
}

int
enrol_run(const struct enrol *e)
{
	struct taking t = {
		.enrol = e, .pause_ms = PAUSE_FIRST_MS, .lock = -1
	};
	uint32_t enrolment = 0;
	int rc = -1;

	if (understand(&t) == -1)
		return -1;
	if (prepare(&t) == -1)
		goto close_lock;
	t.begun_ms = clock_boottime_ms(&clock_system);
	SAY(&t, ENROL_REACH, ENROL_DOING, "", "asking %s%s", t.to.base,
	    t.to.https ? ""
		       : ", unencrypted: whoever listens on the way can "
			 "take the cart's place");
	rc = take(&t, &enrolment);
close_lock:
	if (t.lock != -1)
		close(t.lock);
	if (rc == -1)
		return -1;
	return e->wait_s > 0 ? enrol_wait(e, enrolment) : 0;
}
