/*
 * notice: what a person is to be told, a record of topic_avisos.
 *
 * It says what happened and to whom it goes; the role notify finds the words
 * (a template named after `event`) and the way.  Key: `to`.
 */
#ifndef PREGON_NOTICE_H
#define PREGON_NOTICE_H

#include "schemas/event.h"

#define NOTICE_VERSION 1
#define NOTICE_ID_MAX 96
#define NOTICE_TO_MAX 120
#define NOTICE_EVENT_MAX 40
#define NOTICE_VALUES_MAX 16
#define NOTICE_NAME_MAX 40
#define NOTICE_BYTES_MAX 8192

struct notice_value {
	const char *name; /* not ""; to NOTICE_NAME_MAX bytes */
	const char *value; /* cut at TEXT_NOTE_MAX bytes when written */
};

/*
 * Texts are the caller's when written; when read they are in `text`, which
 * the struct owns.
 */
struct notice {
	const char *id; /* of the notice: once per id and recipient */
	const char *to; /* "admins", "depot", "cart:<plate>", "mail:<addr>" */
	const char *event; /* "alert.opened", "order.entregando" */
	const char *subject; /* the id of the alert, order, ...: to 96 */
	int64_t at_ms;
	uint32_t value_count;
	struct notice_value values[NOTICE_VALUES_MAX];
	char text[NOTICE_BYTES_MAX];
};
/*
 * Bytes, or -1: ENOBUFS; EINVAL: no id, `to`, event or a value's name, or one
 * that is too long.  A subject or a value of NULL is written as "".
 */
int notice_encode(const struct notice *, void *buf, size_t cap);
int notice_decode(const void *, size_t, struct notice *, struct decode_error *);

#endif
