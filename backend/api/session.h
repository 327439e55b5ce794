/*
 * session: a person who has logged in with a browser.
 *
 * The cookie says it all and is signed, so nothing is kept for those who are
 * logged in: a restart of the program logs nobody out, and several of them
 * that share the guild's secret know each other's sessions.  The key comes
 * from that secret; without one it is drawn at the start, and a restart then
 * does log everybody out.  What is signed has the token's hash in it: a
 * session ends with its token.
 *
 * Only sessions that were ended before their time are remembered, the last
 * SESSIONS_ENDED_MAX of them, until the program ends: a copy of a cookie made
 * before its owner logged out is good again after a restart, until it
 * expires.  Any thread.
 */
#ifndef PREGON_API_SESSION_H
#define PREGON_API_SESSION_H

#include "backend/api/tokens.h"
#include "lib/secret.h"

#define SESSIONS_ENDED_MAX 4096
#define SESSION_NONCE_BYTES 8
#define SESSION_TEXT_MAX 160
#define SESSION_CSRF_CHARS 32

struct session {
	char text[SESSION_TEXT_MAX + 1]; /* the cookie's value; "": none */
	int64_t until_ms;
	uint8_t nonce[SESSION_NONCE_BYTES];
	/* What a write says in X-Pregon-CSRF: who can make a browser send the
	 * cookie cannot know it. */
	char csrf[SESSION_CSRF_CHARS + 1];
};

struct sessions;
/*
 * `secret` NULL: a key of its own.  `secure`: cookies travel over HTTPS
 * alone.  NULL: ENOMEM, EIO (no randomness).
 */
struct sessions *sessions_new(
    const struct secret *, int64_t lasts_ms, bool secure);
void sessions_free(struct sessions *);

/* The cookie's name: a page of another host cannot set that of HTTPS. */
const char *sessions_cookie(const struct sessions *);
/* Set-Cookie's value; "" for the session: forget it. */
#define SESSION_COOKIE_MAX 300
void sessions_set_cookie(const struct sessions *, const struct session *,
    char text[SESSION_COOKIE_MAX]);

/* -1: EINVAL (the token's id does not fit in a cookie), EIO. */
int sessions_begin(
    struct sessions *, const struct token *, int64_t now_ms, struct session *);
/* Whose it is; REFUSED also: it is over, ended, or not of our making. */
enum tokens_answer sessions_find(struct sessions *, struct tokens *,
    const char *text, int64_t now_ms, struct session *, struct token *);
void sessions_end(struct sessions *, const struct session *);

/* Is it the session's word?  NULL: no. */
bool session_csrf_is(const struct session *, const char *csrf);

#endif
