#include "firmware-gateway/commands.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/log.h"

#define KEY_APPLIED "cmd.applied"
#define KEY_SETTINGS "settings"
/* The few keys that may be set from above. */
#define REMOTE_MAX 16
#define KEY_MAX 32
#define VALUE_MAX 32
#define SETTINGS_BYTES_MAX (REMOTE_MAX * (KEY_MAX + VALUE_MAX + 8))

struct remote {
	size_t count;
	struct pair {
		char key[KEY_MAX];
		char value[VALUE_MAX];
	} pairs[REMOTE_MAX];
};

/* ---- settings ---- */

static void
remote_load(struct outbox *outbox, struct remote *remote)
{
	struct setting *list = calloc(SETTINGS_MAX, sizeof(*list));
	uint8_t bytes[SETTINGS_BYTES_MAX];
	struct decode_error error;
	size_t count = 0;
	long len = outbox_get(outbox, KEY_SETTINGS, bytes, sizeof(bytes));

	remote->count = 0;
	if (list == NULL || len <= 0 ||
	    settings_decode(bytes, (size_t)len, list, &count, &error) == -1)
		count = 0;
	for (size_t i = 0; i < count && i < REMOTE_MAX; i++) {
		struct pair *p = &remote->pairs[remote->count++];

		snprintf(p->key, sizeof(p->key), "%.*s", (int)list[i].key.len,
		    list[i].key.s);
		snprintf(p->value, sizeof(p->value), "%.*s",
		    (int)list[i].value.len, list[i].value.s);
	}
	free(list);
}

static int
remote_store(struct outbox *outbox, const struct remote *remote)
{
	struct setting list[REMOTE_MAX];
	uint8_t bytes[SETTINGS_BYTES_MAX];
	struct mp_writer w;

	for (size_t i = 0; i < remote->count; i++) {
		const struct pair *p = &remote->pairs[i];

		list[i].key = (struct text){ p->key, strlen(p->key) };
		list[i].value = (struct text){ p->value, strlen(p->value) };
	}
	mp_writer_init(&w, bytes, sizeof(bytes));
	settings_encode(list, remote->count, &w);
	return outbox_put(outbox, KEY_SETTINGS, bytes, w.len);
}

static void
remote_put(struct remote *remote, const struct pair *pair)
{
	size_t i = 0;

	while (
	    i < remote->count && strcmp(remote->pairs[i].key, pair->key) != 0)
		i++;
	if (i == remote->count && i < REMOTE_MAX)
		remote->count++;
	if (i < REMOTE_MAX)
		remote->pairs[i] = *pair;
}

/* Would the setting be taken?  They are numbers all: a copy of the struct
 * can be tried upon. */
static bool
usable(const struct settings *settings, const struct setting *s,
    struct pair *pair, char *why, size_t why_cap)
{
	struct settings probe = *settings;

	if (!settings_remote(s->key.s, s->key.len)) {
		snprintf(why, why_cap, "it cannot be set from above");
		return false;
	}
	if (s->value.len >= sizeof(pair->value)) {
		snprintf(why, why_cap, "its value is too long");
		return false;
	}
	snprintf(
	    pair->key, sizeof(pair->key), "%.*s", (int)s->key.len, s->key.s);
	snprintf(pair->value, sizeof(pair->value), "%.*s", (int)s->value.len,
	    s->value.s);
	return config_set(&settings_program, &probe, pair->key, pair->value,
		   why, why_cap) == 0;
}

static int
take_settings(struct commands *c, const struct cmd *cmd, struct remote *remote,
    struct decode_error *error)
{
	struct setting *list = calloc(SETTINGS_MAX, sizeof(*list));
	struct pair pair;
	char why[128];
	size_t count;
	int rc = -1;

	if (list == NULL)
		return -1;
	if (settings_decode(
		cmd->payload, cmd->payload_len, list, &count, error) == -1)
		goto out;
	remote_load(c->outbox, remote);
	for (size_t i = 0; i < count; i++) {
		if (usable(c->settings, &list[i], &pair, why, sizeof(why))) {
			remote_put(remote, &pair);
			continue;
		}
		c->refused_settings++;
		log_warn("command.setting_refused",
		    "key=\"%.*s\" value=\"%.*s\" why=\"%s\"",
		    (int)list[i].key.len, list[i].key.s, (int)list[i].value.len,
		    list[i].value.s, why);
	}
	rc = remote_store(c->outbox, remote);
out:
	free(list);
	return rc;
}

