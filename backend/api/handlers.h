/*
 * handlers: a function for each path of the table in routes.c.
 */
#ifndef PREGON_API_HANDLERS_H
#define PREGON_API_HANDLERS_H

#include "backend/api/api.h"

void api_carts(struct call *);
void api_cart(struct call *);
void api_track(struct call *);
void api_sales_daily(struct call *);
void api_sales_hourly(struct call *);
void api_sales(struct call *);
void api_sale_post(struct call *);
void api_sale_void(struct call *);
void api_books(struct call *);
void api_customers(struct call *);
void api_gaps(struct call *);
void api_stock(struct call *);
void api_stats(struct call *);
void api_days(struct call *);

void api_alerts(struct call *);
void api_alert(struct call *);
void api_alert_resolve(struct call *);
void api_strange_cart_post(struct call *);

void api_zones(struct call *);
void api_zone(struct call *);
void api_zone_post(struct call *);
void api_zone_put(struct call *);
void api_zone_delete(struct call *);
void api_rules_all(struct call *);
void api_rules(struct call *);
void api_rules_put(struct call *);
void api_products(struct call *);
void api_products_put(struct call *);

void api_restocks(struct call *);
void api_restock(struct call *);
void api_restock_post(struct call *);
void api_restock_advance(struct call *);
void api_restock_cancel(struct call *);
void api_deliveries(struct call *);
void api_delivery(struct call *);

void api_tickets(struct call *);
void api_ticket(struct call *);
void api_ticket_post(struct call *);
void api_ticket_reply(struct call *);
void api_ticket_resolve(struct call *);

void api_members(struct call *);
void api_member(struct call *);
void api_member_post(struct call *);
void api_member_decide(struct call *);
void api_member_enrol(struct call *);
void api_enrol_post(struct call *);

void api_session(struct call *);
void api_session_post(struct call *);
void api_session_delete(struct call *);

void api_events(struct call *);

void api_site(struct call *);
void api_roles(struct call *);
void api_rejected(struct call *);

/* What stands in web.root. */
void api_web(struct call *);

void api_health(struct call *);
void api_metrics(struct call *);

#endif
