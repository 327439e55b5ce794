/*
 * What a gateway takes a code with.
 */
#include <string.h>

#include "backend/api/forms.h"

#define ENROL_WORD_MIN 16
#define CODE_MAX 64 /* with what stands between */

/* Not repeated in what is answered. */
static void
read_code(const struct node *node, struct enrol_code *code)
{
	const char *s = json_string_value(node->json);

	if (s == NULL || strlen(s) > CODE_MAX ||
	    enrol_code_parse(s, strlen(s), code) == -1)
		body_wrong(node,
		    "a code of 16 letters and digits, as K7QF-9M2X-4TRB-0VWN");
}

static void
read_word(const struct node *node, char word[ENROL_WORD_MAX + 1])
{
	const char *s = json_string_value(node->json);
	size_t len = s == NULL ? 0 : strlen(s);

	if (len >= ENROL_WORD_MIN && len <= ENROL_WORD_MAX &&
	    strspn(s,
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
		"0123456789-_") == len)
		memcpy(word, s, len + 1);
	else
		body_wrong(node,
		    "%d to %d letters, digits, - and _, drawn by chance",
		    ENROL_WORD_MIN, ENROL_WORD_MAX);
}

bool
form_enrol(struct body *body, struct form_enrol *form)
{
	static const char *const known[] = { "code", "gateway", "cart", NULL };
	struct node root = body_root(body);
	struct node code = body_field(&root, "code");
	struct node gateway = body_field(&root, "gateway");
	struct node cart = body_field(&root, "cart");

	if (!body_object(&root, known))
		return false;
	read_code(&code, &form->code);
	read_word(&gateway, form->word);
	form->cart[0] = '\0';
	if (body_has(&cart))
		body_cart(&cart, form->cart);
	return body_is_good(body);
}
