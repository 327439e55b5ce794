#include "firmware-gateway/page_request.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "firmware-gateway/page_files.h"
#include "firmware-gateway/pos_sales.h"

#define JSON_TYPE "application/json"
#define ADDRESS_MAX 600

static void
put_json(struct page_answer *a, unsigned status, json_t *object)
{
	a->status = status;
	a->type = JSON_TYPE;
	a->body = json_dumps(object, JSON_COMPACT);
	a->len = a->body != NULL ? strlen(a->body) : 0;
	json_decref(object);
}

/* Its `fault` is what the page goes by; the words are for people. */
static void
refuse(
    struct page_answer *a, unsigned status, const char *fault, const char *why)
{
	put_json(a, status,
	    json_pack(
		"{s:b, s:s, s:s}", "ok", 0, "fault", fault, "error", why));
}

/* ---- who may ask ---- */

static bool
is_address(const char *host, size_t len)
{
	struct in6_addr address;
	char text[INET6_ADDRSTRLEN];
	int family = AF_INET;

	if (len >= 2 && host[0] == '[' && host[len - 1] == ']') {
		family = AF_INET6;
		host++;
		len -= 2;
	}
	if (len >= sizeof(text))
		return false;
	memcpy(text, host, len);
	text[len] = '\0';
	return inet_pton(family, text, &address) == 1;
}

static bool
is_name(const char *host, size_t len, const char *name)
{
	return strlen(name) == len && strncasecmp(host, name, len) == 0;
}

/* An address cannot be made to point elsewhere; a name can, so only our own
 * will do.  Any port: it may have been forwarded to ours. */
static bool
is_our_host(const struct page *p, const char *host)
{
	size_t len;

	if (host == NULL)
		return false;
	len = host[0] == '[' ? strcspn(host, "]") + 1 : strcspn(host, ":");
	if (len > strlen(host))
		return false;
	if (host[len] == ':' &&
	    host[len + 1 + strspn(host + len + 1, "0123456789")] != '\0')
		return false;
	if (host[len] != ':' && host[len] != '\0')
		return false;
	return is_address(host, len) || is_name(host, len, "localhost") ||
	    is_name(host, len, p->host);
}

/* Every browser says where a POST comes from; other programs need not. */
static bool
is_our_page(const struct page_call *c)
{
	static const char http[] = "http://";

	return c->origin == NULL ||
	    (strncasecmp(c->origin, http, strlen(http)) == 0 &&
		strcasecmp(c->origin + strlen(http), c->host) == 0);
}

/* A form of another page cannot send that. */
static bool
is_json(const char *type)
{
	size_t len = strlen(JSON_TYPE);

	return type != NULL && strncasecmp(type, JSON_TYPE, len) == 0 &&
	    (type[len] == '\0' || type[len] == ';' || type[len] == ' ');
}

/* ---- what it answers ---- */

/* How far it has come with the guild: what it did to be let in, and what of
 * the link and the receiver is there. */
static void
put_enrolment(const struct page *p, const json_t *state, json_t *o)
{
	static const char *const of_link[] = { "refused", "why", "fix_acks" };
	const json_t *link = json_object_get(state, "link");
	json_t *e;

	if (p->enrolment == NULL)
		return;
	e = enrolment_json(p->enrolment);
	for (size_t i = 0; i < sizeof(of_link) / sizeof(*of_link); i++)
		json_object_set(
		    e, of_link[i], json_object_get(link, of_link[i]));
	json_object_set(
	    e, "fix", json_object_get(json_object_get(state, "fix"), "mode"));
	json_object_set_new(o, "enrolment", e);
}

/* Less than an operator's state: what a vendor's page shows. */
static json_t *
vendors_state(struct page *p)
{
	static const char *const shown[] = { "cart", "version", "day",
		"connected", "inbox", "catalogue", "level", "gpsd_connected" };
	json_t *state = p->pos->state(p->pos->ctx);
	json_t *o = json_pack("{s:b}", "ok", 1);

	for (size_t i = 0; i < sizeof(shown) / sizeof(*shown); i++) {
		json_t *value = json_object_get(state, shown[i]);

		if (value != NULL)
			json_object_set(o, shown[i], value);
	}
	put_enrolment(p, state, o);
	json_decref(state);
	return o;
}

static void
on_state(struct page *p, const struct page_call *c, struct page_answer *a)
{
	struct shop_error error = { .fault = SHOP_INVALID };
	json_t *o;

	(void)c;
	if (p->pos == NULL) {
		o = json_pack("{s:b, s:b}", "ok", 1, "bare", 1);
		put_enrolment(p, NULL, o);
		put_json(a, 200, o);
		return;
	}
	o = vendors_state(p);
	if (pos_sales(p->pos, o, &error) == -1) {
		json_decref(o);
		refuse(a, 500, shop_fault_name(error.fault), error.why);
		return;
	}
	put_json(a, 200, o);
}

