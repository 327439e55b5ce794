/*
 * mail: an address that mail can be sent to (declared in member.h).
 *
 * The plain form of RFC 5321 alone: no quotes, comments, literals or letters
 * beyond ASCII, which many servers refuse, and which would let an address
 * carry more than an address into a message's headers.
 */
#include <string.h>

#include "schemas/member.h"

#define LOCAL_MAX 64 /* RFC 5321, 4.5.3.1.1 */
#define LABEL_MAX 63 /* RFC 1035, 2.3.4 */

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool
is_plain(char c)
{
	return is_letter(c) || (c >= '0' && c <= '9');
}

/* RFC 5322's dot-atom. */
static bool
local_is_valid(const char *s, size_t len)
{
	if (len == 0 || len > LOCAL_MAX)
		return false;
	for (size_t i = 0; i < len; i++) {
		if (s[i] == '.') {
			if (i == 0 || i == len - 1 || s[i - 1] == '.')
				return false;
		} else if (!is_plain(s[i]) &&
		    (s[i] == '\0' ||
			strchr("!#$%&'*+-/=?^_`{|}~", s[i]) == NULL)) {
			return false;
		}
	}
	return true;
}

static bool
label_is_valid(const char *s, size_t len)
{
	if (len == 0 || len > LABEL_MAX || s[0] == '-' || s[len - 1] == '-')
		return false;
	for (size_t i = 0; i < len; i++) {
		if (!is_plain(s[i]) && s[i] != '-')
			return false;
	}
	return true;
}

/* Two labels at least; the last is a word, or "1.2.3.4" were a domain. */
static bool
domain_is_valid(const char *s, size_t len)
{
	const char *end = s + len;
	size_t labels = 1;
	const char *dot;

	for (; (dot = memchr(s, '.', (size_t)(end - s))) != NULL; s = dot + 1) {
		if (!label_is_valid(s, (size_t)(dot - s)))
			return false;
		labels++;
	}
	return labels > 1 && label_is_valid(s, (size_t)(end - s)) &&
	    end - s > 1 && is_letter(s[0]);
}

bool
mail_is_valid(const char *s, size_t len)
{
	const char *at = len == 0 || len > MAIL_MAX ? NULL
						    : memchr(s, '@', len);
	size_t local = at == NULL ? 0 : (size_t)(at - s);

	return at != NULL && local_is_valid(s, local) &&
	    domain_is_valid(at + 1, len - local - 1);
}
