/*
 * status: how a cart is, now.  Retained at pregon/<cart>/status.
 *
 * Also the broker's will: then `state` is STATUS_LOST, there is no fix, and
 * `connection` says whose will it is.  Within an epoch an older count is
 * ignored; a will only speaks of its own connection.
 */
#ifndef PREGON_STATUS_H
#define PREGON_STATUS_H

#include "schemas/frame.h"

#define STATUS_VERSION 1
#define STATUS_BYTES_MAX 256

enum status_state {
	STATUS_STOPPED, /* stopped cleanly */
	STATUS_ONLINE,
	STATUS_LOST, /* the will: the connection broke */
	STATUS_STATES
};

enum fix_mode {
	FIX_MODE_NO_GPSD, /* no gpsd to ask */
	FIX_MODE_SILENT, /* gpsd is there, the receiver says nothing */
	FIX_MODE_NO_FIX,
	FIX_MODE_2D,
	FIX_MODE_3D,
	FIX_MODES
};
const char *fix_mode_name(enum fix_mode);

#define BATTERY_UNKNOWN 255
#define APP_VERSION_MAX 32
struct status {
	uint64_t epoch;
	uint64_t count; /* of statuses in this epoch */
	uint64_t connection; /* of connections in this epoch */
	enum status_state state;
	struct instant at;
	uint64_t boot; /* this kernel's start */
	enum fix_mode fix_mode;
	bool has_fix;
	struct fix fix; /* the latest */
	bool day_open;
	uint32_t backlog; /* events not acknowledged */
	uint8_t battery; /* per cent, or BATTERY_UNKNOWN */
	uint64_t ledger; /* the ledger it sends to */
	uint64_t applied; /* id of the last command applied, 0: none */
	char version[APP_VERSION_MAX + 1];
	/* The oldest event not acknowledged (appended later: missing where a
	 * cart does not say it, or has none).  Written only where it is a
	 * time: not of boot 0 before 2020, as a struct of zeros has it. */
	struct instant oldest;
};

/* Bytes written, or -1: ENOBUFS. */
int status_encode(const struct status *, void *buf, size_t cap);
/* 0, or -1: EBADMSG, ENOTSUP (version). */
int status_decode(const void *, size_t, struct status *, struct decode_error *);

#endif
