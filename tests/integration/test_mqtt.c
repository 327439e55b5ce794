/* mqtt: on a real broker that is killed, stopped, silent or a stranger. */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <time.h>

#include <cmocka.h>

#include "lib/clock.h"
#include "lib/log.h"
#include "lib/mqtt.h"
#include "tests/integration/broker.h"

#define ANYONE "allow_anonymous true"
#define WAIT_MS 15000

/* A client and what it has lived through. */
struct client {
	struct mqtt *mqtt;
	const char *subscribe; /* at each connect; NULL: nothing */
	const char *will; /* its payload; NULL: none */
	int connects, disconnects, messages, retained;
	int echo_below; /* answers messages of lower numbers */
	bool in_order;
	uint32_t next;
	char why[256];
	char topic[64];
	char payload[64];
	size_t len;
	size_t bytes; /* of all payloads */
	bool whole; /* each byte was what fill() makes it */
};

static struct ev_loop *loop;
static struct broker broker;
static struct client a, b;

static uint8_t
fill(size_t len, size_t at)
{
	return (uint8_t)(len * 31 + at * 7);
}

static bool
is_filled(const uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (bytes[i] != fill(len, i))
			return false;
	return true;
}

static void
on_connected(void *ctx)
{
	struct client *c = ctx;

	c->connects++;
	if (c->subscribe != NULL)
		assert_int_equal(mqtt_subscribe(c->mqtt, c->subscribe, 0), 0);
}

static void
on_disconnected(void *ctx, const char *why)
{
	struct client *c = ctx;

	c->disconnects++;
	snprintf(c->why, sizeof(c->why), "%s", why);
}

static void
on_message(void *ctx, const char *topic, const void *payload, size_t len,
    bool retained)
{
	struct client *c = ctx;
	uint32_t number;

	c->messages++;
	c->retained += retained;
	snprintf(c->topic, sizeof(c->topic), "%s", topic);
	c->len = len;
	c->bytes += len;
	c->whole = c->whole && is_filled(payload, len);
	memset(c->payload, 0, sizeof(c->payload));
	if (len > 0)
		memcpy(c->payload, payload,
		    len < sizeof(c->payload) ? len : sizeof(c->payload) - 1);
	memcpy(&number, c->payload, sizeof(number));
	if (number != c->next++)
		c->in_order = false;
	if ((int)number < c->echo_below)
		assert_int_equal(mqtt_publish(c->mqtt, "back", &number,
				     sizeof(number), 0, false),
		    0);
}

static size_t
on_will(void *ctx, const char **topic, void *buf, size_t cap, bool *retain)
{
	struct client *c = ctx;

	if (c->will == NULL)
		return 0;
	assert_true(cap >= strlen(c->will));
	memcpy(buf, c->will, strlen(c->will));
	*topic = "wills";
	*retain = false;
	return strlen(c->will);
}

static void
client_start_with(struct client *c, const struct mqtt_settings *settings)
{
	const struct mqtt_handler handler = { on_connected, on_disconnected,
		on_message, on_will };

	c->in_order = true;
	c->mqtt = mqtt_new(loop, settings, &handler, c);
	assert_non_null(c->mqtt);
}

static struct mqtt_settings
settings_of(const char *id)
{
	return (struct mqtt_settings){ .host = "127.0.0.1",
		.port = broker.port,
		.client_id = id,
		.clean_session = true,
		.keepalive_s = 5,
		.connect_timeout_ms = 2000,
		.backoff_max_ms = 500 };
}

static void
client_start(struct client *c, const char *id)
{
	struct mqtt_settings settings = settings_of(id);

	client_start_with(c, &settings);
}

static void
wake(struct ev_loop *l, ev_timer *timer, int events)
{
	(void)l;
	(void)timer;
	(void)events;
}

/* Turns the loop until it is so; fails when it takes too long. */
static bool
turn_for(int ms, bool (*is_so)(void))
{
	int64_t deadline = clock_boottime_ms(&clock_system) + ms;
	ev_timer timer;
	bool so;

	ev_timer_init(&timer, wake, 0.02, 0.02);
	ev_timer_start(loop, &timer);
	while (!(so = is_so()) && clock_boottime_ms(&clock_system) < deadline)
		ev_run(loop, EVRUN_ONCE);
	ev_timer_stop(loop, &timer);
	return so;
}

