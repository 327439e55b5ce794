/*
 * notify_write: from a letter to the bytes that are sent.
 */
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/consumer/mail_text.h"
#include "backend/consumer/notify_words.h"

#define MAIL_TO "mail:"
#define MEMBER_TO "member:"
#define VENDOR_TO "vendor:"

/* 1: read, 0: it has none, or one that cannot be read; -1. */
static int
notice_of(struct notify *n, const struct letter *letter, struct notice *notice)
{
	uint8_t bytes[NOTICE_BYTES_MAX];
	struct decode_error error;
	size_t len = 0;
	int rc = n->store->ops->notice(
	    n->store, letter->id, bytes, sizeof(bytes), &len);

	if (rc == 1 && notice_decode(bytes, len, notice, &error) == -1)
		return 0;
	return rc;
}

/* The address, and whose it is.  1: found, 0: not, and *outcome says why. */
static int
address_find(struct notify *n, const char *to, struct contact *contact,
    enum courier_outcome *outcome)
{
	int rc = 1;

	memset(contact, 0, sizeof(*contact));
	if (strncmp(to, MEMBER_TO, strlen(MEMBER_TO)) == 0)
		rc = contacts_of_registration(
		    n->contacts, to + strlen(MEMBER_TO), contact);
	else if (strncmp(to, VENDOR_TO, strlen(VENDOR_TO)) == 0)
		rc = contacts_of_plate(
		    n->contacts, to + strlen(VENDOR_TO), contact);
	else
		snprintf(contact->mail, sizeof(contact->mail), "%s",
		    to + strlen(MAIL_TO));
	if (rc != 1)
		*outcome = rc == 0 ? OUTCOME_NOBODY : OUTCOME_LATER;
	else if (!mail_address_is_plain(contact->mail))
		*outcome = OUTCOME_REFUSED;
	else
		return 1;
	return 0;
}

/* Each alert of a digest in one line, as its own mail's subject would say it;
 * the caller frees it.  NULL: errno. */
static char *
list_make(struct notify *n, const struct letter *held, int count,
    const struct contact *contact)
{
	char *list = NULL;
	size_t len;
	FILE *out = open_memstream(&list, &len);
	struct notice notice;
	struct words words;

	if (out == NULL)
		return NULL;
	for (int i = 0; i < count; i++) {
		const struct wording *wording;
		char *line = NULL;

		if (notice_of(n, &held[i], &notice) != 1)
			continue;
		words_begin(&words, n, &notice, contact);
		wording = templates_find(
		    n->templates, words.language, notice.event);
		if (wording != NULL)
			line = words_subject(wording, &words);
		if (line != NULL)
			fprintf(out, "- %s\n", line);
		free(line);
	}
	if (fclose(out) == 0)
		return list;
	free(list);
	return NULL;
}

static int
pack(struct parcel *parcel, const struct letter *letter, const char *to,
    char *bytes, size_t len)
{
	*parcel = (struct parcel){ .id = letter->id,
		.to = strdup(to),
		.mail_id = strdup(letter->mail_id),
		.bytes = bytes,
		.len = len };
	if (parcel->to != NULL && parcel->mail_id != NULL && bytes != NULL)
		return 1;
	parcel_release(parcel);
	errno = ENOMEM;
	return -1;
}

static int
mail_pack(struct notify *n, const struct letter *letter,
    const struct wording *wording, struct words *words, const char *to,
    struct parcel *parcel)
{
	char *subject = words_subject(wording, words);
	char *body = words_body(wording, words);
	char thread[MAIL_THREAD_MAX + 1] = "";
	char *bytes = NULL;
	size_t len = 0;

	if (letter->subject[0] != '\0')
		mail_thread(letter->subject, thread);
	if (subject != NULL && body != NULL)
		bytes = mail_text(
		    &(struct mail){ .from = n->settings->smtp_from,
			.from_name = n->settings->guild_name,
			.to = to,
			.subject = subject,
			.body = body,
			.id = letter->mail_id,
			.thread = thread,
			.at_ms = n->now_ms },
		    &len);
	free(subject);
	free(body);
	return pack(parcel, letter, to, bytes, len);
}

static int
write_mail(struct notify *n, const struct letter *letter,
    const struct letter *held, int held_count, struct parcel *parcel,
    enum courier_outcome *outcome)
{
	const struct wording *wording;
	struct contact contact;
	struct notice notice;
	struct words words;
	char count[16], *list = NULL;
	int rc = 1;

	if (address_find(n, letter->to, &contact, outcome) == 0)
		return 0;
	if (letter->kind == LETTER_DIGEST) {
		snprintf(count, sizeof(count), "%d", held_count);
		notice = (struct notice){ .event = letter->event,
			.subject = "",
			.at_ms = n->now_ms,
			.value_count = 1,
			.values = { { "count", count } } };
		list = list_make(n, held, held_count, &contact);
		rc = list == NULL ? -1 : 1;
	} else {
		rc = notice_of(n, letter, &notice);
	}
	if (rc == 1) {
		words_begin(&words, n, &notice, &contact);
		words.list = list;
		wording = templates_find(
		    n->templates, words.language, letter->event);
		rc = wording == NULL ? 0
				     : mail_pack(n, letter, wording, &words,
					   contact.mail, parcel);
	}
	free(list);
	/* Neither notice nor words: no later try would find them. */
	*outcome = OUTCOME_REFUSED;
	return rc;
}

static json_t *
values_json(const struct notice *notice)
{
	json_t *values = json_object();

	for (uint32_t i = 0; values != NULL && i < notice->value_count; i++)
		json_object_set_new(values, notice->values[i].name,
		    json_string(notice->values[i].value));
	return values;
}

static int
write_webhook(struct notify *n, const struct letter *letter,
    struct parcel *parcel, enum courier_outcome *outcome)
{
	struct notice notice;
	char at[CLOCK_TEXT];
	json_t *root;
	char *bytes;
	int rc = notice_of(n, letter, &notice);

	*outcome = OUTCOME_REFUSED;
	if (rc != 1)
		return rc;
	clock_format(notice.at_ms, at);
	root = json_pack("{s:s, s:s, s:s, s:s, s:s, s:o}", "id", notice.id,
	    "delivery", letter->mail_id, "event", notice.event, "subject",
	    notice.subject, "at", at, "values", values_json(&notice));
	bytes = root == NULL ? NULL : json_dumps(root, JSON_COMPACT);
	json_decref(root);
	return pack(
	    parcel, letter, "", bytes, bytes == NULL ? 0 : strlen(bytes));
}

int
notify_write(struct notify *n, const struct letter *letter,
    const struct letter *held, int held_count, struct parcel *parcel,
    enum courier_outcome *outcome)
{
	if (letter->way == WAY_WEBHOOK)
		return write_webhook(n, letter, parcel, outcome);
	return write_mail(n, letter, held, held_count, parcel, outcome);
}
