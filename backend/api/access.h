/*
 * access: who asks, and what they may.
 *
 * A token ("Authorization: Bearer <id>.<secret>") says who; without that
 * header, the cookie of a session that was begun with one; without either it
 * is the public.  Each route names the roles that it serves (routes.h).
 *
 * A browser sends a cookie also when another site's page makes it ask.  So a
 * cookie counts for a write only with the session's word in X-Pregon-CSRF,
 * which such a page cannot know, and not at all when the browser itself says
 * (Sec-Fetch-Site) that the page is not ours.
 */
#ifndef PREGON_API_ACCESS_H
#define PREGON_API_ACCESS_H

#include "backend/api/address.h"
#include "backend/api/session.h"
#include "schemas/rules.h"

struct answer;
struct request;

/* Roles that a route serves: bits. */
#define MAY(role) (1u << (role))
#define MAY_PUBLIC MAY(TOKEN_ROLES) /* without a token */
#define MAY_ADMIN MAY(TOKEN_ADMIN)
#define MAY_STAFF (MAY(TOKEN_ADMIN) | MAY(TOKEN_DEPOT))
#define MAY_MEMBERS (MAY_STAFF | MAY(TOKEN_VENDOR))

struct asker {
	bool known; /* by a token; else the public */
	enum token_role role; /* if known */
	char id[TOKEN_ID_MAX + 1]; /* the token's; "" */
	char by[TEXT_NAME_MAX + 1]; /* for records' `by`: a name */
	char cart[CART_MAX + 1]; /* a vendor's own; "": any */
	struct session session; /* ->text "": they came with the token */
	struct address address;
};

struct gate {
	struct tokens *tokens;
	struct sessions *sessions; /* NULL: cookies say nothing */
	int64_t now_ms;
	bool read; /* what is asked changes nothing */
};

/*
 * Fills *asker and holds them to `roles`: 0, or -1 and the answer is 401, 403
 * or (what tokens there are is not known yet) 503.
 */
int access_check(const struct gate *, const struct request *, unsigned roles,
    struct asker *, struct answer *);
/* The same for a token as it stands alone. */
int access_check_bearer(struct tokens *, const char *bearer, unsigned roles,
    struct token *, struct answer *);

#endif
