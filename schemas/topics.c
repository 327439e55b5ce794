/*
 * topics: the table, and Kafka's partitioner.  schemas/topics.md is the text.
 */
#include <errno.h>
#include <string.h>

#include "schemas/topics.h"

#define FOR_EVER "-1"
#define DAYS_30 "2592000000"
#define YEAR "31536000000"
#define GIB "1073741824"

/* Order: name, reserved, least partitions, retention ms and bytes,
 * compacted, flush_each.  Only positions may be lost to a power cut. */
static const struct topic_info topics[TOPIC_COUNT] = {
	[TOPIC_COORDENADAS] = { "topic_coordenadas", true, 2, DAYS_30, NULL,
	    false, false },
	[TOPIC_VENTAS] = { "topic_ventas", false, 1, FOR_EVER, NULL, false,
	    true },
	[TOPIC_STOCK] = { "topic_stock", false, 1, FOR_EVER, NULL, false,
	    true },
	[TOPIC_NUEVOS_USUARIOS] = { "topic_nuevos-usuarios", true, 2, FOR_EVER,
	    NULL, true, true },
	[TOPIC_REPOSICIONES] = { "topic_reposiciones", false, 1, FOR_EVER, NULL,
	    false, true },
	[TOPIC_ALERTAS] = { "topic_alertas", false, 1, YEAR, NULL, false,
	    true },
	[TOPIC_SOPORTE] = { "topic_soporte", false, 1, FOR_EVER, NULL, false,
	    true },
	[TOPIC_AVISOS] = { "topic_avisos", false, 1, DAYS_30, NULL, false,
	    true },
	[TOPIC_COMANDOS] = { "topic_comandos", false, 1, FOR_EVER, NULL, true,
	    true },
	[TOPIC_RECHAZADOS] = { "topic_rechazados", false, 1, FOR_EVER, GIB,
	    false, true },
	[TOPIC_REGLAS] = { "topic_reglas", false, 1, FOR_EVER, NULL, true,
	    true }
};

const struct topic_info *
topic_info(enum topic topic)
{
	return &topics[topic];
}

int
topic_parse(const char *name, enum topic *topic)
{
	for (int i = 0; i < TOPIC_COUNT; i++) {
		if (strcmp(topics[i].name, name) == 0) {
			*topic = (enum topic)i;
			return 0;
		}
	}
	errno = EINVAL;
	return -1;
}

enum topic
topic_of_stream(enum stream stream)
{
	static const enum topic of[STREAM_COUNT] = {
		[STREAM_POS] = TOPIC_COORDENADAS,
		[STREAM_SALE] = TOPIC_VENTAS,
		[STREAM_STOCK] = TOPIC_STOCK,
		[STREAM_HELP] = TOPIC_SOPORTE
	};

	return of[stream];
}

int
topic_partitions(enum topic topic, int n)
{
	if (n <= 0)
		n = PARTITIONS_DEFAULT;
	return topics[topic].reserved ? n + 1 : n;
}

/*
 * As org.apache.kafka.common.utils.Utils.murmur2: a record of another
 * client with the same key lands in the same partition.
 */
uint32_t
murmur2(const void *key, size_t len)
{
	const uint32_t m = 0x5bd1e995;
	const uint8_t *p = key;
	uint32_t h = 0x9747b28c ^ (uint32_t)len;

	for (; len >= 4; p += 4, len -= 4) {
		uint32_t k = (uint32_t)p[0] | (uint32_t)p[1] << 8 |
		    (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;

		k *= m;
		k ^= k >> 24;
		k *= m;
		h *= m;
		h ^= k;
	}
	if (len == 3)
		h ^= (uint32_t)p[2] << 16;
	if (len >= 2)
		h ^= (uint32_t)p[1] << 8;
	if (len >= 1) {
		h ^= p[0];
		h *= m;
	}
	h ^= h >> 13;
	h *= m;
	h ^= h >> 15;
	return h;
}

int32_t
topic_partition(
    enum topic topic, const void *key, size_t key_len, int partitions)
{
	int reserved = topics[topic].reserved ? 1 : 0;
	uint32_t hash = murmur2(key, key_len) & INT32_MAX;

	return reserved + (int32_t)(hash % (uint32_t)(partitions - reserved));
}

const char *
schema_of_stream(enum stream stream)
{
	static const char *const of[STREAM_COUNT] = {
		[STREAM_POS] = SCHEMA_FRAME_POS,
		[STREAM_SALE] = SCHEMA_FRAME_SALE,
		[STREAM_STOCK] = SCHEMA_FRAME_STOCK,
		[STREAM_HELP] = SCHEMA_FRAME_HELP
	};

	return of[stream];
}
