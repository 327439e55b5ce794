/*
 * daemon: what each program's main does the same way: signals into the loop,
 * systemd's notifications and watchdog, the health port.
 */
#ifndef PREGON_DAEMON_H
#define PREGON_DAEMON_H

#include <ev.h>
#include <stdbool.h>

struct daemon;

/*
 * SIGTERM and SIGINT call `stop` in the loop (a second one ends at once with
 * 130); SIGPIPE is ignored.  If systemd asked for a watchdog, it is fed from
 * the loop at half its interval, while `healthy` (may be NULL) says so.
 */
struct daemon *daemon_new(
    struct ev_loop *, void (*stop)(void *), bool (*healthy)(void *), void *ctx);
void daemon_free(struct daemon *);

/* sd_notify(3): "READY=1", "STATUS=...", "STOPPING=1".  Harmless without. */
void daemon_notify(const char *state);

/* Takes an flock on `path` (made if missing).  -1: EWOULDBLOCK another
 * process has it.  The lock ends with the process. */
int daemon_lock(const char *path);

#endif
