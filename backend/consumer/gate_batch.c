#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/consumer/gate_parts.h"

/* The broker refuses what is above its message_size_limit, 64 KiB. */
#define BYTES_MAX 60000
#define FAILURES_MAX 3 /* in a row, then it rests */
#define REFUSALS_SAID_MS 60000

struct message {
	char bytes[BYTES_MAX + sizeof("{\"commands\":[]}")];
	size_t len;
};

/* The cart's commands in a row, with commas; false: not enough room, or
 * memory. */
static bool
add_commands(struct gate *g, struct message *m, size_t number,
    struct gate_item *item, unsigned steps, const char *password)
{
	const struct gate_cart *cart = item->cart;
	char correlation[GATE_CORRELATION_MAX];
	size_t before = m->len;

	gate_correlation(g, number, correlation);
	for (unsigned step = 1; step < GATE_STEPS_END; step <<= 1) {
		char *text;
		int len = -1;

		if ((steps & step) == 0)
			continue;
		text = gate_command((enum gate_step)step, cart->plate, cart->n,
		    password, correlation);
		if (text != NULL)
			len = snprintf(m->bytes + m->len, BYTES_MAX - m->len,
			    "%s%s", number > 0 || item->asked > 0 ? "," : "",
			    text);
		free(text);
		if (len < 0 || (size_t)len >= BYTES_MAX - m->len) {
			m->len = before;
			return false;
		}
		m->len += (size_t)len;
		item->asked++;
	}
	return true;
}

static void
refuse(struct gate *g, struct gate_cart *cart, const char *why)
{
	unsigned long held;

	if (log_limited(&g->refusals, REFUSALS_SAID_MS, &held))
		log_warn("gate.refused", "cart=%s held_back=%lu why=\"%s\"",
		    cart->plate, held, why);
	/* Perhaps somebody mends it there. */
	cart->seen.known = false;
	gate_move(g, cart, GATE_RESTING);
}

/* Adds the cart to the message, or ends its wait; false: the message is
 * full. */
static bool
take(struct gate *g, struct message *m, struct gate_cart *cart)
{
	struct gate_item *item = &g->batch.items[g->batch.count];
	char password[CART_PASSWORD_MAX + 1];
	unsigned steps;
	bool fits = true;

	secret_cart_password(&g->secret, cart->plate, cart->n, password);
	*item = (struct gate_item){
		.cart = cart,
		.version = cart->version,
		.in = cart->in,
		.mark = gate_mark(password),
	};
	steps = gate_plan(&cart->seen, cart->in, item->mark);
	item->asks = steps == GATE_ASK;
	if (cart->seen.known && cart->seen.foreign) {
		refuse(g, cart, "the broker has another client of that name");
	} else if (steps == 0) {
		cart->failures = 0;
		gate_move(g, cart, GATE_IDLE);
		gate_report(g, cart);
	} else {
		fits = add_commands(
		    g, m, g->batch.count, item, steps, password);
		if (fits) {
			g->batch.count++;
			gate_move(g, cart, GATE_UNDER_WAY);
		}
	}
	return fits;
}

void
gate_batch_send(struct gate *g)
{
	static const enum gate_place order[] = { GATE_FRESH, GATE_BACKLOG };
	struct message m;
	bool room = true;

	m.len = (size_t)snprintf(m.bytes, BYTES_MAX, "{\"commands\":[");
	g->batch.survey = false;
	g->batch.count = 0;
	pthread_mutex_lock(&g->lock);
	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
		struct gate_list *waiting = &g->places[order[i]];

		while (room && g->batch.count < g->batch_carts &&
		    !TAILQ_EMPTY(waiting))
			room = take(g, &m, TAILQ_FIRST(waiting));
	}
	pthread_mutex_unlock(&g->lock);
	if (g->batch.count == 0)
		return;
	memcpy(m.bytes + m.len, "]}", 2);
	gate_send(g, m.bytes, m.len + 2);
}

static void
read_client(struct gate_item *item, const json_t *response)
{
	const json_t *data = json_object_get(response, "data");
	struct gate_seen seen;
	const char *username;

	if (gate_answer_client(
		json_object_get(data, "client"), &username, &seen) &&
	    strcmp(username, item->cart->plate) == 0)
		item->cart->seen = seen;
	else
		item->failed = true;
}

/* getClient's only error is that there is none. */
void
gate_batch_answer(struct gate *g, size_t number, const json_t *response)
{
	const char *error = json_string_value(
	    json_object_get(response, "error"));
	const char *command = json_string_value(
	    json_object_get(response, "command"));
	struct gate_item *item;

	if (number >= g->batch.count || command == NULL)
		return;
	item = &g->batch.items[number];
	item->answered++;
	pthread_mutex_lock(&g->lock);
	if (item->asks && error == NULL)
		read_client(item, response);
	else if (item->asks)
		item->cart->seen = (struct gate_seen){ .known = true };
	else if (error != NULL && !gate_answer_is_harmless(command, error))
		item->failed = true;
	if (item->failed && item->cart->failures + 1 >= FAILURES_MAX)
		refuse(g, item->cart, error != NULL ? error : "unreadable");
	pthread_mutex_unlock(&g->lock);
}

/* Again at once: by then it is known what the broker has. */
static void
try_again(struct gate *g, struct gate_cart *cart, bool answered)
{
	cart->seen.known = false;
	cart->failures += answered;
	if (cart->place != GATE_RESTING)
		gate_move(g, cart, GATE_FRESH);
}

static void
end_item(struct gate *g, struct gate_item *item, bool answered)
{
	struct gate_cart *cart = item->cart;

	if (!answered || item->failed || item->answered < item->asked) {
		try_again(g, cart, answered);
		return;
	}
	if (!item->asks) {
		cart->failures = 0;
		gate_settle(&cart->seen, item->in, item->mark);
	}
	if (item->asks || item->version != cart->version) {
		gate_move(g, cart, GATE_FRESH);
		return;
	}
	gate_move(g, cart, GATE_IDLE);
	gate_report(g, cart);
}

void
gate_batch_end(struct gate *g, bool answered)
{
	if (g->batch.number == 0)
		return;
	g->batch.number = 0;
	if (g->batch.survey)
		return;
	pthread_mutex_lock(&g->lock);
	for (size_t i = 0; i < g->batch.count; i++)
		end_item(g, &g->batch.items[i], answered);
	pthread_mutex_unlock(&g->lock);
}

void
gate_batch_wake_resting(struct gate *g)
{
	struct gate_list *resting = &g->places[GATE_RESTING];

	pthread_mutex_lock(&g->lock);
	while (!TAILQ_EMPTY(resting))
		gate_move(g, TAILQ_FIRST(resting), GATE_BACKLOG);
	pthread_mutex_unlock(&g->lock);
}
