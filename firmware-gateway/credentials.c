#include "firmware-gateway/credentials.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "firmware-gateway/credentials_file.h"

#define FILE_MAX 4096

bool
credentials_text_is_valid(const char *s)
{
	size_t len = strlen(s);

	if (len == 0 || len > CREDENTIALS_TEXT_MAX)
		return false;
	for (; *s != '\0'; s++)
		if (*s <= ' ' || *s > '~')
			return false;
	return true;
}

int
credentials_path(const struct settings *s, char path[CREDENTIALS_PATH_MAX])
{
	int len = s->enrol.file[0] != '\0'
	    ? snprintf(path, CREDENTIALS_PATH_MAX, "%s", s->enrol.file)
	    : snprintf(
		  path, CREDENTIALS_PATH_MAX, "%s.credentials", s->outbox.path);

	/* Room for what stands beside it. */
	return len < CREDENTIALS_PATH_MAX - 8 ? 0 : -1;
}

/* ---- from the file ---- */

static bool
take_text(char *to, size_t cap, const char *value)
{
	return snprintf(to, cap, "%s", value) < (int)cap;
}

static bool
take_number(long long *to, long long max, const char *value)
{
	char *end;

	*to = strtoll(value, &end, 10);
	return *end == '\0' && *to > 0 && *to <= max;
}

static bool
take_line(struct credentials *c, const char *name, const char *value)
{
	long long n;

	if (strcmp(name, "cart") == 0)
		return take_text(c->cart, sizeof(c->cart), value);
	if (strcmp(name, "mqtt.host") == 0)
		return take_text(c->host, sizeof(c->host), value);
	if (strcmp(name, "mqtt.user") == 0)
		return take_text(c->user, sizeof(c->user), value);
	if (strcmp(name, "mqtt.password") == 0)
		return take_text(c->password, sizeof(c->password), value);
	if (strcmp(name, "mqtt.cafile") == 0)
		return take_text(c->cafile, sizeof(c->cafile), value);
	if (strcmp(name, "mqtt.port") == 0 && take_number(&n, 65535, value)) {
		c->port = (int)n;
		return true;
	}
	if (strcmp(name, "enrolment") == 0 &&
	    take_number(&n, UINT32_MAX, value)) {
		c->enrolment = (uint32_t)n;
		return true;
	}
	return false;
}

static bool
read_lines(char *text, struct credentials *c)
{
	char *rest = text, *line;

	while ((line = strsep(&rest, "\n")) != NULL) {
		char *value = strstr(line, " = ");

		if (*line == '\0' || *line == '#')
			continue;
		if (value == NULL)
			return false;
		*value = '\0';
		if (!take_line(c, line, value + 3))
			return false;
	}
	return cart_is_valid(c->cart, strlen(c->cart)) && c->port != 0 &&
	    c->enrolment != 0 && credentials_text_is_valid(c->host) &&
	    credentials_text_is_valid(c->user) &&
	    credentials_text_is_valid(c->password);
}

static int
into_settings(
    struct settings *s, const struct credentials *c, char *why, size_t why_cap)
{
	char port[8];
	const char *const pairs[][2] = { { "mqtt.host", c->host },
		{ "mqtt.port", port }, { "mqtt.user", c->user },
		{ "mqtt.password", c->password }, { "mqtt.cafile", c->cafile },
		{ "cart", c->cart } };
	size_t count = sizeof(pairs) / sizeof(pairs[0]);

	snprintf(port, sizeof(port), "%d", c->port);
	/* A running gateway's parts hold on to the plate that it has. */
	if (s->cart[0] != '\0')
		count--;
	for (size_t i = 0; i < count; i++)
		if (config_set(&settings_program, s, pairs[i][0], pairs[i][1],
			why, why_cap) == -1)
			return -1;
	s->enrolment = c->enrolment;
	return 1;
}

int
credentials_take(struct settings *s, char *why, size_t why_cap)
{
	struct credentials c = { .port = 0 };
	char path[CREDENTIALS_PATH_MAX], text[FILE_MAX];
	int rc = -1;

	if (credentials_path(s, path) == -1) {
		snprintf(why, why_cap, "enrol.file: the path is too long");
		return -1;
	}
	if (credentials_file_read(path, text, sizeof(text)) == -1) {
		if (errno == ENOENT)
			return 0;
		snprintf(why, why_cap, "enrol.file: cannot read %s: %s", path,
		    strerror(errno));
		return -1;
	}
	if (!read_lines(text, &c))
		snprintf(why, why_cap,
		    "enrol.file: %s is not what enrolment wrote: remove it, "
		    "and enrol again",
		    path);
	else if (s->cart[0] != '\0' && strcmp(s->cart, c.cart) != 0)
		snprintf(why, why_cap,
		    "cart: %s is set, and %s was enrolled for %s: remove one "
		    "of the two",
		    s->cart, path, c.cart);
	else
		rc = into_settings(s, &c, why, why_cap);
	explicit_bzero(text, sizeof(text));
	explicit_bzero(&c, sizeof(c));
	return rc;
}

/* ---- into the file ---- */

static int
cannot(const char *path, char *why, size_t why_cap)
{
	snprintf(why, why_cap, "cannot write %s: %s", path, strerror(errno));
	return -1;
}

int
credentials_keep(const char *path, struct credentials *c, const char *ca,
    char *why, size_t why_cap)
{
	char text[FILE_MAX];
	int rc = 0;

	if (ca != NULL) {
		snprintf(c->cafile, sizeof(c->cafile), "%s.ca", path);
		if (credentials_file_write(c->cafile, ca) == -1)
			return cannot(c->cafile, why, why_cap);
	}
	snprintf(text, sizeof(text),
	    "# Made by enrolment; goes before the settings of these names.\n"
	    "cart = %s\nenrolment = %u\nmqtt.host = %s\nmqtt.port = %d\n"
	    "mqtt.user = %s\nmqtt.password = %s\nmqtt.cafile = %s\n",
	    c->cart, c->enrolment, c->host, c->port, c->user, c->password,
	    c->cafile);
	if (credentials_file_write(path, text) == -1)
		rc = cannot(path, why, why_cap);
	explicit_bzero(text, sizeof(text));
	return rc;
}

int
credentials_word(const char *path, char word[CREDENTIALS_WORD + 1], char *why,
    size_t why_cap)
{
	char file[CREDENTIALS_PATH_MAX], text[64];
	uint8_t bytes[(CREDENTIALS_WORD * 5 + 7) / 8];

	snprintf(file, sizeof(file), "%s.word", path);
	if (credentials_file_read(file, text, sizeof(text)) == 0 &&
	    strcspn(text, "\n") == CREDENTIALS_WORD) {
		memcpy(word, text, CREDENTIALS_WORD);
		word[CREDENTIALS_WORD] = '\0';
		return 0;
	}
	if (getrandom(bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes)) {
		snprintf(
		    why, why_cap, "no random numbers: %s", strerror(errno));
		return -1;
	}
	base32_format(bytes, word, CREDENTIALS_WORD);
	snprintf(text, sizeof(text), "%s\n", word);
	return credentials_file_write(file, text) == 0
	    ? 0
	    : cannot(file, why, why_cap);
}
