/*
 * gate_parts: what gate's own files share; nobody else's.
 */
#ifndef PREGON_CONSUMER_GATE_PARTS_H
#define PREGON_CONSUMER_GATE_PARTS_H

#include <ev.h>
#include <jansson.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/queue.h>

#include "backend/consumer/gate.h"
#include "backend/consumer/map.h"
#include "lib/log.h"
#include "lib/mqtt.h"

#define GATE_ID 16 /* digits */

/*
 * gate_plan.c: from what there is to what is wanted.
 */
/* What the broker has under a cart's plate. */
struct gate_seen {
	bool known; /* else nothing of what follows is */
	bool present;
	bool foreign; /* it has rights that no cart has: not ours to touch */
	bool disabled;
	bool role; /* it has the cart's own role */
	uint64_t mark; /* of its password, gate_mark(); 0: none */
};
/* In the order in which they are commanded. */
enum gate_step {
	GATE_ASK = 1, /* what is there? */
	GATE_MAKE_ROLE = 2,
	GATE_MAKE_CLIENT = 4,
	GATE_SET = 8, /* password, mark and role; ends its connection */
	GATE_ENABLE = 16,
	GATE_DISABLE = 32, /* ends its connection */
	GATE_TAKE_ROLE = 64, /* all that is left to one with a certificate */
	GATE_STEPS_END = 128
};
/* Steps to take, 0: none.  Of a foreign client there are none. */
unsigned gate_plan(const struct gate_seen *, bool in, uint64_t mark);
/* What the broker has once those steps were taken. */
void gate_settle(struct gate_seen *, bool in, uint64_t mark);

/*
 * gate_command.c: commands of the plugin, as JSON.  The caller frees them;
 * NULL: ENOMEM.
 */
/*
 * Tells passwords apart without telling them: a part of a password's hash
 * (of 130 random bits: nobody tries them all).  The broker keeps it in the
 * client's description.  Never 0.
 */
uint64_t gate_mark(const char *password);
char *gate_command(enum gate_step, const char *plate, uint32_t n,
    const char *password, const char *correlation);
/* A page of the broker's clients, from the offset-th on. */
#define GATE_PAGE 500
char *gate_command_list(size_t offset, const char *correlation);

/*
 * gate_answer.c: what the plugin says.
 */
/* A client of listClients or getClient; false: it cannot be read.  The name
 * is the answer's. */
bool gate_answer_client(
    const json_t *, const char **username, struct gate_seen *);
/* An error, but what the command is for is so already. */
bool gate_answer_is_harmless(const char *command, const char *error);

/*
 * A cart that is wanted in or out, kept for the gate's whole life: there are
 * as many as plates, and what waits is bounded by them.
 */
enum gate_place {
	GATE_IDLE, /* all is as wanted, as far as we know */
	GATE_FRESH, /* waits, before the backlog */
	GATE_BACKLOG, /* waits since before the broker was there */
	GATE_UNDER_WAY, /* commanded, not answered */
	GATE_RESTING, /* could not be done; later again */
	GATE_PLACES
};
struct gate_cart {
	TAILQ_ENTRY(gate_cart) in_place;
	TAILQ_ENTRY(gate_cart) in_done;
	char plate[CART_MAX + 1];
	bool in;
	uint32_t n;
	uint64_t version; /* counts what was wanted */
	enum gate_place place;
	int failures; /* in a row */
	struct gate_seen seen;
	bool tell; /* the wish is new, or was repeated */
	bool done; /* in the list of them */
};
TAILQ_HEAD(gate_list, gate_cart);

/* What is under way: one message to the plugin. */
#define GATE_BATCH_MAX 64 /* carts */
struct gate_item {
	struct gate_cart *cart;
	uint64_t version; /* of the wish, with: */
	bool in;
	uint64_t mark;
	unsigned asked, answered; /* commands */
	bool asks; /* GATE_ASK alone */
	bool failed;
};
struct gate_batch {
	uint64_t number; /* 0: nothing is under way */
	bool survey; /* it asks for a page of the broker's clients */
	size_t count;
	struct gate_item items[GATE_BATCH_MAX];
	int64_t sent_ms;
};

struct gate {
	struct secret secret;
	char *host;
	int port;
	char id[GATE_ID + 1]; /* in correlations: of this gate's life */
	pthread_t thread;
	struct ev_loop *loop;
	ev_async wake;
	atomic_size_t pending;
	atomic_bool connected;

	pthread_mutex_t lock; /* over the carts, their places and: */
	struct map carts; /* by map_cart() */
	struct gate_list places[GATE_PLACES];
	struct gate_list done;
	bool closing;
	bool open; /* what the broker has is known; written by the thread */

	/* The thread's own. */
	struct mqtt *mqtt;
	ev_timer overdue; /* an answer */
	ev_timer pause; /* the broker has its turn */
	ev_timer rest; /* of what could not be done */
	size_t surveyed; /* clients; while it is not open */
	bool survey_read, survey_over; /* the last page was */
	struct gate_batch batch;
	uint64_t batches;
	size_t batch_carts; /* most of one, by how long the last one took */
	char said[128]; /* why it does not go; "": it goes */
	struct log_limit refusals;
};

/* gate.c.  The lock is held. */
struct gate_cart *gate_find(struct gate *, const char *plate); /* or NULL */
void gate_move(struct gate *, struct gate_cart *, enum gate_place);
void gate_report(struct gate *, struct gate_cart *);

/* gate_turn.c: the thread. */
extern const struct mqtt_handler gate_handler;
void gate_turn_init(struct gate *);
void *gate_run(void *gate);
/* Sends commands; the batch is under way, or the connection is given up. */
void gate_send(struct gate *, const char *text, size_t len);
/* "<id>.<batch>.<item>" of the batch that is to be sent next. */
#define GATE_CORRELATION_MAX 64
void gate_correlation(
    const struct gate *, size_t item, char text[GATE_CORRELATION_MAX]);
/* Does not go: said once, and tried anew. */
void gate_give_up(struct gate *, const char *why);

/* gate_batch.c: what is commanded for carts, and what comes of it. */
/* Sends what waits, as much as one message holds. */
void gate_batch_send(struct gate *);
/* An answer to the item-th cart of the batch. */
void gate_batch_answer(struct gate *, size_t item, const json_t *response);
/* Every answer has come that will come.  A lost connection: !answered. */
void gate_batch_end(struct gate *, bool answered);
/* What could not be done is to be tried again. */
void gate_batch_wake_resting(struct gate *);

/* gate_survey.c: what does the broker have? */
void gate_survey_begin(struct gate *);
void gate_survey_answer(struct gate *, const json_t *response);
/* The answer was read: the next page, or all is known. */
void gate_survey_end(struct gate *);

#endif
