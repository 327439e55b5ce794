/* metrics: the page as Prometheus reads it, and the health port. */
#include <arpa/inet.h>
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/metrics.h"

/* The page must hold this line, whole. */
static void
assert_line(const char *page, const char *line)
{
	size_t len = strlen(line);

	for (const char *p = page; (p = strstr(p, line)) != NULL; p++)
		if ((p == page || p[-1] == '\n') && p[len] == '\n')
			return;
	fail_msg("no line \"%s\" in:\n%s", line, page);
}

static int
count(const char *page, const char *what)
{
	int n = 0;

	for (; (page = strstr(page, what)) != NULL; page++)
		n++;
	return n;
}

static void
a_counter_and_a_gauge_have_their_lines(void **state)
{
	struct metrics *m = metrics_new();
	struct metric *frames = metrics_counter(
	    m, "x_frames_total", NULL, "Frames seen.");
	struct metric *depth = metrics_gauge(m, "x_depth", NULL, "Depth.");
	char *page;

	(void)state;
	metric_add(frames, 1);
	metric_add(frames, 41);
	metric_set(depth, -3);
	page = metrics_text(m);
	assert_line(page, "# HELP x_frames_total Frames seen.");
	assert_line(page, "# TYPE x_frames_total counter");
	assert_line(page, "x_frames_total 42");
	assert_line(page, "# TYPE x_depth gauge");
	assert_line(page, "x_depth -3");
	free(page);
	metrics_free(m);
}

static void
one_names_lines_stand_together_under_one_type(void **state)
{
	struct metrics *m = metrics_new();
	char *page;

	(void)state;
	metric_set(metrics_counter(m, "x_total", "s=\"pos\"", "X."), 1);
	metric_set(metrics_counter(m, "y_total", NULL, "Y."), 2);
	metric_set(metrics_counter(m, "x_total", "s=\"sale\"", "X."), 3);
	page = metrics_text(m);
	assert_int_equal(count(page, "# TYPE x_total"), 1);
	assert_non_null(strstr(page,
	    "x_total{s=\"pos\"} 1\n"
	    "x_total{s=\"sale\"} 3\n"));
	assert_line(page, "y_total 2");
	free(page);
	metrics_free(m);
}

static void
a_histograms_buckets_add_up(void **state)
{
	struct metrics *m = metrics_new();
	struct histogram *h = metrics_histogram(m, "x_ms", "r=\"a\"", "X.");
	char *page;

	(void)state;
	histogram_observe_ms(h, 0.25);
	histogram_observe_ms(h, 1);
	histogram_observe_ms(h, 1.5);
	histogram_observe_ms(h, 99999);
	histogram_observe_ms(h, 1e9);
	page = metrics_text(m);
	assert_line(page, "# TYPE x_ms histogram");
	assert_line(page, "x_ms_bucket{r=\"a\",le=\"1\"} 2");
	assert_line(page, "x_ms_bucket{r=\"a\",le=\"2\"} 3");
	assert_line(page, "x_ms_bucket{r=\"a\",le=\"50000\"} 3");
	assert_line(page, "x_ms_bucket{r=\"a\",le=\"100000\"} 4");
	assert_line(page, "x_ms_bucket{r=\"a\",le=\"+Inf\"} 5");
	assert_line(page, "x_ms_sum{r=\"a\"} 1000100001.750");
	assert_line(page, "x_ms_count{r=\"a\"} 5");
	free(page);
	metrics_free(m);
}

static void
the_process_itself_is_measured(void **state)
{
	struct metrics *m = metrics_new();
	char *page = metrics_text(m);
	const char *memory = strstr(page, "\nprocess_resident_memory_bytes ");
	const char *start = strstr(page, "\nprocess_start_time_seconds ");

	(void)state;
	assert_non_null(memory);
	assert_true(strtod(strchr(memory, ' '), NULL) > 100000);
	assert_non_null(start);
	assert_true(strtod(strchr(start, ' '), NULL) > 1.7e9);
	assert_non_null(strstr(page, "\nprocess_cpu_seconds_total "));
	assert_non_null(strstr(page, "\nprocess_open_fds "));
	free(page);
	metrics_free(m);
}

