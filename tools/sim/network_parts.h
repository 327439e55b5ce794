/*
 * network_parts: what network's own files share; nobody else's.
 */
#ifndef PREGON_SIM_NETWORK_PARTS_H
#define PREGON_SIM_NETWORK_PARTS_H

#include "lib/mqtt.h"
#include "tools/sim/delay.h"
#include "tools/sim/dice.h"
#include "tools/sim/network.h"
#include "tools/sim/passwords.h"

#define TOPIC_BYTES 40

struct connection {
	struct network *net;
	struct mqtt *mqtt;
	size_t number;
	bool tried; /* its first try has ended */
	bool up;
	char will_topic[TOPIC_BYTES];
};

struct network {
	struct ev_loop *loop;
	const struct settings *settings;
	const char (*plates)[9];
	struct network_handler handler;
	void *ctx;
	struct passwords passwords;
	struct connection *connections;
	size_t count;
	size_t begun, trying, up;
	struct delay delay;
	struct dice dice;
	int64_t ticked_us;
	double breaks; /* owed by reconnects_per_hour */
	bool bad;
};

/* network.c: loses, delays or passes on. */
void network_carry(
    struct network *, struct delayed *head, const void *bytes, size_t len);
/* network_connect.c: 0, or -1 with errno. */
int connection_begin(struct network *, struct connection *);

#endif
