/*
 * enrol_http: one HTTP(S) request to the guild, by libcurl.  The library is
 * opened when it is first needed, by the short-lived process that enrols: the
 * gateway itself never has it in memory.
 */
#ifndef PREGON_GATEWAY_ENROL_HTTP_H
#define PREGON_GATEWAY_ENROL_HTTP_H

#include <stddef.h>

enum enrol_http_result {
	ENROL_HTTP_ANSWERED,
	ENROL_HTTP_NO_LIBRARY, /* libcurl is not installed */
	ENROL_HTTP_NO_NAME, /* the host's name leads nowhere */
	ENROL_HTTP_NO_ANSWER, /* no connection, or cut, or too slow */
	ENROL_HTTP_CERTIFICATE /* not one that is trusted here */
};

struct enrol_http {
	const char *url;
	/* PEM; "": what the system trusts. */
	const char *cafile;
	/* "sha256//<base 64>" of the only public key that will do, whoever
	 * signed it; "": any that is signed. */
	const char *pin;
};

struct enrol_http_answer {
	long status;
	int retry_s; /* Retry-After; 0: none */
	char *body; /* ended with NUL; the caller frees it */
	char why[256]; /* where it was not answered */
};

/* POSTs JSON and waits for the answer, 15 s at most. */
enum enrol_http_result enrol_http_post(
    const struct enrol_http *, const char *json, struct enrol_http_answer *);

#endif
