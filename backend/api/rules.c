/*
 * Rules: settings of a cart, or of all ("*").
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/api/forms.h"
#include "backend/api/handlers.h"
#include "backend/api/writes.h"

#define RULES_PATH "/api/v1/rules"
#define RULES_KEY_BYTES (sizeof(RULES_KEY) + CART_MAX)

static void
write_setting(struct jsonw *j, const struct setting *s)
{
	char text[512];
	char *end;
	long long n;

	snprintf(text, sizeof(text), "%.*s", (int)s->key.len, s->key.s);
	jsonw_key(j, text);
	snprintf(text, sizeof(text), "%.*s", (int)s->value.len, s->value.s);
	n = strtoll(text, &end, 10);
	if (text[0] != '\0' && *end == '\0')
		jsonw_int(j, n);
	else
		jsonw_text(j, text);
}

static int
write_rules(void *ctx, const void *value, size_t len)
{
	struct jsonw *j = ctx;
	struct rules *rules = malloc(sizeof(*rules));
	struct decode_error error = { 0 };
	size_t i;

	if (rules != NULL && rules_decode(value, len, rules, &error) == 0) {
		jsonw_open(j, '{');
		jsonw_key(j, "scope");
		jsonw_text(j, rules->scope);
		jsonw_key(j, "at");
		jsonw_time(j, rules->at_ms);
		jsonw_key(j, "by");
		jsonw_text(j, rules->by);
		jsonw_key(j, "rules");
		jsonw_open(j, '{');
		for (i = 0; i < rules->count; i++)
			write_setting(j, &rules->settings[i]);
		jsonw_close(j, '}');
		jsonw_close(j, '}');
	}
	free(rules);
	return jsonw_failed(j);
}

void
api_rules_all(struct call *call)
{
	struct jsonw *j = &call->answer->body;

	jsonw_open(j, '{');
	jsonw_key(j, "rules");
	jsonw_open(j, '[');
	if (charter_walk(call->api->charter, RULES_KEY, write_rules, j) == -1) {
		write_no_rule(call, NULL, "");
		return;
	}
	jsonw_close(j, ']');
	jsonw_close(j, '}');
	call->answer->cacheable = true;
}

/* -1: answered. */
static int
rules_key(struct call *call, char key[RULES_KEY_BYTES])
{
	if (strcmp(call->id, RULES_ALL) != 0 &&
	    !cart_is_valid(call->id, strlen(call->id))) {
		answer_problem(call->answer, 400, "id", NULL,
		    "id: expected a plate, 4 to 8 of A-Z and 0-9, or *");
		return -1;
	}
	snprintf(key, RULES_KEY_BYTES, RULES_KEY "%.*s", CART_MAX, call->id);
	return 0;
}

/* Where nothing was laid down: no rules. */
static void
write_none(struct jsonw *j, const char *scope)
{
	jsonw_open(j, '{');
	jsonw_key(j, "scope");
	jsonw_text(j, scope);
	jsonw_key(j, "at");
	jsonw_null(j);
	jsonw_key(j, "by");
	jsonw_null(j);
	jsonw_key(j, "rules");
	jsonw_open(j, '{');
	jsonw_close(j, '}');
	jsonw_close(j, '}');
}

void
api_rules(struct call *call)
{
	struct jsonw *j = &call->answer->body;
	char key[RULES_KEY_BYTES];

	if (rules_key(call, key) == -1)
		return;
	if (charter_get(call->api->charter, key, write_rules, j) == -1) {
		if (errno != ENOENT) {
			write_no_rule(call, NULL, "");
			return;
		}
		write_none(j, call->id);
	}
	call->answer->cacheable = true;
}

struct comparison {
	struct rules *rules; /* at and by are taken from the old ones */
	bool same;
};

static int
compare(void *ctx, const void *value, size_t len)
{
	struct comparison *c = ctx;
	struct rules copy = *c->rules;
	struct rules *old = malloc(sizeof(*old));
	uint8_t *bytes = malloc(RULES_BYTES_MAX);
	struct decode_error error = { 0 };
	int n;

	if (old != NULL && bytes != NULL &&
	    rules_decode(value, len, old, &error) == 0) {
		copy.at_ms = old->at_ms;
		memcpy(copy.by, old->by, sizeof(copy.by));
		n = rules_encode(&copy, bytes, RULES_BYTES_MAX);
		c->same = n > 0 && (size_t)n == len &&
		    memcmp(bytes, value, len) == 0;
	}
	free(old);
	free(bytes);
	return 0;
}

static void
submit_rules(struct call *call, const char *key, struct rules *rules)
{
	uint8_t *bytes = malloc(RULES_BYTES_MAX);
	int len = -1;

	rules->at_ms = clock_realtime_ms(call->api->clock);
	write_by(call, rules->by);
	if (bytes != NULL)
		len = rules_encode(rules, bytes, RULES_BYTES_MAX);
	if (len == -1)
		answer_problem(call->answer, 503, NULL, NULL, "no memory");
	else if (write_rule(call, key, SCHEMA_RULES, bytes, (size_t)len) == 0)
		write_done(call, RULES_PATH, rules->scope, true);
	free(bytes);
}

static void
lay_down(struct call *call, struct rules *rules)
{
	struct comparison comparison = { rules, false };
	char key[RULES_KEY_BYTES];

	if (rules_key(call, key) == -1)
		return;
	snprintf(
	    rules->scope, sizeof(rules->scope), "%.*s", CART_MAX, call->id);
	if (charter_get(call->api->charter, key, compare, &comparison) == -1 &&
	    errno != ENOENT)
		write_no_rule(call, NULL, "");
	else if (comparison.same)
		write_done(call, RULES_PATH, rules->scope, false);
	else
		submit_rules(call, key, rules);
}

void
api_rules_put(struct call *call)
{
	struct form_rules *form = calloc(1, sizeof(*form));
	struct body body;

	if (form == NULL) {
		answer_problem(call->answer, 503, NULL, NULL, "no memory");
		return;
	}
	if (write_body(call, &body, false) == 0) {
		if (!form_rules(&body, form))
			body_refuse(&body, call->answer);
		else
			lay_down(call, &form->rules);
		body_release(&body);
	}
	free(form);
}
