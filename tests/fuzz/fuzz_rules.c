/* Rules, the guild's catalogue, and who may ask. */
#include "schemas/rules.h"
#include "tests/fuzz/fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct product list[CATALOGUE_MAX];
	struct products products = { .products = list };
	struct rules rules;
	struct token token;

	must_come_back(
	    data, size, &rules, rules_decode, rules_encode, RULES_BYTES_MAX);
	must_come_back(data, size, &products, products_decode, products_encode,
	    RULES_BYTES_MAX);
	must_come_back(
	    data, size, &token, token_decode, token_encode, TOKEN_BYTES_MAX);
	return 0;
}
