/* The guild's word: a ledger wrongly read sends everything again. */
#include "schemas/down.h"
#include "tests/fuzz/fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t bytes[GUILD_BYTES_MAX];
	struct decode_error error;
	struct guild guild, again;
	int len;

	if (guild_decode(data, size, &guild, &error) == -1) {
		must_be_said(&error);
		return 0;
	}
	len = guild_encode(&guild, bytes, sizeof(bytes));
	must(len > 0);
	must(guild_decode(bytes, (size_t)len, &again, &error) == 0);
	must(guild.ledger == again.ledger);
	must(guild.since_ms == again.since_ms);
	must(guild.has_log_id == again.has_log_id);
	must(memcmp(guild.log_id, again.log_id, sizeof(guild.log_id)) == 0);
	return 0;
}