static void
turn_until(bool (*is_so)(void), const char *words)
{
	if (!turn_for(WAIT_MS, is_so))
		fail_msg("not in time: %s (a: %d up %d down %d messages, "
			 "\"%s\"; b: %d %d %d \"%s\")",
		    words, a.connects, a.disconnects, a.messages, a.why,
		    b.connects, b.disconnects, b.messages, b.why);
}
#define TURN_UNTIL(condition) turn_until(condition, #condition)

static bool
both_up(void)
{
	return mqtt_is_connected(a.mqtt) && mqtt_is_connected(b.mqtt);
}

static bool
a_up(void)
{
	return mqtt_is_connected(a.mqtt);
}

static bool
a_failed(void)
{
	return a.disconnects > 0;
}

static bool
a_got_one(void)
{
	return a.messages > 0;
}

/* A subscription has no event of its own: a message that comes says it. */
static void
settle(struct client *c, const char *topic)
{
	int before = c->messages;

	for (int i = 0; c->messages == before; i++) {
		assert_true(i < WAIT_MS / 20);
		mqtt_publish(c->mqtt, topic, NULL, 0, 0, false);
		ev_run(loop, EVRUN_ONCE);
		poll(NULL, 0, 1);
		ev_run(loop, EVRUN_NOWAIT);
	}
	while (turn_for(100, a_got_one) && c->messages != before)
		before = c->messages;
	c->messages = 0;
	c->next = 0;
	c->in_order = true;
}

static int
start(void **state)
{
	(void)state;
	log_init("test", LOG_ERROR);
	loop = ev_loop_new(0);
	memset(&a, 0, sizeof(a));
	memset(&b, 0, sizeof(b));
	memset(&broker, 0, sizeof(broker));
	broker_start(&broker, ANYONE);
	return loop != NULL ? 0 : -1;
}

static int
stop(void **state)
{
	(void)state;
	mqtt_free(a.mqtt);
	mqtt_free(b.mqtt);
	broker_remove(&broker);
	ev_loop_destroy(loop);
	return 0;
}

static void
what_one_publishes_the_other_receives(void **state)
{
	(void)state;
	a.subscribe = "x/#";
	client_start(&a, "a");
	client_start(&b, "b");
	assert_int_equal(mqtt_publish(b.mqtt, "x/y", "?", 1, 0, false), -1);
	assert_int_equal(errno, ENOTCONN);
	TURN_UNTIL(both_up);
	settle(&a, "x/settle");
	assert_int_equal(mqtt_publish(b.mqtt, "x/y", "hello", 5, 0, false), 0);
	TURN_UNTIL(a_got_one);
	assert_string_equal(a.topic, "x/y");
	assert_string_equal(a.payload, "hello");
	assert_int_equal(a.len, 5);
	assert_int_equal(a.retained, 0);
	assert_int_equal(a.connects, 1);
	assert_int_equal(a.disconnects, 0);
}

static bool
b_sent_all(void)
{
	return mqtt_unsent(b.mqtt) == 0;
}

static void
a_retained_message_waits_for_who_comes_later(void **state)
{
	(void)state;
	client_start(&b, "b");
	a.mqtt = NULL;
	while (!mqtt_is_connected(b.mqtt))
		ev_run(loop, EVRUN_ONCE);
	assert_int_equal(mqtt_publish(b.mqtt, "x", "kept", 4, 1, true), 0);
	assert_true(mqtt_unsent(b.mqtt) > 0);
	TURN_UNTIL(b_sent_all); /* QoS 1: the broker has it */
	a.subscribe = "x";
	client_start(&a, "a");
	TURN_UNTIL(a_got_one);
	assert_int_equal(a.retained, 1);
	assert_string_equal(a.payload, "kept");
}

static void
a_name_is_looked_up_beside_the_loop(void **state)
{
	struct mqtt_settings settings = settings_of("a");

	(void)state;
	settings.host = "localhost";
	client_start_with(&a, &settings);
	TURN_UNTIL(a_up);
	assert_int_equal(a.disconnects, 0);
}

static void
a_client_freed_while_it_looks_up_is_gone_at_once(void **state)
{
	struct mqtt_settings settings = settings_of("a");

	(void)state;
	settings.host = "localhost";
	for (int i = 0; i < 50; i++) {
		client_start_with(&a, &settings);
		ev_run(loop, EVRUN_ONCE); /* the look-up begins */
		if (i % 2 == 0)
			poll(NULL, 0, 1); /* and may have ended */
		mqtt_free(a.mqtt);
		a.mqtt = NULL;
	}
	assert_int_equal(a.connects, 0);
}

