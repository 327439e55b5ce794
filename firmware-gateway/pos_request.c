#include "firmware-gateway/pos_request.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "firmware-gateway/pos_fields.h"
#include "firmware-gateway/pos_inbox.h"
#include "firmware-gateway/pos_sales.h"
#include "lib/log.h"
#include "schemas/order.h"

typedef int (*handler)(
    struct pos *, const json_t *, json_t *, struct shop_error *);

/* ---- sales ---- */

static void
put_answer(json_t *answer, const struct shop_answer *a)
{
	if (a->folio[0] != '\0')
		json_object_set_new(answer, "folio", json_string(a->folio));
	if (a->has_level)
		json_object_set_new(answer, "level", json_integer(a->level));
	if (a->note[0] != '\0')
		json_object_set_new(answer, "note", json_string(a->note));
}

static int
purchase(struct pos *p, const json_t *object, json_t *answer, bool confirmed,
    struct shop_error *error)
{
	struct sale sale = { .confirmed = confirmed, .open_ms = -1 };
	struct shop_answer a = { .repeated = false };
	struct shop_request request;
	int32_t after[SALE_LINES_MAX];
	int64_t opened;

	if (field_text(object, "customer", TEXT_NAME_MAX, &sale.customer,
		error) == -1 ||
	    field_text(
		object, "contact", TEXT_NAME_MAX, &sale.contact, error) == -1 ||
	    field_time(object, "opened_at", &opened, error) == -1 ||
	    field_lines(object, p->shop, &sale, after, error) == -1 ||
	    field_request(object, &request, error) == -1)
		return -1;
	sale.request_id = request.id;
	if (opened != INSTANT_MISSING)
		sale.open_ms = shop_open_ms(p->shop, opened);
	if (shop_sale(p->shop, &sale, after, &request, &a, error) == -1)
		return -1;
	put_answer(answer, &a);
	return 0;
}

static int
on_sale(struct pos *p, const json_t *object, json_t *answer,
    struct shop_error *error)
{
	return purchase(p, object, answer, true, error);
}

static int
on_abandoned(struct pos *p, const json_t *object, json_t *answer,
    struct shop_error *error)
{
	return purchase(p, object, answer, false, error);
}

static int
on_void(struct pos *p, const json_t *object, json_t *answer,
    struct shop_error *error)
{
	struct shop_answer a = { .repeated = false };
	struct shop_request request;
	struct text folio, reason;

	if (field_text(object, "folio", TEXT_NAME_MAX, &folio, error) == -1 ||
	    field_text(object, "reason", TEXT_NOTE_MAX, &reason, error) == -1 ||
	    field_request(object, &request, error) == -1)
		return -1;
	if (folio.s == NULL)
		return shop_refuse(error, "folio", "folio: missing");
	if (shop_void(p->shop, &folio, &reason, &request, &a, error) == -1)
		return -1;
	put_answer(answer, &a);
	return 0;
}

/* ---- stock, help, the day ---- */

static int
read_reason(
    const json_t *object, struct shop_stock *stock, struct shop_error *error)
{
	struct text reason;

	if (field_text(object, "reason", TEXT_NAME_MAX, &reason, error) == -1)
		return -1;
	stock->has_reason = reason.s != NULL;
	if (!stock->has_reason)
		return 0;
	/* Sales and voids make theirs themselves. */
	if (stock_reason_parse(reason.s, reason.len, &stock->reason) == -1 ||
	    stock->reason == STOCK_SALE || stock->reason == STOCK_VOID)
		return shop_refuse(error, "reason",
		    "reason: expected count, waste or restock");
	return 0;
}

static int
on_stock(struct pos *p, const json_t *object, json_t *answer,
    struct shop_error *error)
{
	struct shop_answer a = { .repeated = false };
	struct shop_stock stock = { .product = 0 };
	struct shop_request request;

	if (field_product(object, p->shop, &stock.product, error) == -1 ||
	    field_int(object, "level", 0, UNITS_MAX, &stock.has_level,
		&stock.level, error) == -1 ||
	    field_int(object, "delta", -UNITS_MAX, UNITS_MAX, &stock.has_delta,
		&stock.delta, error) == -1 ||
	    field_text(object, "order", ORDER_ID_MAX, &stock.order, error) ==
		-1 ||
	    read_reason(object, &stock, error) == -1 ||
	    field_request(object, &request, error) == -1)
		return -1;
	if (shop_stock(p->shop, &stock, &request, &a, error) == -1)
		return -1;
	put_answer(answer, &a);
	return 0;
}

static int
on_help(struct pos *p, const json_t *object, json_t *answer,
    struct shop_error *error)
{
	struct shop_answer a = { .repeated = false };
	struct shop_request request;
	struct text note;

	if (field_text(object, "note", TEXT_NOTE_MAX, &note, error) == -1 ||
	    field_request(object, &request, error) == -1)
		return -1;
	if (note.s == NULL)
		return shop_refuse(
		    error, "note", "note: missing: say what is wrong");
	if (shop_help(p->shop, &note, &request, &a, error) == -1)
		return -1;
	put_answer(answer, &a);
	return 0;
}

static int
on_open(struct pos *p, const json_t *object, json_t *answer,
    struct shop_error *error)
{
	(void)object;
	(void)answer;
	return shop_day(p->shop, true, error);
}

