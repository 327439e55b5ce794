#include "backend/api/roles_parts.h"

static void
write_parts(struct jsonw *j, const struct role_state *role)
{
	jsonw_open(j, '[');
	for (size_t i = 0; i < role->count; i++) {
		const struct part *p = &role->parts[i];

		jsonw_open(j, '{');
		jsonw_key(j, "topic");
		jsonw_text(j, topic_info(p->topic)->name);
		jsonw_key(j, "partition");
		jsonw_int(j, p->number);
		jsonw_key(j, "next");
		if (p->next == OFFSET_UNKNOWN)
			jsonw_null(j);
		else
			jsonw_int(j, p->next);
		jsonw_key(j, "end");
		if (p->end == OFFSET_UNKNOWN)
			jsonw_null(j);
		else
			jsonw_int(j, p->end);
		jsonw_close(j, '}');
	}
	jsonw_close(j, ']');
}

struct lag {
	int64_t records, ms; /* OFFSET_UNKNOWN */
	int64_t applied_ms; /* INSTANT_MISSING */
};

static struct lag
lag_of(const struct role_state *role, int64_t now_ms)
{
	struct lag lag = { 0, 0, INSTANT_MISSING };

	if (role->count == 0)
		lag.records = lag.ms = OFFSET_UNKNOWN;
	for (size_t i = 0; i < role->count; i++) {
		const struct part *p = &role->parts[i];

		if (p->applied_ms > lag.applied_ms)
			lag.applied_ms = p->applied_ms;
		if (p->end == OFFSET_UNKNOWN || p->low == OFFSET_UNKNOWN)
			lag.records = lag.ms = OFFSET_UNKNOWN;
		if (lag.records == OFFSET_UNKNOWN || part_waiting(p) == 0)
			continue;
		lag.records += part_waiting(p);
		if (p->waiting_ms == INSTANT_MISSING)
			lag.ms = OFFSET_UNKNOWN;
		else if (lag.ms != OFFSET_UNKNOWN &&
		    now_ms - p->waiting_ms > lag.ms)
			lag.ms = now_ms - p->waiting_ms;
	}
	return lag;
}

static void
write_role(struct jsonw *j, const struct role_state *role, int64_t now_ms)
{
	struct lag lag = lag_of(role, now_ms);

	jsonw_open(j, '{');
	jsonw_key(j, "role");
	jsonw_text(j, role->name);
	jsonw_key(j, "present");
	jsonw_bool(j, role->present);
	jsonw_key(j, "applied_at");
	jsonw_time(j, lag.applied_ms);
	jsonw_key(j, "lag_records");
	if (lag.records == OFFSET_UNKNOWN)
		jsonw_null(j);
	else
		jsonw_int(j, lag.records);
	jsonw_key(j, "lag_s");
	if (lag.ms == OFFSET_UNKNOWN)
		jsonw_null(j);
	else
		jsonw_decimal(j, lag.ms, 3);
	jsonw_key(j, "partitions");
	write_parts(j, role);
	jsonw_close(j, '}');
}

void
roles_write(struct call *call, const struct roles_state *state, const char *why)
{
	struct jsonw *j = &call->answer->body;
	int64_t now_ms = clock_realtime_ms(call->api->clock);

	jsonw_open(j, '{');
	jsonw_key(j, "at");
	jsonw_time(j, now_ms);
	jsonw_key(j, "kafka");
	jsonw_open(j, '{');
	jsonw_key(j, "reached");
	jsonw_bool(j, why == NULL);
	jsonw_key(j, "why");
	jsonw_text(j, why);
	jsonw_close(j, '}');
	jsonw_key(j, "roles");
	jsonw_open(j, '[');
	for (size_t i = 0; i < ROLES_SHOWN; i++)
		write_role(j, &state->roles[i], now_ms);
	jsonw_close(j, ']');
	jsonw_close(j, '}');
}
