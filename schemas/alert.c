/*
 * alert: schemas/alert.md is the text.
 */
#include "schemas/alert.h"
#include "schemas/envelope.h"
#include "schemas/record_parts.h"

#define ALERT_FIELDS 17 /* the version and what follows */
#define RESOLUTION_FIELDS 5

static void
place_write(const struct alert_event *alert, struct mp_writer *w)
{
	if (!alert->has_place) {
		mp_write_nil(w);
		return;
	}
	mp_write_array(w, 3);
	record_point_write(alert->lat_e6, alert->lon_e6, w);
	moment_write(w, alert->place_at_ms);
}

static int
place_read(struct mp_reader *r, struct alert_event *alert)
{
	uint32_t fields;

	alert->has_place = !mp_read_nil(r);
	alert->lat_e6 = alert->lon_e6 = 0;
	alert->place_at_ms = INSTANT_MISSING;
	if (!alert->has_place)
		return 0;
	if (mp_read_array(r, "alert.place", 3, UINT32_MAX, &fields) == -1 ||
	    record_point_read(
		r, "alert.place", &alert->lat_e6, &alert->lon_e6) == -1 ||
	    record_moment_read(r, "alert.place", &alert->place_at_ms) == -1)
		return -1;
	return mp_skip(r, "alert.place", fields - 3);
}

/* What the alert is about, and its cart, if it has one. */
static int
head_read(struct mp_reader *r, struct alert_event *alert)
{
	int cause, state;

	if (record_word_read(r, "alert.id", ALERT_ID_MAX, alert->id) == -1)
		return -1;
	alert->cart[0] = '\0';
	if (!mp_read_nil(r) &&
	    record_cart_read(r, "alert.cart", alert->cart) == -1)
		return -1;
	if (record_choice_read(r, "alert.cause", ALERT_CAUSES, &cause) == -1 ||
	    record_choice_read(r, "alert.state", ALERT_STATES, &state) == -1)
		return -1;
	alert->cause = (enum alert_cause)cause;
	alert->state = (enum alert_state)state;
	return record_uint32_read(r, "alert.revision", 0, &alert->revision);
}

static int
moved_read(struct mp_reader *r, struct alert_event *alert)
{
	alert->moved_m = -1;
	if (mp_read_nil(r))
		return 0;
	return mp_read_int(r, "alert.moved", 0, INT64_MAX, &alert->moved_m);
}

int
alert_encode(const struct alert_event *alert, void *buf, size_t cap)
{
	struct mp_writer w;

	mp_writer_init(&w, buf, cap);
	mp_write_array(&w, ALERT_FIELDS);
	mp_write_int(&w, ALERT_VERSION);
	mp_write_cstr(&w, alert->id);
	record_text_write(alert->cart, &w);
	mp_write_int(&w, alert->cause);
	mp_write_int(&w, alert->state);
	mp_write_uint(&w, alert->revision);
	mp_write_int(&w, alert->at_ms);
	mp_write_int(&w, alert->since_ms);
	moment_write(&w, alert->until_ms);
	mp_write_int(&w, alert->known);
	mp_write_int(&w, alert->why);
	place_write(alert, &w);
	if (alert->moved_m < 0)
		mp_write_nil(&w);
	else
		mp_write_int(&w, alert->moved_m);
	mp_write_int(&w, alert->count);
	record_text_write(alert->subject, &w);
	record_text_write(alert->by, &w);
	record_text_write(alert->note, &w);
	return envelope_len(&w);
}

int
alert_decode(const void *bytes, size_t len, struct alert_event *alert,
    struct decode_error *error)
{
	struct mp_reader r;
	uint32_t appended;
	int known, why;

	mp_reader_init(&r, bytes, len, error);
	if (envelope_begin(&r, "alert", ALERT_VERSION, ALERT_FIELDS - 1,
		&appended) == -1 ||
	    head_read(&r, alert) == -1 ||
	    record_time_read(&r, "alert.at", &alert->at_ms) == -1 ||
	    record_time_read(&r, "alert.since", &alert->since_ms) == -1 ||
	    record_moment_read(&r, "alert.until", &alert->until_ms) == -1 ||
	    record_choice_read(&r, "alert.known", KNOWN_COUNT, &known) == -1 ||
	    record_choice_read(&r, "alert.why", WHY_COUNT, &why) == -1 ||
	    place_read(&r, alert) == -1 || moved_read(&r, alert) == -1 ||
	    mp_read_int(&r, "alert.count", 0, INT64_MAX, &alert->count) == -1 ||
	    record_text_read(
		&r, "alert.subject", TEXT_NAME_MAX, alert->subject) == -1 ||
	    record_text_read(&r, "alert.by", TEXT_NAME_MAX, alert->by) == -1 ||
	    record_text_read(&r, "alert.note", TEXT_NOTE_MAX, alert->note) ==
		-1)
		return -1;
	alert->known = (enum alert_known)known;
	alert->why = (enum alert_why)why;
	return envelope_end(&r, "alert", appended);
}

int
resolution_encode(const struct alert_resolution *said, void *buf, size_t cap)
{
	struct mp_writer w;

	mp_writer_init(&w, buf, cap);
	mp_write_array(&w, RESOLUTION_FIELDS);
	mp_write_int(&w, ALERT_VERSION);
	mp_write_cstr(&w, said->id);
	mp_write_int(&w, said->at_ms);
	mp_write_cstr(&w, said->by);
	record_text_write(said->note, &w);
	return envelope_len(&w);
}

int
resolution_decode(const void *bytes, size_t len, struct alert_resolution *said,
    struct decode_error *error)
{
	struct mp_reader r;
	uint32_t appended;

	mp_reader_init(&r, bytes, len, error);
	if (envelope_begin(&r, "resolution", ALERT_VERSION,
		RESOLUTION_FIELDS - 1, &appended) == -1 ||
	    record_word_read(&r, "resolution.id", ALERT_ID_MAX, said->id) ==
		-1 ||
	    record_time_read(&r, "resolution.at", &said->at_ms) == -1 ||
	    record_word_read(&r, "resolution.by", TEXT_NAME_MAX, said->by) ==
		-1 ||
	    record_text_read(
		&r, "resolution.note", TEXT_NOTE_MAX, said->note) == -1)
		return -1;
	return envelope_end(&r, "resolution", appended);
}
