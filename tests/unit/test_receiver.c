/*
 * gpsd as it comes over a socket: whole and partial lines, several reports of
 * one moment, silence, a daemon that goes and comes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "firmware-gateway/receiver.h"
#include "lib/log.h"

#define TPV(time, rest)                                                        \
	"{\"class\":\"TPV\",\"device\":\"/dev/x\",\"mode\":3,\"time\":"        \
	"\"2026-11-20T13:05:" time "Z\"" rest "}\r\n"
#define PLACE ",\"lat\":-33.4378,\"lon\":-70.6505"
#define AT(s) (INT64_C(1795179900000) + (int64_t)((s)*1000))
#define PATIENCE_S 10.0

/* Our side of the connection, and what the receiver said. */
struct fake {
	struct ev_loop *loop;
	struct clock_manual clock;
	int listener, fd, port;
	struct receiver *receiver;
	struct report reports[64];
	int count;
	enum fix_mode modes[256];
	int mode_count;
	bool late;
};

static void
on_report(void *ctx, const struct report *r)
{
	struct fake *f = ctx;

	if (f->count < 64)
		f->reports[f->count++] = *r;
}

static void
on_mode(void *ctx, enum fix_mode mode)
{
	struct fake *f = ctx;

	if (f->mode_count < 256)
		f->modes[f->mode_count++] = mode;
}

static const struct receiver_handler handler = { on_report, on_mode };

static void
on_late(struct ev_loop *loop, ev_timer *timer, int events)
{
	(void)events;
	((struct fake *)timer->data)->late = true;
	ev_break(loop, EVBREAK_ONE);
}

/* Runs the loop until `done`; the clock goes with it. */
static void
run_until(struct fake *f, bool (*done)(struct fake *))
{
	ev_timer timer;

	ev_timer_init(&timer, on_late, PATIENCE_S, 0);
	timer.data = f;
	f->late = false;
	ev_timer_start(f->loop, &timer);
	while (!done(f) && !f->late)
		ev_run(f->loop, EVRUN_ONCE);
	ev_timer_stop(f->loop, &timer);
	if (f->late)
		fail_msg("it did not come");
}

static void
listen_again(struct fake *f)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
		.sin_port = htons((uint16_t)f->port) };
	socklen_t len = sizeof(a);
	int on = 1;

	f->listener = socket(AF_INET, SOCK_STREAM, 0);
	setsockopt(f->listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	assert_int_equal(bind(f->listener, (struct sockaddr *)&a, len), 0);
	assert_int_equal(listen(f->listener, 1), 0);
	assert_int_equal(
	    getsockname(f->listener, (struct sockaddr *)&a, &len), 0);
	f->port = ntohs(a.sin_port);
	fcntl(f->listener, F_SETFL, O_NONBLOCK);
}

static bool
accepted(struct fake *f)
{
	if (f->fd == -1)
		f->fd = accept(f->listener, NULL, NULL);
	return f->fd != -1 && receiver_connected(f->receiver);
}

static void
expect_watch(struct fake *f)
{
	char text[256];
	ssize_t n;

	run_until(f, accepted);
	n = recv(f->fd, text, sizeof(text) - 1, 0);
	assert_true(n > 0);
	text[n] = '\0';
	assert_non_null(strstr(text, "?WATCH={\"enable\":true,\"json\":true"));
}

static void
say(struct fake *f, const char *text)
{
	assert_int_equal(
	    send(f->fd, text, strlen(text), 0), (ssize_t)strlen(text));
}

static int wanted;

static bool
has_wanted(struct fake *f)
{
	return f->count >= wanted;
}

static void
expect_reports(struct fake *f, int count)
{
	wanted = count;
	run_until(f, has_wanted);
	assert_int_equal(f->count, count);
}

