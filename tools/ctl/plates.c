#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tools/ctl/plates.h"

static int
add(struct plates *p, const char *plate, size_t len)
{
	char(*more)[CART_MAX + 1];

	/* Sizes 1, 2, 4, ...: full when the count is a power of two. */
	if ((p->count & (p->count - 1)) == 0) {
		more = realloc(
		    p->at, (p->count > 0 ? 2 * p->count : 1) * sizeof(*more));
		if (more == NULL)
			return -1;
		p->at = more;
	}
	memcpy(p->at[p->count], plate, len);
	p->at[p->count++][len] = '\0';
	return 0;
}

int
plates_read(struct plates *p, FILE *f, char *why, size_t why_cap)
{
	char line[256];
	size_t start, len;
	int number = 0;

	*p = (struct plates){ NULL, 0 };
	while (fgets(line, sizeof(line), f) != NULL) {
		number++;
		line[strcspn(line, "#\r\n")] = '\0';
		start = strspn(line, " \t");
		len = strcspn(line + start, " \t");
		if (len == 0)
			continue;
		if (!cart_is_valid(line + start, len) ||
		    line[start + len + strspn(line + start + len, " \t")] !=
			'\0') {
			snprintf(why, why_cap,
			    "line %d: expected a plate, 4 "
			    "to 8 of A-Z and 0-9",
			    number);
			goto fail;
		}
		if (p->count == PLATES_MAX || add(p, line + start, len) == -1) {
			snprintf(
			    why, why_cap, "line %d: too many plates", number);
			goto fail;
		}
	}
	if (p->count > 0)
		return 0;
	snprintf(why, why_cap, "it names no cart");
fail:
	plates_release(p);
	return -1;
}

int
plates_load(struct plates *p, const struct ctl *ctl)
{
	const char *cart = ctl->set.cart, *path = ctl->set.carts_file;
	char why[120];
	FILE *f;
	int rc;

	*p = (struct plates){ NULL, 0 };
	if ((cart[0] != '\0') == (path[0] != '\0')) {
		ctl_say("for whom? give --cart=PLATE or --all-carts-of=FILE");
		return -1;
	}
	if (cart[0] != '\0') {
		if (!cart_is_valid(cart, strlen(cart))) {
			ctl_say("--cart: expected a plate, 4 to 8 of A-Z and "
				"0-9, got \"%s\"",
			    cart);
			return -1;
		}
		return add(p, cart, strlen(cart));
	}
	f = fopen(path, "re");
	if (f == NULL) {
		ctl_say("%s: %s", path, strerror(errno));
		return -1;
	}
	rc = plates_read(p, f, why, sizeof(why));
	fclose(f);
	if (rc == -1)
		ctl_say("%s: %s", path, why);
	return rc;
}

void
plates_release(struct plates *p)
{
	free(p->at);
	*p = (struct plates){ NULL, 0 };
}