static void
on_api(struct page *p, const struct page_call *c, struct page_answer *a)
{
	if (p->pos == NULL) {
		refuse(a, 409, "bare", "this cart is to be enrolled first");
		return;
	}
	a->status = 200;
	a->type = JSON_TYPE;
	a->body = pos_answer(p->pos, c->body, c->body_len, &a->len);
}

static void
on_pin(struct page *p, const struct page_call *c, struct page_answer *a)
{
	json_t *o = json_loadb(
	    c->body, c->body_len, JSON_REJECT_DUPLICATES, NULL);
	const char *pin = json_string_value(json_object_get(o, "pin"));
	int64_t now_ms = clock_boottime_ms(p->clock), wait_ms = 0;

	if (p->lock.pin[0] == '\0') {
		put_json(a, 200, json_pack("{s:b}", "ok", 1));
	} else if (pin == NULL) {
		refuse(a, 400, "invalid", "pin: missing");
	} else if (page_lock_try(&p->lock, pin, now_ms, a->token, &wait_ms) ==
	    0) {
		put_json(a, 200, json_pack("{s:b}", "ok", 1));
	} else if (errno == EAGAIN) {
		a->retry_s = (int)((wait_ms + 999) / 1000);
		put_json(a, 429,
		    json_pack("{s:b, s:s, s:s, s:i}", "ok", 0, "fault", "wait",
			"error", "too many wrong PINs: wait a while", "seconds",
			a->retry_s));
	} else if (errno == EACCES) {
		refuse(a, 403, "wrong_pin", "that is not the PIN");
	} else {
		refuse(a, 500, "storage", strerror(errno));
	}
	json_decref(o);
}

static void
on_enrol(struct page *p, const struct page_call *c, struct page_answer *a)
{
	json_t *o = json_loadb(
	    c->body, c->body_len, JSON_REJECT_DUPLICATES, NULL);
	const char *address = json_string_value(json_object_get(o, "address"));

	if (p->enrolment == NULL)
		refuse(a, 404, "invalid", "there is no such page");
	else if (address == NULL || *address == '\0' ||
	    strlen(address) > ADDRESS_MAX)
		refuse(a, 400, "invalid", "address: missing, or too long");
	else if (enrolment_start(p->enrolment, address) == 0)
		put_json(a, 202, json_pack("{s:b}", "ok", 1));
	else if (errno == EBUSY)
		refuse(a, 409, "busy", "it is under way");
	else if (errno == EPERM)
		refuse(a, 403, "enrolled",
		    "this cart is enrolled: set page.pin, or run "
		    "pregon-gateway --enrol");
	else
		refuse(a, 500, "broken", strerror(errno));
	json_decref(o);
}

static const struct route {
	const char *path;
	bool post;
	bool open; /* without the PIN, too */
	void (*handle)(
	    struct page *, const struct page_call *, struct page_answer *);
} routes[] = {
	{ "/state", false, false, on_state },
	{ "/api", true, false, on_api },
	{ "/pin", true, true, on_pin },
	{ "/enrol", true, false, on_enrol },
};

static void
answer_route(struct page *p, const struct route *r, const struct page_call *c,
    struct page_answer *a)
{
	if (!r->open && !page_lock_open(&p->lock, c->cookie))
		refuse(a, 401, "locked", "give the PIN first: POST /pin");
	else if (!r->post)
		r->handle(p, c, a);
	else if (!is_our_page(c))
		refuse(a, 403, "origin", "only the page itself may ask that");
	else if (!is_json(c->content_type))
		refuse(a, 415, "type", "expected " JSON_TYPE);
	else if (c->too_long)
		refuse(a, 413, "invalid", "body: longer than 16384 bytes");
	else
		r->handle(p, c, a);
}

static bool
is_get(const char *method)
{
	return strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0;
}

static void
answer_file(const struct page_file *file, struct page_answer *a)
{
	a->status = 200;
	a->type = file->type;
	a->constant = file->bytes;
	a->len = file->len;
}

void
page_answer(struct page *p, const struct page_call *c, struct page_answer *a)
{
	const struct route *route = NULL;
	struct page_file file;
	bool is_file;

	memset(a, 0, sizeof(*a));
	if (!is_our_host(p, c->host)) {
		refuse(a, 421, "host",
		    "ask for this page by its IP address (or set page.host)");
		return;
	}
	for (size_t i = 0; i < sizeof(routes) / sizeof(*routes); i++)
		if (strcmp(c->path, routes[i].path) == 0)
			route = &routes[i];
	is_file = page_file(c->path, &file);
	if (!is_file && route == NULL) {
		refuse(a, 404, "invalid", "there is no such page");
	} else if ((is_file || !route->post) && !is_get(c->method)) {
		a->allow = "GET, HEAD";
		refuse(a, 405, "invalid", "GET only");
	} else if (!is_file && route->post && strcmp(c->method, "POST") != 0) {
		a->allow = "POST";
		refuse(a, 405, "invalid", "POST only");
	} else if (is_file) {
		answer_file(&file, a);
	} else {
		answer_route(p, route, c, a);
	}
}
