/*
 * rig: a mock cluster, the real pregon-consumer as a child, and the reader
 * to see what it did.  Static functions: each test program is one file.
 */
#ifndef PREGON_TESTS_RIG_H
#define PREGON_TESTS_RIG_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "backend/store/read.h"
#include "lib/clock.h"
#include "lib/kafka.h"

#define RIG_WAIT_MS 40000
#define RIG_PARTITIONS 2

struct rig {
	rd_kafka_t *rk; /* producer, holds the cluster too */
	rd_kafka_mock_cluster_t *cluster;
	struct kafka_settings kafka;
	char folder[64];
	char log[80]; /* of the child */
	pid_t child;
	const char *role;
	struct reader *reader;
};

static const enum topic rig_topics[] = { TOPIC_COORDENADAS, TOPIC_VENTAS,
	TOPIC_STOCK, TOPIC_REPOSICIONES, TOPIC_RECHAZADOS, TOPIC_COMANDOS,
	TOPIC_REGLAS, TOPIC_ALERTAS, TOPIC_AVISOS, TOPIC_NUEVOS_USUARIOS };

static inline void
rig_cluster_new(struct rig *rig)
{
	rd_kafka_conf_t *conf = rd_kafka_conf_new();
	char why[256];

	rd_kafka_conf_set(conf, "test.mock.num.brokers", "1", NULL, 0);
	rd_kafka_conf_set(conf, "linger.ms", "0", NULL, 0);
	rd_kafka_conf_set(conf, "log_level", "0", NULL, 0);
	rig->rk = rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, sizeof(why));
	assert_non_null(rig->rk);
	rig->cluster = rd_kafka_handle_mock_cluster(rig->rk);
	rig->kafka.bootstrap = rd_kafka_mock_cluster_bootstraps(rig->cluster);
	rig->kafka.client_id = "test";
	for (size_t i = 0; i < sizeof(rig_topics) / sizeof(*rig_topics); i++)
		assert_int_equal(
		    rd_kafka_mock_topic_create(rig->cluster,
			topic_info(rig_topics[i])->name, RIG_PARTITIONS, 1),
		    0);
}

static inline void
rig_guild(struct rig *rig, uint64_t ledger, int64_t since_ms, uint8_t id)
{
	struct guild guild = {
		.ledger = ledger, .since_ms = since_ms, .has_log_id = true
	};
	char why[256] = "";

	memset(guild.log_id, id, sizeof(guild.log_id));
	if (kafka_guild_write(&rig->kafka, 10000, &guild, why, sizeof(why)) !=
	    0)
		fail_msg("guild: %s", why);
}

/* A log of its own identity, `ledger` and nothing asked for. */
static inline void
rig_new(struct rig *rig, const char *role)
{
	memset(rig, 0, sizeof(*rig));
	rig->role = role;
	snprintf(
	    rig->folder, sizeof(rig->folder), "/tmp/pregon-consumer-XXXXXX");
	assert_non_null(mkdtemp(rig->folder));
	snprintf(rig->log, sizeof(rig->log), "%s.log", rig->folder);
	rig_cluster_new(rig);
	rig_guild(rig, 1000, -1, 0xaa);
	rig->reader = reader_open_sqlite(rig->folder);
	assert_non_null(rig->reader);
}

/* The brokers and all they held are gone, new ones stand. */
static inline void
rig_lose_log(struct rig *rig)
{
	rd_kafka_destroy(rig->rk);
	rig_cluster_new(rig);
}

static inline void
rig_start(struct rig *rig)
{
	const char *build = getenv("PREGON_BUILD");
	char path[256], brokers[128], database[128];

	snprintf(path, sizeof(path), "%s/bin/pregon-consumer",
	    build != NULL ? build : "build");
	snprintf(
	    brokers, sizeof(brokers), "--brokers=%s", rig->kafka.bootstrap);
	snprintf(database, sizeof(database), "--database=%s", rig->folder);
	rig->child = fork();
	assert_true(rig->child != -1);
	if (rig->child == 0) {
		int fd = open(rig->log, O_WRONLY | O_CREAT | O_APPEND, 0644);

		prctl(PR_SET_PDEATHSIG, SIGKILL);
		dup2(fd, STDERR_FILENO);
		/* The mock's least, and it answers a fetch only when that has
		 * waited to its end. */
		execl(path, path, brokers, database,
		    "--kafka.session.timeout.ms=3100",
		    "--kafka.heartbeat.interval.ms=200",
		    "--kafka.fetch.wait.max.ms=10",
		    "--kafka.topic.metadata.refresh.interval.ms=500", rig->role,
		    NULL);
		_exit(127);
	}
}

