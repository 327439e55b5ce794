/*
 * accounts: the accounts of events that a role has in memory.
 *
 * Rows are read when first needed, changed in memory, and written once before
 * the transaction is committed, each by compare-and-swap (ROWCAS).
 */
#ifndef PREGON_CONSUMER_ACCOUNTS_H
#define PREGON_CONSUMER_ACCOUNTS_H

#include "backend/consumer/account.h"

struct accounts;
struct accounts *accounts_new(struct runtime_store *);
void accounts_free(struct accounts *);

/*
 * The account, which the caller may change until the next flush.  NULL:
 * errno.
 */
struct account *accounts_get(
    struct accounts *, const char *cart, enum stream, uint64_t epoch);
/* ESTALE: somebody else has written one. */
int accounts_flush(struct accounts *);
void accounts_forget(struct accounts *);

#endif
