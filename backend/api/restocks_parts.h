/*
 * restocks_parts: what handlers of orders and of deliveries share.
 */
#ifndef PREGON_API_RESTOCKS_PARTS_H
#define PREGON_API_RESTOCKS_PARTS_H

#include "backend/api/rows.h"
#include "backend/api/writes.h"

#define RESTOCKS_PATH "/api/v1/restocks"

/* 1 and *order; 0: 404 is answered; -1: another problem is. */
int find_order(struct call *, struct order *);

#endif
