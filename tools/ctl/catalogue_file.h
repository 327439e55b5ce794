/*
 * catalogue_file: a catalogue from CSV or JSON.
 *
 * CSV: a head line that names the columns product_name and price, and maybe
 * code; commas, and double quotes around what holds one.  JSON:
 * [{"name": "...", "price": 1500, "code": 0}, ...].  A product without a code
 * has its place in the list, from 0: keep the order when products are added.
 */
#ifndef PREGON_CTL_CATALOGUE_FILE_H
#define PREGON_CTL_CATALOGUE_FILE_H

#include "schemas/down.h"

struct catalogue_file {
	struct product *products; /* their names point into `names` */
	size_t count;
	char *names;
};

/*
 * Reads the text (NUL-terminated; JSON if it begins with [ or {).  0; -1 and
 * `why` in words, with the line.
 */
int catalogue_file_read(
    struct catalogue_file *, const char *text, char *why, size_t why_cap);
void catalogue_file_release(struct catalogue_file *);

#endif