static void
a_name_that_is_none_is_said_so(void **state)
{
	struct mqtt_settings settings = settings_of("a");

	(void)state;
	settings.host = "no such host";
	client_start_with(&a, &settings);
	TURN_UNTIL(a_failed);
	assert_string_not_equal(a.why, "");
	assert_false(mqtt_is_connected(a.mqtt));
}

static bool
a_failed_thrice(void)
{
	return a.disconnects >= 3;
}

static void
it_tries_until_a_broker_is_there(void **state)
{
	(void)state;
	broker_kill(&broker);
	client_start(&a, "a");
	TURN_UNTIL(a_failed_thrice);
	assert_string_equal(a.why, "Connection refused");
	broker_start(&broker, ANYONE);
	TURN_UNTIL(a_up);
}

static void
a_killed_broker_is_noticed_and_met_again(void **state)
{
	(void)state;
	a.subscribe = "x";
	client_start(&a, "a");
	client_start(&b, "b");
	TURN_UNTIL(both_up);
	for (int i = 0; i < 3; i++) {
		a.disconnects = 0;
		broker_kill(&broker);
		TURN_UNTIL(a_failed);
		assert_false(mqtt_is_connected(a.mqtt));
		broker_start(&broker, ANYONE);
		TURN_UNTIL(both_up);
	}
	assert_int_equal(a.connects, 4);
	settle(&a, "x");
}

static void
a_silent_broker_is_given_up_in_time(void **state)
{
	struct mqtt_settings settings = settings_of("a");
	int fd, port = 0;
	clock_t cpu = clock();

	(void)state;
	fd = broker_listen(&port);
	settings.port = port;
	settings.connect_timeout_ms = 200;
	client_start_with(&a, &settings);
	TURN_UNTIL(a_failed_thrice);
	assert_string_equal(a.why, "no answer in time");
	assert_int_equal(a.connects, 0);
	/* It slept while it waited. */
	assert_true(clock() - cpu < CLOCKS_PER_SEC / 5);
	close(fd);
}

static void
a_refusal_is_told_in_the_brokers_words(void **state)
{
	(void)state;
	broker_kill(&broker);
	broker_start(&broker, "allow_anonymous false");
	client_start(&a, "a");
	TURN_UNTIL(a_failed);
	assert_non_null(strstr(a.why, "not authorised"));
	assert_int_equal(a.connects, 0);
}

static bool
b_was_refused(void)
{
	return b.disconnects > 0;
}

static void
what_a_stopped_broker_does_not_take_is_bounded(void **state)
{
	static char payload[60000];
	size_t accepted = 0, most = 0;
	int64_t deadline;

	(void)state;
	client_start(&a, "a");
	client_start(&b, "b");
	TURN_UNTIL(both_up);
	kill(broker.pid, SIGSTOP);
	deadline = clock_boottime_ms(&clock_system) + WAIT_MS;
	while (mqtt_publish(b.mqtt, "x", payload, sizeof(payload), 0, false) ==
	    0) {
		assert_true(clock_boottime_ms(&clock_system) < deadline);
		accepted += sizeof(payload);
		ev_run(loop, EVRUN_NOWAIT);
		if (mqtt_unsent(b.mqtt) > most)
			most = mqtt_unsent(b.mqtt);
	}
	assert_int_equal(errno, ENOBUFS);
	assert_true(accepted > 1000000);
	assert_in_range(most, 900000, 1024 * 1024);
	kill(broker.pid, SIGCONT);
	TURN_UNTIL(b_sent_all);
	assert_int_equal(
	    mqtt_publish(b.mqtt, "x", payload, sizeof(payload), 0, false), 0);
	TURN_UNTIL(b_sent_all);
	assert_int_equal(b.disconnects, 0);
}

static void
a_broker_that_stays_stopped_is_left(void **state)
{
	(void)state;
	client_start(&b, "b");
	a.mqtt = NULL;
	while (!mqtt_is_connected(b.mqtt))
		ev_run(loop, EVRUN_ONCE);
	kill(broker.pid, SIGSTOP);
	/* No answer to a ping: after twice the keepalive of 5 s. */
	TURN_UNTIL(b_was_refused);
	kill(broker.pid, SIGCONT);
}

