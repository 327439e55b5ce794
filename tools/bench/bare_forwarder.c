/*
 * bare_forwarder: the reference for pregon-bridge: the least that moves
 * frames from MQTT to Kafka and answers each with the same ack.
 *
 *     bare_forwarder --port=P --user=U --password=W --brokers=HOST:PORT
 *
 * It acknowledges at once, before Kafka has the frame, looks at nothing but
 * the envelope that the ack repeats, keeps no state, counts nothing, writes
 * no headers and hears nothing of deliveries.  Same subscriptions, producer
 * settings and keys as the bridge.  Its loop is the fastest that we found
 * for libmosquitto: many packets a poll, all acks of a turn written together
 * (--loop=library: mosquitto_loop(), for comparison).
 */
#include <errno.h>
#include <getopt.h>
#include <librdkafka/rdkafka.h>
#include <mosquitto.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "schemas/down.h"
#include "schemas/envelope.h"
#include "schemas/topics.h"

#define READ_BUDGET 256

struct forwarder {
	struct mosquitto *mosq;
	rd_kafka_t *rk;
	rd_kafka_topic_t *topics[STREAM_COUNT];
	int partitions[STREAM_COUNT];
	int port;
	const char *user, *password, *brokers;
	bool library_loop;
	bool got_one; /* in this read */
};

static volatile sig_atomic_t ended;

static void
on_signal(int number)
{
	(void)number;
	ended = 1;
}

static void
die(const char *what, const char *why)
{
	fprintf(stderr, "bare_forwarder: %s: %s\n", what, why);
	exit(1);
}

static int
envelope_read(const struct mosquitto_message *m, struct ack *ack)
{
	struct decode_error error;
	struct mp_reader r;
	uint32_t appended;
	int64_t count;

	mp_reader_init(&r, m->payload, (size_t)m->payloadlen, &error);
	if (envelope_begin(&r, "frame", 1, 5, &appended) == -1 ||
	    mp_read_uint(&r, "ledger", UINT32_MAX, &ack->ledger) == -1 ||
	    epoch_read(&r, "epoch", &ack->epoch) == -1 ||
	    mp_read_uint(&r, "first_seq", SEQ_MAX, &ack->first_seq) == -1 ||
	    mp_read_int(&r, "count", 1, INT32_MAX, &count) == -1)
		return -1;
	ack->next_seq = ack->first_seq + (uint64_t)count;
	return 0;
}

static void
produce(struct forwarder *f, enum stream stream, const char *cart,
    size_t cart_len, const struct mosquitto_message *m)
{
	int32_t partition = topic_partition(
	    topic_of_stream(stream), cart, cart_len, f->partitions[stream]);

	while (rd_kafka_produce(f->topics[stream], partition,
		   RD_KAFKA_MSG_F_COPY, m->payload, (size_t)m->payloadlen, cart,
		   cart_len, NULL) == -1) {
		if (rd_kafka_last_error() != RD_KAFKA_RESP_ERR__QUEUE_FULL)
			die("produce", rd_kafka_err2str(rd_kafka_last_error()));
		rd_kafka_poll(f->rk, 1);
	}
}

static void
acknowledge(
    struct forwarder *f, const char *cart, size_t cart_len, struct ack *ack)
{
	char topic[32] = "pregon/";
	uint8_t bytes[ACK_BYTES_MAX];
	struct timespec t;
	int len;

	clock_gettime(CLOCK_REALTIME, &t);
	ack->server_time_ms = (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
	len = ack_encode(ack, bytes, sizeof(bytes));
	memcpy(topic + 7, cart, cart_len);
	memcpy(topic + 7 + cart_len, "/ack", 5);
	mosquitto_publish(f->mosq, NULL, topic, len, bytes, 0, false);
}

/* pregon/<cart>/<stream> */
static void
on_message(struct mosquitto *mosq, void *ctx, const struct mosquitto_message *m)
{
	struct forwarder *f = ctx;
	const char *cart = m->topic + 7, *slash = strchr(cart, '/');
	struct ack ack = { 0 };
	size_t cart_len;

	(void)mosq;
	f->got_one = true;
	if (slash == NULL ||
	    stream_parse(slash + 1, strlen(slash + 1), &ack.stream) == -1 ||
	    envelope_read(m, &ack) == -1)
		return;
	cart_len = (size_t)(slash - cart);
	if (cart_len > CART_MAX)
		return;
	produce(f, ack.stream, cart, cart_len, m);
	acknowledge(f, cart, cart_len, &ack);
}

static void
on_connect(struct mosquitto *mosq, void *ctx, int code)
{
	static char *const filters[] = { "$share/pregon/pregon/+/pos",
		"$share/pregon/pregon/+/sale", "$share/pregon/pregon/+/stock",
		"$share/pregon/pregon/+/help" };

	(void)ctx;
	if (code != 0)
		die("mqtt", mosquitto_connack_string(code));
	for (size_t i = 0; i < sizeof(filters) / sizeof(*filters); i++)
		mosquitto_subscribe(mosq, NULL, filters[i], 0);
	printf("ready\n");
	fflush(stdout);
}

/* As lib/kafka.c has them. */
static void
connect_kafka(struct forwarder *f)
{
	static const char *const properties[][2] = {
		{ "enable.idempotence", "true" },
		{ "acks", "all" },
		{ "compression.codec", "lz4" },
		{ "linger.ms", "5" },
		{ "queue.buffering.max.messages", "100000" },
		{ "queue.buffering.max.kbytes", "131072" },
		{ "socket.nagle.disable", "true" },
	};
	const struct rd_kafka_metadata *md;
	rd_kafka_conf_t *conf = rd_kafka_conf_new();
	char why[256];

	for (size_t i = 0; i < sizeof(properties) / sizeof(*properties); i++)
		if (rd_kafka_conf_set(conf, properties[i][0], properties[i][1],
			why, sizeof(why)) != RD_KAFKA_CONF_OK)
			die("kafka", why);
	if (rd_kafka_conf_set(conf, "bootstrap.servers", f->brokers, why,
		sizeof(why)) != RD_KAFKA_CONF_OK)
		die("kafka", why);
	f->rk = rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, sizeof(why));
	if (f->rk == NULL)
		die("kafka", why);
	for (int i = 0; i < STREAM_COUNT; i++) {
		f->topics[i] = rd_kafka_topic_new(f->rk,
		    topic_info(topic_of_stream((enum stream)i))->name, NULL);
		if (rd_kafka_metadata(f->rk, 0, f->topics[i], &md, 10000) !=
			RD_KAFKA_RESP_ERR_NO_ERROR ||
		    md->topics[0].partition_cnt == 0)
			die("kafka", "the topics are not there");
		f->partitions[i] = md->topics[0].partition_cnt;
		rd_kafka_metadata_destroy(md);
	}
}

