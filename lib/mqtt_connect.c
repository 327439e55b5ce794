/*
 * Look-up of a name blocks for seconds when the network is away, and the POS
 * must not wait for it: it has a thread of its own.  That thread calls
 * libmosquitto's asynchronous connect, which looks up and begins a connection
 * but waits for nothing else.  Until it ends it owns the handle.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "lib/mqtt_parts.h"

/* The resolver and OpenSSL's loading of certificates fit well. */
#define STACK_BYTES ((size_t)512 * 1024)

struct connector {
	pthread_mutex_t lock;
	bool abandoned; /* who sees it last frees */
	bool ended;
	pthread_t thread;
	struct mosquitto *mosq;
	char *host;
	int port, keepalive_s;
	bool tls;
	struct ev_loop *loop;
	ev_async *wake;
	int rc, error;
};

static void
destroy(struct connector *c)
{
	pthread_mutex_destroy(&c->lock);
	free(c->host);
	free(c);
}

/* libmosquitto says "pending" for what begins well. */
static bool
has_begun(int rc)
{
	return rc == MOSQ_ERR_SUCCESS || rc == MOSQ_ERR_CONN_PENDING;
}

/*
 * libmosquitto 2.0.11 sets OpenSSL up at its first use without a lock: the
 * first of several look-ups goes alone.
 */
static pthread_mutex_t first_tls = PTHREAD_MUTEX_INITIALIZER;
static atomic_bool tls_is_set_up;

static void
connect_by_name(struct connector *c)
{
	bool alone = c->tls && !tls_is_set_up;

	if (alone)
		pthread_mutex_lock(&first_tls);
	c->rc = mosquitto_connect_async(
	    c->mosq, c->host, c->port, c->keepalive_s);
	c->error = errno;
	if (alone) {
		tls_is_set_up = has_begun(c->rc);
		pthread_mutex_unlock(&first_tls);
	}
}

static void *
look_up(void *ctx)
{
	struct connector *c = ctx;
	bool abandoned;

	connect_by_name(c);
	pthread_mutex_lock(&c->lock);
	c->ended = true;
	abandoned = c->abandoned;
	if (!abandoned)
		ev_async_send(c->loop, c->wake);
	pthread_mutex_unlock(&c->lock);
	if (abandoned) {
		mosquitto_destroy(c->mosq);
		destroy(c);
	}
	return NULL;
}

/* Signals are for the loop's thread. */
static int
start_thread(struct connector *c)
{
	pthread_attr_t attributes;
	sigset_t all, before;
	int rc;

	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, STACK_BYTES);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	rc = pthread_create(&c->thread, &attributes, look_up, c);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attributes);
	return rc;
}

static bool
is_numeric(const char *host)
{
	struct in6_addr address;

	return inet_pton(AF_INET, host, &address) == 1 ||
	    inet_pton(AF_INET6, host, &address) == 1;
}

enum connector_state
connector_start(struct mosquitto *mosq, const struct mqtt_settings *settings,
    struct ev_loop *loop, ev_async *wake, struct connector **out, int *rc)
{
	struct connector *c;

	if (is_numeric(settings->host)) {
		*rc = mosquitto_connect_async(mosq, settings->host,
		    settings->port, settings->keepalive_s);
		return has_begun(*rc) ? CONNECTOR_BEGUN : CONNECTOR_FAILED;
	}
	*rc = MOSQ_ERR_NOMEM;
	c = calloc(1, sizeof(*c));
	if (c == NULL)
		return CONNECTOR_FAILED;
	pthread_mutex_init(&c->lock, NULL);
	c->mosq = mosq;
	c->port = settings->port;
	c->keepalive_s = settings->keepalive_s;
	c->tls = settings->cafile != NULL;
	c->loop = loop;
	c->wake = wake;
	c->host = strdup(settings->host);
	if (c->host == NULL || start_thread(c) != 0) {
		destroy(c);
		return CONNECTOR_FAILED;
	}
	*out = c;
	return CONNECTOR_LOOKING_UP;
}

int
connector_finish(struct connector *c)
{
	int rc, error;

	pthread_join(c->thread, NULL);
	rc = has_begun(c->rc) ? MOSQ_ERR_SUCCESS : c->rc;
	error = c->error;
	destroy(c);
	errno = error;
	return rc;
}

void
connector_abandon(struct connector *c)
{
	bool ended;

	pthread_mutex_lock(&c->lock);
	c->abandoned = true;
	ended = c->ended;
	if (!ended)
		pthread_detach(c->thread);
	pthread_mutex_unlock(&c->lock);
	if (ended) {
		struct mosquitto *mosq = c->mosq;

		connector_finish(c);
		mosquitto_destroy(mosq);
	}
}
