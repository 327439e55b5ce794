/*
 * pregonctl settings: a cart's settings from the guild.  Kafka keeps the newest
 * command alone, so each should hold all that the guild wants set.
 */
#include <string.h>

#include "tools/ctl/command.h"

_Static_assert(CTL_WORDS_MAX >= SETTINGS_MAX, "a word a setting");

static const struct config_key keys[] = { CTL_KAFKA_KEYS, CTL_CART_KEYS };

/* "key=value" into its two parts; -1: it has none. */
static int
split(const char *word, struct setting *s)
{
	const char *equals = strchr(word, '=');

	if (equals == NULL || equals == word)
		return -1;
	s->key = (struct text){ word, (size_t)(equals - word) };
	s->value = (struct text){ equals + 1, strlen(equals + 1) };
	return 0;
}

static enum ctl_status
run(struct ctl *ctl)
{
	struct setting settings[SETTINGS_MAX];
	size_t i, count = ctl->word_count;
	struct decode_error error;
	enum ctl_status status;
	struct plates plates;
	struct mp_writer w;
	uint8_t payload[SETTINGS_MAX * 600];

	if (count == 0 || count > SETTINGS_MAX)
		return ctl_misused(&ctl_settings_down);
	for (i = 0; i < count; i++)
		if (split(ctl->words[i], &settings[i]) == -1) {
			ctl_say(
			    "expected KEY=VALUE, got \"%s\"", ctl->words[i]);
			return CTL_USAGE;
		}
	mp_writer_init(&w, payload, sizeof(payload));
	settings_encode(settings, count, &w);
	if (w.full ||
	    settings_decode(payload, w.len, settings, &count, &error) == -1) {
		ctl_say("a key of over 80 bytes, a value of over 500, or no "
			"UTF-8");
		return CTL_USAGE;
	}
	if (plates_load(&plates, ctl) == -1)
		return CTL_USAGE;
	status = command_write(
	    ctl, &plates, CMD_SETTINGS, "settings", payload, w.len);
	plates_release(&plates);
	return status;
}

const struct ctl_command ctl_settings_down = {
	.name = "settings",
	.usage = "KEY=VALUE... --cart=PLATE|--all-carts-of=FILE",
	.summary = "hands carts settings: say all that shall hold, since a "
		   "cart that was off gets the newest command alone",
	.keys = keys,
	.key_count = sizeof(keys) / sizeof(keys[0]),
	.kafka = true,
	.run = run,
};
