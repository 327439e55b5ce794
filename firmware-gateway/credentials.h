/*
 * credentials: what enrolment gave this gateway, in a file beside the outbox
 * (or enrol.file): the cart, the broker, its password.  Lines of the settings
 * of the same names, which it goes before: whoever enrols wants just that.
 * Who wants the settings back removes the file.
 *
 * Beside it, as <file>.ca, what the broker's certificate is checked against,
 * if the guild gave it; and as <file>.word what this gateway calls itself
 * when it takes a code: drawn by chance and on the flash before it is first
 * said, so that a repeat after any crash is known to be one.
 *
 * Files are written whole or not at all, synced, 0600, and are the folder's
 * owner's also where root writes them.
 */
#ifndef PREGON_GATEWAY_CREDENTIALS_H
#define PREGON_GATEWAY_CREDENTIALS_H

#include "firmware-gateway/settings.h"
#include "schemas/identity.h"

#define CREDENTIALS_TEXT_MAX 255
#define CREDENTIALS_PATH_MAX 1024
#define CREDENTIALS_WORD 26

struct credentials {
	char cart[CART_MAX + 1];
	uint32_t enrolment; /* the gateway's number */
	char host[CREDENTIALS_TEXT_MAX + 1];
	int port;
	char user[CREDENTIALS_TEXT_MAX + 1];
	char password[CREDENTIALS_TEXT_MAX + 1];
	char cafile[CREDENTIALS_PATH_MAX]; /* "": no TLS */
};

/* Where they are.  -1: the path is too long. */
int credentials_path(const struct settings *, char path[CREDENTIALS_PATH_MAX]);

/*
 * Into the settings: 1; 0: there is no such file; -1: it cannot be read, is
 * not whole, or is another cart's: `why`, and the settings stay.
 */
int credentials_take(struct settings *, char *why, size_t why_cap);

/* `ca` (PEM, NULL: none was given) first, and its path becomes ->cafile. */
int credentials_keep(const char *path, struct credentials *, const char *ca,
    char *why, size_t why_cap);

/* Makes it if there is none. */
int credentials_word(const char *path, char word[CREDENTIALS_WORD + 1],
    char *why, size_t why_cap);

/* May it stand in the file: printable ASCII without spaces, not empty? */
bool credentials_text_is_valid(const char *);

#endif
