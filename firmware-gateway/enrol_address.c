#include "firmware-gateway/enrol_address.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define TEXT_MAX 600
#define MARK "#/enrol/"
#define PAGE "/public"
#define INDEX "/index.html"

static void
take_pin(const char *at, struct enrol_address *a)
{
	size_t len = strspn(at,
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	    "0123456789-_");

	if (len == ENROL_PIN_TEXT)
		snprintf(a->pin, sizeof(a->pin), "%.*s", (int)len, at);
}

/* The last part that is a code: after a slash, or after some space.  NULL:
 * none is. */
static char *
find_code(char *text, struct enrol_code *code, struct enrol_address *a)
{
	char *mark = strstr(text, MARK);
	size_t len = strlen(text);

	if (mark != NULL) {
		char *at = mark + strlen(MARK);
		size_t end = strcspn(at, "/?&");

		if (at[end] == '/')
			take_pin(at + end + 1, a);
		return enrol_code_parse(at, end, code) == 0 ? mark : NULL;
	}
	/* The shortest tail first: "host 4trb 0vwn" is none. */
	for (size_t i = len; i > 0; i--) {
		if (text[i - 1] != ' ' && text[i - 1] != '/')
			continue;
		if (enrol_code_parse(text + i, len - i, code) == 0)
			return text + i - 1;
	}
	return enrol_code_parse(text, len, code) == 0 ? text : NULL;
}

static bool
ends_with(const char *text, size_t len, const char *tail)
{
	return len >= strlen(tail) &&
	    strncmp(text + len - strlen(tail), tail, strlen(tail)) == 0;
}

/* What stands before the page's path, without slashes at its end. */
static void
trim_page(char *base)
{
	size_t len = strlen(base);

	while (len > 0 && (base[len - 1] == '/' || base[len - 1] == ' '))
		len--;
	if (ends_with(base, len, INDEX))
		len -= strlen(INDEX);
	if (ends_with(base, len, PAGE))
		len -= strlen(PAGE);
	while (len > 0 && base[len - 1] == '/')
		len--;
	base[len] = '\0';
}

static bool
is_host(const char *host)
{
	return *host != '\0' &&
	    host[strspn(host,
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
		"0123456789.-_:[]")] == '\0';
}

static enum enrol_address_fault
take_base(const char *text, struct enrol_address *a)
{
	bool plain = strncasecmp(text, "http://", 7) == 0;
	const char *rest = plain		    ? text + 7
	    : strncasecmp(text, "https://", 8) == 0 ? text + 8
						    : text;
	const char *path = rest + strcspn(rest, "/");
	char *port;

	a->https = !plain;
	snprintf(a->host, sizeof(a->host), "%.*s", (int)(path - rest), rest);
	if (!is_host(a->host) || strpbrk(path, " ?#%\"<>") != NULL ||
	    snprintf(a->base, sizeof(a->base), "%s://%s",
		plain ? "http" : "https", rest) >= (int)sizeof(a->base))
		return ENROL_ADDRESS_NO_GUILD;
	/* [2001:db8::1]:8443 */
	port = strrchr(a->host, ':');
	if (port != NULL && port[1] == '\0')
		return ENROL_ADDRESS_NO_GUILD;
	if (port != NULL && strchr(port, ']') == NULL)
		*port = '\0';
	if (a->host[0] == '[') {
		memmove(a->host, a->host + 1, strlen(a->host));
		a->host[strcspn(a->host, "]")] = '\0';
	}
	return a->host[0] != '\0' ? ENROL_ADDRESS_GOOD : ENROL_ADDRESS_NO_GUILD;
}

enum enrol_address_fault
enrol_address_parse(const char *given, struct enrol_address *a)
{
	char text[TEXT_MAX];
	struct enrol_code code;
	size_t len;
	char *at;

	given += strspn(given, " \t\r\n");
	if (snprintf(text, sizeof(text), "%s", given) >= (int)sizeof(text))
		return ENROL_ADDRESS_NO_CODE;
	len = strlen(text);
	while (len > 0 && strchr(" \t\r\n", text[len - 1]) != NULL)
		text[--len] = '\0';
	for (char *c = text; *c != '\0'; c++)
		if (*c == '\t' || *c == '\r' || *c == '\n')
			*c = ' ';
	a->pin[0] = '\0';
	at = find_code(text, &code, a);
	if (at == NULL)
		return ENROL_ADDRESS_NO_CODE;
	enrol_code_format(&code, a->code);
	*at = '\0';
	trim_page(text);
	return take_base(text, a);
}
