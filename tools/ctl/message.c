/*
 * pregonctl message: words to carts; a gateway keeps them in its inbox.
 */
#include <string.h>

#include "lib/clock.h"
#include "tools/ctl/command.h"

static const struct config_key keys[] = { CTL_KAFKA_KEYS, CTL_CART_KEYS };

static enum ctl_status
run(struct ctl *ctl)
{
	struct message message = { .at_ms = clock_realtime_ms(&clock_system) };
	struct decode_error error;
	enum ctl_status status;
	struct plates plates;
	struct mp_writer w;
	uint8_t payload[TEXT_NOTE_MAX + 64];

	if (ctl->word_count != 1)
		return ctl_misused(&ctl_message);
	message.text = (struct text){ ctl->words[0], strlen(ctl->words[0]) };
	if (message.text.len == 0 || message.text.len > TEXT_NOTE_MAX) {
		ctl_say("TEXT: expected 1 to %d bytes", TEXT_NOTE_MAX);
		return CTL_USAGE;
	}
	mp_writer_init(&w, payload, sizeof(payload));
	message_encode(&message, &w);
	/* The reader is the judge of text, UTF-8 above all. */
	if (w.full || message_decode(payload, w.len, &message, &error) == -1) {
		ctl_say("TEXT: expected text in UTF-8");
		return CTL_USAGE;
	}
	if (plates_load(&plates, ctl) == -1)
		return CTL_USAGE;
	status = command_write(ctl, &plates, CMD_MESSAGE, NULL, payload, w.len);
	plates_release(&plates);
	return status;
}

const struct ctl_command ctl_message = {
	.name = "message",
	.usage = "TEXT --cart=PLATE|--all-carts-of=FILE",
	.summary = "words to carts",
	.keys = keys,
	.key_count = sizeof(keys) / sizeof(keys[0]),
	.kafka = true,
	.run = run,
};
