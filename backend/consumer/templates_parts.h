/*
 * templates_parts: what the templates' own files share; nobody else's.
 */
#ifndef PREGON_CONSUMER_TEMPLATES_PARTS_H
#define PREGON_CONSUMER_TEMPLATES_PARTS_H

#include "backend/consumer/templates.h"

#define LANGUAGE_LEN 2

struct entry {
	char *name; /* of an event, or "cause.missing" */
	struct wording words; /* of an event */
	char *word;
};
struct entries {
	struct entry *list;
	size_t count;
};
struct language {
	char name[LANGUAGE_LEN + 1];
	struct entries events, words;
};
struct templates {
	struct language *languages;
	size_t count;
	char language[LANGUAGE_LEN + 1]; /* the guild's */
};

/* templates_load.c: every language of the folder.  0, or -1 with `why`. */
int templates_load(
    struct templates *, const char *folder, char *why, size_t why_cap);

#endif
