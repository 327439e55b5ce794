#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "backend/api/writes.h"

#define RETRY_RULES_S 2

void
write_by(const struct call *call, char *by)
{
	snprintf(by, TEXT_NAME_MAX + 1, "%s", call->asker.by);
}

int
write_body(struct call *call, struct body *body, bool may_be_empty)
{
	const struct request *r = call->request;

	if (r->body_len == 0 && may_be_empty)
		return body_parse(body, "{}", 2, call->answer);
	if (r->body_len == 0) {
		answer_problem(call->answer, 400, NULL, NULL,
		    "a body is needed here, as application/json");
		return -1;
	}
	return body_parse(body, r->body, r->body_len, call->answer);
}

int
write_record(struct call *call, struct submit_record *record, int len)
{
	if (len == -1) {
		answer_problem(
		    call->answer, 500, NULL, NULL, "the record does not fit");
		return -1;
	}
	record->len = (size_t)len;
	return call_submit(call, record);
}

int
write_rule(struct call *call, const char *key, const char *schema,
    const void *value, size_t len)
{
	const struct submit_record record = {
		.topic = TOPIC_REGLAS,
		.key = key,
		.value = value,
		.len = len,
		.tombstone = value == NULL,
		.schema = schema,
	};

	return call_submit(call, &record);
}

void
write_no_rule(struct call *call, const char *field, const char *what)
{
	struct answer *a = call->answer;

	if (errno == ENOENT) {
		answer_problem(a, 404, field, NULL, "%s", what);
		return;
	}
	answer_problem(a, 503, NULL, NULL,
	    "what the guild has laid down was not read from Kafka yet");
	a->retry_s = RETRY_RULES_S;
}

void
write_done(struct call *call, const char *path, const char *id, bool changed)
{
	struct answer *a = call->answer;
	struct jsonw *j = &a->body;

	a->status = changed ? 202 : 200;
	if (path != NULL)
		snprintf(a->location, sizeof(a->location), "%s/%s", path, id);
	jsonw_open(j, '{');
	jsonw_key(j, "id");
	jsonw_text(j, id);
	jsonw_key(j, "changed");
	jsonw_bool(j, changed);
	jsonw_close(j, '}');
}