static void
cork(int fd, int on)
{
	setsockopt(fd, IPPROTO_TCP, TCP_CORK, &on, sizeof(on));
}

static void
own_loop(struct forwarder *f)
{
	struct pollfd fd = { .fd = mosquitto_socket(f->mosq) };

	while (!ended) {
		fd.events = mosquitto_want_write(f->mosq) ? POLLIN | POLLOUT
							  : POLLIN;
		poll(&fd, 1, 1000);
		for (int i = 0; i < READ_BUDGET; i++) {
			f->got_one = false;
			if (mosquitto_loop_read(f->mosq, 1) != MOSQ_ERR_SUCCESS)
				die("mqtt", "connection lost");
			if (!f->got_one)
				break;
		}
		if (mosquitto_want_write(f->mosq)) {
			cork(fd.fd, 1);
			mosquitto_loop_write(f->mosq, 1);
			cork(fd.fd, 0);
		}
		mosquitto_loop_misc(f->mosq);
		rd_kafka_poll(f->rk, 0);
	}
}

static void
library_loop(struct forwarder *f)
{
	while (!ended) {
		if (mosquitto_loop(f->mosq, 1000, 1) != MOSQ_ERR_SUCCESS)
			die("mqtt", "connection lost");
		rd_kafka_poll(f->rk, 0);
	}
}

static void
read_flags(struct forwarder *f, int argc, char **argv)
{
	static const struct option options[] = {
		{ "port", required_argument, NULL, 'p' },
		{ "user", required_argument, NULL, 'u' },
		{ "password", required_argument, NULL, 'w' },
		{ "brokers", required_argument, NULL, 'b' },
		{ "loop", required_argument, NULL, 'l' },
		{ NULL, 0, NULL, 0 },
	};
	int flag;

	while ((flag = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (flag) {
		case 'p':
			f->port = atoi(optarg);
			break;
		case 'u':
			f->user = optarg;
			break;
		case 'w':
			f->password = optarg;
			break;
		case 'b':
			f->brokers = optarg;
			break;
		case 'l':
			f->library_loop = strcmp(optarg, "library") == 0;
			break;
		default:
			exit(2);
		}
	}
}

int
main(int argc, char **argv)
{
	struct forwarder f = { .port = 1883,
		.user = "bridge",
		.password = "",
		.brokers = "127.0.0.1:9092" };

	read_flags(&f, argc, argv);
	signal(SIGTERM, on_signal);
	signal(SIGINT, on_signal);
	connect_kafka(&f);
	mosquitto_lib_init();
	f.mosq = mosquitto_new("bare-forwarder", true, &f);
	if (f.mosq == NULL)
		die("mqtt", strerror(errno));
	mosquitto_threaded_set(f.mosq, !f.library_loop);
	mosquitto_int_option(f.mosq, MOSQ_OPT_TCP_NODELAY, 1);
	mosquitto_username_pw_set(f.mosq, f.user, f.password);
	mosquitto_connect_callback_set(f.mosq, on_connect);
	mosquitto_message_callback_set(f.mosq, on_message);
	if (mosquitto_connect(f.mosq, "127.0.0.1", f.port, 60) !=
	    MOSQ_ERR_SUCCESS)
		die("mqtt", strerror(errno));
	if (f.library_loop)
		library_loop(&f);
	else
		own_loop(&f);
	rd_kafka_flush(f.rk, 5000);
	return 0;
}
