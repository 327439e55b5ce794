/*
 * commands: see the header for the rules.
 *
 * Several bridges: each sends.  A cart applies an id once, so a second copy
 * is harmless, and no bridge depends on another being there.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "broker-bridge/carts.h"
#include "broker-bridge/commands.h"

#define KEY_MAX 128

struct commands {
	struct commands_settings settings;
	struct commands_handler handler;
	void *ctx;
	struct carts *carts;
	struct blobs *blobs;
	size_t held;
	size_t key_bytes;
	uint64_t gave_way;
	uint64_t ledger;
	bool ready;
};

struct commands *
commands_new(const struct commands_settings *settings,
    const struct commands_handler *handler, void *ctx)
{
	struct commands *cs = calloc(1, sizeof(*cs));

	if (cs == NULL)
		return NULL;
	cs->settings = *settings;
	cs->handler = *handler;
	cs->ctx = ctx;
	cs->carts = carts_new();
	cs->blobs = blobs_new();
	if (cs->carts == NULL || cs->blobs == NULL) {
		commands_free(cs);
		errno = ENOMEM;
		return NULL;
	}
	return cs;
}

/* Takes the one that *at points to out of its cart's list. */
static void
pending_drop(struct commands *cs, struct cart *cart, struct pending **at)
{
	struct pending *p = *at;

	*at = p->next;
	cart->pending--;
	cs->held--;
	cs->key_bytes -= p->key_len;
	blob_drop(cs->blobs, p->payload);
	free(p);
}

void
commands_forget(struct commands *cs)
{
	struct cart *cart;
	size_t at = 0;

	while ((cart = carts_next(cs->carts, &at)) != NULL) {
		while (cart->first != NULL)
			pending_drop(cs, cart, &cart->first);
		cart->sent_id = 0;
	}
}

void
commands_free(struct commands *cs)
{
	if (cs == NULL)
		return;
	if (cs->carts != NULL)
		commands_forget(cs);
	carts_free(cs->carts);
	blobs_free(cs->blobs);
	free(cs);
}

static size_t
bytes_of(const struct commands *cs)
{
	return blobs_bytes(cs->blobs) + cs->key_bytes +
	    cs->held * sizeof(struct pending) +
	    carts_count(cs->carts) * sizeof(struct cart);
}

static bool
has_room(const struct commands *cs, size_t more)
{
	return bytes_of(cs) + more <= (size_t)cs->settings.max_bytes;
}

static struct pending *
first_due(const struct cart *cart)
{
	struct pending *p = cart->first;

	while (p != NULL && p->id <= cart->applied)
		p = p->next;
	return p;
}

static void
send_due(struct commands *cs, struct cart *cart, int64_t now_ms)
{
	struct pending *p;
	struct cmd cmd;

	if (!cs->ready || !cart->online || cart->ledger != cs->ledger)
		return;
	p = first_due(cart);
	if (p == NULL)
		return;
	if (p->id != cart->sent_id) {
		cart->sent_id = p->id;
		cart->backoff_ms = cs->settings.resend_ms;
	} else if (now_ms < cart->resend_ms) {
		return;
	} else if (cart->backoff_ms < cs->settings.resend_max_ms) {
		cart->backoff_ms *= 2;
	}
	cart->resend_ms = now_ms + cart->backoff_ms;
	cmd = (struct cmd){ .id = p->id,
		.ledger = cs->ledger,
		.kind = (enum cmd_kind)p->kind,
		.payload = p->payload->bytes,
		.payload_len = p->payload->len };
	cs->handler.send(cs->ctx, cart->plate, &cmd);
}

/* Settings and catalogue stay for the gateway that may come next. */
static bool
is_for_once(const struct pending *p)
{
	return p->kind == CMD_MESSAGE || p->kind == CMD_ORDER;
}

static void
erase_applied(struct commands *cs, struct cart *cart)
{
	struct pending **at = &cart->first;

	if (!cs->ready || cart->ledger != cs->ledger)
		return;
	while (*at != NULL && (*at)->id <= cart->applied) {
		struct pending *p = *at;

		if (!is_for_once(p)) {
			at = &p->next;
			continue;
		}
		cs->handler.erase(cs->ctx, p->key, p->key_len);
		pending_drop(cs, cart, at);
	}
}

static void
go_on(struct commands *cs, struct cart *cart, int64_t now_ms)
{
	erase_applied(cs, cart);
	send_due(cs, cart, now_ms);
}

void
commands_set_ledger(struct commands *cs, uint64_t ledger)
{
	cs->ledger = ledger;
}

void
commands_set_ready(struct commands *cs, bool ready)
{
	cs->ready = ready;
}

