/*
 * address: what an MQTT topic of a cart says: pregon/<cart>/<what>.
 *
 * A plate fits into 64 bits, so that the bridge's tables compare one integer
 * instead of a string.
 */
#ifndef PREGON_ADDRESS_H
#define PREGON_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "schemas/identity.h"

/* A plate's characters, the first one lowest, zeros after the last. */
typedef uint64_t plate_t;

plate_t plate_pack(const char *, size_t len); /* len <= CART_MAX */
/* The characters and a NUL; their number. */
size_t plate_text(plate_t, char text[CART_MAX + 1]);

struct address {
	const char *cart; /* within the topic, not NUL-terminated */
	size_t cart_len;
	plate_t plate;
	bool is_status; /* then `stream` is STREAM_COUNT */
	enum stream stream;
};

/* 0, or -1 (EINVAL): no cart's topic, or no valid plate. */
int address_read(const char *topic, struct address *);

#endif
