/*
 * enrolment: the running gateway's side: it takes up new credentials as soon
 * as their file is there, whoever wrote it, and enrols by itself when its page
 * asks it to, in a process of its own (pregon-gateway --enrol) whose steps it
 * keeps for the page to show.
 *
 * By the page only a cart that was never let in may be enrolled, unless the
 * page has a PIN: whoever is on its Wi-Fi could else hand its sales to a guild
 * of his own.
 */
#ifndef PREGON_GATEWAY_ENROLMENT_H
#define PREGON_GATEWAY_ENROLMENT_H

#include <ev.h>
#include <jansson.h>

#include "firmware-gateway/settings.h"

struct enrolment;

/* `changed`: the settings have other credentials now. */
struct enrolment *enrolment_new(
    struct ev_loop *, struct settings *, void (*changed)(void *ctx), void *ctx);
void enrolment_free(struct enrolment *);

/*
 * With an address as enrol_address.h takes it.  -1: EPERM the page may not,
 * EBUSY one is under way, else errno.
 */
int enrolment_start(struct enrolment *, const char *address);

/* {"enrolled", "allowed", "running", "steps": [{"step", "mark", "fault",
 * "words"}, ...]}; NULL: no memory. */
json_t *enrolment_json(const struct enrolment *);

#endif
