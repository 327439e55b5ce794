/*
 * pregonctl topics: makes the topics, checks them, adds partitions to one.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schemas/topics_admin.h"
#include "tools/ctl/cluster.h"

#define PARTITIONS_MOST 10000

#define PARTITIONS(topic, id)                                                  \
	CTL_INT("partitions." topic, partitions[id], "2", "",                  \
	    "partitions of topic_" topic " that take hashed keys", 1, 1000)

static const struct config_key keys[] = {
	CTL_KAFKA_KEYS,
	CTL_INT("replication", replication, "1", "",
	    "copies of each topic's records (3 on three brokers)", 1, 100),
	CTL_INT("min_insync", min_insync, "1", "",
	    "copies that must stand before an ack (2 on three brokers)", 1,
	    100),
	PARTITIONS("coordenadas", TOPIC_COORDENADAS),
	PARTITIONS("ventas", TOPIC_VENTAS),
	PARTITIONS("stock", TOPIC_STOCK),
	PARTITIONS("nuevos-usuarios", TOPIC_NUEVOS_USUARIOS),
	PARTITIONS("reposiciones", TOPIC_REPOSICIONES),
	PARTITIONS("alertas", TOPIC_ALERTAS),
	PARTITIONS("soporte", TOPIC_SOPORTE),
	PARTITIONS("avisos", TOPIC_AVISOS),
	PARTITIONS("comandos", TOPIC_COMANDOS),
	PARTITIONS("rechazados", TOPIC_RECHAZADOS),
	PARTITIONS("reglas", TOPIC_REGLAS),
};
_Static_assert(TOPIC_COUNT == 11, "ctl_settings.partitions, keys");

static struct topics_settings
wanted(const struct ctl *ctl)
{
	struct topics_settings t = { .replication = (int)ctl->set.replication,
		.min_insync = (int)ctl->set.min_insync };
	int i;

	for (i = 0; i < TOPIC_COUNT; i++)
		t.partitions[i] = (int)ctl->set.partitions[i];
	return t;
}

static void
print_topics(const int actual[TOPIC_COUNT])
{
	int i;

	for (i = 0; i < TOPIC_COUNT; i++)
		printf(
		    "%-24s %d\n", topic_info((enum topic)i)->name, actual[i]);
}

static enum ctl_status
create(struct ctl *ctl, rd_kafka_t *rk)
{
	const struct topics_settings settings = wanted(ctl);
	int actual[TOPIC_COUNT], created;
	char why[300];

	if (topics_ensure(rk, &settings, (int)ctl->set.timeout_s * 1000, actual,
		&created, why, sizeof(why)) == -1) {
		ctl_say("%s", why);
		return CTL_FAILED;
	}
	print_topics(actual);
	printf("%d made\n", created);
	return CTL_DONE;
}

static enum ctl_status
check(struct ctl *ctl, rd_kafka_t *rk)
{
	const struct topics_settings settings = wanted(ctl);
	int actual[TOPIC_COUNT];
	char why[300];
	int i;

	if (cluster_partitions(rk, ctl, actual) == -1)
		return CTL_FAILED;
	print_topics(actual);
	for (i = 0; i < TOPIC_COUNT; i++)
		if (actual[i] == 0) {
			ctl_say("%s is not there: pregonctl topics create",
			    topic_info((enum topic)i)->name);
			return CTL_FAILED;
		}
	if (topics_check(&settings, actual, why, sizeof(why)) == -1) {
		ctl_say("%s", why);
		return CTL_FAILED;
	}
	return CTL_DONE;
}

/* The one result of a CreatePartitions. */
static int
read_result(rd_kafka_event_t *event, const char *topic)
{
	const rd_kafka_topic_result_t **results;
	const char *said;
	size_t count;

	if (event == NULL || rd_kafka_event_error(event) != 0) {
		ctl_say("%s: %s", topic,
		    event != NULL ? rd_kafka_event_error_string(event)
				  : "no broker answered in time");
		return -1;
	}
	results = rd_kafka_CreatePartitions_result_topics(
	    rd_kafka_event_CreatePartitions_result(event), &count);
	if (count == 1 && rd_kafka_topic_result_error(results[0]) == 0)
		return 0;
	said = count == 1 ? rd_kafka_topic_result_error_string(results[0])
			  : NULL;
	ctl_say("%s: %s", topic, said != NULL ? said : "refused");
	return -1;
}

