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
void api_sales(struct call *);
void api_gaps(struct call *);
void api_stock(struct call *);
void api_stats(struct call *);
void api_health(struct call *);
void api_metrics(struct call *);

#endif
