/*
 * gap_alerts: an alert for each cart of which numbers of a stream are missing
 * and nothing explains it.
 *
 * For every role of a cart's stream: it looks at the accounts in the role's
 * database (ranges over a minute old), opens one alert a cart, says once a
 * minute at most when the count changes, and resolves it when the ranges have
 * closed.
 */
#ifndef PREGON_CONSUMER_GAP_ALERTS_H
#define PREGON_CONSUMER_GAP_ALERTS_H

#include "backend/consumer/alerts.h"

/* Of role->tick.  STREAM_POS, STREAM_SALE or STREAM_STOCK.  -1: errno. */
int gap_alerts_tick(struct alerts *, struct role_context *, enum stream,
    int64_t now_ms, bool caught_up);

#endif
