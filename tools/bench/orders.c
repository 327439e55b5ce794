/*
 * orders BROKERS PORT TOKEN [N [CLIENTS [CONNECTIONS [RATE [BURST]]]]]: how
 * long N (1000) restock orders take from their requests to finalizado.
 *
 * CLIENTS (1) threads post to the API at 127.0.0.1:PORT, each over
 * CONNECTIONS (100) connections that stay open, one request under way on each;
 * RATE orders a second (0: as fast as they are answered), the last BURST of
 * them at once.  The guild must run with stock.auto_advance=0,0,0.
 *
 * Meanwhile an independent consumer reads topic_reposiciones and sees that
 * each order goes once through the four states, in order.  Prints one line:
 * ms from the first request to the last finalizado that was read, mean and
 * p99 of one order.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "lib/kafka.h"
#include "schemas/order.h"

#define CLIENTS_MAX 8
#define CONNECTIONS_MAX 256
#define WAIT_NS (INT64_C(60) * 1000000000)
#define PLATES 10000000

struct job {
	int64_t asked_ns; /* the request was written; 0: not yet */
	int64_t answered_ns;
	int64_t done_ns; /* finalizado was read */
	uint32_t next; /* the revision that comes next */
};

struct bench {
	struct kafka_settings kafka;
	int port;
	const char *token;
	int64_t orders, clients, connections, rate, burst;
	int64_t base; /* of the plates */
	int64_t start_ns;
	struct job *jobs;
	atomic_llong taken; /* jobs handed to connections */
	int64_t done, repeats, broken;
};

struct connection {
	int fd;
	int64_t job; /* -1: idle */
	size_t len;
	char answer[4096];
};

struct client {
	pthread_t thread;
	struct bench *bench;
	struct connection connections[CONNECTIONS_MAX];
};

static int64_t
now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void
die(const char *what, const char *why)
{
	fprintf(stderr, "orders: %s: %s\n", what, why);
	exit(1);
}

static void
open_connection(const struct bench *b, struct connection *c)
{
	const struct sockaddr_in to = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t)b->port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	const int on = 1;

	c->job = -1;
	c->fd = socket(AF_INET, SOCK_STREAM, 0);
	if (c->fd == -1 ||
	    connect(c->fd, (const struct sockaddr *)&to, sizeof(to)) == -1)
		die("the API", strerror(errno));
	setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

/* When job number `i` may be asked for. */
static int64_t
due_ns(const struct bench *b, int64_t i)
{
	int64_t steady = b->orders - b->burst;

	if (b->rate == 0)
		return b->start_ns;
	return b->start_ns + (i < steady ? i : steady) * 1000000000 / b->rate;
}

static void
ask(struct bench *b, struct connection *c, int64_t i)
{
	int64_t plate = (b->base + i) % PLATES;
	char body[128], request[512];
	int body_len, len;

	body_len = snprintf(body, sizeof(body),
	    "{\"cart\":\"B%07lld\",\"lines\":[{\"product\":%d,\"units\":20}]}",
	    (long long)plate, (int)(i % 3));
	len = snprintf(request, sizeof(request),
	    "POST /api/v1/restocks HTTP/1.1\r\nHost: 127.0.0.1\r\n"
	    "Authorization: Bearer %s\r\nIdempotency-Key: b-%lld-%lld\r\n"
	    "Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%s",
	    b->token, (long long)b->base, (long long)i, body_len, body);
	c->job = i;
	c->len = 0;
	b->jobs[i].asked_ns = now_ns();
	if (write(c->fd, request, (size_t)len) != len)
		die("the API", "a request was not taken whole");
}

/* Whole: head and as much as it says. */
static bool
answer_is_whole(const struct connection *c)
{
	const char *end = strstr(c->answer, "\r\n\r\n");
	const char *length = strcasestr(c->answer, "\r\nContent-Length:");

	if (end == NULL || length == NULL)
		return false;
	return c->len >= (size_t)(end + 4 - c->answer) +
	    strtoul(length + strlen("\r\nContent-Length:"), NULL, 10);
}

static void
hear(struct bench *b, struct connection *c)
{
	ssize_t n = read(
	    c->fd, c->answer + c->len, sizeof(c->answer) - 1 - c->len);

	if (n <= 0)
		die("the API",
		    n == 0 ? "it closed a connection" : strerror(errno));
	c->len += (size_t)n;
	c->answer[c->len] = '\0';
	if (!answer_is_whole(c))
		return;
	if (strncmp(c->answer, "HTTP/1.1 202", 12) != 0)
		die("the API", c->answer);
	b->jobs[c->job].answered_ns = now_ns();
	c->job = -1;
}

