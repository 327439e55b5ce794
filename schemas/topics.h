/*
 * topics: the Kafka topics: names, partitions, who goes where, headers.
 *
 * The one place that knows; topics_admin.h makes and checks them.
 */
#ifndef PREGON_TOPICS_H
#define PREGON_TOPICS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "schemas/identity.h"

enum topic {
	TOPIC_COORDENADAS,
	TOPIC_VENTAS,
	TOPIC_STOCK,
	TOPIC_NUEVOS_USUARIOS,
	TOPIC_REPOSICIONES,
	TOPIC_ALERTAS,
	TOPIC_SOPORTE,
	TOPIC_AVISOS,
	TOPIC_COMANDOS,
	TOPIC_RECHAZADOS,
	TOPIC_REGLAS,
	TOPIC_COUNT
};

struct topic_info {
	const char *name; /* "topic_coordenadas" */
	bool reserved; /* partition 0 is not for hashed keys */
	int min_partitions; /* 2 if reserved, else 1 */
	const char *retention_ms; /* topic setting, "-1": for ever */
	const char *retention_bytes; /* NULL: unbounded */
	bool compacted;
	bool flush_each; /* flush.messages=1 on a single broker */
};
const struct topic_info *topic_info(enum topic);
int topic_parse(const char *name, enum topic *); /* -1: EINVAL */

/* The topic that holds a stream's frames. */
enum topic topic_of_stream(enum stream);

/* Partitions of a topic when the setting says `n` (default 2): n, plus the
 * reserved one. */
#define PARTITIONS_DEFAULT 2
int topic_partitions(enum topic, int n);

/* Kafka's own murmur2 (seed 0x9747b28c), as in its clients. */
uint32_t murmur2(const void *, size_t);
/*
 * The partition of a key in a topic that has `partitions` in all: murmur2
 * without its sign bit, over those not reserved.
 */
int32_t topic_partition(
    enum topic, const void *key, size_t key_len, int partitions);

/* Record headers. */
#define HEADER_SCHEMA "schema" /* value: one of the below */
#define SCHEMA_FRAME_POS "pos/1"
#define SCHEMA_FRAME_SALE "sale/1"
#define SCHEMA_FRAME_STOCK "stock/1"
#define SCHEMA_FRAME_HELP "help/1"
#define SCHEMA_STATUS "status/1"
#define SCHEMA_CMD "cmd/1"
#define SCHEMA_GUILD "guild/1"
#define SCHEMA_ORDER "order/1"
#define SCHEMA_DELIVERY "delivery/1"
#define SCHEMA_ORDER_REQUEST "order-request/1"
#define SCHEMA_ALERT "alert/1"
#define SCHEMA_RESOLUTION "resolution/1"
#define SCHEMA_NOTICE "notice/1"
#define SCHEMA_REPORT "report/1"
#define SCHEMA_BEAT "beat/1"
#define SCHEMA_ZONE "zone/1"
#define SCHEMA_RULES "rules/1"
#define SCHEMA_PRODUCTS "products/1"
#define SCHEMA_TOKEN "token/1"
#define SCHEMA_MEMBER "member/1"
#define SCHEMA_MEMBER_DECISION "member-decision/1"
#define SCHEMA_TICKET "ticket/1"
#define SCHEMA_REJECT "reject/1" /* value: the refused bytes, whole */
const char *schema_of_stream(enum stream);
/* On rejected records. */
#define HEADER_REASON "reason" /* "sale.lines: expected ..." */
#define HEADER_ORIGIN "origin" /* MQTT topic, or TOPIC/PART/OFFSET */

/*
 * topic_comandos: keys.  "<cart>/settings", "<cart>/catalogue" (the newest
 * wins), "<cart>/<uuid>" (each), "guild" (struct guild), and COMMAND_KEY_ALL:
 * one in each partition, for every cart of that partition that has no newer
 * "<cart>/catalogue" (written by the role stock).  All of a cart's
 * commands are in the partition of the cart's plate alone, so that their
 * offsets count up per cart; "guild" is in partition 0.
 */
#define COMMAND_KEY_GUILD "guild"
#define COMMAND_KEY_ALL "*/catalogue"

#endif
