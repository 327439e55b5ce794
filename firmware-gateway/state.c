#include "firmware-gateway/state.h"

#include <stdio.h>
#include <sys/stat.h>

static json_t *
number(uint64_t n)
{
	return json_integer((json_int_t)n);
}

static json_t *
unix_time(int64_t ms)
{
	char text[CLOCK_TEXT];

	clock_format(ms, text);
	return json_string(text);
}

static json_t *
instant_time(struct instant at)
{
	return at.boot == 0 && at.ms != INSTANT_MISSING ? unix_time(at.ms)
							: json_null();
}

static json_t *
clock_part(const struct state_parts *p)
{
	char boot[20];

	snprintf(
	    boot, sizeof(boot), "%016llx", (unsigned long long)p->time->boot);
	return json_pack("{s:s, s:o, s:s, s:s, s:b, s:I}", "source",
	    time_source_name(timekeeper_source(p->time)), "now",
	    instant_time(timekeeper_now(p->time)), "receiver_date",
	    receiver_date_name(p->time->date), "boot", boot, "unmended",
	    p->events->order.unmended != 0, "boottime_ms",
	    (json_int_t)clock_boottime_ms(p->time->clock));
}

static json_t *
position(const struct state_parts *p)
{
	int64_t now = clock_boottime_ms(p->time->clock);
	struct fix f;

	if (!locator_latest(p->locator, &f))
		return json_null();
	return json_pack("{s:f, s:f, s:f, s:i, s:i, s:o, s:f, s:b, s:b}", "lat",
	    f.lat_e6 / 1e6, "lon", f.lon_e6 / 1e6, "speed_m_s",
	    f.speed_dm_s / 10.0, "course_deg", f.course_deg, "accuracy_m",
	    f.accuracy_m == FIX_ACCURACY_UNKNOWN ? -1 : f.accuracy_m, "at",
	    instant_time(f.at), "age_s",
	    (double)(now - p->locator->latest_read_ms) / 1000, "parked",
	    (f.flags & FIX_PARKED) != 0, "system_time",
	    (f.flags & FIX_SYSTEM_TIME) != 0);
}

static json_t *
fix_part(const struct state_parts *p)
{
	json_t *refused = json_object();

	for (int q = QUALITY_GOOD + 1; q < QUALITIES; q++)
		json_object_set_new(refused, quality_name((enum quality)q),
		    number(p->locator->gate.counts[q]));
	return json_pack("{s:s, s:s, s:I, s:o, s:I, s:I, s:I, s:o, s:b}",
	    "mode", fix_mode_name(p->locator->mode), "receiver",
	    receiver_device(p->receiver), "gpsd_connections",
	    (json_int_t)receiver_connections(p->receiver), "latest",
	    position(p), "taken", (json_int_t)p->locator->taken, "kept",
	    (json_int_t)p->locator->kept, "lost",
	    (json_int_t)p->events->lost_fixes, "refused", refused, "standing",
	    locator_standing(p->locator));
}

static json_t *
backlog_part(const struct state_parts *p)
{
	json_t *backlog = json_object();
	int64_t oldest = outbox_oldest_ms(p->outbox);

	for (int s = 0; s < STREAM_COUNT; s++)
		json_object_set_new(backlog, stream_name((enum stream)s),
		    number(outbox_depth(p->outbox, (enum stream)s)));
	json_object_set_new(
	    backlog, "all", number(outbox_depth(p->outbox, STREAM_COUNT)));
	json_object_set_new(backlog, "oldest",
	    oldest == INSTANT_MISSING ? json_null() : unix_time(oldest));
	return backlog;
}

static json_t *
link_part(const struct state_parts *p)
{
	struct uplink_counts c;

	uplink_counts(p->uplink, &c);
	return json_pack("{s:b, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}",
	    "connected", c.connected, "connections", (json_int_t)c.connections,
	    "frames", (json_int_t)c.frames, "resent", (json_int_t)c.resent,
	    "bytes", (json_int_t)c.bytes, "acks", (json_int_t)c.acks,
	    "acks_ignored", (json_int_t)c.acks_ignored, "statuses",
	    (json_int_t)c.statuses, "unreadable", (json_int_t)c.unreadable);
}

static json_t *
outbox_part(const struct state_parts *p)
{
	struct uplink_counts c;
	struct stat st;

	uplink_counts(p->uplink, &c);
	if (stat(p->settings->outbox.path, &st) == -1)
		st.st_size = 0;
	return json_pack("{s:s, s:I, s:I, s:I}", "path",
	    p->settings->outbox.path, "bytes", (json_int_t)st.st_size,
	    "max_bytes", (json_int_t)p->settings->outbox.max_bytes, "errors",
	    (json_int_t)c.storage_errors);
}

static json_t *
commands_part(const struct state_parts *p)
{
	const struct commands *c = p->commands;

	return json_pack("{s:I, s:I, s:I, s:I, s:I}", "applied_id",
	    (json_int_t)commands_applied(c), "applied", (json_int_t)c->applied,
	    "repeated", (json_int_t)c->repeated, "refused",
	    (json_int_t)c->refused, "refused_settings",
	    (json_int_t)c->refused_settings);
}

static json_t *
shop_part(const struct state_parts *p)
{
	json_t *levels = json_object();
	const struct catalogue *cat = &p->shop->catalogue;
	char key[16];
	int32_t level;

	for (size_t i = 0; i < cat->count || i == 0; i++) {
		uint32_t code = cat->count > 0 ? cat->products[i].code : 0;

		if (shop_level(p->shop, code, &level) != 1)
			continue;
		snprintf(key, sizeof(key), "%u", code);
		json_object_set_new(levels, key, json_integer(level));
	}
	return json_pack("{s:I, s:I, s:I, s:I, s:I, s:o}", "sales",
	    (json_int_t)p->shop->sales, "products", (json_int_t)cat->count,
	    "requests", (json_int_t)p->pos->requests, "refused",
	    (json_int_t)p->pos->refused, "clients",
	    (json_int_t)pos_server_clients(p->server), "levels", levels);
}

json_t *
state_json(const struct state_parts *p)
{
	int64_t now = clock_boottime_ms(p->time->clock);
	char epoch[EPOCH_TEXT + 1];

	epoch_format(outbox_epoch(p->outbox), epoch);
	return json_pack(
	    "{s:s, s:s, s:s, s:f, s:I, s:s, s:o, s:o, s:o, s:o, s:o, s:o,"
	    " s:o, s:I}",
	    "cart", p->settings->cart, "version", PREGON_VERSION, "epoch",
	    epoch, "up_s", (double)(now - p->started_ms) / 1000, "ledger",
	    (json_int_t)outbox_ledger(p->outbox), "day",
	    p->shop->day_open ? "open" : "closed", "clock", clock_part(p),
	    "fix", fix_part(p), "backlog", backlog_part(p), "link",
	    link_part(p), "outbox", outbox_part(p), "commands",
	    commands_part(p), "pos", shop_part(p), "inbox",
	    (json_int_t)(p->inbox->next - 1));
}