static int
begin(void **state)
{
	struct fake *f = calloc(1, sizeof(*f));
	struct source *source;

	f->loop = ev_loop_new(0);
	f->fd = -1;
	clock_manual_init(&f->clock, AT(0));
	listen_again(f);
	source = source_gpsd_new("localhost", f->port, "");
	assert_non_null(source);
	f->receiver = receiver_new(
	    f->loop, &f->clock.clock, source, &handler, f);
	assert_non_null(f->receiver);
	*state = f;
	expect_watch(f);
	return 0;
}

static int
end(void **state)
{
	struct fake *f = *state;

	receiver_free(f->receiver);
	close(f->fd);
	close(f->listener);
	ev_loop_destroy(f->loop);
	free(f);
	return 0;
}

static void
a_report_comes_as_gpsd_sent_it(void **state)
{
	struct fake *f = *state;
	const struct report *r = &f->reports[0];

	say(f, "{\"class\":\"VERSION\",\"release\":\"3.22\"}\r\n");
	say(f,
	    TPV("00.250",
		PLACE ",\"speed\":1.25,\"track\":91.5,"
		      "\"eph\":19.0"));
	expect_reports(f, 1);
	assert_int_equal(r->mode, 3);
	assert_int_equal(r->time_ms, AT(0.25));
	assert_float_equal(r->lat, -33.4378, 1e-9);
	assert_float_equal(r->lon, -70.6505, 1e-9);
	assert_float_equal(r->speed, 1.25, 1e-9);
	assert_float_equal(r->course, 91.5, 1e-9);
	assert_float_equal(r->error, 19.0, 1e-9);
	assert_false(r->again);
	assert_int_equal(f->modes[f->mode_count - 1], FIX_MODE_3D);
}

static void
what_a_report_leaves_out_is_not_taken_from_the_one_before(void **state)
{
	struct fake *f = *state;

	say(f, TPV("00", PLACE ",\"speed\":1.25,\"track\":91.5,\"eph\":5"));
	say(f, "{\"class\":\"TPV\",\"device\":\"/dev/x\",\"mode\":1}\r\n");
	expect_reports(f, 2);
	assert_int_equal(f->reports[1].mode, 1);
	assert_false(f->reports[1].has_time);
	assert_true(isnan(f->reports[1].lat));
	assert_true(isnan(f->reports[1].speed));
	assert_true(isnan(f->reports[1].error));
}

static void
a_line_in_pieces_is_one_report(void **state)
{
	static const char line[] = TPV("00", PLACE);
	struct fake *f = *state;
	char piece[2] = "";
	int on = 1;

	setsockopt(f->fd, IPPROTO_TCP, 1, &on, sizeof(on));
	for (size_t i = 0; i < sizeof(line) - 1; i++) {
		piece[0] = line[i];
		say(f, piece);
		ev_run(f->loop, EVRUN_NOWAIT);
		assert_int_equal(f->count, 0);
	}
	expect_reports(f, 1);
}

static void
reports_of_one_moment_are_joined(void **state)
{
	struct fake *f = *state;

	/* As gpsd does until it knows the receiver's cycle. */
	say(f,
	    TPV("01", PLACE ",\"speed\":93.2") TPV(
		"01", PLACE ",\"speed\":0.6,\"track\":271.4") TPV("02", PLACE));
	expect_reports(f, 2);
	assert_int_equal(f->reports[0].time_ms, AT(1));
	assert_float_equal(f->reports[0].speed, 0.6, 1e-9);
	assert_float_equal(f->reports[0].course, 271.4, 1e-9);
}

static void
one_that_comes_late_is_marked(void **state)
{
	struct fake *f = *state;

	say(f, TPV("01", PLACE ",\"speed\":9.0"));
	expect_reports(f, 1);
	say(f, TPV("01", PLACE ",\"speed\":0.6,\"track\":10"));
	expect_reports(f, 2);
	assert_true(f->reports[1].again);
	assert_float_equal(f->reports[1].speed, 0.6, 1e-9);
}

