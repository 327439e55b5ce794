/*
 * bridge_load: plays thousands of carts with one frame under way each, and
 * measures how fast their acks come.
 *
 *     bridge_load --port=P --user=U --password=W --carts=20000 --frames=10
 *     bridge_load ... --rate=20000 --seconds=10
 *     bridge_load ... --rate=500 --seconds=10 --stream=help
 *
 * --frames: each cart sends its next frame when the last one is acknowledged,
 * all begin at once (drain).  --rate: so many frames a second over all carts
 * in turn, a cart whose last one is not acknowledged is passed over (live).
 * --stream=help: each frame is a vendor who asks for help, and not fixes.
 * --pid: the CPU time of that process, also of what it still has to do once
 * the last ack is there.  Prints one line of NAME=VALUE.
 */
#include <getopt.h>
#include <poll.h>
#include <stdio.h>
#include <sys/random.h>
#include <time.h>

#include "schemas/down.h"
#include "schemas/frame.h"
#include "tools/bench/mqtt_wire.h"

#define TOPIC_MAX 32
#define RESEND_US 5000000
#define CONNECTIONS_MAX 64
#define PLATE_DIGITS 6

struct cart {
	uint64_t epoch;
	uint64_t seq;
	int64_t sent_us; /* 0: nothing under way */
	uint32_t left; /* frames yet to send (drain) */
};

struct load {
	/* as asked for */
	int port, connections, pid;
	const char *user, *password, *stream;
	uint32_t cart_count, frames, fixes;
	double rate, seconds;
	/* the run */
	struct cart *carts;
	struct wire *wires;
	uint32_t subscribed, connected;
	uint64_t sent, acked, wanted, resent, passed_over;
	uint32_t *latency_us;
	uint32_t next_cart;
	int64_t last_ack_us;
};

static int64_t
now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static void
die(const char *what)
{
	fprintf(stderr, "bridge_load: %s: %s\n", what, strerror(errno));
	exit(1);
}

static struct wire *
wire_of(struct load *l, uint32_t cart)
{
	return &l->wires[cart % (uint32_t)l->connections];
}

/* A walk of `fixes` fixes, 10 s and 10 m apart. */
static size_t
frame_make(const struct load *l, uint32_t i, uint8_t *buf, size_t cap)
{
	const struct cart *cart = &l->carts[i];
	struct frame_head head = { .ledger = 1,
		.epoch = cart->epoch,
		.first_seq = cart->seq,
		.count = l->fixes,
		.item_count = 1 };
	struct fix fixes[64];
	struct mp_writer w;

	for (uint32_t n = 0; n < l->fixes; n++)
		fixes[n] = (struct fix){
			.at = { .ms = INT64_C(1795000000000) +
				(int64_t)(cart->seq + n) * 10000 },
			.lat_e6 = -33440000 + (int32_t)(i + n * 90),
			.lon_e6 = -70650000 + (int32_t)(i * 3 + n * 70),
			.speed_dm_s = 10,
			.course_deg = 45,
			.accuracy_m = 4,
		};
	mp_writer_init(&w, buf, cap);
	frame_encode_head(&head, &w);
	if (run_encode(fixes, l->fixes, &w) == -1 || w.full)
		die("frame");
	return w.len;
}

/* Its words are like no other's. */
static size_t
help_make(const struct load *l, uint32_t i, uint8_t *buf, size_t cap)
{
	const struct cart *cart = &l->carts[i];
	struct frame_head head = { 1, cart->epoch, cart->seq, 1, 1 };
	struct timespec now;
	struct help help;
	struct mp_writer w;
	char note[40];

	clock_gettime(CLOCK_REALTIME, &now);
	help = (struct help){
		.at = { .ms = (int64_t)now.tv_sec * 1000 +
			now.tv_nsec / 1000000 },
		.note = { note, 0 },
	};
	help.note.len = (size_t)snprintf(note, sizeof(note),
	    "L%0*u needs help %llu", PLATE_DIGITS, i,
	    (unsigned long long)cart->seq);
	mp_writer_init(&w, buf, cap);
	frame_encode_head(&head, &w);
	help_encode(&help, &w);
	if (w.full)
		die("frame");
	return w.len;
}

static void
frame_send(struct load *l, uint32_t i, int64_t now)
{
	bool help = strcmp(l->stream, "help") == 0;
	char topic[TOPIC_MAX];
	uint8_t frame[1024];
	size_t len = (help ? help_make : frame_make)(
	    l, i, frame, sizeof(frame));

	snprintf(topic, sizeof(topic), "pregon/L%0*u/%s", PLATE_DIGITS, i,
	    help ? "help" : "pos");
	wire_publish(wire_of(l, i), topic, frame, len);
	l->carts[i].sent_us = now;
	l->sent++;
}

