/*
 * mailer: see the header.
 */
#include <ctype.h>
#include <curl/curl.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/consumer/mailer.h"
#include "lib/log.h"

#define CONNECT_S 10

struct mailer {
	struct mailer_settings settings;
	atomic_bool *stop;
	CURL *curl; /* NULL: no connection */
	struct log_limit limit;
	/* Of the mail under way. */
	const struct parcel *parcel;
	size_t read;
	char verb; /* of the last command */
	long code; /* of the first answer that was a no, or the last */
};

static size_t
give(char *buf, size_t size, size_t count, void *ctx)
{
	struct mailer *m = ctx;
	size_t len = size * count, left = m->parcel->len - m->read;

	if (len > left)
		len = left;
	memcpy(buf, m->parcel->bytes + m->read, len);
	m->read += len;
	return len;
}

static int
on_progress(void *ctx, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
	const struct mailer *m = ctx;

	(void)a, (void)b, (void)c, (void)d;
	return atomic_load(m->stop);
}

/* Of a mail, once we have said who we are: what comes before that (passwords
 * too) says nothing about the mail. */
static bool
is_verb(const char *data, size_t size)
{
	return size > 4 &&
	    (memcmp(data, "MAIL ", 5) == 0 || memcmp(data, "RCPT ", 5) == 0 ||
		memcmp(data, "DATA\r", 5) == 0);
}

/* libcurl does not say at which command it failed; its trace does. */
static int
on_trace(CURL *curl, curl_infotype type, char *data, size_t size, void *ctx)
{
	struct mailer *m = ctx;

	(void)curl;
	if (size == 0)
		return 0;
	if (type == CURLINFO_HEADER_OUT && is_verb(data, size)) {
		m->verb = data[0];
		m->code = 0;
	} else if (type == CURLINFO_DATA_OUT) {
		m->verb = 'D';
	} else if (type == CURLINFO_HEADER_IN && size >= 3 &&
	    isdigit((unsigned char)data[0]) && m->code < 400) {
		/* What it says to our QUIT is no answer to the mail. */
		m->code = strtol(data, NULL, 10);
	}
	return 0;
}

/* The settings of every transfer; -1: ENOMEM. */
static int
prepare(struct mailer *m)
{
	const struct mailer_settings *s = &m->settings;
	CURL *curl = curl_easy_init();

	if (curl == NULL)
		return -1;
	m->curl = curl;
	curl_easy_setopt(curl, CURLOPT_URL, s->url);
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_PROXY, "");
	curl_easy_setopt(curl, CURLOPT_USE_SSL,
	    (long)(s->tls == SMTP_TLS_REQUIRED ? CURLUSESSL_ALL
					       : CURLUSESSL_NONE));
	if (s->cafile[0] != '\0')
		curl_easy_setopt(curl, CURLOPT_CAINFO, s->cafile);
	if (s->user[0] != '\0') {
		curl_easy_setopt(curl, CURLOPT_USERNAME, s->user);
		curl_easy_setopt(curl, CURLOPT_PASSWORD, s->password);
	}
	curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_S);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)s->timeout_s);
	curl_easy_setopt(
	    curl, CURLOPT_SERVER_RESPONSE_TIMEOUT, (long)s->timeout_s);
	curl_easy_setopt(curl, CURLOPT_MAIL_FROM, s->from);
	curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
	curl_easy_setopt(curl, CURLOPT_READFUNCTION, give);
	curl_easy_setopt(curl, CURLOPT_READDATA, m);
	curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
	curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, on_progress);
	curl_easy_setopt(curl, CURLOPT_XFERINFODATA, m);
	curl_easy_setopt(curl, CURLOPT_VERBOSE, 1L);
	curl_easy_setopt(curl, CURLOPT_DEBUGFUNCTION, on_trace);
	curl_easy_setopt(curl, CURLOPT_DEBUGDATA, m);
	return 0;
}

static void
mailer_idle(void *ctx)
{
	struct mailer *m = ctx;

	curl_easy_cleanup(m->curl);
	m->curl = NULL;
}

