/*
 * The vendor's page over real sockets on a loop: bounds, and slow guests.
 */
#include "tests/unit/gateway_fixture.h"

#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "firmware-gateway/page_server.h"
#include "lib/log.h"

#define GET_STATE "GET /state HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
/* No turn of the loop is waited for longer. */
#define TURN_S 0.05

struct room {
	struct bench *bench;
	struct ev_loop *loop;
	struct page page;
	struct page_server *server;
	char why[300];
};

static int
begin(void **state)
{
	struct room *r = calloc(1, sizeof(*r));
	void *bench;

	log_init("test", LOG_ERROR);
	bench_begin(&bench);
	r->bench = bench;
	r->loop = ev_loop_new(0);
	r->page = (struct page){ .pos = &r->bench->pos,
		.clock = &r->bench->clock.clock,
		.host = "127.0.0.1" };
	page_lock_init(&r->page.lock, r->bench->ob, "");
	r->server = page_server_new(
	    r->loop, "127.0.0.1", 0, &r->page, r->why, sizeof(r->why));
	assert_non_null(r->server);
	*state = r;
	return 0;
}

static int
end(void **state)
{
	struct room *r = *state;
	void *bench = r->bench;

	page_server_free(r->server);
	ev_loop_destroy(r->loop);
	free(r);
	return bench_end(&bench);
}

static int
join_from(struct room *r, uint32_t from)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(from) };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	a.sin_port = htons((uint16_t)page_server_port(r->server));
	assert_int_equal(connect(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	return fd;
}

static int
join(struct room *r)
{
	return join_from(r, INADDR_LOOPBACK);
}

static void
wake_up(struct ev_loop *loop, ev_timer *timer, int events)
{
	(void)loop;
	(void)timer;
	(void)events;
}

/* One turn: until something happens, but not for long. */
static void
turn(struct room *r)
{
	ev_timer timer;

	ev_timer_init(&timer, wake_up, TURN_S, 0);
	ev_timer_start(r->loop, &timer);
	ev_run(r->loop, EVRUN_ONCE);
	ev_timer_stop(r->loop, &timer);
}

static void
put(int fd, const char *text)
{
	assert_int_equal(
	    send(fd, text, strlen(text), MSG_NOSIGNAL), (ssize_t)strlen(text));
}

/* Turns the loop until something comes (its length), or the end (0); -1:
 * nothing did in so many turns. */
static ssize_t
hear(struct room *r, int fd, char *text, size_t cap, int turns)
{
	for (int i = 0; i < turns; i++) {
		ssize_t n = recv(fd, text, cap - 1, MSG_DONTWAIT);

		if (n == -1 && errno != EAGAIN)
			return 0;
		if (n >= 0) {
			text[n] = '\0';
			return n;
		}
		turn(r);
	}
	return -1;
}

static void
assert_answers(struct room *r, int fd, const char *request, const char *want)
{
	char text[8192];

	put(fd, request);
	assert_true(hear(r, fd, text, sizeof(text), 100) > 0);
	assert_non_null(strstr(text, want));
}

static void
one_connection_is_asked_again_and_again(void **state)
{
	struct room *r = *state;
	char request[300];
	const char *body = "{\"type\":\"sale\",\"units\":1,\"amount\":1}";
	int fd = join(r);

	assert_answers(r, fd, GET_STATE, "200 OK");
	assert_answers(r, fd, GET_STATE, "\"waiting\":0");
	snprintf(request, sizeof(request),
	    "POST /api HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type:"
	    " application/json\r\nContent-Length: %zu\r\n\r\n%s",
	    strlen(body), body);
	assert_answers(r, fd, request, "\"folio\":\"" CART "-");
	assert_answers(r, fd, GET_STATE, "\"waiting\":1");
	assert_answers(r, fd, GET_STATE, "Content-Security-Policy: default");
	close(fd);
}

static void
a_body_too_long_is_refused_and_not_kept(void **state)
{
	struct room *r = *state;
	char head[200], part[1000], text[4096];
	int fd = join(r);

	memset(part, 'x', sizeof(part) - 1);
	part[sizeof(part) - 1] = '\0';
	snprintf(head, sizeof(head),
	    "POST /api HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type:"
	    " application/json\r\nContent-Length: %d\r\n\r\n",
	    20 * 999);
	put(fd, head);
	for (int i = 0; i < 20; i++) {
		put(fd, part);
		turn(r);
	}
	assert_true(hear(r, fd, text, sizeof(text), 100) > 0);
	assert_non_null(strstr(text, " 413 "));
	assert_int_equal(r->bench->pos.requests, 0);
	close(fd);
}

static void
a_head_too_long_is_refused(void **state)
{
	struct room *r = *state;
	char part[10000], text[4096];
	int fd = join(r);

	memset(part, 'x', sizeof(part) - 1);
	part[sizeof(part) - 1] = '\0';
	put(fd, "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: ");
	put(fd, part);
	assert_true(hear(r, fd, text, sizeof(text), 100) > 0);
	assert_non_null(strstr(text, "HTTP/1.1 4"));
	close(fd);
}

static void
who_trickles_is_closed_and_others_are_served(void **state)
{
	struct room *r = *state;
	char text[100];
	int slow = join(r), fd;
	ev_tstamp began = ev_time();
	ssize_t n = -1;

	put(slow, "GET / HTTP/1.1\r\nX: ");
	while (n == -1 && ev_time() - began < PAGE_GUEST_S + 10) {
		/* A byte each turn: silent he is not. */
		if (send(slow, "x", 1, MSG_NOSIGNAL) == -1)
			n = 0;
		else
			n = hear(r, slow, text, sizeof(text), 4);
	}
	assert_int_equal(n, 0);
	assert_true(ev_time() - began > PAGE_GUEST_S - 1);
	close(slow);
	fd = join(r);
	assert_answers(r, fd, GET_STATE, "200 OK");
	close(fd);
}

static void
one_address_cannot_take_every_place(void **state)
{
	struct room *r = *state;
	int crowd[PAGE_GUESTS_MAX + 8], fd;
	const int n = (int)(sizeof(crowd) / sizeof(*crowd));

	for (int i = 0; i < n; i++) {
		crowd[i] = join(r);
		turn(r);
	}
	fd = join_from(r, INADDR_LOOPBACK + 1);
	assert_answers(r, fd, GET_STATE, "200 OK");
	close(fd);
	for (int i = 0; i < n; i++)
		close(crowd[i]);
	for (int i = 0; i < 5; i++)
		turn(r);
	fd = join(r);
	assert_answers(r, fd, GET_STATE, "200 OK");
	close(fd);
}

static void
a_port_in_use_is_said_in_words(void **state)
{
	struct room *r = *state;
	int port = page_server_port(r->server);

	assert_null(page_server_new(
	    r->loop, "127.0.0.1", port, &r->page, r->why, sizeof(r->why)));
	assert_non_null(strstr(r->why, "page.port"));
	assert_null(page_server_new(
	    r->loop, "no such host", 0, &r->page, r->why, sizeof(r->why)));
	assert_non_null(strstr(r->why, "page.host"));
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
	const struct CMUnitTest tests[] = {
		TEST(one_connection_is_asked_again_and_again),
		TEST(a_body_too_long_is_refused_and_not_kept),
		TEST(a_head_too_long_is_refused),
		TEST(who_trickles_is_closed_and_others_are_served),
		TEST(one_address_cannot_take_every_place),
		TEST(a_port_in_use_is_said_in_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