static void
take_ack(struct load *l, const uint8_t *body, size_t len)
{
	size_t topic_len = (size_t)body[0] << 8 | body[1];
	struct decode_error error;
	struct cart *cart;
	struct ack ack;
	uint32_t i = 0;

	/* pregon/L000001/ack */
	for (size_t n = 0; n < PLATE_DIGITS; n++)
		i = i * 10 + (uint32_t)(body[2 + 8 + n] - '0');
	if (i >= l->cart_count ||
	    ack_decode(
		body + 2 + topic_len, len - 2 - topic_len, &ack, &error) == -1)
		return;
	cart = &l->carts[i];
	if (cart->sent_us == 0 || ack.epoch != cart->epoch ||
	    ack.first_seq != cart->seq)
		return;
	l->last_ack_us = now_us();
	if (l->acked < l->wanted)
		l->latency_us[l->acked] = (uint32_t)(l->last_ack_us -
		    cart->sent_us);
	l->acked++;
	cart->seq = ack.next_seq;
	cart->sent_us = 0;
	if (cart->left > 0 && --cart->left > 0)
		frame_send(l, i, l->last_ack_us);
}

static void
on_packet(void *ctx, uint8_t head, const uint8_t *body, size_t len)
{
	struct load *l = ctx;

	switch (head & 0xf0) {
	case WIRE_PUBLISH:
		take_ack(l, body, len);
		break;
	case WIRE_CONNACK:
		if (len != 2 || body[1] != 0) {
			errno = EACCES;
			die("the broker refused us");
		}
		l->connected++;
		break;
	case WIRE_SUBACK & 0xf0:
		for (size_t i = 2; i < len; i++) {
			errno = EACCES;
			if (body[i] == 0x80)
				die("a subscription was refused");
			l->subscribed++;
		}
		break;
	}
}

/* One turn: what can be written and read within timeout_ms. */
static void
turn(struct load *l, int timeout_ms)
{
	struct pollfd fds[CONNECTIONS_MAX];

	for (int i = 0; i < l->connections; i++) {
		struct wire *w = &l->wires[i];

		if (wire_flush(w) == -1)
			die("connection");
		fds[i] = (struct pollfd){ .fd = w->fd,
			.events = w->out_len > 0 ? POLLIN | POLLOUT : POLLIN };
	}
	if (poll(fds, (nfds_t)l->connections, timeout_ms) == -1)
		die("poll");
	for (int i = 0; i < l->connections; i++)
		if ((fds[i].revents & (POLLIN | POLLHUP | POLLERR)) != 0 &&
		    wire_read(&l->wires[i]) == -1)
			die("connection");
}

static void
subscribe(struct load *l, uint32_t i)
{
	static const uint8_t id[2] = { 0, 1 }, qos = 0;
	struct wire *w = wire_of(l, i);
	char topic[TOPIC_MAX];
	size_t len = (size_t)snprintf(
	    topic, sizeof(topic), "pregon/L%0*u/ack", PLATE_DIGITS, i);

	wire_head(w, WIRE_SUBSCRIBE, 2 + 2 + len + 1);
	wire_put(w, id, 2);
	wire_string(w, topic, len);
	wire_put(w, &qos, 1);
}

static void
connect_all(struct load *l)
{
	char id[48];
	uint32_t random;

	if (getrandom(&random, sizeof(random), 0) != sizeof(random))
		die("getrandom");
	for (int i = 0; i < l->connections; i++) {
		struct wire *w = &l->wires[i];

		w->packet = on_packet;
		w->ctx = l;
		if (wire_open(w, l->port) == -1)
			die("connect");
		snprintf(id, sizeof(id), "load-%08x-%d", random, i);
		wire_connect(w, id, l->user, l->password);
	}
	while (l->connected < (uint32_t)l->connections)
		turn(l, 100);
	for (uint32_t i = 0; i < l->cart_count; i++)
		subscribe(l, i);
	while (l->subscribed < l->cart_count)
		turn(l, 100);
}

static void
resend_late(struct load *l, int64_t now)
{
	for (uint32_t i = 0; i < l->cart_count; i++) {
		if (l->carts[i].sent_us == 0 ||
		    now - l->carts[i].sent_us < RESEND_US)
			continue;
		frame_send(l, i, now);
		l->resent++;
	}
}

static void
send_due(struct load *l, uint64_t due, int64_t now)
{
	uint32_t looked = 0;

	while (l->sent - l->resent < due && looked++ < l->cart_count) {
		uint32_t i = l->next_cart;

		l->next_cart = (i + 1) % l->cart_count;
		if (l->carts[i].sent_us == 0)
			frame_send(l, i, now);
		else
			l->passed_over++;
	}
}

static void
run(struct load *l)
{
	int64_t began = now_us(), looked = began, now;

	if (l->rate <= 0)
		for (uint32_t i = 0; i < l->cart_count; i++) {
			l->carts[i].left = l->frames;
			frame_send(l, i, began);
		}
	while (l->acked < l->wanted) {
		now = now_us();
		if (l->rate > 0) {
			double due = (double)(now - began) / 1e6 * l->rate;

			send_due(l,
			    due < (double)l->wanted ? (uint64_t)due : l->wanted,
			    now);
		}
		if (now - looked > 1000000) {
			looked = now;
			resend_late(l, now);
		}
		turn(l, l->rate > 0 ? 1 : 100);
	}
}

