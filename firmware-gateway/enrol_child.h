/*
 * enrol_child: pregon-gateway --enrol, in a process of its own beside the
 * running gateway, which hears each step as a line of JSON.
 */
#ifndef PREGON_GATEWAY_ENROL_CHILD_H
#define PREGON_GATEWAY_ENROL_CHILD_H

#include <ev.h>
#include <jansson.h>

#include "firmware-gateway/settings.h"

struct enrol_child;

struct enrol_child_handler {
	/* A step, as enrol_say.h writes it; the handler's to keep a reference
	 * of. */
	void (*said)(void *ctx, json_t *step);
	void (*ended)(void *ctx, bool good);
};

/* On the default loop, which alone hears of children. */
struct enrol_child *enrol_child_new(
    struct ev_loop *, const struct enrol_child_handler *, void *ctx);
/* Ends the process, too. */
void enrol_child_free(struct enrol_child *);

bool enrol_child_runs(const struct enrol_child *);
/* `path` is the credentials'.  -1: errno. */
int enrol_child_start(struct enrol_child *, const struct settings *,
    const char *path, const char *address);

#endif
