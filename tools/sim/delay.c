#include "tools/sim/delay.h"

#include <stdlib.h>
#include <string.h>

void
delay_release(struct delay *d)
{
	for (size_t i = 0; i < d->count; i++)
		free(d->heap[i]);
	free(d->heap);
	memset(d, 0, sizeof(*d));
}

static bool
grow(struct delay *d)
{
	size_t room = d->room == 0 ? 64 : d->room * 2;
	struct delayed **heap;

	if (d->count < d->room)
		return true;
	if (d->count >= DELAY_MAX)
		return false;
	heap = realloc(d->heap, room * sizeof(*heap));
	if (heap == NULL)
		return false;
	d->heap = heap;
	d->room = room;
	return true;
}

static void
swap(struct delay *d, size_t a, size_t b)
{
	struct delayed *m = d->heap[a];

	d->heap[a] = d->heap[b];
	d->heap[b] = m;
}

bool
delay_add(
    struct delay *d, const struct delayed *head, const void *bytes, size_t len)
{
	struct delayed *m;
	size_t at = d->count;

	if (!grow(d))
		return false;
	m = malloc(sizeof(*m) + len);
	if (m == NULL)
		return false;
	*m = *head;
	m->len = len;
	memcpy(m->bytes, bytes, len);
	d->heap[d->count++] = m;
	while (at > 0 && d->heap[(at - 1) / 2]->due_us > d->heap[at]->due_us) {
		swap(d, at, (at - 1) / 2);
		at = (at - 1) / 2;
	}
	return true;
}

struct delayed *
delay_take(struct delay *d, int64_t now_us)
{
	struct delayed *first;
	size_t at = 0;

	if (d->count == 0 || d->heap[0]->due_us > now_us)
		return NULL;
	first = d->heap[0];
	d->heap[0] = d->heap[--d->count];
	for (;;) {
		size_t least = at;

		for (size_t i = 2 * at + 1; i <= 2 * at + 2; i++) {
			if (i < d->count &&
			    d->heap[i]->due_us < d->heap[least]->due_us)
				least = i;
		}
		if (least == at)
			return first;
		swap(d, at, least);
		at = least;
	}
}
