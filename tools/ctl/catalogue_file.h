/*
 * catalogue_file: a catalogue from a file of CSV (lib/catalogue.h) or JSON:
 * [{"name": "...", "price": 1500, "code": 0}, ...], also as "products" of an
 * object.  Products without a code get those from 0 in order: keep the order
 * when products are added.
 */
#ifndef PREGON_CTL_CATALOGUE_FILE_H
#define PREGON_CTL_CATALOGUE_FILE_H

#include "lib/catalogue.h"

/*
 * Reads the text (NUL-terminated; JSON if it begins with [ or {).  0; -1 and
 * `why` in words, with the first line that is wrong, and nothing to release.
 */
int catalogue_file_read(
    struct catalogue *, const char *text, char *why, size_t why_cap);

#endif
