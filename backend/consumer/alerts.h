/*
 * alerts: what a role holds against carts, in memory and in its store, and
 * what is told of it.
 *
 * Each change is a record of topic_alertas; opening and resolving are notices
 * to the admins too.  The role decides when; what holds here is that at most
 * one alert of a (cart, cause) is open, and that what a person settled stays
 * settled: an alert's id says since when, so a cause that goes on has the id
 * of the alert that was settled.
 *
 * Everything happens in the role's transaction; in memory is what the store
 * holds, until alerts_forget.  Functions return 0, or -1 with errno when the
 * store failed.
 */
#ifndef PREGON_CONSUMER_ALERTS_H
#define PREGON_CONSUMER_ALERTS_H

#include "backend/consumer/role.h"
#include "backend/store/alerts_store.h"

struct alerts;
/* NULL: errno.  The context outlives it; its schema holds SCHEMA_ALERTS_1. */
struct alerts *alerts_new(struct role_context *);
void alerts_free(struct alerts *);
/* Of role->forget. */
void alerts_forget(struct alerts *);

/* The open alert; *found NULL: there is none.  Valid until the next call that
 * changes it, and alerts_forget. */
int alerts_find(struct alerts *, const char *cart, enum alert_cause,
    const struct alert_event **found);

/* By its id, open or resolved: 1, or 0: there is none. */
int alerts_get(struct alerts *, const char *id, struct alert_event *);

/* One that begins, with everything unknown: "not given". */
void alert_begin(struct alert_event *, const char *cart, enum alert_cause,
    int64_t since_ms, int64_t at_ms);

/*
 * Opens it, unless one of its (cart, cause) is open or a person has settled
 * it.  The caller fills cart, cause, since_ms, at_ms and what is known (and
 * the id, where there is no cart); id, state and revision come here.
 */
int alerts_open(struct alerts *, struct alert_event *);
/*
 * Tells that it is otherwise than it was told: the caller changed a copy of
 * what it found.  Open or resolved, it stays as it is.
 */
int alerts_change(struct alerts *, struct alert_event *);
/* It is over: until_ms, why, moved_m, at_ms as the caller says. */
int alerts_resolve(struct alerts *, struct alert_event *);

/*
 * For alerts whose events are made elsewhere (backend/rules/watch.h): keeps
 * one and tells it, or with `quiet` keeps it alone.  *settled: it opens what a
 * person has settled before (the log is read again): it is kept as their
 * *word says, and not told; whoever made it is to settle it.
 */
int alerts_emit(struct alerts *, const struct alert_event *, bool quiet,
    bool *settled, struct alert_resolution *word);

/* Of role->apply, for SCHEMA_RESOLUTION: a person's word. */
int alerts_settle(struct alerts *, const struct record *);

/* The open ones of a cause; `each` may change or resolve the one that it is
 * given.  -1 also when `each` returns it. */
int alerts_each(struct alerts *, enum alert_cause,
    int (*each)(void *, const struct alert_event *), void *ctx);

/* Of role->tick: drops some that were resolved a year ago. */
int alerts_tick(struct alerts *, int64_t now_ms);

#endif
