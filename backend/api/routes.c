/*
 * The table of paths.  openapi.json describes exactly these; tests hold the
 * two together.
 */
#include "backend/api/handlers.h"

#define READ(text, who, does)                                                  \
	.method = "GET", .path = (text), .roles = (who), .handler = (does)

#define WRITE(verb, text, who, does)                                           \
	.method = (verb), .path = (text), .roles = (who), .handler = (does)
#define JSON .types = { "application/json" }
#define DECIDE(act)                                                            \
	WRITE("POST", "/api/v1/members/{rut}/" act, MAY_ADMIN,                 \
	    api_member_decide)

/* 2,000 products of 80 bytes each, with what stands around them. */
#define PRODUCTS_BODY_MAX ((size_t)512 * 1024)
/* 4,000 positions, as GeoJSON writers indent them. */
#define ZONE_BODY_MAX ((size_t)512 * 1024)

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
	{ READ("/api/v1/sales/hourly", MAY_MEMBERS, api_sales_hourly),
	    .own = OWN_CART, .known = { "date", "cart" }, .cached = true },
	{ READ("/api/v1/sales", MAY_ADMIN, api_sales),
	    .known = { "after", "limit" } },
	{ WRITE("POST", "/api/v1/sales", MAY_ADMIN | MAY(TOKEN_VENDOR),
	      api_sale_post),
	    JSON, .key = KEY_REQUIRED },
	{ WRITE("POST", "/api/v1/sales/{folio}/void",
	      MAY_ADMIN | MAY(TOKEN_VENDOR), api_sale_void),
	    JSON },
	{ READ("/api/v1/books", MAY_ADMIN, api_books),
	    .known = { "date", "edition", "cart", "format", "limit", "before" },
	    .cached = true },
	{ READ("/api/v1/customers", MAY_ADMIN, api_customers),
	    .known = { "frequent", "cart", "format", "limit" },
	    .personal = true },
	{ READ("/api/v1/gaps", MAY_MEMBERS, api_gaps), .own = OWN_CART,
	    .known = { "cart" }, .cached = true },
	{ READ("/api/v1/stock", MAY_MEMBERS, api_stock), .own = OWN_CART,
	    .known = { "cart" }, .cached = true },
	{ READ("/api/v1/stats", MAY_STAFF, api_stats), .cached = true },
	{ READ("/api/v1/carts/{cart}/days", MAY_MEMBERS, api_days),
	    .own = OWN_CART, .known = { "date" }, .cached = true },

	{ READ("/api/v1/alerts", MAY_MEMBERS, api_alerts), .own = OWN_CART,
	    .known = { "state", "cart", "cause", "limit", "before" },
	    .cached = true },
	{ READ("/api/v1/alerts/{id}", MAY_MEMBERS, api_alert), .own = OWN_ID },
	{ WRITE("POST", "/api/v1/alerts/{id}/resolve", MAY_ADMIN,
	      api_alert_resolve),
	    JSON },
	{ WRITE("POST", "/api/v1/strange-carts", MAY_MEMBERS | MAY_PUBLIC,
	      api_strange_cart_post),
	    JSON, .body_max = 8192, .limit = LIMIT_PUBLIC },

	{ READ("/api/v1/zones", MAY_MEMBERS, api_zones) },
	{ WRITE("POST", "/api/v1/zones", MAY_ADMIN, api_zone_post), JSON,
	    .body_max = ZONE_BODY_MAX },
	{ READ("/api/v1/zones/{id}", MAY_MEMBERS, api_zone) },
	{ WRITE("PUT", "/api/v1/zones/{id}", MAY_ADMIN, api_zone_put), JSON,
	    .body_max = ZONE_BODY_MAX },
	{ WRITE("DELETE", "/api/v1/zones/{id}", MAY_ADMIN, api_zone_delete) },
	{ READ("/api/v1/rules", MAY_STAFF, api_rules_all) },
	{ READ("/api/v1/rules/{id}", MAY_STAFF, api_rules) },
	{ WRITE("PUT", "/api/v1/rules/{id}", MAY_ADMIN, api_rules_put), JSON },
	{ READ("/api/v1/products", MAY_MEMBERS, api_products),
	    .known = { "format" } },
	{ WRITE("PUT", "/api/v1/products", MAY_ADMIN, api_products_put),
	    .types = { "application/json", "text/csv" },
	    .body_max = PRODUCTS_BODY_MAX },

	{ READ("/api/v1/restocks", MAY_MEMBERS, api_restocks), .own = OWN_CART,
	    .known = { "state", "cart", "limit", "before" }, .cached = true },
	/* A second order of the same is not what a repeat wants. */
	{ WRITE("POST", "/api/v1/restocks", MAY_MEMBERS, api_restock_post),
	    JSON, .key = KEY_REQUIRED },
	{ READ("/api/v1/restocks/{id}", MAY_MEMBERS, api_restock),
	    .own = OWN_ID },
	{ WRITE("POST", "/api/v1/restocks/{id}/advance", MAY_STAFF,
	      api_restock_advance),
	    JSON },
	{ WRITE("POST", "/api/v1/restocks/{id}/cancel", MAY_STAFF,
	      api_restock_cancel),
	    JSON },
	{ READ("/api/v1/deliveries", MAY_STAFF, api_deliveries),
	    .known = { "state", "limit", "before" }, .cached = true },
	{ READ("/api/v1/deliveries/{id}", MAY_STAFF, api_delivery) },

	{ READ("/api/v1/tickets", MAY_MEMBERS, api_tickets), .own = OWN_CART,
	    .known = { "state", "cart", "limit", "before" }, .cached = true },
	/* A second ticket, or reply, is not what a repeat wants. */
	{ WRITE("POST", "/api/v1/tickets", MAY_MEMBERS, api_ticket_post), JSON,
	    .key = KEY_REQUIRED },
	{ READ("/api/v1/tickets/{id}", MAY_MEMBERS, api_ticket),
	    .own = OWN_ID },
	{ WRITE("POST", "/api/v1/tickets/{id}/reply", MAY_STAFF,
	      api_ticket_reply),
	    JSON, .key = KEY_REQUIRED },
	{ WRITE("POST", "/api/v1/tickets/{id}/resolve", MAY_STAFF,
	      api_ticket_resolve),
	    JSON },

	{ READ("/api/v1/members", MAY_ADMIN, api_members),
	    .known = { "state", "limit", "after" }, .personal = true },
	{ WRITE("POST", "/api/v1/members", MAY_MEMBERS | MAY_PUBLIC,
	      api_member_post),
	    JSON, .body_max = 8192, .limit = LIMIT_PUBLIC },
	{ READ("/api/v1/members/{rut}", MAY_ADMIN, api_member),
	    .personal = true },
	{ DECIDE("approve"), JSON },
	{ DECIDE("reject"), JSON },
	{ DECIDE("suspend"), JSON },
	{ DECIDE("reinstate"), JSON },
	{ DECIDE("leave"), JSON },
	{ DECIDE("replace"), JSON },
	{ DECIDE("plate"), JSON },
	{ WRITE("POST", "/api/v1/members/{rut}/enrol", MAY_ADMIN,
	      api_member_enrol),
	    .key = KEY_UNHEEDED },
	{ WRITE("POST", "/api/v1/enrol", MAY_MEMBERS | MAY_PUBLIC,
	      api_enrol_post),
	    JSON, .body_max = 8192, .key = KEY_UNHEEDED,
	    .limit = LIMIT_PUBLIC },

	{ READ("/api/v1/session", MAY_MEMBERS, api_session), .personal = true },
	{ WRITE("POST", "/api/v1/session", MAY_MEMBERS | MAY_PUBLIC,
	      api_session_post),
	    JSON, .body_max = 8192, .key = KEY_UNHEEDED,
	    .limit = LIMIT_PUBLIC },
	{ WRITE("DELETE", "/api/v1/session", MAY_MEMBERS, api_session_delete),
	    .key = KEY_UNHEEDED },

	{ READ("/api/v1/events", MAY_MEMBERS, api_events) },

	{ READ("/api/v1/roles", MAY_STAFF, api_roles) },
	/* Bytes that carts and people sent, as they are. */
	{ READ("/api/v1/rejected", MAY_ADMIN, api_rejected),
	    .known = { "limit" }, .personal = true },

	{ READ("/api/v1/site", MAY_PUBLIC, api_site), .cached = true },
	{ READ("/healthz", MAY_PUBLIC, api_health) },
	{ READ("/metrics", MAY_PUBLIC, api_metrics) },
};

const struct route web_route = { READ("/", MAY_PUBLIC, api_web) };

const size_t route_count = sizeof(routes) / sizeof(routes[0]);
