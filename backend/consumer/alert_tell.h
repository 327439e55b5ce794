/*
 * alert_tell: what goes out when an alert has changed: its record, and a
 * notice to the admins.  For alerts.c alone.
 */
#ifndef PREGON_CONSUMER_ALERT_TELL_H
#define PREGON_CONSUMER_ALERT_TELL_H

#include "backend/consumer/role.h"
#include "schemas/alert.h"

/* To topic_alertas.  0 or -1. */
int alert_tell(struct role_context *, const struct alert_event *);
/* To topic_avisos; of opened and resolved alone.  0 or -1. */
int alert_notify(struct role_context *, const struct alert_event *);

#endif
