/*
 * The POS's sockets: who is served, who waits, and who is refused.
 */
#include "tests/unit/gateway_fixture.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "firmware-gateway/pos_server.h"
#include "lib/log.h"

struct room {
	struct bench *bench;
	struct ev_loop *loop;
	struct pos_server *server;
	char path[128];
	char why[300];
};

static int
begin(void **state)
{
	struct room *r = calloc(1, sizeof(*r));
	void *bench;

	bench_begin(&bench);
	r->bench = bench;
	r->loop = ev_loop_new(0);
	snprintf(r->path, sizeof(r->path), "%s/pos.sock", r->bench->dir);
	r->server = pos_server_new(
	    r->loop, r->path, 0, &r->bench->pos, r->why, sizeof(r->why));
	assert_non_null(r->server);
	*state = r;
	return 0;
}

static int
end(void **state)
{
	struct room *r = *state;
	void *bench = r->bench;

	pos_server_free(r->server);
	ev_loop_destroy(r->loop);
	free(r);
	return bench_end(&bench);
}

static int
join(struct room *r)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	strcpy(a.sun_path, r->path);
	assert_int_equal(connect(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	return fd;
}

static void
turn(struct room *r, int rounds)
{
	while (rounds-- > 0)
		ev_run(r->loop, EVRUN_NOWAIT);
}

static void
put(int fd, const char *text)
{
	assert_int_equal(
	    send(fd, text, strlen(text), MSG_NOSIGNAL), (ssize_t)strlen(text));
}

/* What has come; "" for the end. */
static const char *
get(int fd)
{
	static char text[70000];
	ssize_t n = recv(fd, text, sizeof(text) - 1, MSG_DONTWAIT);

	if (n == -1)
		return "nothing";
	text[n] = '\0';
	return text;
}

static void
a_line_is_answered_with_a_line(void **state)
{
	struct room *r = *state;
	int fd = join(r);
	struct stat st;

	assert_int_equal(stat(r->path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0660);
	put(fd, "{\"type\":\"op");
	turn(r, 5);
	assert_string_equal(get(fd), "nothing");
	put(fd, "en\"}\r\n");
	turn(r, 5);
	assert_string_equal(get(fd), "{\"ok\":true}\n");
	close(fd);
	turn(r, 3);
	assert_int_equal(pos_server_clients(r->server), 0);
}

static void
several_lines_at_once_are_answered_in_order(void **state)
{
	struct room *r = *state;
	int fd = join(r);

	put(fd,
	    "{\"type\":\"open\"}\n\n{\"type\":\"x\"}\n"
	    "{\"type\":\"close\"}\n");
	turn(r, 12);
	assert_non_null(
	    strstr(get(fd), "\"field\":\"type\"}\n{\"ok\":true}\n"));
	close(fd);
}

static void
who_says_all_and_waits_gets_his_answers(void **state)
{
	struct room *r = *state;
	int fd = join(r);

	put(fd, "{\"type\":\"open\"}\n{\"type\":\"close\"}");
	shutdown(fd, SHUT_WR);
	turn(r, 12);
	assert_string_equal(get(fd), "{\"ok\":true}\n{\"ok\":true}\n");
	assert_string_equal(get(fd), "");
	close(fd);
}

static void
a_line_too_long_is_refused_and_the_next_is_served(void **state)
{
	struct room *r = *state;
	int fd = join(r);
	char filler[1001];

	memset(filler, ' ', 1000);
	filler[1000] = '\0';
	for (int i = 0; i < 40; i++) {
		put(fd, filler);
		turn(r, 2);
	}
	put(fd, "\n{\"type\":\"open\"}\n");
	turn(r, 8);
	assert_string_equal(get(fd),
	    "{\"ok\":false,\"error\":\"line: longer than 16384 bytes\","
	    "\"fault\":\"invalid\"}\n{\"ok\":true}\n");
	close(fd);
}

static void
a_longest_line_is_served(void **state)
{
	struct room *r = *state;
	char line[POS_LINE_MAX + 2];
	int fd = join(r);

	memset(line, ' ', POS_LINE_MAX);
	memcpy(line, "{\"type\":\"open\"}", 15);
	line[POS_LINE_MAX] = '\n';
	line[POS_LINE_MAX + 1] = '\0';
	put(fd, line);
	turn(r, 12);
	assert_string_equal(get(fd), "{\"ok\":true}\n");
	close(fd);
}

static void
the_seventeenth_is_told_so(void **state)
{
	struct room *r = *state;
	int fds[POS_CLIENTS_MAX + 1];

	for (int i = 0; i <= POS_CLIENTS_MAX; i++) {
		fds[i] = join(r);
		turn(r, 2);
	}
	assert_int_equal(pos_server_clients(r->server), POS_CLIENTS_MAX);
	assert_non_null(strstr(get(fds[POS_CLIENTS_MAX]), "too many"));
	assert_string_equal(get(fds[POS_CLIENTS_MAX]), "");
	put(fds[3], "{\"type\":\"open\"}\n");
	turn(r, 4);
	assert_string_equal(get(fds[3]), "{\"ok\":true}\n");
	for (int i = 0; i <= POS_CLIENTS_MAX; i++)
		close(fds[i]);
	turn(r, 4);
	assert_int_equal(pos_server_clients(r->server), 0);
}

static void
who_does_not_read_is_not_read_from(void **state)
{
	struct room *r = *state;
	int fd = join(r), other = join(r);
	int before;

	for (int i = 0; i < 300; i++) {
		if (send(fd, "{\"type\":\"inbox\"}\n", 17, MSG_DONTWAIT) != 17)
			break;
		turn(r, 3);
	}
	/* Until the answers fill his socket's buffer. */
	do {
		before = (int)r->bench->pos.requests;
		(void)!send(fd, "{\"type\":\"inbox\"}\n", 17, MSG_DONTWAIT);
		turn(r, 3);
	} while ((int)r->bench->pos.requests > before);
	put(other, "{\"type\":\"open\"}\n");
	turn(r, 4);
	assert_string_equal(get(other), "{\"ok\":true}\n");
	/* He reads at last: it goes on. */
	before = (int)r->bench->pos.requests;
	while (strcmp(get(fd), "nothing") != 0)
		turn(r, 3);
	turn(r, 3);
	assert_true((int)r->bench->pos.requests > before);
	close(fd);
	close(other);
}

static void
a_socket_in_use_is_said_and_a_stale_one_replaced(void **state)
{
	struct room *r = *state;
	struct pos_server *second;
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd;

	second = pos_server_new(
	    r->loop, r->path, 0, &r->bench->pos, r->why, sizeof(r->why));
	assert_null(second);
	assert_non_null(strstr(r->why, "in use"));
	assert_non_null(strstr(r->why, r->path));

	snprintf(a.sun_path, sizeof(a.sun_path), "%s/stale", r->bench->dir);
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	close(fd);
	second = pos_server_new(
	    r->loop, a.sun_path, 0, &r->bench->pos, r->why, sizeof(r->why));
	assert_non_null(second);
	pos_server_free(second);
	assert_int_equal(access(a.sun_path, F_OK), -1);
}

static void
a_file_that_is_no_socket_is_left_alone(void **state)
{
	struct room *r = *state;

	assert_null(pos_server_new(r->loop, r->bench->path, 0, &r->bench->pos,
	    r->why, sizeof(r->why)));
	assert_int_equal(access(r->bench->path, F_OK), 0);
	assert_null(pos_server_new(r->loop, "/no/such/folder/pos.sock", 0,
	    &r->bench->pos, r->why, sizeof(r->why)));
	assert_non_null(strstr(r->why, "/no/such/folder"));
}

static void
loopback_tcp_is_served_too(void **state)
{
	struct room *r = *state;
	struct sockaddr_in a = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(a);
	struct pos_server *second;
	char path[160];
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&a, len), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &len), 0);
	snprintf(path, sizeof(path), "%s/tcp.sock", r->bench->dir);
	/* While somebody has the port, he is named. */
	assert_int_equal(listen(fd, 1), 0);
	assert_null(pos_server_new(r->loop, path, ntohs(a.sin_port),
	    &r->bench->pos, r->why, sizeof(r->why)));
	assert_non_null(strstr(r->why, "pos.tcp_port"));
	close(fd);
	second = pos_server_new(r->loop, path, ntohs(a.sin_port),
	    &r->bench->pos, r->why, sizeof(r->why));
	assert_non_null(second);
	fd = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&a, len), 0);
	put(fd, "{\"type\":\"open\"}\n");
	turn(r, 8);
	assert_string_equal(get(fd), "{\"ok\":true}\n");
	close(fd);
	pos_server_free(second);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_line_is_answered_with_a_line),
		TEST(several_lines_at_once_are_answered_in_order),
		TEST(who_says_all_and_waits_gets_his_answers),
		TEST(a_line_too_long_is_refused_and_the_next_is_served),
		TEST(a_longest_line_is_served),
		TEST(the_seventeenth_is_told_so),
		TEST(who_does_not_read_is_not_read_from),
		TEST(a_socket_in_use_is_said_and_a_stale_one_replaced),
		TEST(a_file_that_is_no_socket_is_left_alone),
		TEST(loopback_tcp_is_served_too),
	};

	log_init("test", LOG_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
