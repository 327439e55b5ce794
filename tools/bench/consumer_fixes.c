/*
 * consumer_fixes BROKERS FOLDER [CARTS [FRAMES]]: how many fixes a second
 * pregon-consumer positions takes from a backlog.
 *
 * Writes FRAMES (100) frames of 60 fixes for each of CARTS (1000) carts to
 * topic_coordenadas, one cart after the other as they would have arrived,
 * then starts the real consumer on the real broker, times it from its first
 * commit to its last, and reads 1,000 fixes back at random through the track
 * query.  FOLDER is new and empty; the topics are made if missing.
 */
#include <errno.h>
#include <fcntl.h>
#include <librdkafka/rdkafka.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "backend/store/read.h"
#include "lib/clock.h"
#include "lib/kafka.h"
#include "schemas/topics_admin.h"

#define FRAME_FIXES 60
#define STEP_MS 10000 /* a fix each 10 s */
#define READ_BACK 1000
#define WAIT_MS 120000
#define GOAL 1000000

struct bench {
	struct kafka_settings kafka;
	const char *folder;
	int64_t carts, frames;
	int64_t start_ms; /* of each cart's first fix */
	int partitions;
	struct reader *reader;
};

static void
die(const char *what, const char *why)
{
	fprintf(stderr, "consumer_fixes: %s: %s\n", what, why);
	exit(1);
}

static void
cart_name(int64_t cart, char name[CART_MAX + 1])
{
	snprintf(name, CART_MAX + 1, "B%05lld", (long long)(cart % 100000));
}

/* A receiver's noise: the same for the same fix. */
static int32_t
noise(int64_t cart, int64_t i)
{
	uint64_t x = (uint64_t)(cart * 1000003 + i) *
	    UINT64_C(0x9e3779b97f4a7c15);

	return (int32_t)(x >> 60) - 8;
}

/* Fix `i` of a cart that walks at 1.2 m/s, turning now and then. */
static struct fix
fix_of(const struct bench *b, int64_t cart, int64_t i)
{
	int32_t leg = (int32_t)(i / 50), along = (int32_t)(i % 50);
	bool north = leg % 2 == 0;

	return (struct fix){
		.at = { .ms = b->start_ms + i * STEP_MS },
		.lat_e6 = -33450000 + (int32_t)cart * 100 +
		    (leg + 1) / 2 * 5000 + (north ? along * 100 : 0) +
		    noise(cart, i),
		.lon_e6 = -70660000 + leg / 2 * 6000 +
		    (north ? 0 : along * 120) + noise(cart + 1, i),
		.speed_dm_s = (uint16_t)(12 + noise(cart, i + 7) / 4),
		.course_deg = (uint16_t)(((north ? 0 : 90) +
					     noise(cart, i + 3) + 360) %
		    360),
		.accuracy_m = (uint16_t)(6 + i / 40 % 3),
	};
}

/* The log must say which one it is; topics just made may not answer yet. */
static void
prepare_guild(struct bench *b)
{
	struct guild guild = {
		.ledger = 1, .since_ms = -1, .has_log_id = true, .log_id = { 1 }
	};
	char why[256] = "";
	int rc = -1;

	for (int tries = 0; tries < 50 && rc == -1; tries++) {
		usleep(200000);
		rc = kafka_guild_read(
		    &b->kafka, 3000, &guild, why, sizeof(why));
	}
	if (rc == 1)
		rc = kafka_guild_write(
		    &b->kafka, 10000, &guild, why, sizeof(why));
	if (rc == -1)
		die("guild", why);
}

static void
prepare_log(struct bench *b)
{
	struct topics_settings topics = { .replication = 1, .min_insync = 1 };
	int actual[TOPIC_COUNT], created;
	rd_kafka_conf_t *conf;
	char why[256] = "";
	rd_kafka_t *rk;

	conf = kafka_conf(&b->kafka, why, sizeof(why));
	if (conf == NULL)
		die("settings", why);
	rk = rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, sizeof(why));
	if (rk == NULL)
		die("producer", why);
	if (topics_ensure(
		rk, &topics, 30000, actual, &created, why, sizeof(why)) == -1)
		die("topics", why);
	rd_kafka_destroy(rk);
	b->partitions = actual[TOPIC_COORDENADAS];
	prepare_guild(b);
}