/* The plate before the slash; 0: there is none. */
static plate_t
plate_of_key(const char *key, size_t key_len)
{
	const char *slash = memchr(key, '/', key_len);
	size_t len = slash == NULL ? 0 : (size_t)(slash - key);

	if (slash == NULL || key_len > KEY_MAX || !cart_is_valid(key, len))
		return 0;
	return plate_pack(key, len);
}

static struct pending **
find_key(struct cart *cart, const char *key, size_t key_len)
{
	struct pending **at = &cart->first;

	for (; *at != NULL; at = &(*at)->next) {
		if ((*at)->key_len == key_len &&
		    memcmp((*at)->key, key, key_len) == 0)
			return at;
	}
	return NULL;
}

/* The oldest message goes, or the oldest of all. */
static void
give_way(struct commands *cs, struct cart *cart)
{
	struct pending **at = &cart->first;

	while (*at != NULL && !is_for_once(*at))
		at = &(*at)->next;
	pending_drop(cs, cart, *at != NULL ? at : &cart->first);
	cs->gave_way++;
}

static int
append(struct commands *cs, struct cart *cart, const char *key, size_t key_len,
    const struct cmd *cmd)
{
	struct pending **at = &cart->first;
	struct pending *p = malloc(sizeof(*p) + key_len);

	if (p == NULL)
		return -1;
	*p = (struct pending){
		.id = cmd->id, .kind = (int)cmd->kind, .key_len = key_len
	};
	memcpy(p->key, key, key_len);
	p->payload = blob_hold(cs->blobs, cmd->payload, cmd->payload_len);
	if (p->payload == NULL) {
		free(p);
		return -1;
	}
	if (cart->pending >= COMMANDS_PER_CART)
		give_way(cs, cart);
	while (*at != NULL && (*at)->id < p->id)
		at = &(*at)->next;
	p->next = *at;
	*at = p;
	cart->pending++;
	cs->held++;
	cs->key_bytes += key_len;
	return 0;
}

int
commands_put(struct commands *cs, const char *key, size_t key_len, uint64_t id,
    const void *record, size_t len, int64_t now_ms, struct decode_error *error)
{
	plate_t plate = plate_of_key(key, key_len);
	struct cart *cart;
	struct cmd cmd;

	if (plate == 0) {
		struct mp_reader r;

		mp_reader_init(&r, key, key_len, error);
		return mp_refuse(&r, "key", "<cart>/<what>");
	}
	if (cmd_decode(record, len, &cmd, error) == -1)
		return -1;
	cmd.id = id;
	if (cmd.payload_len + COMMAND_OVERHEAD > COMMAND_BYTES_MAX) {
		errno = E2BIG;
		return -1;
	}
	commands_remove(cs, key, key_len);
	if (!has_room(cs,
		sizeof(struct cart) + sizeof(struct pending) + key_len +
		    cmd.payload_len)) {
		errno = ENOBUFS;
		return -1;
	}
	cart = carts_get(cs->carts, plate);
	if (cart == NULL || append(cs, cart, key, key_len, &cmd) == -1)
		return -1;
	go_on(cs, cart, now_ms);
	return 0;
}

void
commands_remove(struct commands *cs, const char *key, size_t key_len)
{
	plate_t plate = plate_of_key(key, key_len);
	struct cart *cart = plate ? carts_find(cs->carts, plate) : NULL;
	struct pending **at = cart ? find_key(cart, key, key_len) : NULL;

	if (at != NULL)
		pending_drop(cs, cart, at);
}

int
commands_hear(struct commands *cs, plate_t plate, const struct status *status,
    int64_t now_ms)
{
	struct cart *cart = carts_find(cs->carts, plate);

	if (cart == NULL) {
		if (!has_room(cs, sizeof(*cart))) {
			errno = ENOBUFS;
			return -1;
		}
		cart = carts_get(cs->carts, plate);
		if (cart == NULL)
			return -1;
	}
	if (cart_hears(cart, status))
		go_on(cs, cart, now_ms);
	return 0;
}

void
commands_tick(struct commands *cs, int64_t now_ms)
{
	struct cart *cart;
	size_t at = 0;

	while ((cart = carts_next(cs->carts, &at)) != NULL) {
		if (cart->first != NULL)
			go_on(cs, cart, now_ms);
	}
}

void
commands_figures(const struct commands *cs, struct commands_figures *out)
{
	*out = (struct commands_figures){
		.carts = carts_count(cs->carts),
		.held = cs->held,
		.bytes = bytes_of(cs),
		.gave_way = cs->gave_way,
	};
}
