/*
 * pregonctl catalogue push: a cart's whole catalogue.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/ctl/catalogue_file.h"
#include "tools/ctl/command.h"

#define FILE_BYTES_MAX (1024 * 1024)

static const struct config_key keys[] = { CTL_KAFKA_KEYS, CTL_CART_KEYS };

static char *
read_file(const char *path)
{
	FILE *f = fopen(path, "re");
	char *text = malloc(FILE_BYTES_MAX + 1);
	size_t len;

	if (f == NULL || text == NULL) {
		ctl_say("%s: %s", path, strerror(errno));
		goto fail;
	}
	len = fread(text, 1, FILE_BYTES_MAX + 1, f);
	if (ferror(f)) {
		ctl_say("%s: cannot be read", path);
		goto fail;
	}
	if (len > FILE_BYTES_MAX || memchr(text, '\0', len) != NULL) {
		ctl_say("%s: no text, or over %d bytes", path, FILE_BYTES_MAX);
		goto fail;
	}
	text[len] = '\0';
	fclose(f);
	return text;
fail:
	free(text);
	if (f != NULL)
		fclose(f);
	return NULL;
}

static enum ctl_status
push(struct ctl *ctl, const struct plates *plates, const struct catalogue *c)
{
	struct mp_writer w;
	uint8_t *payload = malloc(COMMAND_PAYLOAD_MAX);
	enum ctl_status status = CTL_FAILED;

	mp_writer_init(&w, payload, payload != NULL ? COMMAND_PAYLOAD_MAX : 0);
	catalogue_encode(c->products, c->count, &w);
	if (w.full)
		ctl_say("the catalogue does not fit into %d bytes: shorten "
			"names",
		    COMMAND_PAYLOAD_MAX);
	else
		status = command_write(
		    ctl, plates, CMD_CATALOGUE, "catalogue", payload, w.len);
	free(payload);
	return status;
}

static enum ctl_status
run(struct ctl *ctl)
{
	enum ctl_status status = CTL_USAGE;
	struct catalogue catalogue;
	struct plates plates;
	char why[200];
	char *text;

	if (ctl->word_count != 2 || strcmp(ctl->words[0], "push") != 0)
		return ctl_misused(&ctl_catalogue);
	if (plates_load(&plates, ctl) == -1)
		return CTL_USAGE;
	text = read_file(ctl->words[1]);
	if (text == NULL)
		goto out;
	if (catalogue_file_read(&catalogue, text, why, sizeof(why)) == -1) {
		ctl_say("%s: %s", ctl->words[1], why);
		goto out;
	}
	status = push(ctl, &plates, &catalogue);
	catalogue_rows_release(&catalogue);
out:
	free(text);
	plates_release(&plates);
	return status;
}

const struct ctl_command ctl_catalogue = {
	.name = "catalogue",
	.usage = "push FILE --cart=PLATE|--all-carts-of=FILE",
	.summary = "hands carts their whole catalogue: CSV of "
		   "product_name,price(,code), or JSON of name, price, code",
	.keys = keys,
	.key_count = sizeof(keys) / sizeof(keys[0]),
	.kafka = true,
	.run = run,
};
