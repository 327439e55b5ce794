/*
 * enrol_settings: see the header.
 */
#include <errno.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/api/enrol_settings.h"

#define HOUR_MS INT64_C(3600000)
#define URL_MAX 400
#define CA_MAX ((size_t)64 * 1024)

bool
enrol_url_is_valid(const char *url)
{
	const char *host = strncmp(url, "https://", 8) == 0 ? url + 8
	    : strncmp(url, "http://", 7) == 0		    ? url + 7
							    : "";

	if (*host == '\0' || *host == '/' || strlen(url) > URL_MAX)
		return false;
	for (; *host != '\0'; host++)
		if (*host <= ' ' || *host > '~' || strchr("\"<>?#", *host))
			return false;
	return true;
}

/* The whole file; NULL: `why`. */
static char *
read_pem(const char *path, char *why, size_t why_cap)
{
	FILE *f = fopen(path, "re");
	char *text = f != NULL ? calloc(1, CA_MAX + 1) : NULL;

	if (text == NULL || (fread(text, 1, CA_MAX, f) == 0 && ferror(f))) {
		snprintf(why, why_cap, "mqtt.cafile: cannot read %s: %s", path,
		    strerror(errno));
	} else if (strstr(text, "-----BEGIN CERTIFICATE-----") == NULL ||
	    strlen(text) == CA_MAX) {
		snprintf(why, why_cap,
		    "mqtt.cafile: %s: expected certificates in PEM, 64 kB at "
		    "most",
		    path);
	} else {
		fclose(f);
		return text;
	}
	free(text);
	if (f != NULL)
		fclose(f);
	return NULL;
}

/* 32 bytes in base 64 as URLs have it, without its padding. */
static void
write_base64(const unsigned char digest[32], char text[ENROL_PIN_TEXT + 1])
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "abcdefghijklmnopqrstuvwxyz0123456789-_";
	unsigned bits = 0, have = 0;
	char *to = text;

	for (int i = 0; i < 32; i++) {
		bits = (bits << 8 | digest[i]) & 0xffff;
		for (have += 8; have >= 6; have -= 6)
			*to++ = digits[bits >> (have - 6) & 63];
	}
	*to++ = digits[bits << (6 - have) & 63];
	*to = '\0';
}

/* Of a certificate that cannot be read there is none: the server says why. */
static void
read_pin(const char *path, char pin[ENROL_PIN_TEXT + 1])
{
	FILE *f = path[0] != '\0' ? fopen(path, "re") : NULL;
	X509 *certificate = f != NULL ? PEM_read_X509(f, NULL, NULL, NULL)
				      : NULL;
	unsigned char *key = NULL, digest[32];
	int len = certificate != NULL
	    ? i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &key)
	    : -1;

	pin[0] = '\0';
	if (len > 0 &&
	    EVP_Digest(key, (size_t)len, digest, NULL, EVP_sha256(), NULL) == 1)
		write_base64(digest, pin);
	OPENSSL_free(key);
	X509_free(certificate);
	if (f != NULL)
		fclose(f);
}

int
enrol_settings_take(const struct api_settings *settings,
    struct api_enrol *enrol, char *why, size_t why_cap)
{
	size_t len = strlen(settings->site_url);

	*enrol = (struct api_enrol){
		.https = settings->tls_cert[0] != '\0' ||
		    settings->session_secure,
		.life_ms = settings->enrol_hours * HOUR_MS,
	};
	read_pin(settings->tls_cert, enrol->pin);
	while (len > 0 && settings->site_url[len - 1] == '/')
		len--;
	enrol->url = strndup(settings->site_url, len);
	if (settings->mqtt_cafile[0] != '\0') {
		enrol->ca = read_pem(settings->mqtt_cafile, why, why_cap);
		return enrol->ca != NULL ? 0 : -1;
	}
	if (enrol->url != NULL)
		return 0;
	snprintf(why, why_cap, "no memory");
	return -1;
}

void
enrol_settings_release(struct api_enrol *enrol)
{
	free(enrol->url);
	free(enrol->ca);
}