static void *
add_many(void *ctx)
{
	for (int i = 0; i < 100000; i++)
		metric_add(ctx, 1);
	return NULL;
}

static void
threads_lose_no_count(void **state)
{
	struct metrics *m = metrics_new();
	struct metric *c = metrics_counter(m, "x_total", NULL, "X.");
	pthread_t threads[2];

	(void)state;
	for (int i = 0; i < 2; i++)
		assert_int_equal(
		    pthread_create(&threads[i], NULL, add_many, c), 0);
	for (int i = 0; i < 20; i++)
		free(metrics_text(m));
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(metric_get(c), 200000);
	metrics_free(m);
}

static _Atomic int well = 0;

static int
health(void *ctx, char *why, size_t cap)
{
	(void)ctx;
	if (well == 0)
		return 0;
	snprintf(why, cap, "Kafka has not answered for %d s", well);
	return -1;
}

/* The whole answer to one request. */
static void
request(int port, const char *head, char *answer, size_t cap)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t)port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	char text[256];
	size_t n = 0;
	ssize_t got;

	snprintf(text, sizeof(text),
	    "%s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", head);
	assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof(to)), 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	while (n < cap - 1 && (got = read(fd, answer + n, cap - 1 - n)) > 0)
		n += (size_t)got;
	answer[n] = '\0';
	close(fd);
}

static void
the_health_port_answers(void **state)
{
	static char answer[65536];
	struct metrics *m = metrics_new();
	struct health_server *hs;

	(void)state;
	metric_add(metrics_counter(m, "x_total", NULL, "X."), 5);
	hs = health_start(m, "127.0.0.1", 0, health, NULL);
	assert_non_null(hs);
	assert_in_range(health_port(hs), 1, 65535);

	request(health_port(hs), "GET /healthz", answer, sizeof(answer));
	assert_non_null(strstr(answer, " 200 "));
	assert_non_null(strstr(answer, "\r\n\r\nok\n"));
	well = 12;
	request(health_port(hs), "GET /healthz", answer, sizeof(answer));
	assert_non_null(strstr(answer, " 503 "));
	assert_non_null(
	    strstr(answer, "\r\n\r\nKafka has not answered for 12 s\n"));
	well = 0;
	request(health_port(hs), "GET /metrics", answer, sizeof(answer));
	assert_non_null(strstr(answer, " 200 "));
	assert_non_null(strstr(
	    answer, "Content-Type: text/plain; version=0.0.4; charset=utf-8"));
	assert_line(answer, "x_total 5");
	request(health_port(hs), "GET /nothing", answer, sizeof(answer));
	assert_non_null(strstr(answer, " 404 "));
	request(health_port(hs), "POST /metrics", answer, sizeof(answer));
	assert_non_null(strstr(answer, " 405 "));
	health_stop(hs);
	metrics_free(m);
}

static void
a_busy_port_is_said_to_be_so(void **state)
{
	struct metrics *m = metrics_new();
	struct health_server *hs = health_start(m, "127.0.0.1", 0, NULL, NULL);

	(void)state;
	assert_non_null(hs);
	assert_null(health_start(m, "127.0.0.1", health_port(hs), NULL, NULL));
	assert_int_equal(errno, EADDRINUSE);
	assert_null(health_start(m, "192.0.2.1", 0, NULL, NULL));
	assert_int_equal(errno, EADDRNOTAVAIL);
	health_stop(hs);
	metrics_free(m);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_counter_and_a_gauge_have_their_lines),
		cmocka_unit_test(one_names_lines_stand_together_under_one_type),
		cmocka_unit_test(a_histograms_buckets_add_up),
		cmocka_unit_test(the_process_itself_is_measured),
		cmocka_unit_test(threads_lose_no_count),
		cmocka_unit_test(the_health_port_answers),
		cmocka_unit_test(a_busy_port_is_said_to_be_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
