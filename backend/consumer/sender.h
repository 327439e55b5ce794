/*
 * sender: a way out of the guild, mail or webhook, with a thread of its own,
 * so that a server that hangs delays neither the role nor the other way.
 *
 * The role hands over parcels and takes back what became of each; at most
 * SENDER_MAX are with the sender at a time, reports not yet taken included.
 * The thread owns the parcels meanwhile and knows nothing else.  When the
 * server serves nobody (OUTCOME_AWAY), all that it holds comes back at once.
 */
#ifndef PREGON_CONSUMER_SENDER_H
#define PREGON_CONSUMER_SENDER_H

#include <stddef.h>
#include <stdint.h>

#include "backend/rules/courier.h"

#define SENDER_MAX 512

struct parcel {
	int64_t id; /* of the letter */
	char *to; /* an address; "" where the way has one alone */
	char *mail_id;
	char *bytes; /* the whole mail, or the body of the request */
	size_t len;
};
/* Frees what it holds. */
void parcel_release(struct parcel *);

struct parcel_report {
	int64_t id;
	struct courier_result result;
};

/* Called on the sender's thread alone. */
struct sender_way {
	const char *name; /* for the log */
	void (*send)(void *, const struct parcel *, struct courier_result *);
	/* Nothing was to be sent for a while: let go of the connection. */
	void (*idle)(void *);
};

struct sender;
/* `way` and `ctx` outlive it.  NULL: errno. */
struct sender *sender_new(const struct sender_way *, void *ctx);
/* Waits for the parcel that is being sent; the others are forgotten. */
void sender_free(struct sender *);

/* How many more it takes. */
size_t sender_room(struct sender *);
/* Takes the parcel over, also when it fails: ENOBUFS. */
int sender_put(struct sender *, struct parcel *);
bool sender_has_reports(struct sender *);
/* At most `cap` reports; how many. */
size_t sender_take(struct sender *, struct parcel_report *, size_t cap);

#endif
