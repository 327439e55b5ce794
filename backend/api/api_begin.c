/*
 * From a request's head to its route: which one it is, whether they may, how
 * often, and which cart a vendor is held to.
 */
#include <stdio.h>
#include <string.h>

#include "backend/api/api.h"

/* A part of the path that stands where the pattern has a parameter. */
struct segment {
	const char *s;
	size_t len;
};

struct segments {
	struct segment cart, id;
};

static bool
path_matches(const char *pattern, const char *path, struct segments *found)
{
	struct segment *segment;

	while (*pattern != '\0') {
		if (*pattern == '{') {
			segment = pattern[1] == 'c' ? &found->cart : &found->id;
			*segment = (struct segment){ path, strcspn(path, "/") };
			if (segment->len == 0)
				return false;
			path += segment->len;
			pattern += strcspn(pattern, "}") + 1;
		} else if (*pattern++ != *path++) {
			return false;
		}
	}
	return *path == '\0';
}

static bool
method_matches(const struct route *route, const char *method)
{
	return strcmp(route->method, method) == 0 ||
	    (strcmp(route->method, "GET") == 0 && strcmp(method, "HEAD") == 0);
}

/* Adds a method to the list that Allow shows. */
static void
allow(struct answer *a, const struct route *route)
{
	size_t len = strlen(a->allow);

	snprintf(a->allow + len, sizeof(a->allow) - len, "%s%s",
	    len > 0 ? ", " : "",
	    strcmp(route->method, "GET") == 0 ? "GET, HEAD" : route->method);
}

static bool
is_for_web(const struct call *call)
{
	return call->api->web != NULL &&
	    method_matches(&web_route, call->request->method) &&
	    strncmp(call->request->path, "/api/", strlen("/api/")) != 0;
}

static int
find_route(struct call *call, struct segments *found)
{
	const struct request *r = call->request;
	struct answer *a = call->answer;
	char methods[sizeof(a->allow)];
	size_t i;

	for (i = 0; i < route_count; i++) {
		struct segments here = { 0 };

		if (!path_matches(routes[i].path, r->path, &here))
			continue;
		if (method_matches(&routes[i], r->method)) {
			call->route = &routes[i];
			*found = here;
			a->allow[0] = '\0';
			return 0;
		}
		allow(a, &routes[i]);
	}
	if (a->allow[0] == '\0' && is_for_web(call)) {
		call->route = &web_route;
		return 0;
	}
	if (a->allow[0] == '\0') {
		answer_problem(
		    a, 404, NULL, NULL, "there is nothing at %s", r->path);
		return -1;
	}
	memcpy(methods, a->allow, sizeof(methods));
	answer_problem(a, 405, NULL, NULL, "only %s are known here", methods);
	return -1;
}

static bool
id_is_valid(const struct segment *id)
{
	return id->len <= ROUTE_ID_MAX &&
	    strspn(id->s,
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
		"0123456789-_.*") >= id->len;
}

static int
take_segments(struct call *call, const struct segments *found)
{
	const struct segment *cart = &found->cart, *id = &found->id;

	if (cart->s != NULL) {
		if (!cart_is_valid(cart->s, cart->len)) {
			answer_problem(call->answer, 400, "cart", NULL,
			    "cart: expected a plate: 4 to 8 of A-Z and 0-9");
			return -1;
		}
		memcpy(call->cart_text, cart->s, cart->len);
		call->cart_text[cart->len] = '\0';
		call->cart = call->cart_text;
	}
	if (id->s != NULL) {
		if (!id_is_valid(id)) {
			answer_problem(call->answer, 400, "id", NULL,
			    "id: expected at most %d letters, digits, -, _, . "
			    "and *",
			    ROUTE_ID_MAX);
			return -1;
		}
		memcpy(call->id, id->s, id->len);
		call->id[id->len] = '\0';
	}
	return 0;
}

static int
check_limit(struct call *call)
{
	const struct api *api = call->api;
	int64_t wait_ms;

	if (call->route->limit != LIMIT_PUBLIC || call->asker.known ||
	    api->limits == NULL)
		return 0;
	wait_ms = limits_take(
	    api->limits, &call->asker.address, clock_boottime_ms(api->clock));
	if (wait_ms == 0)
		return 0;
	answer_problem(call->answer, 429, NULL, NULL,
	    "too many from one address: wait %lld s",
	    (long long)((wait_ms + 999) / 1000));
	call->answer->retry_s = (int)((wait_ms + 999) / 1000);
	return -1;
}

static bool
is_read(const struct call *call)
{
	return strcmp(call->route->method, "GET") == 0;
}

int
call_check_cart(struct call *call, const char *cart)
{
	const struct asker *asker = &call->asker;

	if (asker->cart[0] == '\0' || strcmp(asker->cart, cart) == 0)
		return 0;
	answer_problem(call->answer, 403, "cart", NULL,
	    "this token is for the cart %s alone", asker->cart);
	return -1;
}

static bool
has_param(const struct route *route, const char *name)
{
	for (size_t i = 0; route->known[i] != NULL; i++)
		if (strcmp(route->known[i], name) == 0)
			return true;
	return false;
}

/* A vendor's sight ends at their own cart. */
static int
hold_to_cart(struct call *call)
{
	struct request *r = call->request;
	const char *own = call->asker.cart;
	const char *given = request_param(r, "cart");
	char plate[CART_MAX + 1] = "";
	size_t len;

	if (own[0] == '\0' || call->route->own == OWN_NOTHING)
		return 0;
	if (call->route->own == OWN_ID) {
		len = strcspn(call->id, "-");
		if (len <= CART_MAX)
			memcpy(plate, call->id, len);
		return call_check_cart(call, plate);
	}
	if (call->cart != NULL)
		return call_check_cart(call, call->cart);
	if (given != NULL)
		return call_check_cart(call, given);
	if (has_param(call->route, "cart") && r->param_count < PARAMS_MAX)
		r->params[r->param_count++] = (struct param){ "cart", own };
	return 0;
}

int
api_begin(struct call *call)
{
	struct segments found = { 0 };
	const struct gate gate = { call->api->tokens, call->api->sessions,
		clock_realtime_ms(call->api->clock),
		strcmp(call->request->method, "GET") == 0 ||
		    strcmp(call->request->method, "HEAD") == 0 };
	unsigned roles;

	call->asker.address = call->request->address;
	if (find_route(call, &found) == -1)
		return -1;
	roles = call->route->roles;
	if ((roles & MAY_PUBLIC) != 0 && is_read(call))
		roles = 0; /* open to all: nobody is looked at */
	if (call->api->open_reads && is_read(call) && !call->route->personal)
		roles = 0;
	if (roles != 0 &&
	    access_check(
		&gate, call->request, roles, &call->asker, call->answer) == -1)
		return -1;
	/* A page's query is for its own script. */
	if (call->route == &web_route)
		return 0;
	if (check_limit(call) == -1 || take_segments(call, &found) == -1 ||
	    request_only(call->request, call->route->known, call->answer) == -1)
		return -1;
	return hold_to_cart(call);
}
