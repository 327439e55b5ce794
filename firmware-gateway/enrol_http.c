#include "firmware-gateway/enrol_http.h"

#include <curl/curl.h>
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/config.h"

#define BODY_MAX ((size_t)128 * 1024)
#define CONNECT_MS 5000L
#define WHOLE_MS 15000L
#define REDIRECTS_MAX 3L

/* What is used of the library, by its own names. */
struct library {
	void *handle;
	__typeof__(&curl_easy_init) easy_init;
	__typeof__(&curl_easy_setopt) easy_setopt;
	__typeof__(&curl_easy_perform) easy_perform;
	__typeof__(&curl_easy_getinfo) easy_getinfo;
	__typeof__(&curl_easy_cleanup) easy_cleanup;
	__typeof__(&curl_easy_strerror) easy_strerror;
	__typeof__(&curl_slist_append) slist_append;
	__typeof__(&curl_slist_free_all) slist_free_all;
};

#define FIND(l, name)                                                          \
	(*(void **)&(l)->name = dlsym((l)->handle, "curl_" #name),             \
	    (l)->name != NULL)

static int
open_library(struct library *l)
{
	static const char *const names[] = { "libcurl.so.4",
		"libcurl-gnutls.so.4" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		l->handle = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
		if (l->handle != NULL)
			break;
	}
	return l->handle != NULL && FIND(l, easy_init) &&
		FIND(l, easy_setopt) && FIND(l, easy_perform) &&
		FIND(l, easy_getinfo) && FIND(l, easy_cleanup) &&
		FIND(l, easy_strerror) && FIND(l, slist_append) &&
		FIND(l, slist_free_all)
	    ? 0
	    : -1;
}

struct body {
	char *text;
	size_t len;
};

static size_t
take(char *part, size_t size, size_t count, void *ctx)
{
	struct body *body = ctx;
	size_t len = size * count;
	char *more;

	if (len > BODY_MAX - body->len)
		return 0;
	more = realloc(body->text, body->len + len + 1);
	if (more == NULL)
		return 0;
	memcpy(more + body->len, part, len);
	body->text = more;
	body->len += len;
	more[body->len] = '\0';
	return len;
}

static enum enrol_http_result
result_of(CURLcode code)
{
	switch (code) {
	case CURLE_OK:
		return ENROL_HTTP_ANSWERED;
	case CURLE_COULDNT_RESOLVE_HOST:
		return ENROL_HTTP_NO_NAME;
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
	case CURLE_SSL_CACERT_BADFILE:
		return ENROL_HTTP_CERTIFICATE;
	default:
		return ENROL_HTTP_NO_ANSWER;
	}
}

static void
set_trust(const struct library *l, CURL *curl, const struct enrol_http *http)
{
	if (http->cafile[0] != '\0')
		l->easy_setopt(curl, CURLOPT_CAINFO, http->cafile);
	if (http->pin[0] == '\0')
		return;
	l->easy_setopt(curl, CURLOPT_PINNEDPUBLICKEY, http->pin);
	l->easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 0L);
	l->easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 0L);
}

/* What was sent to the guild is sent to nobody else: a redirect may lead to
 * HTTPS, and nowhere without. */
static CURLcode
perform(const struct library *l, CURL *curl, const struct enrol_http *http,
    const char *json, struct body *body)
{
	struct curl_slist *headers = l->slist_append(
	    NULL, "Content-Type: application/json");
	CURLcode code;

	l->easy_setopt(curl, CURLOPT_URL, http->url);
	l->easy_setopt(curl, CURLOPT_POSTFIELDS, json);
	l->easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
	l->easy_setopt(
	    curl, CURLOPT_USERAGENT, "pregon-gateway/" PREGON_VERSION);
	l->easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
	l->easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS_STR, "https");
	l->easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 1L);
	l->easy_setopt(curl, CURLOPT_MAXREDIRS, REDIRECTS_MAX);
	l->easy_setopt(curl, CURLOPT_POSTREDIR, (long)CURL_REDIR_POST_ALL);
	l->easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_MS);
	l->easy_setopt(curl, CURLOPT_TIMEOUT_MS, WHOLE_MS);
	l->easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	l->easy_setopt(curl, CURLOPT_WRITEFUNCTION, take);
	l->easy_setopt(curl, CURLOPT_WRITEDATA, body);
	set_trust(l, curl, http);
	code = headers != NULL ? l->easy_perform(curl) : CURLE_OUT_OF_MEMORY;
	l->slist_free_all(headers);
	return code;
}

enum enrol_http_result
enrol_http_post(const struct enrol_http *http, const char *json,
    struct enrol_http_answer *answer)
{
	struct library l = { .handle = NULL };
	struct body body = { NULL, 0 };
	curl_off_t retry = 0;
	CURL *curl;
	CURLcode code;

	memset(answer, 0, sizeof(*answer));
	curl = open_library(&l) == 0 ? l.easy_init() : NULL;
	if (curl == NULL) {
		snprintf(answer->why, sizeof(answer->why),
		    "libcurl.so.4 is not there: install libcurl4");
		return ENROL_HTTP_NO_LIBRARY;
	}
	code = perform(&l, curl, http, json, &body);
	l.easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &answer->status);
	if (l.easy_getinfo(curl, CURLINFO_RETRY_AFTER, &retry) == CURLE_OK &&
	    retry > 0 && retry < 3600)
		answer->retry_s = (int)retry;
	snprintf(answer->why, sizeof(answer->why), "%s", l.easy_strerror(code));
	l.easy_cleanup(curl);
	if (body.text == NULL)
		body.text = strdup("");
	answer->body = body.text;
	return body.text != NULL ? result_of(code) : ENROL_HTTP_NO_ANSWER;
}