static void
use_settings(struct commands *c, const struct remote *remote)
{
	char why[128];

	for (size_t i = 0; i < remote->count; i++) {
		const struct pair *p = &remote->pairs[i];

		/* One that an older version took may be refused now. */
		if (!settings_remote(p->key, strlen(p->key)) ||
		    config_set(&settings_program, c->settings, p->key, p->value,
			why, sizeof(why)) == -1)
			c->refused_settings++;
	}
	if (remote->count > 0 && c->tuned != NULL)
		c->tuned(c->ctx);
}

/* ---- all ---- */

static void
load_applied(struct commands *c)
{
	struct decode_error error;
	struct mp_reader r;
	uint8_t bytes[32];
	long len = outbox_get(c->outbox, KEY_APPLIED, bytes, sizeof(bytes));

	if (len <= 0)
		return;
	mp_reader_init(&r, bytes, (size_t)len, &error);
	if (mp_read_uint(&r, "ledger", UINT64_MAX, &c->ledger) == -1 ||
	    mp_read_uint(&r, "id", UINT64_MAX, &c->id) == -1)
		c->ledger = c->id = 0;
}

static int
store_applied(struct commands *c, const struct cmd *cmd)
{
	uint8_t bytes[32];
	struct mp_writer w;

	mp_writer_init(&w, bytes, sizeof(bytes));
	mp_write_uint(&w, cmd->ledger);
	mp_write_uint(&w, cmd->id);
	return outbox_put(c->outbox, KEY_APPLIED, bytes, w.len);
}

void
commands_init(struct commands *c, struct events *events, struct shop *shop,
    struct inbox *inbox, struct settings *settings)
{
	struct remote remote;

	memset(c, 0, sizeof(*c));
	c->events = events;
	c->outbox = events->outbox;
	c->shop = shop;
	c->inbox = inbox;
	c->settings = settings;
	load_applied(c);
	remote_load(c->outbox, &remote);
	use_settings(c, &remote);
}

uint64_t
commands_applied(const struct commands *c)
{
	return c->ledger == outbox_ledger(c->outbox) ? c->id : 0;
}

/* Within a composition. */
static int
use(struct commands *c, const struct cmd *cmd, struct remote *remote,
    struct decode_error *error)
{
	switch (cmd->kind) {
	case CMD_SETTINGS:
		return take_settings(c, cmd, remote, error);
	case CMD_CATALOGUE:
		return shop_catalogue(
		    c->shop, cmd->payload, cmd->payload_len, error);
	case CMD_MESSAGE:
	case CMD_ORDER:
		if (inbox_check(
			cmd->kind, cmd->payload, cmd->payload_len, error) == -1)
			return -1;
		return inbox_put(
		    c->inbox, cmd->kind, cmd->payload, cmd->payload_len);
	case CMD_KINDS:
		break;
	}
	errno = EBADMSG;
	return -1;
}

static int
apply(struct commands *c, const struct cmd *cmd)
{
	struct decode_error error = { .field = "" };
	struct remote remote = { .count = 0 };
	struct instant at;
	bool good = true;

	if (events_begin(c->events, &at) == -1)
		return -1;
	if (use(c, cmd, &remote, &error) == -1) {
		if (errno != EBADMSG && errno != EMSGSIZE)
			goto roll_back;
		/* It would come again for ever: done with, and said. */
		good = false;
		c->refused++;
		log_warn("command.refused", "id=%llu kind=%s why=\"%s: %s\"",
		    (unsigned long long)cmd->id, cmd_kind_name(cmd->kind),
		    error.field, error.expected);
	}
	if (store_applied(c, cmd) == -1)
		goto roll_back;
	if (events_commit(c->events, OUTBOX_SYNC) == -1)
		return -1;
	c->ledger = cmd->ledger;
	c->id = cmd->id;
	if (!good)
		return 1;
	c->applied++;
	if (cmd->kind == CMD_SETTINGS)
		use_settings(c, &remote);
	if (cmd->kind == CMD_MESSAGE || cmd->kind == CMD_ORDER)
		inbox_added(c->inbox);
	log_info("command.applied", "id=%llu kind=%s",
	    (unsigned long long)cmd->id, cmd_kind_name(cmd->kind));
	return 1;
roll_back:
	events_rollback(c->events);
	return -1;
}

int
commands_take(struct commands *c, const void *bytes, size_t len)
{
	struct decode_error error;
	struct cmd cmd;

	if (cmd_decode(bytes, len, &cmd, &error) == -1) {
		c->refused++;
		log_warn("command.unreadable", "why=\"%s: expected %s\"",
		    error.field, error.expected);
		return 0;
	}
	if (cmd.ledger != outbox_ledger(c->outbox) ||
	    cmd.id <= commands_applied(c)) {
		c->repeated++;
		/* It was not heard that we have it. */
		return cmd.ledger == outbox_ledger(c->outbox);
	}
	return apply(c, &cmd);
}
