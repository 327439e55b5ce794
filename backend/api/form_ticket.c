#include <string.h>

#include "backend/api/forms.h"

static void
read_mail(const struct node *node, char mail[MAIL_MAX + 1])
{
	const char *s;

	if (!body_text(node, 3, MAIL_MAX, &s))
		return;
	if (mail_is_valid(s, strlen(s)))
		memcpy(mail, s, strlen(s) + 1);
	else
		body_wrong(node, "one mail address, name@example.com");
}

bool
form_ticket(struct body *body, struct ticket_word *word)
{
	static const char *const known[] = { "cart", "mail", "text", "name",
		NULL };
	struct node root = body_root(body);
	struct node cart = body_field(&root, "cart");
	struct node mail = body_field(&root, "mail");
	struct node text = body_field(&root, "text");
	struct node name = body_field(&root, "name");

	if (!body_object(&root, known))
		return false;
	word->cart[0] = word->mail[0] = word->by[0] = '\0';
	if (body_has(&cart))
		body_cart(&cart, word->cart);
	if (body_has(&mail))
		read_mail(&mail, word->mail);
	if (body_has(&name))
		body_name(&name, word->by);
	body_note(&text, 1, TEXT_NOTE_MAX, word->text);
	return body_is_good(body);
}

/* An object of one field, which is a text. */
static bool
form_words(struct body *body, const char *field, struct ticket_word *word)
{
	const char *const known[] = { field, NULL };
	struct node root = body_root(body);
	struct node text = body_field(&root, field);

	if (!body_object(&root, known))
		return false;
	body_note(&text, 1, TEXT_NOTE_MAX, word->text);
	return body_is_good(body);
}

bool
form_reply(struct body *body, struct ticket_word *word)
{
	return form_words(body, "text", word);
}

bool
form_resolve(struct body *body, struct ticket_word *word)
{
	return form_words(body, "note", word);
}
