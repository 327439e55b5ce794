/*
 * plates: the carts that a command is for: --cart=PLATE, or a file with a
 * plate a line (blank lines and what follows a # are left out).
 */
#ifndef PREGON_CTL_PLATES_H
#define PREGON_CTL_PLATES_H

#include <stdio.h>

#include "schemas/identity.h"
#include "tools/ctl/ctl.h"

#define PLATES_MAX 100000

struct plates {
	char (*at)[CART_MAX + 1]; /* owned */
	size_t count;
};

#define CTL_CART_KEYS                                                          \
	CTL_TEXT("cart", cart, "", "plate of the cart"),                       \
	    CTL_TEXT("all-carts-of", carts_file, "",                           \
		"file with a plate a line, instead of --cart")

/* From --cart or --all-carts-of, exactly one of them.  -1: said. */
int plates_load(struct plates *, const struct ctl *);
/* Reads a list; -1 and `why` in words, with the line. */
int plates_read(struct plates *, FILE *, char *why, size_t why_cap);
void plates_release(struct plates *);

#endif
