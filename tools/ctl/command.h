/*
 * command: a command down, written to topic_comandos for each of some carts;
 * the bridge hands it on and resends until the cart reports it as applied.
 */
#ifndef PREGON_CTL_COMMAND_H
#define PREGON_CTL_COMMAND_H

#include "schemas/down.h"
#include "tools/ctl/plates.h"

/* A command and its envelope must fit into one MQTT message. */
#define COMMAND_PAYLOAD_MAX (FRAME_BYTES_MAX - 128)

/* What follows the plate in the key: "settings" or "catalogue" (the newest
 * wins), or NULL: a name of its own, each is applied. */
enum ctl_status command_write(struct ctl *, const struct plates *,
    enum cmd_kind, const char *key, const void *payload, size_t len);

#endif