static bool
someone_was_left(void)
{
	return a.disconnects + b.disconnects > 0;
}

static void
who_listens_and_who_speaks_both_stay(void **state)
{
	int spoken = 0;

	(void)state;
	a.subscribe = "x";
	client_start(&a, "a");
	client_start(&b, "b");
	TURN_UNTIL(both_up);
	settle(&a, "x");
	/* Past the 7.5 s after which the broker leaves who says nothing; b
	 * speaks, and falls silent. */
	for (int i = 0; i < 18; i++) {
		if (i < 4)
			spoken += mqtt_publish(b.mqtt, "x", "?", 1, 0, false) ==
			    0;
		assert_false(turn_for(1000, someone_was_left));
	}
	assert_int_equal(a.messages, spoken);
	assert_true(mqtt_is_connected(a.mqtt) && mqtt_is_connected(b.mqtt));
}

static bool
a_has_all(void)
{
	return a.messages == 20000;
}

static bool
b_has_all(void)
{
	return b.messages == 20000;
}

static void
a_burst_arrives_whole_and_in_order_and_so_do_the_answers(void **state)
{
	(void)state;
	a.subscribe = "x";
	b.subscribe = "back";
	client_start(&a, "a");
	client_start(&b, "b");
	TURN_UNTIL(both_up);
	settle(&a, "x");
	settle(&b, "back");
	/* The answers are published from within the message handler. */
	a.echo_below = 20000;
	for (uint32_t i = 0; i < 20000; i++)
		assert_int_equal(
		    mqtt_publish(b.mqtt, "x", &i, sizeof(i), 0, false), 0);
	TURN_UNTIL(a_has_all);
	TURN_UNTIL(b_has_all);
	assert_true(a.in_order);
	assert_true(b.in_order);
	assert_int_equal(mqtt_unsent(a.mqtt), 0);
	assert_int_equal(mqtt_unsent(b.mqtt), 0);
}

static bool
b_is_back(void)
{
	return b.connects >= 2 && mqtt_is_connected(b.mqtt);
}

static void
a_dropped_connection_leaves_its_will_a_freed_one_does_not(void **state)
{
	(void)state;
	a.subscribe = "wills";
	b.will = "gone";
	client_start(&a, "a");
	client_start(&b, "b");
	TURN_UNTIL(both_up);
	settle(&a, "wills");
	mqtt_reconnect(b.mqtt);
	assert_false(mqtt_is_connected(b.mqtt));
	TURN_UNTIL(a_got_one);
	assert_string_equal(a.payload, "gone");
	TURN_UNTIL(b_is_back);
	assert_int_equal(b.disconnects, 1);
	a.messages = 0;
	assert_int_equal(mqtt_publish(b.mqtt, "wills", "bye", 3, 0, false), 0);
	mqtt_free(b.mqtt); /* with what was queued, and no will */
	b.mqtt = NULL;
	TURN_UNTIL(a_got_one);
	assert_string_equal(a.payload, "bye");
	assert_false(turn_for(200, b_has_all));
	assert_int_equal(a.messages, 1);
}

static int
open_descriptors(void)
{
	DIR *dir = opendir("/proc/self/fd");
	int count = 0;

	assert_non_null(dir);
	while (readdir(dir) != NULL)
		count++;
	closedir(dir);
	return count;
}

static int connects_wanted;

static bool
a_connected_often_enough(void)
{
	return a.connects >= connects_wanted && mqtt_is_connected(a.mqtt);
}

static void
many_reconnections_leave_no_descriptor_behind(void **state)
{
	struct mqtt_settings settings = settings_of("a");
	int before = 0;

	(void)state;
	settings.host = "localhost";
	settings.backoff_max_ms = 5;
	client_start_with(&a, &settings);
	for (connects_wanted = 1; connects_wanted <= 50; connects_wanted++) {
		TURN_UNTIL(a_connected_often_enough);
		if (connects_wanted == 5)
			before = open_descriptors();
		if (connects_wanted < 50)
			mqtt_reconnect(a.mqtt);
	}
	assert_int_equal(open_descriptors(), before);
	assert_int_equal(a.connects, 50);
}

static const size_t sizes[] = { 1, 2, 120, 121, 122, 123, 0, 16378, 16379,
	60000, 65536, 81915, 81916, 81920, 200000, 5, 70000, 3 };
#define SIZES (sizeof(sizes) / sizeof(*sizes))