static void
a_line_too_long_is_passed_over(void **state)
{
	struct fake *f = *state;
	char filler[1001];

	memset(filler, 'x', 1000);
	filler[1000] = '\0';
	say(f, "{\"class\":\"TPV\",\"tag\":\"");
	for (int i = 0; i < 40; i++)
		say(f, filler);
	say(f, "\"}\r\nnonsense\r\n{\"class\":\"TPV\",\"mode\":\r\n");
	say(f, TPV("03", PLACE));
	expect_reports(f, 1);
	assert_int_equal(f->reports[0].time_ms, AT(3));
}

static void
the_devices_name_is_noted(void **state)
{
	struct fake *f = *state;

	say(f,
	    "{\"class\":\"DEVICE\",\"path\":\"/dev/ttyUSB0\","
	    "\"driver\":\"u-blox\"}\r\n" TPV("00", PLACE));
	expect_reports(f, 1);
	assert_string_equal(
	    receiver_device(f->receiver), "/dev/ttyUSB0 u-blox");
}

static void
so_is_that_of_one_that_was_there_before_us(void **state)
{
	struct fake *f = *state;

	say(f,
	    "{\"class\":\"DEVICES\",\"devices\":[{\"class\":\"DEVICE\","
	    "\"path\":\"/dev/ttyACM0\",\"driver\":\"u-blox\"}]}\r\n" TPV(
		"00", PLACE));
	expect_reports(f, 1);
	assert_string_equal(
	    receiver_device(f->receiver), "/dev/ttyACM0 u-blox");
}

static bool
is_silent(struct fake *f)
{
	clock_manual_advance(&f->clock, 1000);
	return f->modes[f->mode_count - 1] == FIX_MODE_SILENT;
}

static void
silence_is_noticed_and_ends(void **state)
{
	struct fake *f = *state;

	say(f, TPV("00", PLACE));
	expect_reports(f, 1);
	run_until(f, is_silent);
	assert_true(receiver_connected(f->receiver));
	say(f, TPV("30", PLACE));
	expect_reports(f, 2);
	assert_int_equal(f->modes[f->mode_count - 1], FIX_MODE_3D);
}

static bool
is_closed(struct fake *f)
{
	return !receiver_connected(f->receiver);
}

static bool
is_back(struct fake *f)
{
	clock_manual_advance(&f->clock, 500);
	return accepted(f);
}

static void
a_gpsd_that_restarts_is_found_again(void **state)
{
	struct fake *f = *state;

	say(f, TPV("00", PLACE));
	close(f->fd);
	close(f->listener);
	run_until(f, is_closed);
	/* What waited for more of its moment is not lost. */
	assert_int_equal(f->count, 1);
	assert_int_equal(f->modes[f->mode_count - 1], FIX_MODE_NO_GPSD);
	f->fd = -1;
	listen_again(f);
	run_until(f, is_back);
	assert_int_equal(receiver_connections(f->receiver), 2);
	say(f, TPV("05", PLACE));
	expect_reports(f, 2);
}

static void
a_host_that_would_need_a_look_up_is_refused(void **state)
{
	(void)state;
	assert_null(source_gpsd_new("gpsd.example", 2947, ""));
	assert_int_equal(errno, EINVAL);
	assert_null(source_gpsd_new("127.0.0.1", 2947, "a\"b"));
	assert_int_equal(errno, EINVAL);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_report_comes_as_gpsd_sent_it),
		TEST(what_a_report_leaves_out_is_not_taken_from_the_one_before),
		TEST(a_line_in_pieces_is_one_report),
		TEST(reports_of_one_moment_are_joined),
		TEST(one_that_comes_late_is_marked),
		TEST(a_line_too_long_is_passed_over),
		TEST(the_devices_name_is_noted),
		TEST(so_is_that_of_one_that_was_there_before_us),
		TEST(silence_is_noticed_and_ends),
		TEST(a_gpsd_that_restarts_is_found_again),
		cmocka_unit_test(a_host_that_would_need_a_look_up_is_refused),
	};

	log_init("test", LOG_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
