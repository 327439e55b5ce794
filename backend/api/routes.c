/*
 * The table of paths.  openapi.json describes exactly these; tests hold the
 * two together.
 */
#include "backend/api/handlers.h"

#define READ(text, who, does)                                                  \
	.method = "GET", .path = (text), .roles = (who), .handler = (does)

const struct route routes[] = {
	{ READ("/api/v1/carts", MAY_STAFF, api_carts), .known = { "live" },
	    .cached = true },
	{ READ("/api/v1/carts/{cart}", MAY_MEMBERS, api_cart), .own = OWN_CART,
	    .cached = true },
	{ READ("/api/v1/carts/{cart}/track", MAY_MEMBERS, api_track),
	    .own = OWN_CART, .known = { "from", "to", "format" },
	    .cached = true },
	{ READ("/api/v1/sales/daily", MAY_MEMBERS, api_sales_daily),
	    .own = OWN_CART, .known = { "date", "cart" }, .cached = true },
	{ READ("/api/v1/sales", MAY_ADMIN, api_sales),
	    .known = { "after", "limit" } },
	{ READ("/api/v1/gaps", MAY_MEMBERS, api_gaps), .own = OWN_CART,
	    .known = { "cart" }, .cached = true },
	{ READ("/api/v1/stock", MAY_MEMBERS, api_stock), .own = OWN_CART,
	    .known = { "cart" }, .cached = true },
	{ READ("/api/v1/stats", MAY_STAFF, api_stats), .cached = true },
	{ READ("/healthz", MAY_PUBLIC, api_health) },
	{ READ("/metrics", MAY_PUBLIC, api_metrics) },
};

const size_t route_count = sizeof(routes) / sizeof(routes[0]);
