/*
 * After each connect: the broker tells all its clients, page by page, and
 * what differs from what is wanted waits to be mended.  Usually nothing does:
 * commands that would repeat what is so would end the carts' connections.
 *
 * A client that another administrator makes or deletes between two pages may
 * be missed; a command that then fails has its cart asked for alone.
 */
#include <stdio.h>
#include <stdlib.h>

#include "backend/consumer/gate_parts.h"

static struct gate_cart *
next_cart(const struct gate *g, size_t *i)
{
	while (*i < g->carts.cap) {
		void *value = g->carts.entries[(*i)++].value;

		if (value != NULL)
			return value;
	}
	return NULL;
}

static void
ask(struct gate *g)
{
	char correlation[GATE_CORRELATION_MAX], text[512];
	char *command;
	int len = -1;

	gate_correlation(g, 0, correlation);
	command = gate_command_list(g->surveyed, correlation);
	if (command != NULL)
		len = snprintf(
		    text, sizeof(text), "{\"commands\":[%s]}", command);
	free(command);
	g->batch.survey = true;
	if (len > 0 && (size_t)len < sizeof(text))
		gate_send(g, text, (size_t)len);
	else
		gate_give_up(g, "no memory");
}

void
gate_survey_begin(struct gate *g)
{
	struct gate_cart *cart;
	size_t i = 0;

	pthread_mutex_lock(&g->lock);
	while ((cart = next_cart(g, &i)) != NULL)
		cart->seen.known = false;
	pthread_mutex_unlock(&g->lock);
	g->surveyed = 0;
	g->survey_over = false;
	ask(g);
}

void
gate_survey_answer(struct gate *g, const json_t *response)
{
	const json_t *clients = json_object_get(
	    json_object_get(response, "data"), "clients");
	const json_t *client;
	size_t i;

	g->survey_read = json_is_array(clients);
	pthread_mutex_lock(&g->lock);
	json_array_foreach(clients, i, client)
	{
		struct gate_cart *cart;
		struct gate_seen seen;
		const char *username;

		if (!gate_answer_client(client, &username, &seen))
			continue;
		cart = gate_find(g, username);
		if (cart != NULL)
			cart->seen = seen;
	}
	pthread_mutex_unlock(&g->lock);
	g->surveyed += json_array_size(clients);
	g->survey_over = json_array_size(clients) < GATE_PAGE;
}

/* Known is now who is there; so who is not is known as well. */
static void
compare(struct gate *g)
{
	struct gate_cart *cart;
	size_t wanted;
	size_t i = 0;

	pthread_mutex_lock(&g->lock);
	while ((cart = next_cart(g, &i)) != NULL) {
		if (!cart->seen.known)
			cart->seen = (struct gate_seen){ .known = true };
		if (cart->place == GATE_IDLE)
			gate_move(
			    g, cart, cart->in ? GATE_BACKLOG : GATE_FRESH);
	}
	g->open = true;
	wanted = g->carts.count;
	pthread_mutex_unlock(&g->lock);
	g->said[0] = '\0';
	atomic_store(&g->connected, true);
	log_info("gate.open", "host=\"%s\" port=%d clients=%zu wanted=%zu",
	    g->host, g->port, g->surveyed, wanted);
}

void
gate_survey_end(struct gate *g)
{
	g->batch.number = 0;
	if (!g->survey_read)
		gate_give_up(g, "its clients cannot be read");
	else if (!g->survey_over)
		ask(g);
	else
		compare(g);
}
