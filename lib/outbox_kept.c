/*
 * What is still kept of a stream, acknowledged or not.
 */
#include <errno.h>

#include "lib/outbox_parts.h"

int
outbox_newest(struct outbox *ob, enum stream stream, int limit,
    bool (*each)(void *ctx, const struct outbox_kept *), void *ctx)
{
	struct statement *st = ob->rows[stream][ROW_NEWEST];
	struct outbox_kept kept;
	bool more = true;
	int rc, seen = 0;

	if (statement_bind(st, "ii", (int)stream, limit) == -1)
		return outbox_failed(ob);
	while (more && (rc = statement_step(st)) == 1) {
		kept.epoch = (uint64_t)statement_int(st, 0);
		kept.seq = (uint64_t)statement_int(st, 1);
		kept.at = row_instant(st, 2);
		kept.item = statement_blob(st, 4, &kept.len);
		kept.acknowledged = statement_int(st, 5) != 0;
		more = each(ctx, &kept);
		seen++;
	}
	if (more && rc == -1)
		return outbox_failed(ob);
	statement_reset(st);
	return seen;
}
