#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#include "backend/api/address.h"

static void
map_v4(const struct in_addr *in, struct address *out)
{
	memset(out, 0, sizeof(*out));
	out->in6.s6_addr[10] = 0xff;
	out->in6.s6_addr[11] = 0xff;
	memcpy(out->in6.s6_addr + 12, in, sizeof(*in));
}

int
address_parse(const char *text, size_t len, struct address *out)
{
	char copy[INET6_ADDRSTRLEN];
	struct in_addr in;

	/* "[::1]", as some proxies write it. */
	if (len >= 2 && text[0] == '[' && text[len - 1] == ']') {
		text++;
		len -= 2;
	}
	if (len >= sizeof(copy)) {
		errno = EINVAL;
		return -1;
	}
	memcpy(copy, text, len);
	copy[len] = '\0';
	if (inet_pton(AF_INET, copy, &in) == 1) {
		map_v4(&in, out);
		return 0;
	}
	if (inet_pton(AF_INET6, copy, &out->in6) == 1)
		return 0;
	errno = EINVAL;
	return -1;
}

int
address_of(const struct sockaddr *sa, struct address *out)
{
	if (sa->sa_family == AF_INET) {
		map_v4(
		    &((const struct sockaddr_in *)(const void *)sa)->sin_addr,
		    out);
		return 0;
	}
	if (sa->sa_family == AF_INET6) {
		out->in6 =
		    ((const struct sockaddr_in6 *)(const void *)sa)->sin6_addr;
		return 0;
	}
	errno = EINVAL;
	return -1;
}

bool
address_equal(const struct address *a, const struct address *b)
{
	return memcmp(&a->in6, &b->in6, sizeof(a->in6)) == 0;
}

static bool
is_proxy(const struct proxies *p, const struct address *address)
{
	for (size_t i = 0; i < p->count; i++)
		if (address_equal(&p->at[i], address))
			return true;
	return false;
}

/* The list's last member before `end`, without spaces; its start. */
static const char *
last_member(const char *list, const char *end, size_t *len)
{
	const char *start = end;

	while (start > list && start[-1] != ',')
		start--;
	while (start < end && (*start == ' ' || *start == '\t'))
		start++;
	while (end > start && (end[-1] == ' ' || end[-1] == '\t'))
		end--;
	*len = (size_t)(end - start);
	return start;
}

int
proxies_parse(const char *list, struct proxies *p)
{
	const char *end = list + strlen(list), *at;
	size_t len;

	p->count = 0;
	while (end > list) {
		at = last_member(list, end, &len);
		if (p->count == PROXIES_MAX ||
		    address_parse(at, len, &p->at[p->count]) == -1) {
			errno = EINVAL;
			return -1;
		}
		p->count++;
		while (end > list && end[-1] != ',')
			end--;
		if (end > list)
			end--;
	}
	return 0;
}

struct address
proxies_origin(
    const struct proxies *p, const struct address *peer, const char *forwarded)
{
	struct address origin = *peer;
	const char *end = forwarded != NULL ? forwarded + strlen(forwarded)
					    : NULL;
	const char *at;
	size_t len;

	while (is_proxy(p, &origin) && end != NULL && end > forwarded) {
		at = last_member(forwarded, end, &len);
		if (address_parse(at, len, &origin) == -1)
			break;
		while (end > forwarded && end[-1] != ',')
			end--;
		if (end > forwarded)
			end--;
	}
	return origin;
}
