#include "firmware-gateway/state.h"

#include <stdio.h>
#include <sys/stat.h>

/* A value that could not be made (no memory) is left out. */
static void
put(json_t *object, const char *key, json_t *value)
{
	json_object_set_new(object, key, value);
}

static void
put_int(json_t *object, const char *key, uint64_t n)
{
	put(object, key, json_integer((json_int_t)n));
}

static void
put_bool(json_t *object, const char *key, bool b)
{
	put(object, key, json_boolean(b));
}

static void
put_text(json_t *object, const char *key, const char *text)
{
	put(object, key, json_string(text));
}

/* null: there is none, or it has no date yet. */
static void
put_time(json_t *object, const char *key, struct instant at)
{
	char text[CLOCK_TEXT];

	if (at.boot != 0 || at.ms == INSTANT_MISSING) {
		put(object, key, json_null());
		return;
	}
	clock_format(at.ms, text);
	put_text(object, key, text);
}

static json_t *
clock_part(const struct state_parts *p)
{
	enum time_source source = timekeeper_source(p->time);
	json_t *o = json_object();
	char boot[20];

	snprintf(
	    boot, sizeof(boot), "%016llx", (unsigned long long)p->time->boot);
	put_bool(o, "trusted", source != TIME_NONE);
	put_text(o, "source", time_source_name(source));
	put_time(o, "now", timekeeper_now(p->time));
	put_text(o, "receiver_date", receiver_date_name(p->time->date));
	put_text(o, "boot", boot);
	put_bool(o, "unmended", p->events->order.unmended != 0);
	return o;
}

static json_t *
position(const struct state_parts *p)
{
	int64_t now = clock_boottime_ms(p->time->clock);
	json_t *o;
	struct fix f;

	if (!locator_latest(p->locator, &f))
		return json_null();
	o = json_object();
	put(o, "lat", json_real(f.lat_e6 / 1e6));
	put(o, "lon", json_real(f.lon_e6 / 1e6));
	put(o, "speed_m_s", json_real(f.speed_dm_s / 10.0));
	if (!(f.flags & FIX_NO_COURSE))
		put_int(o, "course_deg", f.course_deg);
	if (f.accuracy_m != FIX_ACCURACY_UNKNOWN)
		put_int(o, "accuracy_m", f.accuracy_m);
	put_time(o, "at", f.at);
	put(o, "age_s",
	    json_real((double)(now - p->locator->latest_read_ms) / 1000));
	put_bool(o, "parked", (f.flags & FIX_PARKED) != 0);
	put_bool(o, "system_time", (f.flags & FIX_SYSTEM_TIME) != 0);
	return o;
}

static json_t *
refused_fixes(const struct state_parts *p)
{
	json_t *o = json_object();

	for (int q = QUALITY_GOOD + 1; q < QUALITIES; q++)
		put_int(o, quality_name((enum quality)q),
		    p->locator->gate.counts[q]);
	return o;
}

static json_t *
fix_part(const struct state_parts *p)
{
	json_t *o = json_object();

	put_text(o, "mode", fix_mode_name(p->locator->mode));
	put_text(o, "receiver", receiver_device(p->receiver));
	put(o, "latest", position(p));
	put_int(o, "taken", p->locator->taken);
	put_int(o, "kept", p->locator->kept);
	put_int(o, "lost", p->events->lost_fixes);
	put_bool(o, "standing", locator_standing(p->locator));
	put_int(o, "gpsd_connections", receiver_connections(p->receiver));
	return o;
}

static json_t *
backlog_part(const struct state_parts *p)
{
	json_t *o = json_object();
	struct instant oldest = { outbox_oldest_ms(p->outbox), 0 };

	for (int s = 0; s < STREAM_COUNT; s++)
		put_int(o, stream_name((enum stream)s),
		    outbox_depth(p->outbox, (enum stream)s));
	put_time(o, "oldest", oldest);
	return o;
}