/* Gives idle connections what is due; ms until the next is, -1: none. */
static int
hand_out(struct client *client)
{
	struct bench *b = client->bench;

	for (int64_t i = 0; i < b->connections; i++) {
		int64_t job = atomic_load(&b->taken);
		int64_t wait_ns;

		if (client->connections[i].job != -1)
			continue;
		if (job >= b->orders)
			return -1;
		wait_ns = due_ns(b, job) - now_ns();
		if (wait_ns > 0)
			return (int)(wait_ns / 1000000) + 1;
		job = atomic_fetch_add(&b->taken, 1);
		if (job >= b->orders)
			return -1;
		ask(b, &client->connections[i], job);
	}
	return -1;
}

static void *
run_client(void *arg)
{
	struct client *client = arg;
	struct bench *b = client->bench;
	struct pollfd fds[CONNECTIONS_MAX];
	bool busy = true;

	while (busy || atomic_load(&b->taken) < b->orders) {
		int wait_ms = hand_out(client);

		busy = false;
		for (int64_t i = 0; i < b->connections; i++) {
			fds[i].fd = client->connections[i].fd;
			fds[i].events = POLLIN;
			if (client->connections[i].job != -1)
				busy = true;
		}
		if (!busy && wait_ms == -1)
			break;
		poll(fds, (nfds_t)b->connections, wait_ms);
		for (int64_t i = 0; i < b->connections; i++) {
			if (fds[i].revents != 0)
				hear(b, &client->connections[i]);
		}
	}
	return NULL;
}

static void
take_order(struct bench *b, const rd_kafka_message_t *m)
{
	struct order_event event;
	struct decode_error error;
	struct job *job;
	int64_t i;

	if (order_decode(m->payload, m->len, &event, &error) == -1 ||
	    event.cart[0] != 'B')
		return;
	i = (atoll(event.cart + 1) - b->base % PLATES + PLATES) % PLATES;
	if (i >= b->orders)
		return;
	job = &b->jobs[i];
	if (event.revision < job->next) {
		b->repeats++;
		return;
	}
	if (event.revision != job->next || event.state != job->next ||
	    event.state > ORDER_FINALIZADO) {
		fprintf(stderr, "orders: %s: %s, revision %u, after %u\n",
		    event.order, order_state_name(event.state), event.revision,
		    job->next);
		b->broken++;
		return;
	}
	job->next++;
	if (event.state == ORDER_FINALIZADO) {
		job->done_ns = now_ns();
		b->done++;
	}
}

static bool
is_order(const rd_kafka_message_t *m)
{
	rd_kafka_headers_t *headers;
	const void *value;
	size_t len;

	return rd_kafka_message_headers(m, &headers) ==
	    RD_KAFKA_RESP_ERR_NO_ERROR &&
	    rd_kafka_header_get_last(headers, HEADER_SCHEMA, &value, &len) ==
	    RD_KAFKA_RESP_ERR_NO_ERROR &&
	    len == strlen(SCHEMA_ORDER) &&
	    memcmp(value, SCHEMA_ORDER, len) == 0;
}

static void
read_records(struct bench *b, rd_kafka_t *rk)
{
	int64_t end_ns = now_ns() + WAIT_NS;

	while (b->done < b->orders && b->broken == 0 && now_ns() < end_ns) {
		rd_kafka_message_t *m = rd_kafka_consumer_poll(rk, 100);

		if (m == NULL)
			continue;
		if (m->err == RD_KAFKA_RESP_ERR_NO_ERROR && is_order(m))
			take_order(b, m);
		rd_kafka_message_destroy(m);
	}
}

/* From the end of each partition, as it is now. */
static rd_kafka_t *
open_consumer(const struct bench *b)
{
	const char *topic = topic_info(TOPIC_REPOSICIONES)->name;
	rd_kafka_topic_partition_list_t *list =
	    rd_kafka_topic_partition_list_new(8);
	const struct rd_kafka_metadata *md;
	rd_kafka_topic_t *handle;
	char why[256] = "";
	rd_kafka_conf_t *conf = kafka_conf(&b->kafka, why, sizeof(why));
	rd_kafka_t *rk;

	rd_kafka_conf_set(conf, "group.id", "bench-orders", NULL, 0);
	rd_kafka_conf_set(conf, "enable.auto.commit", "false", NULL, 0);
	rk = rd_kafka_new(RD_KAFKA_CONSUMER, conf, why, sizeof(why));
	if (rk == NULL)
		die("Kafka", why);
	rd_kafka_poll_set_consumer(rk);
	handle = rd_kafka_topic_new(rk, topic, NULL);
	if (rd_kafka_metadata(rk, 0, handle, &md, 10000) !=
		RD_KAFKA_RESP_ERR_NO_ERROR ||
	    md->topic_cnt != 1 || md->topics[0].partition_cnt == 0)
		die("Kafka", "no topic_reposiciones");
	for (int i = 0; i < md->topics[0].partition_cnt; i++) {
		int64_t low, high;

		if (rd_kafka_query_watermark_offsets(rk, topic, i, &low, &high,
			10000) != RD_KAFKA_RESP_ERR_NO_ERROR)
			die("Kafka", "no offsets");
		rd_kafka_topic_partition_list_add(list, topic, i)->offset =
		    high;
	}
	rd_kafka_metadata_destroy(md);
	rd_kafka_topic_destroy(handle);
	rd_kafka_assign(rk, list);
	rd_kafka_topic_partition_list_destroy(list);
	/* Connections are made; nothing is there to read yet. */
	rd_kafka_consumer_poll(rk, 500);
	return rk;
}