/* User and system time of l->pid in seconds; 0 without one. */
static double
cpu_of(const struct load *l)
{
	unsigned long user = 0, system = 0;
	char path[64], line[1024];
	char *at;
	FILE *f;

	if (l->pid == 0)
		return 0;
	snprintf(path, sizeof(path), "/proc/%d/stat", l->pid);
	f = fopen(path, "re");
	if (f == NULL || fgets(line, sizeof(line), f) == NULL)
		die(path);
	fclose(f);
	at = strrchr(line, ')');
	if (at == NULL ||
	    sscanf(at + 2,
		"%*c %*d %*d %*d %*d %*d %*u %*u "
		"%*u %*u %*u %lu %lu",
		&user, &system) != 2)
		die(path);
	return (double)(user + system) / (double)sysconf(_SC_CLK_TCK);
}

/* Until it has been at rest for half a second: who acks before Kafka has a
 * frame has its work yet to do. */
static double
cpu_at_rest(const struct load *l)
{
	double before, now = cpu_of(l);

	do {
		before = now;
		nanosleep(&(struct timespec){ .tv_nsec = 500000000 }, NULL);
		now = cpu_of(l);
	} while (now - before > 0.02);
	return now;
}

static int
by_value(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

static void
report(struct load *l, int64_t began_us, double cpu)
{
	double seconds = (double)(l->last_ack_us - began_us) / 1e6;
	uint64_t n = l->wanted;

	qsort(l->latency_us, n, sizeof(*l->latency_us), by_value);
	printf("frames=%llu seconds=%.3f rate=%.0f p50_ms=%.2f p99_ms=%.2f "
	       "max_ms=%.1f resent=%llu passed_over=%llu cpu_s=%.2f "
	       "cpu_s_per_million=%.2f\n",
	    (unsigned long long)n, seconds, (double)n / seconds,
	    l->latency_us[n / 2] / 1e3, l->latency_us[n * 99 / 100] / 1e3,
	    l->latency_us[n - 1] / 1e3, (unsigned long long)l->resent,
	    (unsigned long long)l->passed_over, cpu, cpu / (double)n * 1e6);
}

static void
read_flags(struct load *l, int argc, char **argv)
{
	static const struct option options[] = {
		{ "port", required_argument, NULL, 'p' },
		{ "user", required_argument, NULL, 'u' },
		{ "password", required_argument, NULL, 'w' },
		{ "carts", required_argument, NULL, 'c' },
		{ "connections", required_argument, NULL, 'k' },
		{ "frames", required_argument, NULL, 'f' },
		{ "fixes", required_argument, NULL, 'x' },
		{ "rate", required_argument, NULL, 'r' },
		{ "seconds", required_argument, NULL, 's' },
		{ "pid", required_argument, NULL, 'i' },
		{ "stream", required_argument, NULL, 't' },
		{ NULL, 0, NULL, 0 },
	};
	int flag;

	while ((flag = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (flag) {
		case 'p':
			l->port = atoi(optarg);
			break;
		case 'u':
			l->user = optarg;
			break;
		case 'w':
			l->password = optarg;
			break;
		case 'c':
			l->cart_count = (uint32_t)atoi(optarg);
			break;
		case 'k':
			l->connections = atoi(optarg);
			break;
		case 'f':
			l->frames = (uint32_t)atoi(optarg);
			break;
		case 'x':
			l->fixes = (uint32_t)atoi(optarg);
			break;
		case 'r':
			l->rate = atof(optarg);
			break;
		case 's':
			l->seconds = atof(optarg);
			break;
		case 'i':
			l->pid = atoi(optarg);
			break;
		case 't':
			l->stream = optarg;
			break;
		default:
			exit(2);
		}
	}
	errno = EINVAL;
	if (l->connections < 1 || l->connections > CONNECTIONS_MAX ||
	    l->cart_count < 1 || l->cart_count > 999999 || l->fixes < 1 ||
	    l->fixes > 64 || l->frames < 1)
		die("flags");
}

int
main(int argc, char **argv)
{
	struct load l = { .port = 1883,
		.connections = 4,
		.user = "sim",
		.password = "",
		.stream = "pos",
		.cart_count = 20000,
		.frames = 10,
		.fixes = 4,
		.seconds = 10 };
	double cpu;
	int64_t began;

	read_flags(&l, argc, argv);
	l.wanted = l.rate > 0 ? (uint64_t)(l.rate * l.seconds)
			      : (uint64_t)l.cart_count * l.frames;
	l.carts = calloc(l.cart_count, sizeof(*l.carts));
	l.wires = calloc((size_t)l.connections, sizeof(*l.wires));
	l.latency_us = calloc(l.wanted, sizeof(*l.latency_us));
	if (l.carts == NULL || l.wires == NULL || l.latency_us == NULL)
		die("memory");
	for (uint32_t i = 0; i < l.cart_count; i++) {
		if (getrandom(&l.carts[i].epoch, 5, 0) != 5)
			die("getrandom");
		l.carts[i].epoch |= 1; /* never 0 */
	}
	connect_all(&l);
	cpu = cpu_of(&l);
	began = now_us();
	run(&l);
	report(&l, began, cpu_at_rest(&l) - cpu);
	return 0;
}
