/*
 * mailer: mails by SMTP (libcurl), over a connection that is kept for a batch.
 * The back end of a sender: all but mailer_new and mailer_free run on its
 * thread.
 */
#ifndef PREGON_CONSUMER_MAILER_H
#define PREGON_CONSUMER_MAILER_H

#include <stdatomic.h>

#include "backend/consumer/sender.h"

/* Of the setting smtp.tls, in its order. */
enum smtp_tls {
	SMTP_TLS_REQUIRED, /* STARTTLS, or the mail is not sent */
	SMTP_TLS_NONE
};

struct mailer_settings {
	const char *url; /* "smtp://host:port", "smtps://host:port" */
	const char *user, *password; /* "": nobody in particular */
	const char *cafile; /* "": the system's */
	const char *from; /* address */
	enum smtp_tls tls;
	int64_t timeout_s; /* a mail takes no longer */
};

struct mailer;
/* The settings' texts and *stop outlive it; once *stop is set, what is under
 * way is broken off.  NULL: ENOMEM. */
struct mailer *mailer_new(const struct mailer_settings *, atomic_bool *stop);
void mailer_free(struct mailer *);

extern const struct sender_way mailer_way;

/*
 * What a server's answer means for a mail.  `verb`: the first letter of the
 * last command, 'R' RCPT, 'D' DATA or after it, 0: none yet; `code`: the last
 * answer, 0: there was none.
 */
enum courier_outcome mailer_judge(char verb, long code);

#endif
