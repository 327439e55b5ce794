/*
 * How far each role is in the log, and whether anything was written since.
 */
#include "backend/store/read_sqlite.h"

int
read_version(struct reader *reader, enum read_database db, int64_t *version)
{
	struct reader_sqlite *r = (struct reader_sqlite *)reader;
	struct statement *s;

	if (read_open(reader, db) == -1)
		return -1;
	s = r->versions[db];
	if (statement_bind(s, "") == -1 || statement_step(s) != 1)
		return -1;
	*version = (int64_t)((uint64_t)r->files[db].opened << 31 |
	    ((uint64_t)statement_int(s, 0) & INT32_MAX));
	statement_reset(s);
	return 0;
}

int
read_offsets(struct reader *reader, enum read_database db,
    int (*each)(void *, const struct offset_row *), void *ctx)
{
	struct offset_row row;
	struct statement *s;
	int rc;

	if (read_open(reader, db) == -1)
		return -1;
	s = ((struct reader_sqlite *)reader)->offsets[db];
	if (statement_bind(s, "") == -1)
		return -1;
	while ((rc = statement_step(s)) == 1) {
		row.topic = statement_text(s, 0);
		row.partition = (int32_t)statement_int(s, 1);
		row.next = statement_int(s, 2);
		if (each(ctx, &row) != 0)
			break;
	}
	statement_reset(s);
	return rc == -1 ? -1 : 0;
}
