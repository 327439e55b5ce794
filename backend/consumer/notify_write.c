/*
 * notify_write: from a letter to the bytes that are sent.
 */
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "backend/consumer/mail_text.h"
#include "backend/consumer/notify_parts.h"
#include "schemas/member.h"

#define MAIL_TO "mail:"
#define MEMBER_TO "member:"
#define VENDOR_TO "vendor:"
#define RFC3339_LEN 20 /* "2026-11-20T16:00:00Z" */

/* Where the words of one letter come from. */
struct words {
	struct notify *n;
	const struct notice *notice;
	const char *language;
	const char *first_name;
	const char *list; /* of a digest */
	char text[4 * TEXT_NOTE_MAX]; /* of the value asked for last */
};

static const char *
value_of(const struct notice *notice, const char *name)
{
	for (uint32_t i = 0; i < notice->value_count; i++) {
		if (strcmp(notice->values[i].name, name) == 0)
			return notice->values[i].value;
	}
	return NULL;
}

/* On the wall, as people of that language write it. */
static const char *
moment_text(struct words *w, int64_t ms)
{
	const char *format = templates_word(
	    w->n->templates, w->language, "time", "format");
	time_t s = (time_t)(ms / 1000);
	struct tm tm;

	localtime_r(&s, &tm);
	if (strftime(w->text, sizeof(w->text),
		format != NULL ? format : "%Y-%m-%d %H:%M", &tm) == 0)
		w->text[0] = '\0';
	return w->text;
}

/* "20 x 3": so many units of that product. */
static int
line_text(
    struct words *w, uint32_t units, uint32_t product, char *text, size_t cap)
{
	const struct templates *t = w->n->templates;
	const char *name = product_name(w->n->products, product, w->n->now_ms);
	const char *plain = templates_word(t, w->language, "lines", "product");
	const char *full = templates_word(t, w->language, "lines", "fill");
	char number[64];

	if (name == NULL) {
		snprintf(number, sizeof(number), "%.40s %u",
		    plain != NULL ? plain : "product", product);
		name = number;
	}
	/* Not fixed yet: what is missing when it is prepared. */
	if (units == 0)
		return snprintf(
		    text, cap, "%s %s", full != NULL ? full : "?", name);
	return snprintf(text, cap, "%u × %s", units, name);
}

/* Units of products with what they are called; else as it came. */
static const char *
lines_text(struct words *w, const char *value)
{
	size_t len = 0;
	const char *at = value;

	w->text[0] = '\0';
	while (*at != '\0') {
		unsigned units, product;
		char line[TEXT_NAME_MAX + 100];
		int read = 0, n;

		if (sscanf(at, "%9u x %9u%n", &units, &product, &read) != 2)
			return value;
		n = line_text(w, units, product, line, sizeof(line));
		if (len + (size_t)n + 3 >= sizeof(w->text))
			break;
		len += (size_t)snprintf(w->text + len, sizeof(w->text) - len,
		    "%s%s", len > 0 ? ", " : "", line);
		at += read;
		at += strspn(at, ", ");
	}
	return w->text;
}

static const char *
said(struct words *w, const char *name, const char *value)
{
	const char *word = templates_word(
	    w->n->templates, w->language, name, value);
	const char *code = value_of(w->notice, "code");
	int64_t ms;

	/* A reason of the guild's own has a code, and words for it in each
	 * language; one that a person wrote stands as it is. */
	if (word == NULL && code != NULL && strcmp(name, "reason") == 0)
		word = templates_word(
		    w->n->templates, w->language, "code", code);
	if (word != NULL)
		return word;
	if (strcmp(name, "lines") == 0)
		return lines_text(w, value);
	if (strlen(value) == RFC3339_LEN && value[RFC3339_LEN - 1] == 'Z' &&
	    clock_parse(value, &ms) == 0)
		return moment_text(w, ms);
	return value;
}

/* Of wording_fill: what the notice says comes first. */
static const char *
words_find(void *ctx, const char *name)
{
	struct words *w = ctx;
	const struct role_settings *s = w->n->settings;
	const char *value = value_of(w->notice, name);

	if (value != NULL)
		return said(w, name, value);
	if (strcmp(name, "guild") == 0)
		return s->guild_name;
	if (strcmp(name, "guild_contact") == 0)
		return s->guild_contact;
	if (strcmp(name, "first_name") == 0)
		return w->first_name;
	if (strcmp(name, "list") == 0)
		return w->list;
	if (strcmp(name, "id") == 0)
		return w->notice->subject;
	if (strcmp(name, "at") == 0)
		return moment_text(w, w->notice->at_ms);
	return NULL;
}

static void
words_begin(struct words *w, struct notify *n, const struct notice *notice,
    const struct contact *contact)
{
	const char *language = value_of(notice, "language");

	if (language == NULL || language[0] == '\0')
		language = contact->language;
	*w = (struct words){ .n = n,
		.notice = notice,
		.language = language[0] != '\0' ? language
						: n->settings->language,
		.first_name = contact->first_name };
}

/* A subject: of one line, and where a value was empty or had a line feed no
 * two spaces.  The caller frees it.  NULL: ENOMEM. */
static char *
subject_fill(const struct wording *wording, struct words *w)
{
	char *text = wording_fill_line(
	    wording->subject, &(struct wording_values){ words_find, w });
	size_t len = 0;

	for (const char *at = text; text != NULL && *at != '\0'; at++) {
		bool space = (unsigned char)*at <= ' ';

		if (!space || (len > 0 && text[len - 1] != ' '))
			text[len++] = space ? ' ' : *at;
	}
	if (text != NULL)
		text[len] = '\0';
	return text;
}

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
			line = subject_fill(wording, &words);
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
	char *subject = subject_fill(wording, words);
	char *body = wording_fill(
	    wording->body, &(struct wording_values){ words_find, words });
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

char *
notify_words_for_cart(
    struct notify *n, const struct notice *notice, const char *plate)
{
	const struct wording *wording;
	char event[NOTICE_EVENT_MAX + sizeof(".cart")];
	struct contact contact;
	struct words words;
	char *text;
	size_t len;

	if (contacts_of_plate(n->contacts, plate, &contact) != 1)
		memset(&contact, 0, sizeof(contact));
	words_begin(&words, n, notice, &contact);
	snprintf(event, sizeof(event), "%s.cart", notice->event);
	wording = templates_find(n->templates, words.language, event);
	if (wording == NULL)
		wording = templates_find(
		    n->templates, words.language, notice->event);
	if (wording == NULL) {
		errno = ENOENT;
		return NULL;
	}
	/* An inbox has one line for each: the subject says it. */
	text = subject_fill(wording, &words);
	if (text == NULL)
		return NULL;
	len = strlen(text);
	if (len > TEXT_NOTE_MAX) {
		for (len = TEXT_NOTE_MAX;
		     len > 0 && ((unsigned char)text[len] & 0xc0) == 0x80;)
			len--;
		text[len] = '\0';
	}
	return text;
}
