/*
 * notice: schemas/notice.md is the text.
 */
#include <errno.h>
#include <string.h>

#include "schemas/envelope.h"
#include "schemas/notice.h"

/* Whole characters alone: at most `max` bytes of `s`. */
static size_t
cut(const char *s, size_t max)
{
	size_t len = strnlen(s, max + 1);

	if (len <= max)
		return len;
	for (len = max; len > 0 && ((unsigned char)s[len] & 0xc0) == 0x80;)
		len--;
	return len;
}

/* Nothing, or too long for a word that may not be cut. */
static bool
is_word(const char *s, size_t max)
{
	return s != NULL && s[0] != '\0' && strnlen(s, max + 1) <= max;
}

static bool
is_complete(const struct notice *notice)
{
	if (!is_word(notice->id, NOTICE_ID_MAX) ||
	    !is_word(notice->to, NOTICE_TO_MAX) ||
	    !is_word(notice->event, NOTICE_EVENT_MAX) ||
	    notice->value_count > NOTICE_VALUES_MAX)
		return false;
	for (uint32_t i = 0; i < notice->value_count; i++) {
		if (!is_word(notice->values[i].name, NOTICE_NAME_MAX))
			return false;
	}
	return true;
}

int
notice_encode(const struct notice *notice, void *buf, size_t cap)
{
	const char *subject = notice->subject == NULL ? "" : notice->subject;
	struct mp_writer w;

	if (!is_complete(notice)) {
		errno = EINVAL;
		return -1;
	}
	mp_writer_init(
	    &w, buf, cap < NOTICE_BYTES_MAX ? cap : NOTICE_BYTES_MAX);
	mp_write_array(&w, 7);
	mp_write_int(&w, NOTICE_VERSION);
	mp_write_cstr(&w, notice->id);
	mp_write_cstr(&w, notice->to);
	mp_write_cstr(&w, notice->event);
	mp_write_str(&w, subject, cut(subject, NOTICE_ID_MAX));
	mp_write_int(&w, notice->at_ms);
	mp_write_array(&w, notice->value_count);
	for (uint32_t i = 0; i < notice->value_count; i++) {
		const char *value = notice->values[i].value;

		if (value == NULL)
			value = "";
		mp_write_array(&w, 2);
		mp_write_cstr(&w, notice->values[i].name);
		mp_write_str(&w, value, cut(value, TEXT_NOTE_MAX));
	}
	return envelope_len(&w);
}

/* A str into notice->text from *used on, ended with NUL.  There is room: in
 * the message each str has a byte before it at least. */
static int
text_keep(struct mp_reader *r, const char *field, size_t max,
    struct notice *notice, size_t *used, const char **kept)
{
	const char *s;
	size_t len;

	if (mp_read_str(r, field, max, &s, &len) == -1)
		return -1;
	*kept = notice->text + *used;
	memcpy(notice->text + *used, s, len);
	notice->text[*used + len] = '\0';
	*used += len + 1;
	return 0;
}

static int
word_keep(struct mp_reader *r, const char *field, size_t max,
    struct notice *notice, size_t *used, const char **kept)
{
	if (text_keep(r, field, max, notice, used, kept) == -1)
		return -1;
	if (**kept == '\0')
		return mp_refuse(r, field, "some text");
	return 0;
}

static int
values_read(struct mp_reader *r, struct notice *notice, size_t *used)
{
	uint32_t fields;

	if (mp_read_array(r, "notice.values", 0, NOTICE_VALUES_MAX,
		&notice->value_count) == -1)
		return -1;
	for (uint32_t i = 0; i < notice->value_count; i++) {
		struct notice_value *value = &notice->values[i];

		if (mp_read_array(r, "notice.values", 2, UINT32_MAX, &fields) ==
			-1 ||
		    word_keep(r, "notice.values.name", NOTICE_NAME_MAX, notice,
			used, &value->name) == -1 ||
		    text_keep(r, "notice.values.value", TEXT_NOTE_MAX, notice,
			used, &value->value) == -1 ||
		    mp_skip(r, "notice.values", fields - 2) == -1)
			return -1;
	}
	return 0;
}

int
notice_decode(const void *bytes, size_t len, struct notice *notice,
    struct decode_error *error)
{
	struct mp_reader r;
	uint32_t appended;
	size_t used = 0;

	mp_reader_init(&r, bytes, len, error);
	if (envelope_begin(&r, "notice", NOTICE_VERSION, 6, &appended) == -1)
		return -1;
	if (len > NOTICE_BYTES_MAX)
		return mp_refuse(&r, "notice", "at most 8192 bytes");
	if (word_keep(&r, "notice.id", NOTICE_ID_MAX, notice, &used,
		&notice->id) == -1 ||
	    word_keep(&r, "notice.to", NOTICE_TO_MAX, notice, &used,
		&notice->to) == -1 ||
	    word_keep(&r, "notice.event", NOTICE_EVENT_MAX, notice, &used,
		&notice->event) == -1 ||
	    text_keep(&r, "notice.subject", NOTICE_ID_MAX, notice, &used,
		&notice->subject) == -1 ||
	    mp_read_int(&r, "notice.at", TIME_MIN_MS, TIME_MAX_MS,
		&notice->at_ms) == -1 ||
	    values_read(&r, notice, &used) == -1)
		return -1;
	return envelope_end(&r, "notice", appended);
}
