/* Folios, as a person types them. */
#include "schemas/identity.h"
#include "tests/fuzz/fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char text[FOLIO_MAX + 1];
	struct folio folio, again;

	if (folio_parse((const char *)data, size, &folio) == -1) {
		must(errno == EINVAL);
		return 0;
	}
	must(cart_is_valid(folio.cart, strlen(folio.cart)));
	must(folio.epoch != 0 && folio.epoch <= EPOCH_MAX);
	folio_format(&folio, text);
	must(folio_parse(text, strlen(text), &again) == 0);
	must(strcmp(folio.cart, again.cart) == 0);
	must(folio.epoch == again.epoch && folio.seq == again.seq);
	return 0;
}
