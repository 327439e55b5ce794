/*
 * enrol_code: as text; enrol_seal.c has whose it is.
 */
#include <errno.h>
#include <string.h>

#include "lib/enrol_code.h"

#define CODE_BYTES 10
#define CODE_CHARS 16
#define GROUP 4

void
enrol_code_format(const struct enrol_code *code, char text[ENROL_CODE_TEXT + 1])
{
	uint8_t bytes[CODE_BYTES] = { (uint8_t)(code->place >> 4),
		(uint8_t)(code->place << 4 | code->ends >> 8),
		(uint8_t)code->ends };
	char plain[CODE_CHARS + 1];
	char *to = text;

	memcpy(bytes + 3, code->seal, ENROL_SEAL_BYTES);
	base32_format(bytes, plain, CODE_CHARS);
	for (int i = 0; i < CODE_CHARS; i++) {
		if (i > 0 && i % GROUP == 0)
			*to++ = '-';
		*to++ = plain[i];
	}
	*to = '\0';
}

/* Its five bits; -1: it stands for none. */
static int
digit(char c)
{
	static const char digits[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
	const char *found;

	if (c >= 'a' && c <= 'z')
		c = (char)(c - 'a' + 'A');
	if (c == 'I' || c == 'L')
		c = '1';
	if (c == 'O')
		c = '0';
	found = c == '\0' ? NULL : strchr(digits, c);
	return found == NULL ? -1 : (int)(found - digits);
}

int
enrol_code_parse(const char *text, size_t len, struct enrol_code *code)
{
	uint8_t bytes[CODE_BYTES];
	unsigned bits = 0, have = 0;
	size_t filled = 0, chars = 0;

	for (size_t i = 0; i < len; i++) {
		int value = digit(text[i]);

		if (value == -1 && text[i] != '\0' &&
		    strchr("-. ", text[i]) != NULL)
			continue;
		if (value == -1 || ++chars > CODE_CHARS)
			goto refuse;
		bits = bits << 5 | (unsigned)value;
		have += 5;
		if (have >= 8) {
			have -= 8;
			bytes[filled++] = (uint8_t)(bits >> have);
		}
	}
	if (chars != CODE_CHARS)
		goto refuse;
	code->place = (uint32_t)bytes[0] << 4 | bytes[1] >> 4;
	code->ends = (uint32_t)(bytes[1] & 0xf) << 8 | bytes[2];
	memcpy(code->seal, bytes + 3, ENROL_SEAL_BYTES);
	return 0;
refuse:
	errno = EINVAL;
	return -1;
}
