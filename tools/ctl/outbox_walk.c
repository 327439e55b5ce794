#include <stdlib.h>

#include "tools/ctl/outbox_walk.h"

static int
walk_one(struct outbox *ob, struct walk_frame *f, uint64_t ledger, uint8_t *buf,
    int (*each)(void *, const struct walk_frame *), void *ctx)
{
	int rc;

	if (outbox_cut(ob, f->stream, &f->range, ledger, 0, buf,
		FRAME_BYTES_MAX, &f->len, &f->next_seq) == -1)
		return -1;
	f->bytes = buf;
	rc = each(ctx, f);
	if (rc != 0)
		return rc;
	return outbox_acknowledge(ob, f->stream, f->range.epoch, f->next_seq);
}

int
outbox_walk(struct outbox *ob, enum stream stream, uint64_t ledger,
    int (*each)(void *, const struct walk_frame *), void *ctx)
{
	struct walk_frame f = { .stream = stream };
	uint8_t *buf = malloc(FRAME_BYTES_MAX);
	int rc;

	if (buf == NULL)
		return -1;
	while ((rc = outbox_next(ob, stream, &f.range)) == 1) {
		rc = walk_one(ob, &f, ledger, buf, each, ctx);
		if (rc != 0)
			break;
	}
	free(buf);
	return rc;
}

/* The first ledger that an outbox hears is only stored: so, two of them. */
int
outbox_walk_all(struct outbox *ob)
{
	if (outbox_ledger(ob) == 0 && outbox_raise(ob, 1, 0) == -1)
		return -1;
	return outbox_raise(ob, outbox_ledger(ob) + 1, 0);
}
