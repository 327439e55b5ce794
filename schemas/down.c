/*
 * down: ack, guild, and the commands' envelope.  schemas/down.md is the text.
 */
#include <errno.h>
#include <string.h>

#include "schemas/down.h"
#include "schemas/envelope.h"

static const char *const cmd_kinds[CMD_KINDS] = { [CMD_SETTINGS] = "settings",
	[CMD_CATALOGUE] = "catalogue",
	[CMD_MESSAGE] = "message",
	[CMD_ORDER] = "order" };

int
ack_encode(const struct ack *ack, void *buf, size_t cap)
{
	struct mp_writer w;

	mp_writer_init(&w, buf, cap);
	mp_write_array(&w, 7);
	mp_write_int(&w, DOWN_VERSION);
	mp_write_uint(&w, ack->ledger);
	mp_write_int(&w, ack->stream);
	epoch_write(ack->epoch, &w);
	mp_write_uint(&w, ack->first_seq);
	mp_write_uint(&w, ack->next_seq);
	mp_write_int(&w, ack->server_time_ms);
	return envelope_len(&w);
}

int
ack_decode(
    const void *bytes, size_t len, struct ack *ack, struct decode_error *error)
{
	struct mp_reader r;
	uint32_t appended;
	int64_t stream;

	mp_reader_init(&r, bytes, len, error);
	if (envelope_begin(&r, "ack", DOWN_VERSION, 6, &appended) == -1 ||
	    mp_read_uint(&r, "ack.ledger", LEDGER_MAX, &ack->ledger) == -1 ||
	    mp_read_int(&r, "ack.stream", 0, STREAM_COUNT - 1, &stream) == -1 ||
	    epoch_read(&r, "ack.epoch", &ack->epoch) == -1 ||
	    mp_read_uint(&r, "ack.first_seq", SEQ_MAX, &ack->first_seq) == -1 ||
	    mp_read_uint(&r, "ack.next_seq", SEQ_MAX, &ack->next_seq) == -1)
		return -1;
	if (ack->next_seq <= ack->first_seq)
		return mp_refuse(&r, "ack.next_seq", "more than first_seq");
	if (mp_read_int(&r, "ack.server_time", TIME_MIN_MS, TIME_MAX_MS,
		&ack->server_time_ms) == -1)
		return -1;
	ack->stream = (enum stream)stream;
	return envelope_end(&r, "ack", appended);
}

int
guild_encode(const struct guild *guild, void *buf, size_t cap)
{
	struct mp_writer w;

	mp_writer_init(&w, buf, cap);
	mp_write_array(&w, 4);
	mp_write_int(&w, DOWN_VERSION);
	mp_write_uint(&w, guild->ledger);
	if (guild->since_ms < 0)
		mp_write_nil(&w);
	else
		mp_write_int(&w, guild->since_ms / 1000);
	if (guild->has_log_id)
		mp_write_bin(&w, guild->log_id, sizeof(guild->log_id));
	else
		mp_write_nil(&w);
	return envelope_len(&w);
}

static int
log_id_read(struct mp_reader *r, struct guild *guild)
{
	const uint8_t *start = r->at;
	const uint8_t *id;
	size_t len;

	if (mp_read_nil(r))
		return 0;
	if (mp_read_bin(r, "guild.log_id", sizeof(guild->log_id), &id, &len) ==
		-1 ||
	    len != sizeof(guild->log_id)) {
		r->at = start;
		return mp_refuse(r, "guild.log_id", "a bin of 16 bytes");
	}
	memcpy(guild->log_id, id, sizeof(guild->log_id));
	guild->has_log_id = true;
	return 0;
}

int
guild_decode(const void *bytes, size_t len, struct guild *guild,
    struct decode_error *error)
{
	struct mp_reader r;
	uint32_t appended;
	int64_t since;

	*guild = (struct guild){ .since_ms = -1 };
	mp_reader_init(&r, bytes, len, error);
	if (envelope_begin(&r, "guild", DOWN_VERSION, 2, &appended) == -1 ||
	    mp_read_uint(&r, "guild.ledger", LEDGER_MAX, &guild->ledger) == -1)
		return -1;
	if (!mp_read_nil(&r)) {
		if (mp_read_int(
			&r, "guild.since", 0, TIME_MAX_MS / 1000, &since) == -1)
			return -1;
		guild->since_ms = since * 1000;
	}
	if (appended > 0) {
		if (log_id_read(&r, guild) == -1)
			return -1;
		appended--;
	}
	return envelope_end(&r, "guild", appended);
}

const char *
cmd_kind_name(enum cmd_kind kind)
{
	return cmd_kinds[kind];
}

int
cmd_encode(const struct cmd *cmd, void *buf, size_t cap)
{
	struct mp_writer w;

	mp_writer_init(&w, buf, cap);
	mp_write_array(&w, 5);
	mp_write_int(&w, DOWN_VERSION);
	mp_write_uint(&w, cmd->id);
	mp_write_int(&w, cmd->kind);
	mp_write_raw(&w, cmd->payload, cmd->payload_len);
	mp_write_uint(&w, cmd->ledger);
	return envelope_len(&w);
}

int
cmd_decode(
    const void *bytes, size_t len, struct cmd *cmd, struct decode_error *error)
{
	struct mp_reader r;
	uint32_t appended;
	int64_t kind;

	*cmd = (struct cmd){ .id = 0 };
	mp_reader_init(&r, bytes, len, error);
	if (envelope_begin(&r, "cmd", DOWN_VERSION, 4, &appended) == -1 ||
	    mp_read_uint(&r, "cmd.id", UINT64_MAX, &cmd->id) == -1 ||
	    mp_read_int(&r, "cmd.kind", 1, UINT16_MAX, &kind) == -1)
		return -1;
	cmd->payload = r.at;
	if (mp_skip(&r, "cmd.payload", 1) == -1)
		return -1;
	cmd->payload_len = (size_t)(r.at - cmd->payload);
	if (mp_read_uint(&r, "cmd.ledger", LEDGER_MAX, &cmd->ledger) == -1 ||
	    envelope_end(&r, "cmd", appended) == -1)
		return -1;
	if (kind >= CMD_KINDS) {
		mp_refuse(&r, "cmd.kind", "a kind that is known");
		errno = ENOTSUP;
		return -1;
	}
	cmd->kind = (enum cmd_kind)kind;
	return 0;
}
