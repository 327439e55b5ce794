/*
 * address: read by hand: this runs once a message.
 */
#include <errno.h>
#include <string.h>

#include "broker-bridge/address.h"

#define PREFIX "pregon/"
#define PREFIX_LEN (sizeof(PREFIX) - 1)
#define STATUS "status"

plate_t
plate_pack(const char *cart, size_t len)
{
	plate_t plate = 0;

	for (size_t i = 0; i < len; i++)
		plate |= (plate_t)(unsigned char)cart[i] << (8 * i);
	return plate;
}

size_t
plate_text(plate_t plate, char text[CART_MAX + 1])
{
	size_t len = 0;

	for (; plate != 0; plate >>= 8)
		text[len++] = (char)(plate & 0xff);
	text[len] = '\0';
	return len;
}

int
address_read(const char *topic, struct address *to)
{
	const char *slash;
	size_t what_len;

	if (strncmp(topic, PREFIX, PREFIX_LEN) != 0)
		goto refuse;
	topic += PREFIX_LEN;
	slash = strchr(topic, '/');
	if (slash == NULL)
		goto refuse;
	to->cart = topic;
	to->cart_len = (size_t)(slash - topic);
	if (!cart_is_valid(to->cart, to->cart_len))
		goto refuse;
	to->plate = plate_pack(to->cart, to->cart_len);
	what_len = strlen(slash + 1);
	to->is_status = what_len == sizeof(STATUS) - 1 &&
	    memcmp(slash + 1, STATUS, what_len) == 0;
	to->stream = STREAM_COUNT;
	if (to->is_status)
		return 0;
	return stream_parse(slash + 1, what_len, &to->stream);
refuse:
	errno = EINVAL;
	return -1;
}
