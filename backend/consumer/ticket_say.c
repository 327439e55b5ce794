/*
 * ticket_say: see the header.
 */
#include <stdio.h>
#include <string.h>

#include "backend/consumer/ticket_say.h"

#define ADMINS "admins"
/* Longer than support is ever down, and shorter than the role notify knows
 * what it has sent. */
#define NEWS_MS (INT64_C(7) * 24 * 3600 * 1000)

bool
ticket_is_news(const struct role_context *ctx, int64_t at_ms)
{
	return clock_realtime_ms(ctx->clock) - at_ms <= NEWS_MS;
}

int
ticket_say_opened(
    struct role_context *ctx, const struct helpdesk_ticket *ticket)
{
	char id[NOTICE_ID_MAX + 1];
	const struct notice notice = {
		.id = id,
		.to = ADMINS,
		.event = "ticket.opened",
		.subject = ticket->id,
		.at_ms = ticket->opened_ms,
		.value_count = 3,
		.values = { { "ticket", ticket->id }, { "cart", ticket->cart },
		    { "text", ticket->text } },
	};

	snprintf(id, sizeof(id), "%s/opened", ticket->id);
	return role_tell(ctx, &notice);
}

int
ticket_say_reply(struct role_context *ctx, const struct helpdesk_ticket *ticket,
    const struct ticket_word *word)
{
	char id[NOTICE_ID_MAX + 1], to[NOTICE_TO_MAX + 1];
	struct notice notice = {
		.id = id,
		.to = to,
		.event = "ticket.reply",
		.subject = ticket->id,
		.at_ms = ticket->changed_ms,
		.value_count = 4,
		.values = { { "ticket", ticket->id }, { "cart", ticket->cart },
		    { "text", word->text },
		    { "state", ticket_state_name(ticket->state) } },
	};

	if (!ticket_is_news(ctx, ticket->changed_ms))
		return 0;
	snprintf(id, sizeof(id), "%s/%s", ticket->id, word->word);
	if (ticket->cart[0] != '\0') {
		snprintf(to, sizeof(to), "cart:%s", ticket->cart);
		if (role_tell(ctx, &notice) == -1)
			return -1;
	}
	if (ticket->mail[0] == '\0')
		return 0;
	snprintf(to, sizeof(to), "mail:%s", ticket->mail);
	return role_tell(ctx, &notice);
}