static CURLcode
transfer(struct mailer *m)
{
	struct curl_slist *to;
	char address[256];
	CURLcode code;

	snprintf(address, sizeof(address), "<%s>", m->parcel->to);
	to = curl_slist_append(NULL, address);
	if (to == NULL)
		return CURLE_OUT_OF_MEMORY;
	m->read = 0;
	m->verb = '\0';
	m->code = 0;
	curl_easy_setopt(m->curl, CURLOPT_MAIL_RCPT, to);
	curl_easy_setopt(
	    m->curl, CURLOPT_INFILESIZE_LARGE, (curl_off_t)m->parcel->len);
	code = curl_easy_perform(m->curl);
	curl_easy_setopt(m->curl, CURLOPT_MAIL_RCPT, NULL);
	curl_slist_free_all(to);
	return code;
}

enum courier_outcome
mailer_judge(char verb, long code)
{
	if (verb != 'R' && verb != 'D')
		return OUTCOME_AWAY; /* our name and password, our sender */
	switch (code) {
	case 421: /* it closes the connection */
	case 530: /* it wants us to say who we are first */
	case 535:
	case 538:
		return OUTCOME_AWAY;
	case 452: /* too many at once */
	case 503: /* out of order */
	case 552: /* a full mailbox: RFC 5321, 4.5.3.1.10 */
		return OUTCOME_LATER;
	default:
		break;
	}
	if (code >= 500 && code < 600)
		return OUTCOME_REFUSED;
	return code >= 400 && code < 500 ? OUTCOME_LATER : OUTCOME_AWAY;
}

static bool
server_is_gone(const struct mailer *m, CURLcode code)
{
	switch (code) {
	case CURLE_SEND_ERROR:
	case CURLE_RECV_ERROR:
	case CURLE_GOT_NOTHING:
		return m->code == 0 || m->code == 421 || m->code < 400;
	default:
		return false;
	}
}

/* A connection that was kept may have been closed meanwhile. */
static CURLcode
transfer_anew(struct mailer *m)
{
	long connects = 1;
	CURLcode code = transfer(m);

	if (code == CURLE_OK || !server_is_gone(m, code))
		return code;
	curl_easy_getinfo(m->curl, CURLINFO_NUM_CONNECTS, &connects);
	if (connects > 0 || m->verb == 'D')
		return code;
	mailer_idle(m);
	return prepare(m) == -1 ? CURLE_OUT_OF_MEMORY : transfer(m);
}

/* No address in it, and no answer of the server's, which may hold one. */
static void
say(struct mailer *m, CURLcode code, enum courier_outcome outcome)
{
	unsigned long held;

	if (outcome == OUTCOME_REFUSED)
		log_warn("notify.mail_refused", "mail=%s code=%ld",
		    m->parcel->mail_id, m->code);
	else if (log_limited(&m->limit, 10000, &held))
		log_warn("notify.mail_waits",
		    "mail=%s code=%ld held_back=%lu why=\"%s\"",
		    m->parcel->mail_id, m->code, held,
		    curl_easy_strerror(code));
}

static void
mailer_send(
    void *ctx, const struct parcel *parcel, struct courier_result *result)
{
	struct mailer *m = ctx;
	CURLcode code;

	m->parcel = parcel;
	if (m->curl == NULL && prepare(m) == -1)
		return;
	code = transfer_anew(m);
	if (code == CURLE_OK) {
		result->outcome = OUTCOME_SENT;
		return;
	}
	/* A negative answer is one; else it broke off, or took too long. */
	if (m->code < 400 || code == CURLE_OPERATION_TIMEDOUT)
		result->outcome = OUTCOME_AWAY;
	else
		result->outcome = mailer_judge(m->verb, m->code);
	result->doubtful = m->verb == 'D' && m->code < 400;
	say(m, code, result->outcome);
	/* Whatever it is in the midst of: the next one begins anew. */
	mailer_idle(m);
}

const struct sender_way mailer_way = {
	.name = "mail",
	.send = mailer_send,
	.idle = mailer_idle,
};

struct mailer *
mailer_new(const struct mailer_settings *settings, atomic_bool *stop)
{
	struct mailer *m = calloc(1, sizeof(*m));

	if (m == NULL)
		return NULL;
	m->settings = *settings;
	m->stop = stop;
	return m;
}

void
mailer_free(struct mailer *m)
{
	if (m == NULL)
		return;
	mailer_idle(m);
	free(m);
}
