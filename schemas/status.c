/*
 * status: schemas/status.md is the text.
 */
#include <errno.h>
#include <string.h>

#include "schemas/envelope.h"
#include "schemas/status.h"

#define STATUS_FIELDS 16 /* the version and what follows, to app_version */
#define STATUS_APPENDED 2

static const char *const fix_modes[FIX_MODES] = {
	[FIX_MODE_NO_GPSD] = "no_gpsd",
	[FIX_MODE_SILENT] = "silent",
	[FIX_MODE_NO_FIX] = "no_fix",
	[FIX_MODE_2D] = "2d",
	[FIX_MODE_3D] = "3d"
};

const char *
fix_mode_name(enum fix_mode mode)
{
	return fix_modes[mode];
}

/* A struct that nobody filled in says nothing. */
static bool
is_given(struct instant at)
{
	if (at.boot != 0)
		return at.ms >= 0 && at.ms <= BOOT_MS_MAX;
	return at.ms >= TIME_MIN_MS && at.ms <= TIME_MAX_MS;
}

int
status_encode(const struct status *status, void *buf, size_t cap)
{
	bool oldest = is_given(status->oldest);
	struct mp_writer w;

	mp_writer_init(&w, buf, cap);
	mp_write_array(&w, STATUS_FIELDS + (oldest ? STATUS_APPENDED : 0));
	mp_write_int(&w, STATUS_VERSION);
	epoch_write(status->epoch, &w);
	mp_write_uint(&w, status->count);
	mp_write_uint(&w, status->connection);
	mp_write_int(&w, status->state);
	instant_encode(status->at, &w);
	mp_write_uint(&w, status->boot);
	mp_write_int(&w, status->fix_mode);
	if (!status->has_fix)
		mp_write_nil(&w);
	else if (run_encode(&status->fix, 1, &w) == -1)
		return -1;
	mp_write_bool(&w, status->day_open);
	mp_write_uint(&w, status->backlog);
	if (status->battery == BATTERY_UNKNOWN)
		mp_write_nil(&w);
	else
		mp_write_uint(&w, status->battery);
	mp_write_uint(&w, status->ledger);
	mp_write_uint(&w, status->applied);
	mp_write_cstr(&w, status->version);
	if (oldest)
		instant_encode(status->oldest, &w);
	return envelope_len(&w);
}

static int
fix_read(struct mp_reader *r, struct status *status)
{
	size_t count;

	status->has_fix = !mp_read_nil(r);
	if (!status->has_fix)
		return 0;
	if (run_decode(r, &status->fix, 1, &count) == -1) {
		if (errno == E2BIG)
			return mp_refuse(r, "status.fix", "one fix");
		return -1;
	}
	return 0;
}

static int
battery_read(struct mp_reader *r, struct status *status)
{
	int64_t battery;

	status->battery = BATTERY_UNKNOWN;
	if (mp_read_nil(r))
		return 0;
	if (mp_read_int(r, "status.battery", 0, 100, &battery) == -1)
		return -1;
	status->battery = (uint8_t)battery;
	return 0;
}

static int
version_read(struct mp_reader *r, struct status *status)
{
	const char *s;
	size_t len;

	if (mp_read_str(r, "status.version", APP_VERSION_MAX, &s, &len) == -1)
		return -1;
	memcpy(status->version, s, len);
	status->version[len] = '\0';
	return 0;
}

static int
oldest_read(struct mp_reader *r, struct status *status, uint32_t *appended)
{
	status->oldest = (struct instant){ .ms = INSTANT_MISSING };
	if (*appended == 0)
		return 0;
	if (*appended < STATUS_APPENDED)
		return mp_refuse(r, "status", "more values");
	*appended -= STATUS_APPENDED;
	return instant_decode(r, "status.oldest", &status->oldest);
}

int
status_decode(const void *bytes, size_t len, struct status *status,
    struct decode_error *error)
{
	int64_t state, fix_mode, backlog;
	struct mp_reader r;
	uint32_t appended;

	mp_reader_init(&r, bytes, len, error);
	if (envelope_begin(&r, "status", STATUS_VERSION, STATUS_FIELDS - 1,
		&appended) == -1 ||
	    epoch_read(&r, "status.epoch", &status->epoch) == -1 ||
	    mp_read_uint(&r, "status.count", UINT64_MAX, &status->count) ==
		-1 ||
	    mp_read_uint(&r, "status.connection", UINT64_MAX,
		&status->connection) == -1 ||
	    mp_read_int(&r, "status.state", 0, STATUS_STATES - 1, &state) ==
		-1 ||
	    instant_decode(&r, "status.at", &status->at) == -1 ||
	    mp_read_uint(&r, "status.boot", UINT64_MAX, &status->boot) == -1 ||
	    mp_read_int(&r, "status.fix_mode", 0, FIX_MODES - 1, &fix_mode) ==
		-1 ||
	    fix_read(&r, status) == -1 ||
	    mp_read_bool(&r, "status.day_open", &status->day_open) == -1 ||
	    mp_read_int(&r, "status.backlog", 0, UINT32_MAX, &backlog) == -1 ||
	    battery_read(&r, status) == -1 ||
	    mp_read_uint(&r, "status.ledger", LEDGER_MAX, &status->ledger) ==
		-1 ||
	    mp_read_uint(&r, "status.applied", UINT64_MAX, &status->applied) ==
		-1 ||
	    version_read(&r, status) == -1 ||
	    oldest_read(&r, status, &appended) == -1)
		return -1;
	status->state = (enum status_state)state;
	status->fix_mode = (enum fix_mode)fix_mode;
	status->backlog = (uint32_t)backlog;
	return envelope_end(&r, "status", appended);
}
