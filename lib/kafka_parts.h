/*
 * kafka_parts: what kafka's own files share; nobody else's.
 */
#ifndef PREGON_KAFKA_PARTS_H
#define PREGON_KAFKA_PARTS_H

#include "lib/kafka.h"

struct kafka_property {
	const char *key, *value;
};

/* kafka_conf() with more properties, which the passed-through ones outdo. */
rd_kafka_conf_t *kafka_conf_with(const struct kafka_settings *,
    const struct kafka_property *, size_t count, char *why, size_t why_cap);

#endif
