/*
 * courier: one delivery of a notice to one recipient: when it is tried, when
 * it is tried again, and when it is over.  docs/notices.md has it drawn.
 *
 * All times are Unix ms.  A courier that is all zero but born_ms is queued,
 * to go at once.  Every field is to be kept.
 */
#ifndef PREGON_RULES_COURIER_H
#define PREGON_RULES_COURIER_H

#include <stdbool.h>
#include <stdint.h>

enum courier_state {
	COURIER_QUEUED, /* goes when its turn comes */
	COURIER_WAITING, /* tried in vain; again at next_ms */
	COURIER_HELD, /* an alert beyond its recipient's rate: in a digest */
	COURIER_SENDING,
	/* The end: */
	COURIER_SENT,
	COURIER_DEAD, /* refused for good */
	COURIER_GAVE_UP, /* it took too long */
	COURIER_OVER, /* what it tells of was over before it was told */
	COURIER_NOBODY, /* there is nobody (any more) to tell */
	COURIER_STATES
};

struct courier {
	enum courier_state state;
	uint32_t tries;
	int64_t born_ms; /* when the notice came */
	int64_t next_ms; /* QUEUED, WAITING: not before */
	bool held; /* SENDING: within a digest */
	bool doubt; /* an earlier try may have arrived all the same */
	bool over; /* SENDING: what it tells of is over by now */
	bool away; /* WAITING: the server's fault, not its own */
};

struct courier_rules {
	int64_t first_ms; /* the first wait; each next one is twice as long */
	int64_t max_ms; /* but no longer than this */
	int64_t give_up_ms; /* since it was born */
};

/* What became of a try. */
enum courier_outcome {
	OUTCOME_SENT,
	OUTCOME_LATER, /* not now: this one alone */
	OUTCOME_AWAY, /* not now: the server does not serve anyone */
	OUTCOME_REFUSED, /* never */
	OUTCOME_NOBODY,
	OUTCOMES
};
struct courier_result {
	enum courier_outcome outcome;
	int64_t retry_after_ms; /* the server's wish; 0: none */
	bool doubtful; /* it may have arrived all the same */
};

static inline bool
courier_is_open(enum courier_state state)
{
	return state < COURIER_SENT;
}

/* It may be handed over now, as far as it alone is concerned. */
bool courier_is_due(const struct courier *, int64_t now_ms);

/*
 * Of one that is due, or held (it goes in a digest).  false: it is too late
 * for it, and it is given up.
 */
bool courier_hand_over(
    struct courier *, const struct courier_rules *, int64_t now_ms);

/* Of one that is SENDING.  `random`: any number, for the jitter. */
void courier_result(struct courier *, const struct courier_rules *,
    const struct courier_result *, int64_t now_ms, uint32_t random);

/* Whoever was sending it has died: nobody knows whether it went. */
void courier_restart(struct courier *, int64_t now_ms);

/* The server answers others: one that waits for it goes now. */
void courier_wake(struct courier *, int64_t now_ms);

/* Beyond its recipient's rate; there is room again, for it alone. */
void courier_hold(struct courier *);
void courier_release(struct courier *, int64_t now_ms);

/*
 * What it tells of is over: it is not sent any more, if it can be helped.
 * Is the end news then?  Not of what was never told, and not of what is being
 * told and fails: courier_end_is_news says so once the result is there.
 */
bool courier_over(struct courier *);
bool courier_end_is_news(const struct courier *);

/* The wait after so many tries, less a random part of up to a quarter. */
int64_t courier_wait_ms(
    const struct courier_rules *, uint32_t tries, uint32_t random);

#endif