static int
on_close(struct pos *p, const json_t *object, json_t *answer,
    struct shop_error *error)
{
	(void)object;
	(void)answer;
	return shop_day(p->shop, false, error);
}

/* ---- inbox, state ---- */

static int
on_inbox(struct pos *p, const json_t *object, json_t *answer,
    struct shop_error *error)
{
	return pos_inbox(p->inbox, object, answer, error);
}

static int
on_state(struct pos *p, const json_t *object, json_t *answer,
    struct shop_error *error)
{
	json_t *state = p->state(p->ctx);

	(void)object;
	if (state == NULL || json_object_update(answer, state) == -1) {
		json_decref(state);
		return shop_refuse(error, "", "no memory");
	}
	json_decref(state);
	return 0;
}

static int
on_sales(struct pos *p, const json_t *object, json_t *answer,
    struct shop_error *error)
{
	(void)object;
	return pos_sales(p, answer, error);
}

/* ---- the line ---- */

static const struct {
	const char *type;
	handler handle;
} types[] = {
	{ "sale", on_sale },
	{ "abandoned", on_abandoned },
	{ "void", on_void },
	{ "stock", on_stock },
	{ "open", on_open },
	{ "close", on_close },
	{ "help", on_help },
	{ "inbox", on_inbox },
	{ "state", on_state },
	{ "sales", on_sales },
};

static int
dispatch(struct pos *p, const json_t *object, json_t *answer,
    struct shop_error *error)
{
	const char *type = json_string_value(json_object_get(object, "type"));

	if (type == NULL)
		return shop_refuse(error, "type", "type: missing");
	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++)
		if (strcmp(type, types[i].type) == 0)
			return types[i].handle(p, object, answer, error);
	return shop_refuse(error, "type",
	    "type: \"%.40s\" is none of sale, abandoned, void, stock, open,"
	    " close, help, inbox, state, sales",
	    type);
}

/* For the vendor's own eyes: what a cart in the street can meet. */
static const char *
in_spanish(enum shop_fault fault)
{
	switch (fault) {
	case SHOP_FULL:
		return "La memoria del carro está llena de ventas sin enviar:"
		       " esta no se guardó. Busca señal y vuelve a intentar.";
	case SHOP_STORAGE:
		return "Falló la memoria del carro: esta venta no se guardó."
		       " Anótala en papel y avisa al gremio.";
	case SHOP_INVALID:
	case SHOP_CONFLICT:
		break;
	}
	return NULL;
}

/* Words that were cut off within a character, or quote a line that is no
 * UTF-8, lose what is not ASCII. */
static json_t *
words(const char *why)
{
	char ascii[sizeof(((struct shop_error *)0)->why)];
	json_t *text = json_string(why);
	size_t i;

	if (text != NULL)
		return text;
	for (i = 0; i < sizeof(ascii) - 1 && why[i] != '\0'; i++)
		ascii[i] = (unsigned char)why[i] < 0x80 ? why[i] : '?';
	ascii[i] = '\0';
	return json_string(ascii);
}

static json_t *
refusal(const struct shop_error *error)
{
	json_t *answer = json_pack("{s:b, s:o, s:s}", "ok", 0, "error",
	    words(error->why), "fault", shop_fault_name(error->fault));
	const char *spanish = in_spanish(error->fault);

	if (error->field[0] != '\0')
		json_object_set_new(answer, "field", json_string(error->field));
	if (spanish != NULL)
		json_object_set_new(answer, "error_es", json_string(spanish));
	return answer;
}

static char *
as_line(json_t *answer, size_t *len)
{
	char *text = json_dumps(answer, JSON_COMPACT);
	char *line = NULL;

	json_decref(answer);
	if (text == NULL)
		return NULL;
	*len = strlen(text) + 1;
	line = realloc(text, *len + 1);
	if (line == NULL) {
		free(text);
		return NULL;
	}
	line[*len - 1] = '\n';
	line[*len] = '\0';
	return line;
}

char *
pos_answer_refusal(const char *why, size_t *len)
{
	struct shop_error error;

	shop_refuse(&error, "", "%s", why);
	return as_line(refusal(&error), len);
}

char *
pos_answer(struct pos *p, const char *line, size_t line_len, size_t *len)
{
	struct shop_error error = { .fault = SHOP_INVALID };
	json_t *object, *answer = NULL;
	json_error_t parse;

	p->requests++;
	object = json_loadb(line, line_len, JSON_REJECT_DUPLICATES, &parse);
	if (!json_is_object(object)) {
		shop_refuse(&error, "", "expected one JSON object a line: %s",
		    object == NULL ? parse.text : "this is something else");
	} else {
		answer = json_pack("{s:b}", "ok", 1);
		if (dispatch(p, object, answer, &error) == -1) {
			json_decref(answer);
			answer = NULL;
		}
	}
	if (answer == NULL) {
		p->refused++;
		if (error.fault == SHOP_FULL || error.fault == SHOP_STORAGE)
			log_error("pos.not_kept", "fault=%s why=\"%s\"",
			    shop_fault_name(error.fault), error.why);
		answer = refusal(&error);
	}
	json_decref(object);
	return as_line(answer, len);
}
