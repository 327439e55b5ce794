/*
 * postbox: see the header for the rules.
 *
 * Several bridges: each sends.  A cart applies an id once, so a second copy
 * is harmless, and no bridge depends on another being there.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "broker-bridge/carts.h"
#include "broker-bridge/postbox.h"
#include "schemas/topics.h"

#define KEY_MAX 128

struct postbox {
	struct postbox_settings settings;
	struct postbox_handler handler;
	void *ctx;
	struct carts *carts;
	struct blobs *blobs;
	struct pending **all; /* of each partition; NULL: none */
	int partitions;
	size_t held;
	size_t key_bytes;
	uint64_t gave_way;
	uint64_t ledger;
	bool ready;
};

struct postbox *
postbox_new(const struct postbox_settings *settings,
    const struct postbox_handler *handler, void *ctx)
{
	struct postbox *box = calloc(1, sizeof(*box));

	if (box == NULL)
		return NULL;
	box->settings = *settings;
	box->handler = *handler;
	box->ctx = ctx;
	box->carts = carts_new();
	box->blobs = blobs_new();
	if (box->carts == NULL || box->blobs == NULL) {
		postbox_free(box);
		errno = ENOMEM;
		return NULL;
	}
	return box;
}

/* Takes the one that *at points to out of its cart's list. */
static void
pending_drop(struct postbox *box, struct cart *cart, struct pending **at)
{
	struct pending *p = *at;

	*at = p->next;
	cart->pending--;
	box->held--;
	box->key_bytes -= p->key_len;
	blob_drop(box->blobs, p->payload);
	free(p);
}

static void
all_drop(struct postbox *box, int partition)
{
	struct pending *p = box->all[partition];

	if (p == NULL)
		return;
	box->held--;
	blob_drop(box->blobs, p->payload);
	free(p);
	box->all[partition] = NULL;
}

void
postbox_forget(struct postbox *box)
{
	struct cart *cart;
	size_t at = 0;

	for (int i = 0; i < box->partitions; i++)
		all_drop(box, i);

	while ((cart = carts_next(box->carts, &at)) != NULL) {
		while (cart->first != NULL)
			pending_drop(box, cart, &cart->first);
		cart->sent_id = 0;
	}
}

void
postbox_free(struct postbox *box)
{
	if (box == NULL)
		return;
	if (box->carts != NULL)
		postbox_forget(box);
	carts_free(box->carts);
	blobs_free(box->blobs);
	free(box->all);
	free(box);
}

static size_t
bytes_of(const struct postbox *box)
{
	return blobs_bytes(box->blobs) + box->key_bytes +
	    box->held * sizeof(struct pending) +
	    carts_count(box->carts) * sizeof(struct cart);
}

static bool
has_room(const struct postbox *box, size_t more)
{
	return bytes_of(box) + more <= (size_t)box->settings.max_bytes;
}

/* The catalogue for all, if this cart has yet to get it. */
static struct pending *
all_due(const struct postbox *box, const struct cart *cart)
{
	char text[CART_MAX + 1];
	size_t len = plate_text(cart->plate, text);
	struct pending *all;

	if (box->partitions == 0)
		return NULL;
	all = box->all[topic_partition(
	    TOPIC_COMANDOS, text, len, box->partitions)];
	if (all == NULL || all->id <= cart->applied)
		return NULL;
	for (const struct pending *p = cart->first; p != NULL; p = p->next) {
		if (p->kind == CMD_CATALOGUE && p->id > all->id)
			return NULL;
	}
	return all;
}

static struct pending *
first_due(const struct postbox *box, const struct cart *cart)
{
	struct pending *all = all_due(box, cart), *p = cart->first;

	while (p != NULL && p->id <= cart->applied)
		p = p->next;
	if (p == NULL || (all != NULL && all->id < p->id))
		return all;
	return p;
}

static void
send_due(struct postbox *box, struct cart *cart, int64_t now_ms)
{
	struct pending *p;
	struct cmd cmd;

	if (!box->ready || !cart->online || cart->ledger != box->ledger)
		return;
	p = first_due(box, cart);
	if (p == NULL)
		return;
	if (p->id != cart->sent_id) {
		cart->sent_id = p->id;
		cart->backoff_ms = box->settings.resend_ms;
	} else if (now_ms < cart->resend_ms) {
		return;
	} else if (cart->backoff_ms < box->settings.resend_max_ms) {
		cart->backoff_ms *= 2;
	}
	cart->resend_ms = now_ms + cart->backoff_ms;
	cmd = (struct cmd){ .id = p->id,
		.ledger = box->ledger,
		.kind = (enum cmd_kind)p->kind,
		.payload = p->payload->bytes,
		.payload_len = p->payload->len };
	box->handler.send(box->ctx, cart->plate, &cmd);
}

/* Settings and catalogue stay for the gateway that may come next. */
static bool
is_for_once(const struct pending *p)
{
	return p->kind == CMD_MESSAGE || p->kind == CMD_ORDER;
}

