/*
 * judge: the role positions' judgement: what its records mean for the alerts
 * of each cart.
 *
 * It feeds the pure rules of backend/rules (watch.h, astray.h, reported.h)
 * and does what they say.  A cart is judged in the order of its partition's
 * records; what it is judged by, topic_reglas, is read first (role.h).  All
 * within the role's transaction; what is in memory is what the store holds,
 * until judge_forget.  Functions return 0, or -1 with errno when the store
 * failed.
 */
#ifndef PREGON_CONSUMER_JUDGE_H
#define PREGON_CONSUMER_JUDGE_H

#include "backend/consumer/role.h"
#include "backend/rules/watch.h"
#include "backend/store/positions_store.h"

struct judge;
/* NULL: errno, and `why` where a setting cannot be read. */
struct judge *judge_new(struct role_context *, const struct role_settings *,
    struct positions_store *tracks, char *why, size_t why_cap);
void judge_free(struct judge *);
int judge_flush(struct judge *);
void judge_forget(struct judge *);

/* Records of topic_reglas. */
int judge_rules(struct judge *, const struct record *);
/* A bridge's beat; a passer-by's report; a person's word on an alert. */
int judge_beat(struct judge *, const struct record *);
int judge_report(struct judge *, const struct record *);
int judge_resolution(struct judge *, const struct record *);

/* A cart's status that is its newest; its will. */
int judge_status(struct judge *, const struct record *, const char *cart,
    const struct watch_status *);
int judge_lost(struct judge *, const char *cart);

/*
 * A frame of fixes: begun, then what is new in it as often as there is some,
 * then ended.  newest_ms: as watch_frame has it.  The fixes have Unix times.
 * Those that waited for a time marker came at record_ms.
 */
int judge_frame_begin(struct judge *, const struct record *, const char *cart);
int judge_fixes(struct judge *, const struct fix *, size_t count,
    int64_t newest_ms, int64_t record_ms);
/* A run whose times are not known yet. */
int judge_timeless(struct judge *);
int judge_frame_end(struct judge *);

/* Of role->tick. */
int judge_tick(struct judge *, int64_t now_ms, bool caught_up);

#endif