static void
delivered(void *ctx, const struct kafka_delivery *delivery)
{
	(void)ctx;
	if (delivery->err != RD_KAFKA_RESP_ERR_NO_ERROR)
		die("produce", rd_kafka_err2str(delivery->err));
}

static void
produce_frame(const struct bench *b, struct kafka_producer *p, int64_t cart,
    int64_t frame)
{
	static struct fix fixes[FRAME_FIXES];
	static uint8_t buf[FRAME_BYTES_MAX];
	struct frame_head head = { 1, (uint64_t)cart + 1,
		(uint64_t)(frame * FRAME_FIXES), FRAME_FIXES, 1 };
	char name[CART_MAX + 1];
	struct kafka_record record = {
		.topic = TOPIC_COORDENADAS,
		.key = name,
		.value = buf,
		.schema = SCHEMA_FRAME_POS,
	};
	struct mp_writer w;

	cart_name(cart, name);
	for (int64_t i = 0; i < FRAME_FIXES; i++)
		fixes[i] = fix_of(b, cart, frame * FRAME_FIXES + i);
	mp_writer_init(&w, buf, sizeof(buf));
	frame_encode_head(&head, &w);
	if (run_encode(fixes, FRAME_FIXES, &w) == -1 || w.full)
		die("encode", strerror(errno));
	record.key_len = strlen(name);
	record.value_len = w.len;
	record.partition = topic_partition(
	    TOPIC_COORDENADAS, name, strlen(name), b->partitions);
	while (kafka_produce(p, &record) == -1) {
		if (errno != ENOBUFS)
			die("produce", strerror(errno));
		kafka_producer_poll(p);
		usleep(1000);
	}
}

static void
produce_backlog(const struct bench *b)
{
	struct kafka_producer *p;
	char why[256] = "";

	p = kafka_producer_new(&b->kafka, delivered, NULL, why, sizeof(why));
	if (p == NULL)
		die("producer", why);
	for (int64_t frame = 0; frame < b->frames; frame++) {
		for (int64_t cart = 0; cart < b->carts; cart++)
			produce_frame(b, p, cart, frame);
		kafka_producer_poll(p);
	}
	while (kafka_producer_queued(p) > 0) {
		kafka_producer_poll(p);
		usleep(1000);
	}
	kafka_producer_free(p, 10000);
}

static pid_t
start_consumer(const struct bench *b)
{
	const char *build = getenv("PREGON_BUILD");
	char path[512], brokers[256], database[512], log[512];
	pid_t pid;

	snprintf(path, sizeof(path), "%s/bin/pregon-consumer",
	    build != NULL ? build : "build");
	snprintf(brokers, sizeof(brokers), "--brokers=%s", b->kafka.bootstrap);
	snprintf(database, sizeof(database), "--database=%s", b->folder);
	snprintf(log, sizeof(log), "%s/consumer.log", b->folder);
	pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		int fd = open(log, O_WRONLY | O_CREAT | O_TRUNC, 0644);

		dup2(fd, STDERR_FILENO);
		execl(path, path, brokers, database, "positions", NULL);
		_exit(127);
	}
	if (pid == -1)
		die("fork", strerror(errno));
	return pid;
}

/* 0 until the role has made its database. */
static int64_t
fixes_stored(const struct bench *b)
{
	struct stats_row row;

	if (b->reader->ops->stats(b->reader, clock_realtime_ms(&clock_system),
		60000, &row) == -1 ||
	    row.fixes == STATS_UNKNOWN)
		return 0;
	return row.fixes;
}

