/*
 * customer: who counts as one customer.
 *
 * The contact where there is one, else the name; either trimmed of white
 * space and case-folded (each code point to its lower case, as Unicode has it
 * in glibc's C.UTF-8; "ß" stays what it is).  Accents stay: José and Jose are
 * two.  A purchase with neither names nobody and is no one's.
 */
#ifndef PREGON_CONSUMER_CUSTOMER_H
#define PREGON_CONSUMER_CUSTOMER_H

#include "backend/store/customers_store.h"

struct customer_rules;
/* NULL: errno; ENOENT: the system lacks C.UTF-8. */
struct customer_rules *customer_rules_new(void);
void customer_rules_free(struct customer_rules *);

/* The key, or "" for nobody.  A contact and a name are never the same. */
void customer_key(const struct customer_rules *, struct text customer,
    struct text contact, char key[CUSTOMER_KEY_MAX + 1]);

/*
 * A key that holds a contact becomes one that holds a keyed hash of it: who
 * is one customer stays when the contact is erased.  Others stay as they are.
 */
void customer_seal(const uint8_t secret[CUSTOMER_SECRET_BYTES],
    char key[CUSTOMER_KEY_MAX + 1]);

#endif
