/*
 * schema_runtime: the tables that the runtime keeps in every role's database,
 * as the start of the role's own first step, and what followed.
 *
 * Times are Unix ms; 0 is "not given".  A boot id is 64 bits, so it may look
 * negative here.
 */
#ifndef PREGON_BACKEND_SCHEMA_RUNTIME_H
#define PREGON_BACKEND_SCHEMA_RUNTIME_H

#define SCHEMA_RUNTIME_1                                                                                                     \
	/* Which log the offsets are about. */                                                                               \
	"CREATE TABLE guild ("                                                                                               \
	" one INTEGER PRIMARY KEY CHECK (one = 1),"                                                                          \
	" ledger INTEGER NOT NULL,"                                                                                          \
	" log_id BLOB NOT NULL"                                                                                              \
	") STRICT;" /* The next record of each partition to apply. */                                                        \
	"CREATE TABLE log_offset ("                                                                                          \
	" topic TEXT NOT NULL,"                                                                                              \
	" part INTEGER NOT NULL,"                                                                                            \
	" next INTEGER NOT NULL,"                                                                                            \
	" PRIMARY KEY (topic, part)"                                                                                         \
	") STRICT, WITHOUT ROWID;" /* What was seen of a cart's stream and epoch: all below next, but */ /* for the gaps. */ \
	"CREATE TABLE account ("                                                                                             \
	" cart TEXT NOT NULL,"                                                                                               \
	" stream INTEGER NOT NULL,"                                                                                          \
	" epoch INTEGER NOT NULL,"                                                                                           \
	" next INTEGER NOT NULL,"                                                                                            \
	" version INTEGER NOT NULL,"                                                                                         \
	" touched_ms INTEGER NOT NULL,"                                                                                      \
	" PRIMARY KEY (cart, stream, epoch)"                                                                                 \
	") STRICT, WITHOUT ROWID;"                                                                                           \
	"CREATE INDEX account_by_age ON account (touched_ms);" /* reason -1: unexplained; lost: closed for want of room. */  \
	"CREATE TABLE gap ("                                                                                                 \
	" cart TEXT NOT NULL,"                                                                                               \
	" stream INTEGER NOT NULL,"                                                                                          \
	" epoch INTEGER NOT NULL,"                                                                                           \
	" first INTEGER NOT NULL,"                                                                                           \
	" count INTEGER NOT NULL,"                                                                                           \
	" reason INTEGER NOT NULL,"                                                                                          \
	" from_ms INTEGER NOT NULL,"                                                                                         \
	" to_ms INTEGER NOT NULL,"                                                                                           \
	" noticed_ms INTEGER NOT NULL,"                                                                                      \
	" lost INTEGER NOT NULL,"                                                                                            \
	" PRIMARY KEY (cart, stream, epoch, first)"                                                                          \
	") STRICT, WITHOUT ROWID;" /* Unix ms = ms since that boot + offset_ms. */                                           \
	"CREATE TABLE time_marker ("                                                                                         \
	" cart TEXT NOT NULL,"                                                                                               \
	" boot INTEGER NOT NULL,"                                                                                            \
	" offset_ms INTEGER NOT NULL,"                                                                                       \
	" PRIMARY KEY (cart, boot)"                                                                                          \
	") STRICT, WITHOUT ROWID;" /* Records to send; a row goes when Kafka has acknowledged it. */                         \
	"CREATE TABLE outgoing ("                                                                                            \
	" id INTEGER PRIMARY KEY AUTOINCREMENT,"                                                                             \
	" topic TEXT NOT NULL,"                                                                                              \
	" key BLOB NOT NULL,"                                                                                                \
	" value BLOB NOT NULL,"                                                                                              \
	" schema TEXT,"                                                                                                      \
	" reason TEXT,"                                                                                                      \
	" origin TEXT,"                                                                                                      \
	" route_len INTEGER NOT NULL,"                                                                                       \
	" each_partition INTEGER NOT NULL"                                                                                   \
	") STRICT;"                                                                                                          \
	"CREATE TABLE counter ("                                                                                             \
	" name TEXT PRIMARY KEY,"                                                                                            \
	" value INTEGER NOT NULL"                                                                                            \
	") STRICT, WITHOUT ROWID;" /* How late events came, by the minute of their record: late.h. */                        \
	"CREATE TABLE late ("                                                                                                \
	" minute INTEGER NOT NULL,"                                                                                          \
	" bucket INTEGER NOT NULL,"                                                                                          \
	" n INTEGER NOT NULL,"                                                                                               \
	" PRIMARY KEY (minute, bucket)"                                                                                      \
	") STRICT, WITHOUT ROWID;"

/* A record may be a tombstone, and have a partition of its own choice. */
#define SCHEMA_RUNTIME_2                                                       \
	"ALTER TABLE outgoing RENAME TO outgoing_1;"                           \
	"CREATE TABLE outgoing ("                                              \
	" id INTEGER PRIMARY KEY AUTOINCREMENT,"                               \
	" topic TEXT NOT NULL,"                                                \
	" key BLOB NOT NULL,"                                                  \
	" value BLOB," /* NULL: a tombstone */                                 \
	" schema TEXT,"                                                        \
	" reason TEXT,"                                                        \
	" origin TEXT,"                                                        \
	" route_len INTEGER NOT NULL,"                                         \
	" each_partition INTEGER NOT NULL,"                                    \
	" part INTEGER NOT NULL" /* -1: by the key */                          \
	") STRICT;"                                                            \
	"INSERT INTO outgoing SELECT *, -1 FROM outgoing_1;"                   \
	"DROP TABLE outgoing_1;"

#endif
