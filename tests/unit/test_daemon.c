/* daemon: signals, the lock, systemd's socket. */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/daemon.h"

static void
stop_loop(void *ctx)
{
	ev_break(ctx, EVBREAK_ALL);
}

static void
do_nothing(void *ctx)
{
	(void)ctx;
}

static void
a_signal_stops_the_loop(void **state)
{
	struct ev_loop *loop = ev_loop_new(0);
	struct daemon *d = daemon_new(loop, stop_loop, NULL, loop);

	(void)state;
	assert_non_null(d);
	assert_int_equal(raise(SIGPIPE), 0); /* and this one does not */
	assert_int_equal(raise(SIGTERM), 0);
	ev_run(loop, 0);
	daemon_free(d);
	ev_loop_destroy(loop);
}

/* A child whose stop does nothing; what it ends with. */
static int
run_stubborn(int signals)
{
	int ready[2], status;
	pid_t pid;

	assert_int_equal(pipe(ready), 0);
	pid = fork();
	if (pid == 0) {
		struct ev_loop *loop = ev_loop_new(0);

		if (daemon_new(loop, do_nothing, NULL, NULL) == NULL)
			_exit(1);
		for (int i = 0; i < signals; i++) {
			raise(SIGINT);
			/* A handled signal is one turn of the loop. */
			ev_run(loop, EVRUN_ONCE);
		}
		_exit(7);
	}
	close(ready[0]);
	close(ready[1]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void
a_second_signal_ends_at_once(void **state)
{
	(void)state;
	assert_int_equal(run_stubborn(1), 7);
	assert_int_equal(run_stubborn(2), 130);
}

static void
a_lock_has_one_holder(void **state)
{
	char path[] = "/tmp/pregon-lock-XXXXXX";
	int fd = mkstemp(path), lock;

	(void)state;
	close(fd);
	lock = daemon_lock(path);
	assert_int_not_equal(lock, -1);
	assert_int_equal(daemon_lock(path), -1);
	assert_int_equal(errno, EWOULDBLOCK);
	close(lock);
	lock = daemon_lock(path);
	assert_int_not_equal(lock, -1);
	close(lock);
	unlink(path);
	assert_int_equal(daemon_lock("/nowhere/at/all"), -1);
	assert_int_equal(errno, ENOENT);
}

/* A socket as systemd has it, at an abstract name of ours. */
static int
listen_for_notes(void)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0), len;
	char variable[64];

	len = snprintf(
	    variable, sizeof(variable), "@pregon-test-%ld", (long)getpid());
	memcpy(name.sun_path + 1, variable + 1, (size_t)len - 1);
	assert_int_equal(bind(fd, (struct sockaddr *)&name,
			     (socklen_t)offsetof(struct sockaddr_un, sun_path) +
				 (socklen_t)len),
	    0);
	setenv("NOTIFY_SOCKET", variable, 1);
	return fd;
}

static void
assert_note(int fd, const char *expected)
{
	char text[128];
	ssize_t n = recv(fd, text, sizeof(text) - 1, 0);

	assert_true(n > 0);
	text[n] = '\0';
	assert_string_equal(text, expected);
}

static void
systemd_is_told(void **state)
{
	int fd;

	(void)state;
	unsetenv("NOTIFY_SOCKET");
	daemon_notify("READY=1"); /* nobody listens: harmless */
	fd = listen_for_notes();
	daemon_notify("READY=1");
	assert_note(fd, "READY=1");
	close(fd);
	errno = 0;
	daemon_notify("READY=1"); /* gone: harmless too */
	assert_int_equal(errno, 0);
	unsetenv("NOTIFY_SOCKET");
}

static bool
ask_health(void *ctx)
{
	int *left = ctx;

	return --*left >= 0;
}

static void
stop_soon(struct ev_loop *loop, ev_timer *timer, int events)
{
	(void)timer;
	(void)events;
	ev_break(loop, EVBREAK_ALL);
}

static void
the_watchdog_is_fed_while_all_is_well(void **state)
{
	struct ev_loop *loop = ev_loop_new(0);
	int fd = listen_for_notes(), well = 2;
	struct daemon *d;
	char text[64];
	ev_timer end;

	(void)state;
	setenv("WATCHDOG_USEC", "20000", 1);
	d = daemon_new(loop, do_nothing, ask_health, &well);
	assert_non_null(d);
	unsetenv("WATCHDOG_USEC");
	ev_timer_init(&end, stop_soon, 0.2, 0.);
	ev_timer_start(loop, &end);
	ev_run(loop, 0);
	assert_true(well < 0); /* it was asked on, and was not well */
	assert_note(fd, "WATCHDOG=1");
	assert_note(fd, "WATCHDOG=1");
	assert_int_equal(recv(fd, text, sizeof(text), MSG_DONTWAIT), -1);
	daemon_free(d);
	ev_loop_destroy(loop);
	close(fd);
	unsetenv("NOTIFY_SOCKET");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_signal_stops_the_loop),
		cmocka_unit_test(a_second_signal_ends_at_once),
		cmocka_unit_test(a_lock_has_one_holder),
		cmocka_unit_test(systemd_is_told),
		cmocka_unit_test(the_watchdog_is_fed_while_all_is_well),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
