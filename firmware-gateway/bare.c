#include "firmware-gateway/bare.h"

#include <ev.h>
#include <stdio.h>

#include "firmware-gateway/page_server.h"
#include "lib/daemon.h"
#include "lib/log.h"

struct bare {
	struct settings *settings;
	struct ev_loop *loop;
	struct outbox *outbox; /* it keeps which phones gave the PIN */
	struct enrolment *enrolment;
	struct page page;
	struct page_server *server;
	struct daemon *daemon;
	bool enrolled;
};

static void
on_enrolled(void *ctx)
{
	struct bare *b = ctx;

	b->enrolled = true;
	ev_break(b->loop, EVBREAK_ALL);
}

static void
on_stop(void *ctx)
{
	struct bare *b = ctx;

	ev_break(b->loop, EVBREAK_ALL);
}

static int
open_outbox(struct bare *b, char *why, size_t why_cap)
{
	const struct settings *s = b->settings;
	const struct outbox_settings settings = {
		.path = s->outbox.path,
		.max_bytes = s->outbox.max_bytes,
		.keep_days = s->outbox.keep_days,
	};
	char words[300];
	bool damaged;

	b->outbox = outbox_open(&settings, &damaged, words, sizeof(words));
	if (b->outbox != NULL)
		return 0;
	snprintf(why, why_cap,
	    "outbox.path: %s: make it writable for this user, or set another "
	    "path",
	    words);
	return -1;
}

static int
start(struct bare *b, char *why, size_t why_cap)
{
	const struct settings *s = b->settings;

	if (open_outbox(b, why, why_cap) == -1)
		return -1;
	snprintf(why, why_cap, "no memory");
	b->daemon = daemon_new(b->loop, on_stop, NULL, b);
	b->enrolment = enrolment_new(b->loop, b->settings, on_enrolled, b);
	if (b->daemon == NULL || b->enrolment == NULL)
		return -1;
	b->page = (struct page){ .clock = &clock_system,
		.host = s->page.host,
		.enrolment = b->enrolment };
	page_lock_init(&b->page.lock, b->outbox, s->page.pin);
	b->server = page_server_new(
	    b->loop, s->page.host, (int)s->page.port, &b->page, why, why_cap);
	if (b->server == NULL)
		return -1;
	log_info("gateway.waits",
	    "host=%s port=%d do=\"enrol it: on its page, or pregon-gateway "
	    "--enrol URL\"",
	    s->page.host, page_server_port(b->server));
	return 0;
}

int
bare_run(struct settings *settings, char *why, size_t why_cap)
{
	struct bare b = { .settings = settings };
	int rc;

	b.loop = ev_default_loop(EVFLAG_AUTO);
	if (b.loop == NULL) {
		snprintf(why, why_cap, "cannot make an event loop");
		return -1;
	}
	rc = start(&b, why, why_cap);
	if (rc == 0) {
		daemon_notify("READY=1");
		ev_run(b.loop, 0);
	}
	page_server_free(b.server);
	enrolment_free(b.enrolment);
	daemon_free(b.daemon);
	outbox_close(b.outbox);
	return rc == -1 ? -1 : b.enrolled;
}
