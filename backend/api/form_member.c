/*
 * Who asks to be of the guild, and what people decide about them.
 */
#include <errno.h>
#include <string.h>

#include "backend/api/forms.h"

#define DEFAULT_LANGUAGE "es"

/* Not repeated in what is answered: it may be somebody else's. */
static void
read_rut(const struct node *node, char rut[RUT_MAX + 1])
{
	const char *s = json_string_value(node->json);

	if (s != NULL && rut_parse(s, strlen(s), rut) == 0)
		return;
	if (s != NULL && errno == EDOM)
		body_wrong(node, "a RUT whose check digit is right");
	else
		body_wrong(node, "a RUT as 12.345.678-5");
}

static void
read_mail(const struct node *node, char mail[MAIL_MAX + 1])
{
	const char *s = json_string_value(node->json);

	if (s != NULL && mail_is_valid(s, strlen(s)))
		memcpy(mail, s, strlen(s) + 1);
	else
		body_wrong(node,
		    "one mail address, name@host.cl, of %d "
		    "characters at most",
		    MAIL_MAX);
}

static void
read_language(const struct node *node, char language[LANGUAGE_MAX + 1])
{
	const char *s = json_string_value(node->json);

	if (s != NULL && (strcmp(s, "es") == 0 || strcmp(s, "en") == 0))
		memcpy(language, s, strlen(s) + 1);
	else
		body_wrong(node, "es or en");
}

static void
read_premium(const struct node *node, bool *premium)
{
	if (json_is_boolean(node->json))
		*premium = json_is_true(node->json);
	else
		body_wrong(node, "true or false");
}

bool
form_member(struct body *body, struct registration *r)
{
	static const char *const known[] = { "first_name", "last_name", "rut",
		"email", "plate", "premium", "language", NULL };
	struct node root = body_root(body);
	struct node first_name = body_field(&root, "first_name");
	struct node last_name = body_field(&root, "last_name");
	struct node rut = body_field(&root, "rut");
	struct node mail = body_field(&root, "email");
	struct node plate = body_field(&root, "plate");
	struct node premium = body_field(&root, "premium");
	struct node language = body_field(&root, "language");

	if (!body_object(&root, known))
		return false;
	r->premium = false;
	memcpy(r->language, DEFAULT_LANGUAGE, sizeof(DEFAULT_LANGUAGE));
	body_name(&first_name, r->first_name);
	body_name(&last_name, r->last_name);
	read_rut(&rut, r->rut);
	read_mail(&mail, r->mail);
	body_cart(&plate, r->plate);
	if (body_has(&premium))
		read_premium(&premium, &r->premium);
	if (body_has(&language))
		read_language(&language, r->language);
	return body_is_good(body);
}

/* Whoever is turned away is told why. */
static bool
needs_reason(enum member_act act)
{
	return act == MEMBER_REJECT || act == MEMBER_SUSPEND;
}

bool
form_decision(struct body *body, struct member_decision *d)
{
	static const char *const known[] = { "reason", NULL };
	static const char *const known_plate[] = { "reason", "plate", NULL };
	struct node root = body_root(body);
	struct node reason = body_field(&root, "reason");
	struct node plate = body_field(&root, "plate");

	if (!body_object(&root, d->act == MEMBER_PLATE ? known_plate : known))
		return false;
	d->reason[0] = '\0';
	d->plate[0] = '\0';
	if (body_has(&reason) || needs_reason(d->act))
		body_note(&reason, 1, TEXT_NOTE_MAX, d->reason);
	if (d->act == MEMBER_PLATE)
		body_cart(&plate, d->plate);
	return body_is_good(body);
}
