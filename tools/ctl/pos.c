/*
 * pregonctl sale, abandoned, void, stock, open, close, help, inbox, state:
 * what a POS says to its gateway, by hand.
 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/ctl/ctl.h"
#include "tools/ctl/gateway_socket.h"
#include "tools/ctl/request.h"

#define LINE_BYTES_MAX 65536

#define SOCKET                                                                 \
	CTL_TEXT("socket", socket, "/run/pregon/pos.sock",                     \
	    "the gateway's pos.socket")
#define REQUEST_ID                                                             \
	CTL_TEXT("request_id", request_id, "",                                 \
	    "makes a repeated request harmless: the first answer again")
#define PURCHASE                                                               \
	SOCKET, CTL_TEXT("customer", customer, "", "name, as given"),          \
	    CTL_TEXT("contact", contact, "", "e-mail or telephone"),           \
	    CTL_TEXT("product", product, "", "code or name"),                  \
	    CTL_TEXT("units", units, "", "how many"),                          \
	    CTL_TEXT("amount", amount, "", "CLP, of all units"),               \
	    CTL_TEXT("stock_after", stock_after, "",                           \
		"units left; the gateway counts if it is not given"),          \
	    CTL_TEXT("opened_at", opened_at, "",                               \
		"when the purchase began (2026-11-20T13:05:00-03:00)"),        \
	    CTL_TEXT("lines", lines, "",                                       \
		"several products: [{\"product\":0,\"units\":2,"               \
		"\"amount\":3000}]"),                                          \
	    REQUEST_ID

static const struct config_key purchase_keys[] = { PURCHASE };
static const struct config_key void_keys[] = { SOCKET,
	CTL_TEXT("folio", folio, "", "of the sale to take back"),
	CTL_TEXT("reason", reason, "", "why"), REQUEST_ID };
static const struct config_key stock_keys[] = { SOCKET,
	CTL_TEXT("product", product, "", "code or name"),
	CTL_TEXT("level", level, "", "units there are now"),
	CTL_TEXT("delta", delta, "", "units that came (or went, with a -)"),
	CTL_TEXT("reason", reason, "", "count, waste or restock"),
	CTL_TEXT("order", order, "", "id of the restock order"), REQUEST_ID };
static const struct config_key help_keys[] = { SOCKET,
	CTL_TEXT("note", note, "", "what is wrong"), REQUEST_ID };
static const struct config_key inbox_keys[] = { SOCKET,
	CTL_TEXT("after", after, "", "only messages with a higher number") };
static const struct config_key bare_keys[] = { SOCKET };

/* Those that a command has no key for were never given. */
static const char *
typed(const char *value)
{
	return value != NULL ? value : "";
}

static char *
build(const struct ctl *ctl, const char *type, const char *object, char *why,
    size_t why_cap)
{
	const struct ctl_settings *s = &ctl->set;
	const struct request_field fields[] = {
		{ "customer", REQUEST_TEXT, typed(s->customer) },
		{ "contact", REQUEST_TEXT, typed(s->contact) },
		{ "product", REQUEST_PRODUCT, typed(s->product) },
		{ "units", REQUEST_INT, typed(s->units) },
		{ "amount", REQUEST_INT, typed(s->amount) },
		{ "stock_after", REQUEST_INT, typed(s->stock_after) },
		{ "opened_at", REQUEST_TEXT, typed(s->opened_at) },
		{ "lines", REQUEST_JSON, typed(s->lines) },
		{ "request_id", REQUEST_TEXT, typed(s->request_id) },
		{ "folio", REQUEST_TEXT, typed(s->folio) },
		{ "reason", REQUEST_TEXT, typed(s->reason) },
		{ "level", REQUEST_INT, typed(s->level) },
		{ "delta", REQUEST_INT, typed(s->delta) },
		{ "order", REQUEST_TEXT, typed(s->order) },
		{ "note", REQUEST_TEXT, typed(s->note) },
		{ "after", REQUEST_INT, typed(s->after) },
	};

	return request_build(type, object, fields,
	    sizeof(fields) / sizeof(fields[0]), why, why_cap);
}

