#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "tools/ctl/cluster.h"
#include "tools/ctl/command.h"

#define KEY_BYTES (CART_MAX + 1 + 36 + 1)

/* RFC 9562, version 4. */
static int
uuid_format(char text[37])
{
	unsigned char r[16];
	size_t i, at = 0;

	if (getrandom(r, sizeof(r), 0) != (ssize_t)sizeof(r))
		return -1;
	r[6] = (unsigned char)((r[6] & 0x0f) | 0x40);
	r[8] = (unsigned char)((r[8] & 0x3f) | 0x80);
	for (i = 0; i < sizeof(r); i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			text[at++] = '-';
		at += (size_t)snprintf(text + at, 37 - at, "%02x", r[i]);
	}
	return 0;
}

static int
write_one(struct cluster *c, const char *plate, const char *key,
    const void *value, size_t len)
{
	char full[KEY_BYTES], name[37];

	if (key == NULL) {
		if (uuid_format(name) == -1) {
			ctl_say("no random bytes: %s", strerror(errno));
			return -1;
		}
		key = name;
	}
	snprintf(full, sizeof(full), "%s/%s", plate, key);
	return cluster_produce(c,
	    &(struct kafka_record){ .topic = TOPIC_COMANDOS,
		.partition = cluster_partition(c, TOPIC_COMANDOS, plate),
		.key = full,
		.key_len = strlen(full),
		.value = value,
		.value_len = len,
		.schema = SCHEMA_CMD });
}

static enum ctl_status
write_all(struct ctl *ctl, const struct plates *plates, const char *key,
    const void *value, size_t len)
{
	struct cluster *c = cluster_open(ctl);
	enum ctl_status status = CTL_FAILED;
	size_t i;

	if (c == NULL)
		return CTL_FAILED;
	for (i = 0; i < plates->count; i++)
		if (write_one(c, plates->at[i], key, value, len) == -1)
			goto close;
	if (cluster_flush(c) == 0) {
		printf("written for %zu cart%s\n", plates->count,
		    plates->count == 1 ? "" : "s");
		status = CTL_DONE;
	}
close:
	cluster_close(c);
	return status;
}

enum ctl_status
command_write(struct ctl *ctl, const struct plates *plates, enum cmd_kind kind,
    const char *key, const void *payload, size_t len)
{
	/* Id and ledger are the bridge's to fill in. */
	const struct cmd cmd = {
		.kind = kind, .payload = payload, .payload_len = len
	};
	enum ctl_status status = CTL_FAILED;
	uint8_t *value = malloc(FRAME_BYTES_MAX);
	int written = -1;

	if (value != NULL && len <= COMMAND_PAYLOAD_MAX)
		written = cmd_encode(&cmd, value, FRAME_BYTES_MAX);
	if (written == -1)
		ctl_say("the command is too long: %zu bytes, at most %d", len,
		    COMMAND_PAYLOAD_MAX);
	else
		status = write_all(ctl, plates, key, value, (size_t)written);
	free(value);
	return status;
}