static int
add_partitions(struct ctl *ctl, rd_kafka_t *rk, const char *topic, int count)
{
	int timeout_ms = (int)ctl->set.timeout_s * 1000;
	rd_kafka_NewPartitions_t *more;
	rd_kafka_queue_t *queue;
	rd_kafka_event_t *event;
	char why[300];
	int rc;

	more = rd_kafka_NewPartitions_new(
	    topic, (size_t)count, why, sizeof(why));
	if (more == NULL) {
		ctl_say("%s", why);
		return -1;
	}
	queue = rd_kafka_queue_new(rk);
	rd_kafka_CreatePartitions(rk, &more, 1, NULL, queue);
	event = rd_kafka_queue_poll(queue, timeout_ms);
	rc = read_result(event, topic);
	if (event != NULL)
		rd_kafka_event_destroy(event);
	rd_kafka_queue_destroy(queue);
	rd_kafka_NewPartitions_destroy(more);
	return rc;
}

/* The words of `grow`; -1: said. */
static int
parse_growth(const struct ctl *ctl, enum topic *topic, int *count)
{
	char *end;
	long n;

	if (topic_parse(ctl->words[1], topic) == -1) {
		ctl_say("there is no topic \"%s\"", ctl->words[1]);
		return -1;
	}
	errno = 0;
	n = strtol(ctl->words[2], &end, 10);
	if (errno != 0 || *end != '\0' || n < 1 || n > PARTITIONS_MOST) {
		ctl_say("COUNT: expected a number from 1 to %d, got \"%s\"",
		    PARTITIONS_MOST, ctl->words[2]);
		return -1;
	}
	*count = (int)n;
	return 0;
}

static enum ctl_status
grow(struct ctl *ctl, rd_kafka_t *rk)
{
	int actual[TOPIC_COUNT], count;
	enum topic topic;

	if (parse_growth(ctl, &topic, &count) == -1)
		return CTL_USAGE;
	if (topic == TOPIC_COMANDOS) {
		ctl_say("topic_comandos keeps its partitions for ever: a "
			"command's id is its place in one");
		return CTL_FAILED;
	}
	if (cluster_partitions(rk, ctl, actual) == -1)
		return CTL_FAILED;
	if (actual[topic] == 0 || count <= actual[topic]) {
		ctl_say("%s has %d partitions: COUNT is all that it shall "
			"have, and a topic cannot shrink",
		    ctl->words[1], actual[topic]);
		return CTL_FAILED;
	}
	if (add_partitions(ctl, rk, ctl->words[1], count) == -1)
		return CTL_FAILED;
	printf(
	    "%s: %d -> %d partitions\n", ctl->words[1], actual[topic], count);
	return CTL_DONE;
}

static enum ctl_status
run(struct ctl *ctl)
{
	const struct kafka_settings settings = cluster_settings(ctl);
	const char *verb = ctl->word_count > 0 ? ctl->words[0] : "";
	enum ctl_status (*act)(struct ctl *, rd_kafka_t *) = NULL;
	enum ctl_status status;
	rd_kafka_conf_t *conf;
	rd_kafka_t *rk;
	char why[300];

	if (strcmp(verb, "create") == 0 && ctl->word_count == 1)
		act = create;
	else if (strcmp(verb, "check") == 0 && ctl->word_count == 1)
		act = check;
	else if (strcmp(verb, "grow") == 0 && ctl->word_count == 3)
		act = grow;
	else
		return ctl_misused(&ctl_topics);
	conf = kafka_conf(&settings, why, sizeof(why));
	rk = conf != NULL
	    ? rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, sizeof(why))
	    : NULL;
	if (rk == NULL) {
		ctl_say("%s", why);
		return CTL_FAILED;
	}
	status = act(ctl, rk);
	kafka_destroy(rk);
	return status;
}

const struct ctl_command ctl_topics = {
	.name = "topics",
	.usage = "create|check|grow TOPIC COUNT",
	.summary = "makes the topics that are missing, checks their "
		   "partitions, or gives one more (COUNT in all)",
	.keys = keys,
	.key_count = sizeof(keys) / sizeof(keys[0]),
	.kafka = true,
	.run = run,
};
