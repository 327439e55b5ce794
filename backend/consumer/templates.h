/*
 * templates: the words of all that is told, from files a guild may change:
 * FOLDER/<language>/<event>.txt, a template each, and FOLDER/<language>/
 * words.txt, what values are called ("cause.missing = sin señal").
 *
 * Read once, at the start.
 */
#ifndef PREGON_CONSUMER_TEMPLATES_H
#define PREGON_CONSUMER_TEMPLATES_H

#include <stddef.h>

#include "backend/consumer/wording.h"

struct templates;
/*
 * Every language that has a folder.  NULL with `why`: it cannot be read, a
 * file is wrong, `language` or one of es and en is not there, or one of the
 * guild's own events has no words in one of them.
 */
struct templates *templates_open(
    const char *folder, const char *language, char *why, size_t why_cap);
void templates_close(struct templates *);

/* In this language, or else in the guild's; NULL: there is none. */
const struct wording *templates_find(
    const struct templates *, const char *language, const char *event);
/* What `value` of `name` is called; NULL: as it is. */
const char *templates_word(const struct templates *, const char *language,
    const char *name, const char *value);

#endif
