/*
 * forms: what may be written: from a request's body to the struct that a
 * record is made of.  Pure.
 *
 * Each reads the whole body, notes every wrong field (body.h) and returns
 * body_is_good().  What a body does not say (id of what the path names, at,
 * by, revision) is left alone.
 */
#ifndef PREGON_API_FORMS_H
#define PREGON_API_FORMS_H

#include "backend/api/body.h"
#include "lib/catalogue.h"
#include "lib/enrol_code.h"
#include "schemas/alert.h"
#include "schemas/member.h"
#include "schemas/order.h"
#include "schemas/report.h"
#include "schemas/rules.h"
#include "schemas/ticket.h"
#include "schemas/zone.h"

/*
 * {"id"?, "name", "carts"?, "geometry"}: id (only where `with_id`; "" if not
 * given), name, carts, areas.  The geometry is a Polygon or MultiPolygon of
 * GeoJSON, {"type": "Circle", "center": [lon, lat], "radius_m", "holes"?}, or
 * a GeometryCollection of these.  It is also looked at as area_check() does
 * (rules/area.h), and the field of what is wrong named.
 */
bool form_zone(struct body *, bool with_id, struct zone *);

/* {"note"} */
bool form_resolution(struct body *, struct alert_resolution *);

/* {"lat", "lon", "note"?} */
bool form_report(struct body *, struct strange_report *);

/* {"cart", "lines": [{"product", "units"}, ...], "mail"?} */
bool form_order(struct body *, struct order_request *);
/* {"to"?, "lines"?}: ->to is ORDER_STATES where it is not given. */
bool form_advance(struct body *, struct order_request *);
/* {"reason"} */
bool form_cancel(struct body *, struct order_request *);

/* {"cart"?, "mail"?, "text", "name"?}: "" where it is not given; the name is
 * ->by. */
bool form_ticket(struct body *, struct ticket_word *);
/* {"text"} */
bool form_reply(struct body *, struct ticket_word *);
/* {"note"} */
bool form_resolve(struct body *, struct ticket_word *);

/*
 * {"first_name", "last_name", "rut", "email", "plate", "premium"?,
 * "language"?}
 */
bool form_member(struct body *, struct registration *);
/* {"reason"?, "plate"}, as ->act needs them: reason, plate. */
bool form_decision(struct body *, struct member_decision *);

/* What a gateway takes a code with. */
#define ENROL_WORD_MAX 64
struct form_enrol {
	struct enrol_code code;
	char word[ENROL_WORD_MAX + 1]; /* what it calls itself */
	char cart[CART_MAX + 1]; /* that it was set up for; "": any */
};
/* {"code", "gateway", "cart"?} */
bool form_enrol(struct body *, struct form_enrol *);

/* A purchase told by phone. */
struct form_sale {
	char cart[CART_MAX + 1];
	struct sale sale; /* its texts point into the body */
	/* Of each line: is a level after it told, and which? */
	bool level_told[SALE_LINES_MAX];
	int32_t levels[SALE_LINES_MAX];
};
/*
 * {"cart", "confirmed_at" or "abandoned_at", "opened_at"?, "product"?,
 * "units", "amount", "stock_after"? or all four in each of "lines",
 * "customer"?, "contact"?, "request_id"?, "lat"?, "lon"?}
 */
bool form_sale(struct body *, int64_t now_ms, struct form_sale *);
/* {"reason"} */
bool form_void(struct body *, char reason[TEXT_NOTE_MAX + 1]);

/* An object of rules (schemas/rules.h), numbers or text each. */
struct form_rules {
	struct rules rules; /* its settings point into here and the body */
	char numbers[SETTINGS_MAX][24];
};
bool form_rules(struct body *, struct form_rules *);

/*
 * [{"code"?, "name", "price"}, ...], or the CSV of lib/catalogue.h (`body` is
 * body_init()ed then).  The caller's catalogue, of as many bytes as the text
 * has.  Products without a code are not numbered yet.
 */
bool form_products(struct body *, struct catalogue *);
bool form_products_csv(struct body *, const char *text, struct catalogue *);

#endif
