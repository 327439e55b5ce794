/*
 * tickets_parts: what handlers of tickets share.
 */
#ifndef PREGON_API_TICKETS_PARTS_H
#define PREGON_API_TICKETS_PARTS_H

#include "backend/api/writes.h"

#define TICKETS_PATH "/api/v1/tickets"

/* The ticket of the path: 1; 0: 404 is answered; -1: another problem is. */
int find_ticket(struct call *, struct helpdesk_ticket *);

#endif
