/*
 * hook: see the header.
 */
#include <curl/curl.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/consumer/hook.h"
#include "lib/log.h"

#define CONNECT_S 10

struct hook {
	struct hook_settings settings;
	atomic_bool *stop;
	CURL *curl; /* NULL: no connection */
	struct log_limit limit;
};

void
hook_sign(const char *secret, const void *body, size_t len,
    char signature[HOOK_SIGNATURE_MAX + 1])
{
	unsigned char mac[EVP_MAX_MD_SIZE];
	unsigned int mac_len = 0;
	int at = snprintf(signature, HOOK_SIGNATURE_MAX + 1, "sha256=");

	HMAC(EVP_sha256(), secret, (int)strlen(secret), body, len, mac,
	    &mac_len);
	for (unsigned int i = 0; i < mac_len && i < 32; i++)
		at += snprintf(signature + at, 3, "%02x", mac[i]);
}

enum courier_outcome
hook_judge(long status)
{
	if (status >= 200 && status < 300)
		return OUTCOME_SENT;
	switch (status) {
	case 429: /* too many */
	case 502:
	case 503: /* not now */
	case 504:
		return OUTCOME_AWAY;
	/* A wrong address or secret: there is time to mend it. */
	case 401:
	case 403:
	case 404:
	case 405:
	case 407:
	case 408:
	case 425:
		return OUTCOME_LATER;
	default:
		break;
	}
	return status >= 400 && status < 500 ? OUTCOME_REFUSED : OUTCOME_LATER;
}

/* Answers are not read. */
static size_t
discard(char *data, size_t size, size_t count, void *ctx)
{
	(void)data, (void)ctx;
	return size * count;
}

static int
on_progress(void *ctx, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
	const struct hook *hook = ctx;

	(void)a, (void)b, (void)c, (void)d;
	return atomic_load(hook->stop);
}

static int
prepare(struct hook *hook)
{
	CURL *curl = curl_easy_init();

	if (curl == NULL)
		return -1;
	hook->curl = curl;
	curl_easy_setopt(curl, CURLOPT_URL, hook->settings.url);
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_USERAGENT, "pregon");
	curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_S);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)hook->settings.timeout_s);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, discard);
	curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
	curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, on_progress);
	curl_easy_setopt(curl, CURLOPT_XFERINFODATA, hook);
	return 0;
}

/* NULL: ENOMEM. */
static struct curl_slist *
headers_of(const struct hook *hook, const struct parcel *parcel)
{
	char text[160], signature[HOOK_SIGNATURE_MAX + 1];
	struct curl_slist *list, *longer;

	list = curl_slist_append(NULL, "Content-Type: application/json");
	/* libcurl would wait for a "100 Continue". */
	longer = list == NULL ? NULL : curl_slist_append(list, "Expect:");
	if (longer != NULL) {
		snprintf(text, sizeof(text), "X-Pregon-Delivery: %s",
		    parcel->mail_id);
		longer = curl_slist_append(list, text);
	}
	if (longer != NULL && hook->settings.secret[0] != '\0') {
		hook_sign(hook->settings.secret, parcel->bytes, parcel->len,
		    signature);
		snprintf(
		    text, sizeof(text), "X-Pregon-Signature: %s", signature);
		longer = curl_slist_append(list, text);
	}
	if (longer != NULL)
		return list;
	curl_slist_free_all(list);
	return NULL;
}

static void
hook_idle(void *ctx)
{
	struct hook *hook = ctx;

	curl_easy_cleanup(hook->curl);
	hook->curl = NULL;
}

static void
say(struct hook *hook, const struct parcel *parcel, CURLcode code, long status,
    enum courier_outcome outcome)
{
	unsigned long held;

	if (outcome == OUTCOME_REFUSED)
		log_warn("notify.webhook_refused", "notice=%s status=%ld",
		    parcel->mail_id, status);
	else if (log_limited(&hook->limit, 10000, &held))
		log_warn("notify.webhook_waits",
		    "notice=%s status=%ld held_back=%lu why=\"%s\"",
		    parcel->mail_id, status, held, curl_easy_strerror(code));
}

static void
hook_send(void *ctx, const struct parcel *parcel, struct courier_result *result)
{
	struct hook *hook = ctx;
	struct curl_slist *headers;
	curl_off_t after_s = 0;
	CURLcode code;
	long status = 0;

	if ((hook->curl == NULL && prepare(hook) == -1) ||
	    (headers = headers_of(hook, parcel)) == NULL)
		return;
	curl_easy_setopt(hook->curl, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(
	    hook->curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)parcel->len);
	curl_easy_setopt(hook->curl, CURLOPT_POSTFIELDS, parcel->bytes);
	code = curl_easy_perform(hook->curl);
	curl_easy_setopt(hook->curl, CURLOPT_HTTPHEADER, NULL);
	curl_slist_free_all(headers);
	curl_easy_getinfo(hook->curl, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_getinfo(hook->curl, CURLINFO_RETRY_AFTER, &after_s);
	if (code == CURLE_OK) {
		result->outcome = hook_judge(status);
		result->retry_after_ms = (int64_t)after_s * 1000;
	} else {
		result->outcome = OUTCOME_AWAY;
		/* It went, and no answer came: it may have been taken. */
		result->doubtful = code != CURLE_COULDNT_CONNECT &&
		    code != CURLE_COULDNT_RESOLVE_HOST;
		hook_idle(hook);
	}
	if (result->outcome != OUTCOME_SENT)
		say(hook, parcel, code, status, result->outcome);
}

const struct sender_way hook_way = {
	.name = "webhook",
	.send = hook_send,
	.idle = hook_idle,
};

struct hook *
hook_new(const struct hook_settings *settings, atomic_bool *stop)
{
	struct hook *hook = calloc(1, sizeof(*hook));

	if (hook == NULL)
		return NULL;
	hook->settings = *settings;
	hook->stop = stop;
	return hook;
}

void
hook_free(struct hook *hook)
{
	if (hook == NULL)
		return;
	hook_idle(hook);
	free(hook);
}
