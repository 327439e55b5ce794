/*
 * notify_words: what a template's places hold: a notice's values, as people
 * of that language say them, and what is known of guild and recipient.
 */
#ifndef PREGON_CONSUMER_NOTIFY_WORDS_H
#define PREGON_CONSUMER_NOTIFY_WORDS_H

#include "backend/consumer/notify_parts.h"

/* Where the words of one letter come from. */
struct words {
	struct notify *n;
	const struct notice *notice;
	const char *language;
	const char *first_name;
	const char *list; /* of a digest */
	char text[4 * TEXT_NOTE_MAX]; /* of the value asked for last */
};

/* Notice and contact outlive it; a contact that is all zero is nobody's. */
void words_begin(struct words *, struct notify *, const struct notice *,
    const struct contact *);

/* The caller frees them.  NULL: ENOMEM.  A subject is one line, and has no two
 * spaces where a value was empty or held a line feed. */
char *words_subject(const struct wording *, struct words *);
char *words_body(const struct wording *, struct words *);

#endif