static bool
a_has_all_sizes(void)
{
	return a.messages == 2 * (int)SIZES;
}

static void
packets_of_every_size_arrive_whole(void **state)
{
	static uint8_t payload[200000];
	size_t total = 0;

	(void)state;
	a.subscribe = "x";
	client_start(&a, "a");
	client_start(&b, "b");
	TURN_UNTIL(both_up);
	settle(&a, "x");
	a.whole = true;
	a.bytes = 0;
	/* Each once alone, then all of them in a row. */
	for (size_t i = 0; i < 2 * SIZES; i++) {
		size_t len = sizes[i % SIZES];

		for (size_t at = 0; at < len; at++)
			payload[at] = fill(len, at);
		assert_int_equal(
		    mqtt_publish(b.mqtt, "x", payload, len, 0, false), 0);
		total += len;
		if (i < SIZES)
			TURN_UNTIL(b_sent_all);
	}
	TURN_UNTIL(a_has_all_sizes);
	assert_int_equal(a.bytes, total);
	assert_true(a.whole);
	assert_int_equal(a.disconnects, 0);
}

static bool
a_has_mixed(void)
{
	return a.messages == 600;
}

static void
packets_that_want_an_answer_come_between_those_that_do_not(void **state)
{
	(void)state;
	a.subscribe = NULL;
	client_start(&a, "a");
	client_start(&b, "b");
	TURN_UNTIL(both_up);
	assert_int_equal(mqtt_subscribe(a.mqtt, "x", 1), 0);
	settle(&a, "x");
	for (uint32_t i = 0; i < 600; i++)
		assert_int_equal(
		    mqtt_publish(b.mqtt, "x", &i, sizeof(i), i % 3 == 0, false),
		    0);
	TURN_UNTIL(a_has_mixed);
	TURN_UNTIL(b_sent_all); /* every one of QoS 1 was acknowledged */
}

/* A broker of the test's own: takes CONNECT, says CONNACK. */
static int
accept_client(int listener)
{
	uint8_t connect[256];
	int peer;

	for (int i = 0; i < 200; i++) {
		ev_run(loop, EVRUN_NOWAIT);
		poll(NULL, 0, 1);
	}
	peer = accept(listener, NULL, NULL);
	assert_int_not_equal(peer, -1);
	for (int i = 0; i < 20; i++) {
		ev_run(loop, EVRUN_NOWAIT);
		poll(NULL, 0, 1);
	}
	assert_true(read(peer, connect, sizeof(connect)) > 0);
	assert_int_equal(connect[0], 0x10);
	assert_int_equal(write(peer, "\x20\x02\0\0", 4), 4);
	TURN_UNTIL(a_up);
	return peer;
}

static bool
a_has_two(void)
{
	return a.messages == 2;
}

static void
a_packet_that_comes_byte_by_byte_is_one_message(void **state)
{
	struct mqtt_settings settings = settings_of("a");
	static const char packet[] = "\x31\x0a\0\3x/yhello\x30\x04\0\1z!";
	int listener, port = 0, peer;
	clock_t cpu;

	(void)state;
	listener = broker_listen(&port);
	settings.port = port;
	client_start_with(&a, &settings);
	peer = accept_client(listener);
	cpu = clock();
	for (size_t i = 0; i < sizeof(packet) - 1; i++) {
		assert_int_equal(write(peer, packet + i, 1), 1);
		/* Nothing else wakes the loop: it must sleep over a part. */
		turn_for(25, a_has_two);
		if (i == 11)
			assert_string_equal(a.payload, "hello");
	}
	TURN_UNTIL(a_has_two);
	assert_int_equal(a.retained, 1);
	assert_string_equal(a.topic, "z");
	assert_string_equal(a.payload, "!");
	assert_true(clock() - cpu < CLOCKS_PER_SEC / 10);
	close(peer);
	TURN_UNTIL(a_failed);
	close(listener);
}

#define FLOOD_PACKETS 500
#define FLOOD_BYTES ((size_t)20000)