struct dialogue {
	FILE *gateway;
	char *answer; /* getline's */
	size_t answer_cap;
};

static bool
is_ok(const char *answer)
{
	json_t *o = json_loads(answer, 0, NULL);
	bool ok = json_is_true(json_object_get(o, "ok"));

	json_decref(o);
	return ok;
}

/* One request; its answer goes to stdout as it came. */
static enum ctl_status
say(struct dialogue *d, const struct ctl *ctl, const char *type,
    const char *object)
{
	enum ctl_status status = CTL_FAILED;
	char why[200];
	char *line = build(ctl, type, object, why, sizeof(why));

	if (line == NULL) {
		ctl_say("%s", why);
		return CTL_USAGE;
	}
	if (gateway_ask(d->gateway, line, &d->answer, &d->answer_cap) == 0) {
		puts(d->answer);
		status = is_ok(d->answer) ? CTL_DONE : CTL_REFUSED;
	}
	free(line);
	return status;
}

/* "-": a JSON object a line; it ends at the first that gets no answer. */
static enum ctl_status
say_lines(struct dialogue *d, const struct ctl *ctl, const char *type)
{
	enum ctl_status status = CTL_DONE, one = CTL_DONE;
	char line[LINE_BYTES_MAX];

	while (one != CTL_FAILED && fgets(line, sizeof(line), stdin) != NULL) {
		if (strchr(line, '\n') == NULL && !feof(stdin)) {
			ctl_say("a line of over %d bytes", LINE_BYTES_MAX);
			return CTL_USAGE;
		}
		if (line[strspn(line, " \t\r\n")] == '\0')
			continue;
		one = say(d, ctl, type, line);
		fflush(stdout);
		if (one != CTL_DONE)
			status = one;
	}
	return status;
}

static enum ctl_status
run(struct ctl *ctl, const struct ctl_command *command)
{
	struct dialogue d = { .answer = NULL };
	const char *object = ctl->word_count > 0 ? ctl->words[0] : NULL;
	enum ctl_status status;

	if (ctl->word_count > 1)
		return ctl_misused(command);
	d.gateway = gateway_connect(ctl->set.socket);
	if (d.gateway == NULL)
		return CTL_FAILED;
	if (object != NULL && strcmp(object, "-") == 0)
		status = say_lines(&d, ctl, command->name);
	else
		status = say(&d, ctl, command->name, object);
	fclose(d.gateway);
	free(d.answer);
	return status;
}

#define COMMAND(word, table, words)                                            \
	static enum ctl_status run_##word(struct ctl *ctl)                     \
	{                                                                      \
		return run(ctl, &ctl_##word);                                  \
	}                                                                      \
	const struct ctl_command ctl_##word = {                                \
		.name = #word,                                                 \
		.usage = "[JSON|-]",                                           \
		.summary = words,                                              \
		.keys = table,                                                 \
		.key_count = sizeof(table) / sizeof(table[0]),                 \
		.run = run_##word,                                             \
	};

COMMAND(sale, purchase_keys,
    "a sale to the gateway, from flags, a JSON "
    "object or, with -, a line each from stdin; its folio back")
COMMAND(abandoned, purchase_keys, "a purchase that came to nothing")
COMMAND(void, void_keys, "takes a sale back")
COMMAND(stock, stock_keys, "a product's units: counted, brought, wasted")
COMMAND(open, bare_keys, "opens the day")
COMMAND(close, bare_keys, "closes the day")
COMMAND(help, help_keys, "the vendor asks for support")
COMMAND(inbox, inbox_keys, "what the guild has told the cart")
COMMAND(state, bare_keys, "how the gateway is")
