/* RUTs and mail addresses, as people type them. */
#include "schemas/member.h"
#include "tests/fuzz/fuzz.h"

static void
rut_must_come_back(const char *text, size_t len)
{
	char rut[RUT_MAX + 1], again[RUT_MAX + 1];

	if (rut_parse(text, len, rut) == -1) {
		must(errno == EINVAL || errno == EDOM);
		must(strlen(rut) <= len && memcmp(rut, text, strlen(rut)) == 0);
		return;
	}
	must(rut_parse(rut, strlen(rut), again) == 0);
	must(strcmp(rut, again) == 0);
	must(strspn(rut, "0123456789") == strlen(rut) - 2);
}

static void
mail_must_be_plain(const char *text, size_t len)
{
	if (!mail_is_valid(text, len))
		return;
	must(len <= MAIL_MAX);
	for (size_t i = 0; i < len; i++)
		must(text[i] > ' ' && text[i] < 0x7f &&
		    strchr("\"(),:;<>[\\]", text[i]) == NULL);
	must(memchr(text, '@', len) == memrchr(text, '@', len));
	must(memchr(memchr(text, '@', len), '.',
		 len - (size_t)((const char *)memchr(text, '@', len) - text)) !=
	    NULL);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* libFuzzer's first input is nothing, at no address. */
	const char *text = size == 0 ? "" : (const char *)data;

	rut_must_come_back(text, size);
	mail_must_be_plain(text, size);
	return 0;
}
