/*
 * Whose file it is.  A folio names its cart, and so does what the guild keeps
 * of it: events handed in under another plate would be counted again.
 */
#include <errno.h>
#include <string.h>

#include "lib/outbox.h"

#define KEY_OWNER "cart"

int
outbox_claim(struct outbox *ob, const char *cart, char owner[CART_MAX + 1])
{
	long len = outbox_get(ob, KEY_OWNER, owner, CART_MAX);

	if (len >= 0) {
		owner[len] = '\0';
		if (strcmp(owner, cart) == 0)
			return 0;
		errno = EPERM;
		return -1;
	}
	if (errno != ENOENT || outbox_begin(ob) == -1)
		return -1;
	if (outbox_put(ob, KEY_OWNER, cart, strlen(cart)) == -1) {
		outbox_rollback(ob);
		return -1;
	}
	return outbox_commit(ob, OUTBOX_SYNC);
}
