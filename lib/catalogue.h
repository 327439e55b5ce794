/*
 * catalogue: what the guild sells, as people hand it in: rows checked one by
 * one, a table of CSV, and the codes of products that came without one.
 */
#ifndef PREGON_CATALOGUE_H
#define PREGON_CATALOGUE_H

#include "schemas/down.h"

#define CATALOGUE_NO_CODE UINT32_MAX /* of a product, until it is numbered */

struct catalogue {
	struct product *products; /* their names point into `names` */
	size_t count;
	char *names;
	size_t name_bytes, name_cap;
};

/* For rows whose names have `name_cap` bytes together.  -1: ENOMEM. */
int catalogue_init(struct catalogue *, size_t name_cap);
void catalogue_rows_release(struct catalogue *);

/*
 * Told of each row that is wrong: the line (from 1) of a CSV, the column
 * ("" for the line as a whole), and words that follow "expected".
 */
struct catalogue_critic {
	void (*wrong)(
	    void *ctx, int line, const char *column, const char *expected);
	void *ctx;
};

/*
 * Adds a row; `code` -1: it has none yet.  The name is copied.  -1: it was
 * not taken, and the critic was told of each wrong column.
 */
int catalogue_add(struct catalogue *, int line, const char *name, int64_t price,
    int64_t code, const struct catalogue_critic *);

/*
 * CSV (RFC 4180), NUL-terminated: a head line that names the columns
 * product_name and price, and maybe code and others; commas, and double
 * quotes around what holds one.  Rows that are wrong are left out and the
 * critic told; -1: the table is broken there and its rest was not read.
 */
int catalogue_read_csv(
    struct catalogue *, const char *text, const struct catalogue_critic *);

/*
 * Gives a code to each product that has none: the one its name has in `old`,
 * else the next above all of `old` (0 if there are none).  So a product keeps
 * its code, whatever its place in the list, and one that was just removed
 * does not hand its code to another.
 */
void catalogue_number(
    struct catalogue *, const struct product *old, size_t old_count);

bool catalogue_equals(
    const struct catalogue *, const struct product *, size_t count);

#endif