static void
erase_applied(struct postbox *box, struct cart *cart)
{
	struct pending **at = &cart->first;

	if (!box->ready || cart->ledger != box->ledger)
		return;
	while (*at != NULL && (*at)->id <= cart->applied) {
		struct pending *p = *at;

		if (!is_for_once(p)) {
			at = &p->next;
			continue;
		}
		box->handler.erase(box->ctx, p->key, p->key_len);
		pending_drop(box, cart, at);
	}
}

static void
go_on(struct postbox *box, struct cart *cart, int64_t now_ms)
{
	erase_applied(box, cart);
	send_due(box, cart, now_ms);
}

void
postbox_set_ledger(struct postbox *box, uint64_t ledger)
{
	box->ledger = ledger;
}

void
postbox_set_partitions(struct postbox *box, int partitions)
{
	struct pending **all;

	if (partitions <= box->partitions)
		return;
	all = realloc(box->all, (size_t)partitions * sizeof(*all));
	/* Without room a cart goes without what is for all, until the next. */
	if (all == NULL)
		return;
	box->all = all;
	while (box->partitions < partitions)
		box->all[box->partitions++] = NULL;
}

void
postbox_set_ready(struct postbox *box, bool ready)
{
	box->ready = ready;
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
give_way(struct postbox *box, struct cart *cart)
{
	struct pending **at = &cart->first;

	while (*at != NULL && !is_for_once(*at))
		at = &(*at)->next;
	pending_drop(box, cart, *at != NULL ? at : &cart->first);
	box->gave_way++;
}

static int
append(struct postbox *box, struct cart *cart, const char *key, size_t key_len,
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
	p->payload = blob_hold(box->blobs, cmd->payload, cmd->payload_len);
	if (p->payload == NULL) {
		free(p);
		return -1;
	}
	if (cart->pending >= POSTBOX_PER_CART)
		give_way(box, cart);
	while (*at != NULL && (*at)->id < p->id)
		at = &(*at)->next;
	p->next = *at;
	*at = p;
	cart->pending++;
	box->held++;
	box->key_bytes += key_len;
	return 0;
}

int
postbox_put(struct postbox *box, const char *key, size_t key_len, uint64_t id,
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
	postbox_remove(box, key, key_len);
	if (!has_room(box,
		sizeof(struct cart) + sizeof(struct pending) + key_len +
		    cmd.payload_len)) {
		errno = ENOBUFS;
		return -1;
	}
	cart = carts_get(box->carts, plate);
	if (cart == NULL || append(box, cart, key, key_len, &cmd) == -1)
		return -1;
	go_on(box, cart, now_ms);
	return 0;
}

int
postbox_put_all(struct postbox *box, int partition, uint64_t id,
    const void *record, size_t len, int64_t now_ms, struct decode_error *error)
{
	struct pending *p;
	struct cmd cmd;

	postbox_set_partitions(box, partition + 1);
	if (partition >= box->partitions) {
		errno = ENOMEM;
		return -1;
	}
	if (record == NULL) {
		all_drop(box, partition);
		return 0;
	}
	if (cmd_decode(record, len, &cmd, error) == -1)
		return -1;
	if (cmd.payload_len + COMMAND_OVERHEAD > COMMAND_BYTES_MAX) {
		errno = E2BIG;
		return -1;
	}
	all_drop(box, partition);
	if (!has_room(box, sizeof(*p) + cmd.payload_len)) {
		errno = ENOBUFS;
		return -1;
	}
	p = malloc(sizeof(*p));
	if (p == NULL)
		return -1;
	*p = (struct pending){ .id = id, .kind = (int)cmd.kind };
	p->payload = blob_hold(box->blobs, cmd.payload, cmd.payload_len);
	if (p->payload == NULL) {
		free(p);
		return -1;
	}
	box->all[partition] = p;
	box->held++;
	postbox_tick(box, now_ms);
	return 0;
}

void
postbox_remove(struct postbox *box, const char *key, size_t key_len)
{
	plate_t plate = plate_of_key(key, key_len);
	struct cart *cart = plate ? carts_find(box->carts, plate) : NULL;
	struct pending **at = cart ? find_key(cart, key, key_len) : NULL;

	if (at != NULL)
		pending_drop(box, cart, at);
}

int
postbox_hear(struct postbox *box, plate_t plate, const struct status *status,
    int64_t now_ms)
{
	struct cart *cart = carts_find(box->carts, plate);

	if (cart == NULL) {
		if (!has_room(box, sizeof(*cart))) {
			errno = ENOBUFS;
			return -1;
		}
		cart = carts_get(box->carts, plate);
		if (cart == NULL)
			return -1;
	}
	if (cart_hears(cart, status))
		go_on(box, cart, now_ms);
	return 0;
}

void
postbox_tick(struct postbox *box, int64_t now_ms)
{
	struct cart *cart;
	size_t at = 0;

	while ((cart = carts_next(box->carts, &at)) != NULL) {
		if (cart->first != NULL || box->partitions > 0)
			go_on(box, cart, now_ms);
	}
}

void
postbox_figures(const struct postbox *box, struct postbox_figures *out)
{
	*out = (struct postbox_figures){
		.carts = carts_count(box->carts),
		.held = box->held,
		.bytes = bytes_of(box),
		.gave_way = box->gave_way,
	};
}
