/*
 * pregon-sim: a fleet of virtual carts in one process, over the real link.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include "lib/clock.h"
#include "lib/daemon.h"
#include "lib/log.h"
#include "tools/sim/fleet.h"

/* A socket for each cart. */
static void
raise_file_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == -1)
		return;
	limit.rlim_cur = limit.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &limit);
}

static void
on_stop(void *ctx)
{
	fleet_finish(ctx);
}

static int
run(const struct settings *settings, int64_t start_ms)
{
	struct ev_loop *loop = ev_default_loop(EVFLAG_AUTO);
	struct fleet *fleet = fleet_new(loop, settings, start_ms);
	struct daemon *daemon;
	bool done;

	if (fleet == NULL)
		return 1;
	daemon = daemon_new(loop, on_stop, NULL, fleet);
	if (daemon == NULL) {
		log_error("sim.start", "why=\"%s\"", strerror(errno));
		fleet_free(fleet);
		return 1;
	}
	ev_run(loop, 0);
	done = fleet_report(fleet);
	daemon_free(daemon);
	if (fleet_free(fleet) == -1) {
		log_error("sim.books",
		    "file=\"%s\" why=\"not all of it could"
		    " be written\"",
		    settings->books);
		return 1;
	}
	return done ? 0 : 1;
}

int
main(int argc, char **argv)
{
	struct settings settings;
	enum config_verdict verdict;
	size_t words = 0;
	int64_t start_ms = clock_realtime_ms(&clock_system);
	int rc;

	memset(&settings, 0, sizeof(settings));
	verdict = config_load(
	    &sim_program, &settings, argc, argv, NULL, 0, &words);
	if (verdict != CONFIG_RUN)
		return verdict == CONFIG_DONE ? 0 : 2;
	log_init("pregon-sim", (enum log_level)settings.log_level);
	raise_file_limit();
	if (settings.at[0] != '\0' &&
	    clock_parse(settings.at, &start_ms) == -1) {
		log_error("sim.at",
		    "why=\"%s is no time: give it as "
		    "2026-04-05T00:00:00-04:00\"",
		    settings.at);
		rc = 2;
	} else if (settings.prefix[0] < 'A' || settings.prefix[0] > 'Z' ||
	    settings.prefix[1] != '\0') {
		log_error("sim.prefix",
		    "why=\"the prefix is one letter of"
		    " A to Z\"");
		rc = 2;
	} else {
		rc = run(&settings, start_ms);
	}
	config_release(&sim_program, &settings);
	return rc;
}
