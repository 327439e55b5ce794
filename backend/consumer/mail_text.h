/*
 * mail_text: a mail as the bytes that SMTP carries (RFC 5322, MIME).
 *
 * Pure.  What a value holds can neither end a header line nor begin another:
 * control characters become spaces, and what is not plain ASCII is encoded
 * (RFC 2047; the body quoted-printable).
 */
#ifndef PREGON_CONSUMER_MAIL_TEXT_H
#define PREGON_CONSUMER_MAIL_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct mail {
	const char *from; /* address */
	const char *from_name; /* UTF-8 */
	const char *to; /* address */
	const char *subject; /* UTF-8, one line */
	const char *body; /* UTF-8, lines end with '\n' */
	/* What is before the @ of its Message-ID: the same mail has the same
	 * one, so that who gets it twice can tell. */
	const char *id;
	const char *thread; /* of mails about the same thing; "": alone */
	int64_t at_ms; /* Date */
};

/* The caller frees it; lines end with CR LF.  NULL: ENOMEM. */
char *mail_text(const struct mail *, size_t *len);

/* What may stand between < and > of a command to a mail server: ASCII, one @,
 * none of the characters that mean something there. */
bool mail_address_is_plain(const char *);

/* "<thread>.<domain>" needs no more than hex digits: 64 bits of a hash. */
#define MAIL_THREAD_MAX 16
void mail_thread(const char *subject, char thread[MAIL_THREAD_MAX + 1]);

#endif
