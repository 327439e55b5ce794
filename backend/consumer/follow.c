/*
 * follow: see the header.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "backend/consumer/follow.h"
#include "schemas/member.h"

/* Without the spaces around it. */
static struct text
trimmed(struct text text)
{
	while (text.len > 0 && isspace((unsigned char)text.s[0])) {
		text.s++;
		text.len--;
	}
	while (text.len > 0 && isspace((unsigned char)text.s[text.len - 1]))
		text.len--;
	return text;
}

static int
send(struct role_context *ctx, const struct sale_record *rec,
    enum follow_up what, const char *to)
{
	char folio[FOLIO_MAX + 1], id[NOTICE_ID_MAX + 1];
	char name[TEXT_NAME_MAX + 1];
	struct text customer = trimmed(rec->what->customer);
	struct notice notice = {
		.id = id,
		.to = to,
		.event = what == FOLLOW_THANKS ? "sale.thanks" : "sale.apology",
		.subject = folio,
		.at_ms = rec->at_ms,
		.value_count = 2,
		.values = { { "folio", folio }, { "name", name } },
	};

	folio_format(&rec->folio, folio);
	snprintf(id, sizeof(id), "%s/follow", folio);
	snprintf(name, sizeof(name), "%.*s", (int)customer.len,
	    customer.len > 0 ? customer.s : "");
	return role_tell(ctx, &notice);
}

int
follow(struct role_context *ctx, const struct follow_rules *rules,
    const struct sale_record *rec)
{
	struct text contact = trimmed(rec->what->contact);
	struct follow_purchase purchase = {
		.confirmed = rec->confirmed,
		.voided = rec->voided,
		.has_mail = contact.len > 0 &&
		    mail_is_valid(contact.s, contact.len),
		.open_ms = rec->what->open_ms,
		.at_ms = rec->at_ms,
	};
	enum follow_up what = follow_judge(
	    &purchase, rules, clock_realtime_ms(ctx->clock));
	char to[NOTICE_TO_MAX + 1];

	if (what == FOLLOW_NONE)
		return 0;
	snprintf(to, sizeof(to), "mail:%.*s", (int)contact.len, contact.s);
	ctx->tally[what == FOLLOW_THANKS ? TALLY_THANKS : TALLY_APOLOGIES]++;
	return send(ctx, rec, what, to);
}