/* Fixes a second between the first commit that is seen and the last. */
static double
time_consumer(const struct bench *b, pid_t pid)
{
	int64_t total = b->carts * b->frames * FRAME_FIXES;
	int64_t end_ms = clock_boottime_ms(&clock_system) + WAIT_MS;
	int64_t first = 0, first_ms = 0, stored = 0, now_ms = 0;

	while (stored < total) {
		int status;

		now_ms = clock_boottime_ms(&clock_system);
		if (now_ms > end_ms || waitpid(pid, &status, WNOHANG) == pid)
			die("consumer",
			    "it did not get to the end; see "
			    "consumer.log");
		stored = fixes_stored(b);
		now_ms = clock_boottime_ms(&clock_system);
		if (first == 0 && stored > 0) {
			first = stored;
			first_ms = now_ms;
		}
		usleep(2000);
	}
	if (stored > total)
		die("consumer", "more fixes than were sent");
	return (double)(total - first) * 1000 / (double)(now_ms - first_ms);
}

static int
check_point(void *ctx, const struct track_point *point)
{
	struct fix *wanted = ctx;

	if (point->fix.at.ms == wanted->at.ms &&
	    point->fix.lat_e6 == wanted->lat_e6 &&
	    point->fix.lon_e6 == wanted->lon_e6 &&
	    point->fix.speed_dm_s == wanted->speed_dm_s &&
	    point->fix.course_deg == wanted->course_deg)
		wanted->flags = 1;
	return 0;
}

static void
read_back(const struct bench *b)
{
	srand(1);
	for (int n = 0; n < READ_BACK; n++) {
		int64_t cart = rand() % b->carts;
		int64_t i = rand() % (b->frames * FRAME_FIXES);
		struct fix fix = fix_of(b, cart, i);
		char name[CART_MAX + 1];

		cart_name(cart, name);
		if (b->reader->ops->track(b->reader, name, fix.at.ms,
			fix.at.ms + 1, check_point, &fix) == -1)
			die("track", strerror(errno));
		if (fix.flags != 1)
			die("track", "a fix came back changed, or not at all");
	}
}

int
main(int argc, char **argv)
{
	struct bench b = { .carts = 1000, .frames = 100 };
	struct rusage usage;
	double rate, cpu_s;
	int status;
	pid_t pid;

	if (argc < 3 || argc > 5) {
		fprintf(stderr,
		    "usage: consumer_fixes BROKERS FOLDER "
		    "[CARTS [FRAMES]]\n");
		return 2;
	}
	b.kafka.bootstrap = argv[1];
	b.kafka.client_id = "bench";
	b.folder = argv[2];
	if (argc > 3)
		b.carts = atoll(argv[3]);
	if (argc > 4)
		b.frames = atoll(argv[4]);
	b.start_ms = clock_realtime_ms(&clock_system) / 1000 * 1000 -
	    b.frames * FRAME_FIXES * STEP_MS;
	b.reader = reader_open_sqlite(b.folder);
	prepare_log(&b);
	produce_backlog(&b);
	pid = start_consumer(&b);
	rate = time_consumer(&b, pid);
	kill(pid, SIGTERM);
	waitpid(pid, &status, 0);
	getrusage(RUSAGE_CHILDREN, &usage);
	cpu_s = (double)usage.ru_utime.tv_sec + (double)usage.ru_stime.tv_sec +
	    (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
	read_back(&b);
	printf("bench consumer_fixes value=%.0f unit=fixes/s reference=%d "
	       "ratio=%.2f\n",
	    rate, GOAL, rate / GOAL);
	printf("bench consumer_fixes_cpu value=%.2f unit=s/Mfix reference=1 "
	       "ratio=%.2f\n",
	    cpu_s * 1e6 / (double)(b.carts * b.frames * FRAME_FIXES),
	    cpu_s * 1e6 / (double)(b.carts * b.frames * FRAME_FIXES));
	b.reader->ops->close(b.reader);
	return 0;
}