/* PUBLISHes of every length under FLOOD_BYTES; the caller frees them. */
static uint8_t *
make_flood(size_t *len)
{
	uint8_t *flood = malloc(FLOOD_PACKETS * (FLOOD_BYTES + 8)), *p = flood;

	assert_non_null(flood);
	for (size_t i = 0; i < FLOOD_PACKETS; i++) {
		size_t payload = i * 7919 % FLOOD_BYTES, left = payload + 3;

		*p++ = 0x30;
		for (; left > 127; left >>= 7)
			*p++ = (uint8_t)(left | 0x80);
		*p++ = (uint8_t)left;
		*p++ = 0;
		*p++ = 1;
		*p++ = 'x';
		for (size_t at = 0; at < payload; at++)
			*p++ = fill(payload, at);
	}
	*len = (size_t)(p - flood);
	return flood;
}

/* What the peer's socket takes now. */
static size_t
pour(int peer, const uint8_t *bytes, size_t len)
{
	ssize_t n = send(peer, bytes, len, MSG_DONTWAIT | MSG_NOSIGNAL);

	assert_true(n > 0 || (n == -1 && errno == EAGAIN));
	return n > 0 ? (size_t)n : 0;
}

/* The window has closed, and the last packet that is there is there in part:
 * taking all but that part may not open the window again. */
static void
a_flood_while_nobody_reads_is_read_to_its_end(void **state)
{
	struct mqtt_settings settings = settings_of("a");
	size_t len, sent = 0, taken;
	int listener, port = 0, peer;
	int64_t deadline;
	uint8_t *flood = make_flood(&len);

	(void)state;
	listener = broker_listen(&port);
	settings.port = port;
	settings.keepalive_s = 60; /* nobody answers a ping here */
	client_start_with(&a, &settings);
	peer = accept_client(listener);
	a.whole = true;
	while ((taken = pour(peer, flood + sent, len - sent)) > 0)
		sent += taken;
	assert_true(sent < len);
	deadline = clock_boottime_ms(&clock_system) + WAIT_MS;
	while (a.messages < FLOOD_PACKETS &&
	    clock_boottime_ms(&clock_system) < deadline) {
		if (sent < len)
			sent += pour(peer, flood + sent, len - sent);
		ev_run(loop, EVRUN_NOWAIT);
	}
	assert_int_equal(a.messages, FLOOD_PACKETS);
	assert_true(a.whole);
	assert_int_equal(a.disconnects, 0);
	free(flood);
	close(peer);
	close(listener);
}

static void
bytes_that_are_no_mqtt_end_the_connection(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
	} cases[] = {
		{ "\x30\xff\xff\xff\xff\xff", 6 }, /* an endless length */
		{ "\x30\x03\0\x09x", 5 }, /* a topic longer than it */
		{ "\x30\x01\0", 3 }, /* half a length */
		{ "\x30\x02\0\0", 4 }, /* no topic */
		{ "\x00\x00", 2 }, /* no such packet */
	};
	struct mqtt_settings settings = settings_of("a");
	int listener, port = 0;

	(void)state;
	listener = broker_listen(&port);
	settings.port = port;
	settings.backoff_max_ms = 10;
	client_start_with(&a, &settings);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		int peer = accept_client(listener);

		a.disconnects = 0;
		assert_int_equal(
		    write(peer, cases[i].bytes, cases[i].len), cases[i].len);
		TURN_UNTIL(a_failed);
		close(peer);
	}
	assert_int_equal(a.messages, 0);
	close(listener);
}

/* A certificate of "localhost", which is its own authority. */
static void
start_tls(char cert[64])
{
	char command[512], more[256];

	snprintf(command, sizeof(command),
	    "openssl req -x509 -newkey ec -pkeyopt "
	    "ec_paramgen_curve:P-256 -nodes -subj /CN=localhost -addext "
	    "subjectAltName=DNS:localhost -days 2 -keyout %s/key -out "
	    "%s/cert 2>/dev/null",
	    broker.folder, broker.folder);
	assert_int_equal(system(command), 0);
	snprintf(cert, 64, "%s/cert", broker.folder);
	snprintf(more, sizeof(more), "certfile %s\nkeyfile %s/key\n" ANYONE,
	    cert, broker.folder);
	broker_kill(&broker);
	broker_start(&broker, more);
}

static void
tls_carries_messages(void **state)
{
	struct mqtt_settings settings = settings_of("a");
	char cert[64];

	(void)state;
	start_tls(cert);
	settings.host = "localhost";
	settings.cafile = cert;
	a.subscribe = "x";
	client_start_with(&a, &settings);
	settings.client_id = "b";
	b.subscribe = "back";
	client_start_with(&b, &settings);
	TURN_UNTIL(both_up);
	settle(&a, "x");
	settle(&b, "back");
	a.echo_below = 20000;
	for (uint32_t i = 0; i < 20000; i++)
		assert_int_equal(
		    mqtt_publish(b.mqtt, "x", &i, sizeof(i), 0, false), 0);
	TURN_UNTIL(a_has_all);
	TURN_UNTIL(b_has_all);
	assert_true(a.in_order && b.in_order);
}