static int
by_size(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static void
report(const struct bench *b)
{
	int64_t *took = calloc((size_t)b->orders, sizeof(*took));
	int64_t first = INT64_MAX, last = 0, sum = 0, answers = 0;

	if (took == NULL)
		die("report", strerror(errno));
	for (int64_t i = 0; i < b->orders; i++) {
		const struct job *job = &b->jobs[i];

		took[i] = job->done_ns - job->asked_ns;
		sum += took[i];
		answers += job->answered_ns - job->asked_ns;
		first = job->asked_ns < first ? job->asked_ns : first;
		last = job->done_ns > last ? job->done_ns : last;
	}
	qsort(took, (size_t)b->orders, sizeof(*took), by_size);
	printf("total_ms=%.1f mean_ms=%.2f p50_ms=%.2f p99_ms=%.2f "
	       "answer_ms=%.2f orders=%lld repeats=%lld\n",
	    (double)(last - first) / 1e6, (double)sum / 1e6 / (double)b->orders,
	    (double)took[b->orders / 2] / 1e6,
	    (double)took[b->orders * 99 / 100] / 1e6,
	    (double)answers / 1e6 / (double)b->orders, (long long)b->orders,
	    (long long)b->repeats);
	free(took);
}

static int64_t
number(int argc, char **argv, int i, int64_t otherwise, int64_t max)
{
	int64_t n = i < argc ? atoll(argv[i]) : otherwise;

	if (n < 0 || n > max)
		die(argv[i], "too large");
	return n;
}

static void
run(struct bench *b)
{
	struct client *clients = calloc((size_t)b->clients, sizeof(*clients));
	rd_kafka_t *rk = open_consumer(b);

	if (clients == NULL)
		die("clients", strerror(errno));
	for (int64_t c = 0; c < b->clients; c++) {
		clients[c].bench = b;
		for (int64_t i = 0; i < b->connections; i++)
			open_connection(b, &clients[c].connections[i]);
	}
	b->start_ns = now_ns();
	/* A thread a client, so that two of them are two. */
	for (int64_t c = 0; c < b->clients; c++)
		pthread_create(
		    &clients[c].thread, NULL, run_client, &clients[c]);
	read_records(b, rk);
	for (int64_t c = 0; c < b->clients; c++)
		pthread_join(clients[c].thread, NULL);
	rd_kafka_destroy(rk);
	free(clients);
}

int
main(int argc, char **argv)
{
	struct bench b = { .kafka = { .client_id = "bench-orders" } };
	struct timespec t;

	if (argc < 4) {
		fprintf(stderr,
		    "usage: orders BROKERS PORT TOKEN [N [CLIENTS "
		    "[CONNECTIONS [RATE [BURST]]]]]\n");
		return 2;
	}
	b.kafka.bootstrap = argv[1];
	b.port = atoi(argv[2]);
	b.token = argv[3];
	b.orders = number(argc, argv, 4, 1000, PLATES / 2);
	b.clients = number(argc, argv, 5, 1, CLIENTS_MAX);
	b.connections = number(argc, argv, 6, 100, CONNECTIONS_MAX);
	b.rate = number(argc, argv, 7, 0, 1000000);
	b.burst = number(argc, argv, 8, 0, b.orders);
	/* Plates that no run of a short while ago has used. */
	clock_gettime(CLOCK_REALTIME, &t);
	b.base = ((int64_t)t.tv_sec * 5000 + t.tv_nsec / 200000) % PLATES;
	b.jobs = calloc((size_t)b.orders, sizeof(*b.jobs));
	if (b.jobs == NULL || b.orders == 0 || b.clients == 0 ||
	    b.connections == 0)
		die("N, CLIENTS, CONNECTIONS", "at least 1");
	run(&b);
	if (b.done < b.orders) {
		fprintf(stderr,
		    "orders: %lld of %lld finalizado, %lld out of order\n",
		    (long long)b.done, (long long)b.orders,
		    (long long)b.broken);
		return 1;
	}
	report(&b);
	free(b.jobs);
	return 0;
}
