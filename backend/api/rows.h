/*
 * rows: a cart, an alert, an order, a ticket, as every answer shows it.
 */
#ifndef PREGON_API_ROWS_H
#define PREGON_API_ROWS_H

#include "backend/api/jsonw.h"
#include "backend/store/read.h"

/* An object. */
void write_cart(struct jsonw *, const struct cart_row *);
void write_alert(struct jsonw *, const struct alert_row *);
/* The members of an open object. */
void write_order(struct jsonw *, const struct order *);
void write_ticket(struct jsonw *, const struct ticket_row *);

#endif