static void
tls_with_a_stranger_is_refused(void **state)
{
	struct mqtt_settings settings = settings_of("a");
	char cert[64];

	(void)state;
	start_tls(cert);
	settings.cafile = cert;
	client_start_with(&a, &settings); /* to 127.0.0.1, not its name */
	TURN_UNTIL(a_failed);
	mqtt_free(a.mqtt);
	a.mqtt = NULL;
	a.disconnects = 0;
	settings.host = "localhost";
	settings.cafile = "/etc/ssl/certs/ca-certificates.crt";
	client_start_with(&a, &settings);
	TURN_UNTIL(a_failed);
	assert_int_equal(a.connects, 0);
	assert_string_not_equal(a.why, "");
}

static void
tls_files_that_cannot_be_read_are_said_so(void **state)
{
	struct mqtt_settings settings = settings_of("a");
	const struct mqtt_handler handler = { on_connected, on_disconnected,
		on_message, on_will };

	(void)state;
	settings.cafile = "/nowhere/ca";
	assert_null(mqtt_new(loop, &settings, &handler, &a));
	assert_int_equal(errno, ENOENT);
}

static void
a_peer_that_hangs_up_during_tls_is_noticed_at_once(void **state)
{
	struct mqtt_settings settings = settings_of("a");
	int fd, port = 0, peer;
	clock_t cpu = clock();
	char cert[64];

	(void)state;
	start_tls(cert);
	fd = broker_listen(&port);
	settings.port = port;
	settings.cafile = cert;
	client_start_with(&a, &settings);
	for (int i = 0; i < 20; i++) {
		ev_run(loop, EVRUN_NOWAIT);
		poll(NULL, 0, 5);
	}
	assert_int_equal(a.disconnects, 0);
	peer = accept(fd, NULL, NULL);
	assert_int_not_equal(peer, -1);
	close(peer);
	TURN_UNTIL(a_failed);
	assert_string_not_equal(a.why, "no answer in time");
	assert_true(clock() - cpu < CLOCKS_PER_SEC / 2);
	close(fd);
}

#define AT_BROKER(test) cmocka_unit_test_setup_teardown(test, start, stop)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		AT_BROKER(what_one_publishes_the_other_receives),
		AT_BROKER(a_retained_message_waits_for_who_comes_later),
		AT_BROKER(a_name_is_looked_up_beside_the_loop),
		AT_BROKER(a_client_freed_while_it_looks_up_is_gone_at_once),
		AT_BROKER(a_name_that_is_none_is_said_so),
		AT_BROKER(it_tries_until_a_broker_is_there),
		AT_BROKER(a_killed_broker_is_noticed_and_met_again),
		AT_BROKER(a_silent_broker_is_given_up_in_time),
		AT_BROKER(a_refusal_is_told_in_the_brokers_words),
		AT_BROKER(what_a_stopped_broker_does_not_take_is_bounded),
		AT_BROKER(a_broker_that_stays_stopped_is_left),
		AT_BROKER(who_listens_and_who_speaks_both_stay),
		AT_BROKER(
		    a_burst_arrives_whole_and_in_order_and_so_do_the_answers),
		AT_BROKER(
		    a_dropped_connection_leaves_its_will_a_freed_one_does_not),
		AT_BROKER(packets_of_every_size_arrive_whole),
		AT_BROKER(
		    packets_that_want_an_answer_come_between_those_that_do_not),
		AT_BROKER(a_packet_that_comes_byte_by_byte_is_one_message),
		AT_BROKER(a_flood_while_nobody_reads_is_read_to_its_end),
		AT_BROKER(bytes_that_are_no_mqtt_end_the_connection),
		AT_BROKER(many_reconnections_leave_no_descriptor_behind),
		AT_BROKER(tls_carries_messages),
		AT_BROKER(tls_with_a_stranger_is_refused),
		AT_BROKER(tls_files_that_cannot_be_read_are_said_so),
		AT_BROKER(a_peer_that_hangs_up_during_tls_is_noticed_at_once),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
