/*
 * The table of paths.  openapi.json describes exactly these; tests hold the
 * two together.
 */
#include <errno.h>
#include <string.h>

#include "backend/api/api.h"
#include "lib/log.h"

#define KNOWN_MAX 4

struct route {
	const char *path; /* "{cart}" is a whole segment */
	void (*get)(struct call *);
	const char *known[KNOWN_MAX]; /* parameters; NULL at the end */
};

static const struct route routes[] = {
	{ "/api/v1/carts", api_carts, { "live", NULL } },
	{ "/api/v1/carts/{cart}", api_cart, { NULL } },
	{ "/api/v1/carts/{cart}/track", api_track,
	    { "from", "to", "format", NULL } },
	{ "/api/v1/sales/daily", api_sales_daily, { "date", "cart", NULL } },
	{ "/api/v1/sales", api_sales, { "after", "limit", NULL } },
	{ "/api/v1/gaps", api_gaps, { "cart", NULL } },
	{ "/api/v1/stock", api_stock, { "cart", NULL } },
	{ "/api/v1/stats", api_stats, { NULL } },
	{ "/healthz", api_health, { NULL } },
	{ "/metrics", api_metrics, { NULL } },
};

/* What stands where the pattern has {cart}. */
struct segment {
	const char *s;
	size_t len;
};

static bool
path_matches(const char *pattern, const char *path, struct segment *cart)
{
	size_t len;

	while (*pattern != '\0') {
		if (*pattern == '{') {
			len = strcspn(path, "/");
			if (len == 0)
				return false;
			*cart = (struct segment){ path, len };
			path += len;
			pattern += strcspn(pattern, "}") + 1;
		} else if (*pattern++ != *path++) {
			return false;
		}
	}
	return *path == '\0';
}

static void
answer_route(
    struct call *call, const struct route *route, struct segment segment)
{
	char cart[CART_MAX + 1];

	if (request_only(call->request, route->known, call->answer) == -1)
		return;
	if (segment.s != NULL) {
		if (!cart_is_valid(segment.s, segment.len)) {
			answer_problem(call->answer, 400, "cart", NULL,
			    "cart: expected a plate: 4 to 8 of A-Z and 0-9");
			return;
		}
		memcpy(cart, segment.s, segment.len);
		cart[segment.len] = '\0';
		call->cart = cart;
	}
	route->get(call);
	call->cart = NULL;
}

void
api_answer(struct call *call)
{
	const struct request *r = call->request;
	struct answer *a = call->answer;
	size_t i;

	for (i = 0; i < sizeof(routes) / sizeof(routes[0]); i++) {
		struct segment cart = { NULL, 0 };

		if (!path_matches(routes[i].path, r->path, &cart))
			continue;
		if (strcmp(r->method, "GET") != 0 &&
		    strcmp(r->method, "HEAD") != 0) {
			answer_problem(a, 405, NULL, NULL,
			    "only GET and HEAD are known here");
			a->allow = "GET, HEAD";
			return;
		}
		answer_route(call, &routes[i], cart);
		if (jsonw_failed(&a->body) != 0)
			answer_problem(a, 503, NULL, NULL,
			    "the answer does not fit in memory");
		return;
	}
	answer_problem(a, 404, NULL, NULL, "there is nothing at %s", r->path);
}

void
api_read_failed(struct call *call, const char *role)
{
	int error = errno;

	if (error == ENOENT) {
		answer_problem(call->answer, 503, NULL, role,
		    "the role %s has not made its database yet", role);
		call->answer->retry_s = 5;
		return;
	}
	if (error == EBUSY) {
		answer_problem(call->answer, 503, NULL, role,
		    "the role %s is busy with its database", role);
		call->answer->retry_s = 1;
		return;
	}
	log_error("api.read_failed", "role=%s path=\"%s\" why=\"%s\"", role,
	    call->request->path, strerror(error));
	answer_problem(call->answer, 500, NULL, role,
	    "the database of the role %s cannot be read", role);
	call->reader_broken = true;
}
