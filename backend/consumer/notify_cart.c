/*
 * notify_cart: words to a cart: a command, kept by its gateway for the POS to
 * show.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/consumer/notify_words.h"
#include "schemas/down.h"

static int
send_message(struct notify *n, const char *mail_id, const char *plate,
    const char *text, int64_t at_ms)
{
	uint8_t payload[TEXT_NOTE_MAX + 64], value[TEXT_NOTE_MAX + 128];
	char key[CART_MAX + sizeof("/notice-") + LETTER_ID_MAX];
	struct message message = { .at_ms = at_ms,
		.text = { text, strlen(text) } };
	struct cmd cmd = { .kind = CMD_MESSAGE, .payload = payload };
	struct outgoing out = {
		.topic = TOPIC_COMANDOS,
		.key = key,
		.route_len = strlen(plate),
		.value = value,
		.schema = SCHEMA_CMD,
	};
	struct mp_writer w;
	int len;

	mp_writer_init(&w, payload, sizeof(payload));
	message_encode(&message, &w);
	cmd.payload_len = w.len;
	/* Id and ledger are the bridge's to fill in. */
	len = cmd_encode(&cmd, value, sizeof(value));
	if (len == -1)
		return -1;
	out.value_len = (size_t)len;
	out.key_len = (size_t)snprintf(
	    key, sizeof(key), "%s/notice-%s", plate, mail_id);
	return role_send(n->ctx, &out);
}

int
notify_tell_cart(struct notify *n, const struct notice *notice,
    const char *mail_id, const char *plate)
{
	const struct wording *wording;
	char event[NOTICE_EVENT_MAX + sizeof(".cart")];
	struct contact contact;
	struct words words;
	char *text;
	size_t len;
	int rc;

	if (contacts_of_plate(n->contacts, plate, &contact) != 1)
		memset(&contact, 0, sizeof(contact));
	words_begin(&words, n, notice, &contact);
	snprintf(event, sizeof(event), "%s.cart", notice->event);
	wording = templates_find(n->templates, words.language, event);
	if (wording == NULL)
		wording = templates_find(
		    n->templates, words.language, notice->event);
	if (wording == NULL)
		return 0;
	/* An inbox has one line for each: the subject says it. */
	text = words_subject(wording, &words);
	if (text == NULL)
		return -1;
	len = strlen(text);
	if (len > TEXT_NOTE_MAX) {
		for (len = TEXT_NOTE_MAX;
		     len > 0 && ((unsigned char)text[len] & 0xc0) == 0x80;)
			len--;
		text[len] = '\0';
	}
	rc = send_message(n, mail_id, plate, text, notice->at_ms);
	free(text);
	return rc == -1 ? -1 : 1;
}
