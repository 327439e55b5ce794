#include <errno.h>
#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/api/tls.h"

#define PEM_BYTES_MAX (256 * 1024)

/* NULL, and `why` in words. */
static char *
read_pem(const char *path, char *why, size_t why_cap)
{
	FILE *f = fopen(path, "re");
	char *text = malloc(PEM_BYTES_MAX + 1);
	size_t len = 0;

	if (f == NULL || text == NULL) {
		snprintf(why, why_cap, "%s: %s", path, strerror(errno));
		goto fail;
	}
	len = fread(text, 1, PEM_BYTES_MAX + 1, f);
	if (ferror(f)) {
		snprintf(why, why_cap, "%s: cannot be read", path);
		goto fail;
	}
	if (len > PEM_BYTES_MAX || memchr(text, '\0', len) != NULL) {
		snprintf(why, why_cap, "%s: is no PEM file", path);
		goto fail;
	}
	fclose(f);
	text[len] = '\0';
	return text;
fail:
	free(text);
	if (f != NULL)
		fclose(f);
	return NULL;
}

int
tls_read(struct tls *tls, const char *cert, const char *key, char *why,
    size_t why_cap)
{
	memset(tls, 0, sizeof(*tls));
	if (cert[0] == '\0' && key[0] == '\0')
		return 0;
	if (cert[0] == '\0' || key[0] == '\0') {
		snprintf(why, why_cap,
		    "tls.cert and tls.key go together: "
		    "give both or none");
		return -1;
	}
	if (MHD_is_feature_supported(MHD_FEATURE_TLS) != MHD_YES) {
		snprintf(
		    why, why_cap, "this libmicrohttpd was built without TLS");
		return -1;
	}
	tls->cert = read_pem(cert, why, why_cap);
	if (tls->cert == NULL)
		return -1;
	tls->key = read_pem(key, why, why_cap);
	if (tls->key == NULL) {
		tls_release(tls);
		return -1;
	}
	return 0;
}

void
tls_release(struct tls *tls)
{
	free(tls->cert);
	if (tls->key != NULL)
		explicit_bzero(tls->key, strlen(tls->key));
	free(tls->key);
	memset(tls, 0, sizeof(*tls));
}
