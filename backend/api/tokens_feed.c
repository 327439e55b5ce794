#include <string.h>

#include "backend/api/tokens.h"
#include "backend/api/tokens_feed.h"
#include "lib/log.h"

static void
begin(void *ctx)
{
	tokens_clear(ctx);
}

static void
record(
    void *ctx, const char *key, size_t key_len, const void *value, size_t len)
{
	const size_t prefix = strlen(TOKEN_KEY);
	struct decode_error error = { 0 };
	struct token token;

	if (key_len <= prefix || memcmp(key, TOKEN_KEY, prefix) != 0)
		return;
	if (value == NULL) {
		tokens_remove(ctx, key + prefix, key_len - prefix);
		return;
	}
	/* What cannot be read lets nobody in, not even by an older record. */
	if (token_decode(value, len, &token, &error) == -1 ||
	    strlen(token.id) != key_len - prefix ||
	    memcmp(token.id, key + prefix, key_len - prefix) != 0) {
		log_error(
		    "api.token_unreadable", "key=\"%.*s\"", (int)key_len, key);
		tokens_remove(ctx, key + prefix, key_len - prefix);
		return;
	}
	if (tokens_put(ctx, &token) == -1)
		log_error("api.token_untaken", "id=%s why=\"%m\"", token.id);
}

static void
caught_up(void *ctx)
{
	tokens_set_known(ctx);
	log_info("api.tokens_known", "%s", "");
}

const struct rules_log_handler tokens_feed = { begin, record, caught_up };
