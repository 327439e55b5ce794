/*
 * report: schemas/report.md is the text.
 */
#include "schemas/envelope.h"
#include "schemas/record_parts.h"
#include "schemas/report.h"

int
report_encode(const struct strange_report *report, void *buf, size_t cap)
{
	struct mp_writer w;

	mp_writer_init(&w, buf, cap);
	mp_write_array(&w, 6);
	mp_write_int(&w, REPORT_VERSION);
	mp_write_cstr(&w, report->id);
	mp_write_int(&w, report->at_ms);
	record_point_write(report->lat_e6, report->lon_e6, &w);
	record_text_write(report->note, &w);
	return envelope_len(&w);
}

int
report_decode(const void *bytes, size_t len, struct strange_report *report,
    struct decode_error *error)
{
	struct mp_reader r;
	uint32_t appended;

	mp_reader_init(&r, bytes, len, error);
	if (envelope_begin(&r, "report", REPORT_VERSION, 5, &appended) == -1 ||
	    record_word_read(&r, "report.id", REPORT_ID_MAX, report->id) ==
		-1 ||
	    record_time_read(&r, "report.at", &report->at_ms) == -1 ||
	    record_point_read(
		&r, "report.place", &report->lat_e6, &report->lon_e6) == -1 ||
	    record_text_read(&r, "report.note", TEXT_NOTE_MAX, report->note) ==
		-1)
		return -1;
	return envelope_end(&r, "report", appended);
}

int
beat_encode(const struct beat *beat, void *buf, size_t cap)
{
	struct mp_writer w;

	mp_writer_init(&w, buf, cap);
	mp_write_array(&w, 3);
	mp_write_int(&w, BEAT_VERSION);
	mp_write_cstr(&w, beat->bridge);
	mp_write_uint(&w, beat->count);
	return envelope_len(&w);
}

int
beat_decode(const void *bytes, size_t len, struct beat *beat,
    struct decode_error *error)
{
	struct mp_reader r;
	uint32_t appended;

	mp_reader_init(&r, bytes, len, error);
	if (envelope_begin(&r, "beat", BEAT_VERSION, 2, &appended) == -1 ||
	    record_word_read(&r, "beat.bridge", TEXT_NAME_MAX, beat->bridge) ==
		-1 ||
	    mp_read_uint(&r, "beat.count", UINT64_MAX, &beat->count) == -1)
		return -1;
	return envelope_end(&r, "beat", appended);
}