static json_t *
link_part(const struct uplink_counts *c)
{
	json_t *o = json_object();

	put_int(o, "connections", c->connections);
	put_int(o, "frames", c->frames);
	put_int(o, "resent", c->resent);
	put_int(o, "bytes", c->bytes);
	put_int(o, "acks", c->acks);
	put_int(o, "acks_ignored", c->acks_ignored);
	put_int(o, "statuses", c->statuses);
	put_int(o, "unreadable", c->unreadable);
	put_int(o, "fix_acks", c->fix_acks);
	put_bool(o, "refused", c->refused);
	put(o, "why", c->why[0] != '\0' ? json_string(c->why) : json_null());
	return o;
}

static json_t *
outbox_part(const struct state_parts *p, const struct uplink_counts *c)
{
	json_t *o = json_object();
	struct stat st;

	put_text(o, "path", p->settings->outbox.path);
	if (stat(p->settings->outbox.path, &st) == 0)
		put_int(o, "bytes", (uint64_t)st.st_size);
	put_int(o, "max_bytes", (uint64_t)p->settings->outbox.max_bytes);
	put_int(o, "errors", c->storage_errors);
	return o;
}

static json_t *
commands_part(const struct commands *c)
{
	json_t *o = json_object();

	put_int(o, "applied_id", commands_applied(c));
	put_int(o, "applied", c->applied);
	put_int(o, "repeated", c->repeated);
	put_int(o, "refused", c->refused);
	put_int(o, "refused_settings", c->refused_settings);
	return o;
}

static json_t *
pos_part(const struct state_parts *p)
{
	json_t *o = json_object();

	put_int(o, "sales", p->shop->sales);
	put_int(o, "requests", p->pos->requests);
	put_int(o, "refused", p->pos->refused);
	put_int(o, "clients", pos_server_clients(p->server));
	return o;
}

static json_t *
level_or_null(const struct shop *shop, uint32_t product)
{
	int32_t level;

	return shop_level(shop, product, &level) == 1 ? json_integer(level)
						      : json_null();
}

static json_t *
catalogue_part(const struct shop *shop)
{
	json_t *list = json_array();

	for (size_t i = 0; i < shop->catalogue.count; i++) {
		const struct product *product = &shop->catalogue.products[i];
		json_t *o = json_object();

		put_int(o, "code", product->code);
		put(o, "name",
		    json_stringn(product->name.s, product->name.len));
		put_int(o, "price", (uint64_t)product->price);
		put(o, "level", level_or_null(shop, product->code));
		json_array_append_new(list, o);
	}
	return list;
}

json_t *
state_json(const struct state_parts *p)
{
	int64_t now = clock_boottime_ms(p->time->clock);
	char epoch[EPOCH_TEXT + 1];
	struct uplink_counts counts;
	json_t *o = json_object();

	uplink_counts(p->uplink, &counts);
	epoch_format(outbox_epoch(p->outbox), epoch);
	put_text(o, "cart", p->settings->cart);
	put_text(o, "version", PREGON_VERSION);
	put(o, "up_s", json_real((double)(now - p->started_ms) / 1000));
	put_int(o, "enrolment", p->settings->enrolment);
	put_text(o, "epoch", epoch);
	put_int(o, "ledger", outbox_ledger(p->outbox));
	put_text(o, "day", p->shop->day_open ? "open" : "closed");
	put_bool(o, "connected", counts.connected);
	put_bool(o, "gpsd_connected", receiver_connected(p->receiver));
	put_int(o, "backlog", outbox_depth(p->outbox, STREAM_COUNT));
	put(o, "backlog_by_stream", backlog_part(p));
	put(o, "clock", clock_part(p));
	put(o, "fix", fix_part(p));
	put(o, "refused_fixes", refused_fixes(p));
	put(o, "link", link_part(&counts));
	put(o, "outbox", outbox_part(p, &counts));
	put(o, "commands", commands_part(p->commands));
	put(o, "pos", pos_part(p));
	put_int(o, "inbox", p->inbox->next - 1);
	put(o, "catalogue", catalogue_part(p->shop));
	/* Product 0 is the one of a guild that has no catalogue. */
	put(o, "level", level_or_null(p->shop, 0));
	return o;
}
