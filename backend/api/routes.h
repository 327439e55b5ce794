/*
 * routes: the table of paths: what may be asked, by whom, how often.
 *
 * openapi.json describes exactly these; tests hold the two together.
 */
#ifndef PREGON_API_ROUTES_H
#define PREGON_API_ROUTES_H

#include "backend/api/access.h"
#include "backend/api/limits.h"

struct call;

#define ROUTE_PARAMS_MAX 8
#define ROUTE_TYPES_MAX 3

/* What a vendor has to do with a path: only what is of their own cart. */
enum route_own {
	OWN_NOTHING, /* vendors are not served, or it is of no cart */
	OWN_CART, /* {cart}, or ?cart= (put in when not given) */
	OWN_ID /* {id} begins with the plate and '-' */
};

enum route_key {
	KEY_OPTIONAL, /* Idempotency-Key: a repeat without it is harmless */
	KEY_REQUIRED,
	/* Nothing is written, or a repeat is harmless; the answer is secret,
	 * or of the moment, and not kept. */
	KEY_UNHEEDED
};

struct route {
	const char *method; /* "GET" serves HEAD too; "POST", "PUT", "DELETE" */
	/* "{cart}" and "{id}" are whole segments: call->cart is a valid plate,
	 * call->id 1 to ROUTE_ID_MAX of letters, digits and "-_.*".  An id may
	 * be called by another name, which does not begin with c. */
	const char *path;
	unsigned roles; /* MAY_... */
	void (*handler)(struct call *);
	const char *known[ROUTE_PARAMS_MAX]; /* parameters; NULL at the end */
	enum route_own own;
	/* of writes */
	const char *types[ROUTE_TYPES_MAX]; /* a body's; none: it is ignored */
	size_t body_max; /* 0: BODY_MAX */
	enum route_key key;
	enum limit_class limit;
	/* of reads */
	bool personal; /* a token is needed even where reads are open */
	bool cached; /* may come from the short cache (cache.h) */
};

#define ROUTE_ID_MAX 64
#define BODY_MAX ((size_t)64 * 1024)

extern const struct route routes[];
/* Of what is at no path of the table and not under /api/. */
extern const struct route web_route;
extern const size_t route_count;

#endif
