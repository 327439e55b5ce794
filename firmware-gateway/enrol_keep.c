/*
 * From the guild's answer to what is kept on the flash.
 */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "firmware-gateway/enrol_parts.h"

#define SYSTEM_CA "/etc/ssl/certs/ca-certificates.crt"

static bool
take_text(char *to, size_t cap, const json_t *o, const char *name)
{
	const char *text = json_string_value(json_object_get(o, name));

	return text != NULL && credentials_text_is_valid(text) &&
	    snprintf(to, cap, "%s", text) < (int)cap;
}

static bool
take_number(const json_t *o, const char *name, json_int_t max, json_int_t *n)
{
	*n = json_integer_value(json_object_get(o, name));
	return *n > 0 && *n <= max;
}

/* A guild that does not say where its broker is has it where it is itself. */
static bool
read_credentials(const struct taking *t, const json_t *o, struct credentials *c)
{
	json_int_t port, enrolment;

	if (!take_text(c->cart, sizeof(c->cart), o, "cart") ||
	    !take_text(c->user, sizeof(c->user), o, "user") ||
	    !take_text(c->password, sizeof(c->password), o, "password") ||
	    !take_number(o, "port", 65535, &port) ||
	    !take_number(o, "enrolment", UINT32_MAX, &enrolment) ||
	    !cart_is_valid(c->cart, strlen(c->cart)))
		return false;
	if (!take_text(c->host, sizeof(c->host), o, "host"))
		snprintf(c->host, sizeof(c->host), "%.255s", t->to.host);
	c->port = (int)port;
	c->enrolment = (uint32_t)enrolment;
	return true;
}

/* The certificate that was given, or what this cart had, or the system's. */
static const char *
choose_ca(const struct taking *t, const json_t *o, struct credentials *c)
{
	const char *had = t->enrol->settings->mqtt.cafile;

	if (!json_is_true(json_object_get(o, "tls")))
		return NULL;
	snprintf(c->cafile, sizeof(c->cafile), "%s",
	    had[0] != '\0' ? had : SYSTEM_CA);
	return json_string_value(json_object_get(o, "ca"));
}

int
enrol_keep(struct taking *t, const char *body, uint32_t *enrolment)
{
	json_t *o = json_loads(body, JSON_REJECT_DUPLICATES, NULL);
	struct credentials c = { .port = 0 };
	const char *own = t->enrol->settings->cart;
	char why[300];
	int rc = -1;

	if (!read_credentials(t, o, &c)) {
		SAY(t, ENROL_CODE, ENROL_STOP, "not_guild",
		    "%s answered with something that is no credentials: is it "
		    "the guild's address?",
		    t->to.base);
	} else if (own[0] != '\0' && strcmp(own, c.cart) != 0) {
		SAY(t, ENROL_CODE, ENROL_STOP, "other_cart",
		    "it is for the cart %s, and this gateway is %s's", c.cart,
		    own);
	} else {
		SAY(t, ENROL_CODE, ENROL_OK, "",
		    "taken: this is the gateway of the cart %s", c.cart);
		rc = credentials_keep(
		    t->path, &c, choose_ca(t, o, &c), why, sizeof(why));
		if (rc == -1)
			SAY(t, ENROL_KEEP, ENROL_STOP, "disk",
			    "%s: make room or make it writable, and run this "
			    "again: the code stays this gateway's",
			    why);
		else
			SAY(t, ENROL_KEEP, ENROL_OK, "",
			    "%s on the broker %s:%d, in %s", c.user, c.host,
			    c.port, t->path);
	}
	*enrolment = c.enrolment;
	explicit_bzero(&c, sizeof(c));
	json_decref(o);
	return rc;
}