/* The exit status, or 256 + the signal. */
static inline int
rig_wait_end(struct rig *rig)
{
	int status;

	assert_int_equal(waitpid(rig->child, &status, 0), rig->child);
	rig->child = 0;
	return WIFSIGNALED(status) ? 256 + WTERMSIG(status)
				   : WEXITSTATUS(status);
}

static inline void
rig_kill(struct rig *rig)
{
	kill(rig->child, SIGKILL);
	rig_wait_end(rig);
}

static inline void
rig_stop(struct rig *rig)
{
	kill(rig->child, SIGTERM);
	assert_int_equal(rig_wait_end(rig), 0);
}

static inline bool
rig_log_has(const struct rig *rig, const char *words)
{
	static char text[1 << 20];
	FILE *f = fopen(rig->log, "r");
	size_t n;

	if (f == NULL)
		return false;
	n = fread(text, 1, sizeof(text) - 1, f);
	fclose(f);
	text[n] = '\0';
	return strstr(text, words) != NULL;
}

static inline void
rig_free(struct rig *rig)
{
	char command[256];

	if (rig->child != 0)
		rig_kill(rig);
	rig->reader->ops->close(rig->reader);
	rd_kafka_destroy(rig->rk);
	if (getenv("RIG_KEEP") == NULL) {
		snprintf(command, sizeof(command), "rm -rf %s %s", rig->folder,
		    rig->log);
		assert_int_equal(system(command), 0);
	}
}

/* Looks every few ms until it is so. */
static inline void
rig_until(struct rig *rig, bool (*is_so)(struct rig *, void *), void *ctx,
    const char *what)
{
	int64_t end = clock_boottime_ms(&clock_system) + RIG_WAIT_MS;
	const struct timespec pause = { .tv_nsec = 5000000 };

	while (!is_so(rig, ctx)) {
		if (clock_boottime_ms(&clock_system) > end) {
			char command[128];

			snprintf(
			    command, sizeof(command), "tail -20 %s", rig->log);
			if (system(command) != 0)
				print_message("no log\n");
			fail_msg("not in time: %s", what);
		}
		nanosleep(&pause, NULL);
	}
}

static inline bool
rig_log_says(struct rig *rig, void *ctx)
{
	return rig_log_has(rig, ctx);
}

static inline void
rig_produce(struct rig *rig, enum topic topic, int32_t partition,
    const char *key, const char *schema, const void *value, size_t len)
{
	rd_kafka_resp_err_t err = rd_kafka_producev(rig->rk,
	    RD_KAFKA_V_TOPIC(topic_info(topic)->name),
	    RD_KAFKA_V_PARTITION(partition),
	    RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
	    RD_KAFKA_V_KEY((void *)(uintptr_t)key, strlen(key)),
	    RD_KAFKA_V_VALUE((void *)(uintptr_t)value, len),
	    RD_KAFKA_V_HEADER(HEADER_SCHEMA, schema, -1), RD_KAFKA_V_END);

	assert_int_equal(err, 0);
}

static inline void
rig_flush(struct rig *rig)
{
	assert_int_equal(rd_kafka_flush(rig->rk, 20000), 0);
}

/* The records of a topic's partitions, as they come. */
static inline rd_kafka_t *
rig_open_topic(struct rig *rig, enum topic topic)
{
	rd_kafka_topic_partition_list_t *list =
	    rd_kafka_topic_partition_list_new(RIG_PARTITIONS);
	rd_kafka_conf_t *conf = rd_kafka_conf_new();
	rd_kafka_t *rk;
	char why[256];

	rd_kafka_conf_set(
	    conf, "bootstrap.servers", rig->kafka.bootstrap, NULL, 0);
	rd_kafka_conf_set(conf, "group.id", "test", NULL, 0);
	rd_kafka_conf_set(conf, "enable.auto.commit", "false", NULL, 0);
	rk = rd_kafka_new(RD_KAFKA_CONSUMER, conf, why, sizeof(why));
	assert_non_null(rk);
	rd_kafka_poll_set_consumer(rk);
	for (int i = 0; i < RIG_PARTITIONS; i++)
		rd_kafka_topic_partition_list_add(
		    list, topic_info(topic)->name, i)
		    ->offset = RD_KAFKA_OFFSET_BEGINNING;
	assert_int_equal(rd_kafka_assign(rk, list), 0);
	rd_kafka_topic_partition_list_destroy(list);
	return rk;
}

#endif
