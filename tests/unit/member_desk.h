/*
 * member_desk: the role members on a desk, with a Mosquitto that does what it
 * is asked: registrations and decisions go in, and what was told, erased and
 * asked for is read back.
 */
#ifndef PREGON_TESTS_MEMBER_DESK_H
#define PREGON_TESTS_MEMBER_DESK_H

#include "tests/unit/desk.h"

#include "backend/consumer/gate.h"
#include "backend/store/contacts.h"
#include "lib/secret.h"
#include "schemas/notice.h"
#include "tests/unit/rut_maker.h"

#define DAY INT64_C(86400000)
#define BASIC_PARTITION 1

static struct desk d;
static struct clock_manual now;
static struct secret secret;
static char secret_folder[64], secret_file[96];

/* A Mosquitto that does at once what it is asked, unless it is away. */
struct gate {
	struct {
		char plate[CART_MAX + 1];
		bool in, done;
		uint32_t n;
	} wishes[64];
	size_t count;
};
static struct gate mosquitto;
static struct {
	bool away;
	size_t wishes; /* heard in all */
} door;

struct gate *
gate_new(const struct role_settings *settings, const struct secret *s,
    char *why, size_t why_cap)
{
	(void)settings;
	(void)s;
	(void)why;
	(void)why_cap;
	memset(&mosquitto, 0, sizeof(mosquitto));
	return &mosquitto;
}

void
gate_free(struct gate *gate)
{
	(void)gate;
}

int
gate_want(struct gate *gate, const char *plate, bool in, uint32_t n)
{
	size_t i;

	door.wishes++;
	for (i = 0; i < gate->count; i++) {
		if (strcmp(gate->wishes[i].plate, plate) == 0)
			break;
	}
	if (i == gate->count)
		gate->count++;
	assert_true(gate->count <= 64);
	snprintf(gate->wishes[i].plate, CART_MAX + 1, "%s", plate);
	gate->wishes[i].in = in;
	gate->wishes[i].n = n;
	gate->wishes[i].done = false;
	return 0;
}

int
gate_done(struct gate *gate, int (*each)(void *, const char *, bool, uint32_t),
    void *ctx)
{
	for (size_t i = 0; i < gate->count && !door.away; i++) {
		if (gate->wishes[i].done)
			continue;
		if (each(ctx, gate->wishes[i].plate, gate->wishes[i].in,
			gate->wishes[i].n) == -1)
			return -1;
		gate->wishes[i].done = true;
	}
	return 0;
}

size_t
gate_pending(const struct gate *gate)
{
	(void)gate;
	return 0;
}

bool
gate_is_connected(const struct gate *gate)
{
	(void)gate;
	return !door.away;
}

/* What the door says of a plate: "in", "out", "" never heard of. */
static inline const char *
door_of(const char *plate)
{
	for (size_t i = 0; i < mosquitto.count; i++) {
		if (strcmp(mosquitto.wishes[i].plate, plate) == 0)
			return mosquitto.wishes[i].in ? "in" : "out";
	}
	return "";
}

static inline int
open_secret(void **state)
{
	char why[256];

	(void)state;
	snprintf(
	    secret_folder, sizeof(secret_folder), "/tmp/pregon-secret-XXXXXX");
	assert_non_null(mkdtemp(secret_folder));
	snprintf(secret_file, sizeof(secret_file), "%s/secret", secret_folder);
	assert_int_equal(secret_create(secret_file, why, sizeof(why)), 0);
	assert_int_equal(
	    secret_load(&secret, secret_file, why, sizeof(why)), 0);
	desk_settings.secret_file = secret_file;
	desk_settings.refused_keep_days = 30;
	return 0;
}

static inline int
remove_secret(void **state)
{
	(void)state;
	return remove(secret_file) | remove(secret_folder);
}

static inline int
open_desk(void **state)
{
	(void)state;
	memset(&door, 0, sizeof(door));
	desk_settings.gate_host = (char *)(uintptr_t) "127.0.0.1";
	clock_manual_init(&now, DESK_NOW);
	desk_open(&d, &role_members);
	d.ctx.clock = &now.clock;
	return 0;
}

static inline int
close_desk(void **state)
{
	(void)state;
	desk_close(&d);
	return 0;
}

static inline const char *
rut_of(int n)
{
	static char rut[RUT_MAX + 1];

	rut_make(n, rut);
	return rut;
}

static inline const char *
who_of(int n)
{
	static char who[WHO_MAX + 1];

	secret_who(&secret, rut_of(n), who);
	return who;
}

static inline struct registration
asks(int n, const char *id, const char *plate, bool premium)
{
	struct registration r = { .at_ms = DESK_NOW,
		.first_name = "Ana",
		.last_name = "Rojas",
		.premium = premium,
		.language = "es" };

	snprintf(r.id, sizeof(r.id), "%s", id);
	snprintf(r.rut, sizeof(r.rut), "%s", rut_of(n));
	snprintf(r.mail, sizeof(r.mail), "person%d@example.cl", n);
	snprintf(r.plate, sizeof(r.plate), "%s", plate);
	return r;
}

static inline void
apply_at(const char *who, const char *id, const char *schema, int32_t partition,
    const void *value, size_t len, int64_t at_ms)
{
	char key[MEMBER_KEY_MAX + 1];
	struct record record = { .topic = TOPIC_NUEVOS_USUARIOS,
		.partition = partition,
		.offset = d.offset++,
		.time_ms = at_ms,
		.key = key,
		.schema = schema,
		.value = value,
		.len = len };

	assert_int_equal(member_key_format(who, id, key), 0);
	record.key_len = strlen(key);
	desk_begin(&d);
	if (d.role->apply(d.self, &record) == -1)
		fail_msg("apply: %s", d.ctx.db->ops->error(d.ctx.db));
	desk_commit(&d);
}

static inline void
file_as(const char *who, const struct registration *r, int64_t at_ms)
{
	uint8_t bytes[MEMBER_BYTES_MAX];
	int len = registration_encode(r, bytes, sizeof(bytes));

	assert_true(len > 0);
	apply_at(who, r->id, SCHEMA_MEMBER, r->premium ? 0 : BASIC_PARTITION,
	    bytes, (size_t)len, at_ms);
}

static inline void
file_at(int n, const char *id, const char *plate, bool premium, int64_t at_ms)
{
	struct registration r = asks(n, id, plate, premium);

	file_as(who_of(n), &r, at_ms);
}

static inline void
decide_plate(int n, const char *id, enum member_act act, const char *plate,
    int64_t at_ms)
{
	uint8_t bytes[MEMBER_BYTES_MAX];
	struct member_decision said = {
		.act = act, .at_ms = at_ms, .by = "admin"
	};
	int len;

	if (act == MEMBER_REJECT || act == MEMBER_SUSPEND)
		strcpy(said.reason, "no papers");
	snprintf(said.id, sizeof(said.id), "%s", id);
	snprintf(said.who, sizeof(said.who), "%s", who_of(n));
	snprintf(said.plate, sizeof(said.plate), "%s", plate);
	len = member_decision_encode(&said, bytes, sizeof(bytes));
	assert_true(len > 0);
	apply_at(said.who, id, SCHEMA_MEMBER_DECISION, BASIC_PARTITION, bytes,
	    (size_t)len, at_ms);
}

static inline void
decide(int n, const char *id, enum member_act act, int64_t at_ms)
{
	decide_plate(n, id, act, "", at_ms);
}

/* Two ticks: what is wanted, and then what was done. */
static inline void
tick_at(int64_t at_ms)
{
	desk_tick(&d, at_ms, true);
	desk_tick(&d, at_ms, true);
}

/* What goes out, in its order: "event to" of notices, "tomb key@partition". */
static char told[8192];
static int64_t heard_id;

static inline int
keep_told(void *ctx, int64_t id, const struct outgoing *out)
{
	static struct notice notice;
	struct decode_error error;
	size_t len = strlen(told);

	(void)ctx;
	heard_id = id;
	if (out->topic == TOPIC_AVISOS) {
		assert_int_equal(
		    notice_decode(out->value, out->value_len, &notice, &error),
		    0);
		len += (size_t)snprintf(told + len, sizeof(told) - len,
		    "%s %s %s\n", notice.event, notice.to, notice.id);
		for (uint32_t i = 0; i < notice.value_count; i++) {
			if (strcmp(notice.values[i].name, "plate") != 0)
				len += (size_t)snprintf(told + len,
				    sizeof(told) - len, " %s=%s\n",
				    notice.values[i].name,
				    notice.values[i].value);
		}
	} else if (out->topic == TOPIC_NUEVOS_USUARIOS) {
		assert_null(out->value);
		assert_true(out->fixed_partition);
		snprintf(told + len, sizeof(told) - len, "tomb %.*s@%d\n",
		    (int)(out->key_len - (size_t)WHO_MAX - 1),
		    (const char *)out->key + WHO_MAX + 1, (int)out->partition);
	} else {
		assert_int_equal(out->topic, TOPIC_RECHAZADOS);
		assert_int_equal(out->value_len, 0);
		snprintf(
		    told + len, sizeof(told) - len, "reject %s\n", out->reason);
	}
	return 0;
}

/* Since the last time it was asked. */
static inline const char *
news(void)
{
	told[0] = '\0';
	assert_int_equal(d.ctx.store->ops->outgoing_list(
			     d.ctx.store, heard_id, 100000, keep_told, NULL),
	    0);
	return told;
}

static struct member_row row;
static size_t rows;

static inline int
keep_row(void *ctx, const struct member_row *r)
{
	(void)ctx;
	row = *r;
	rows++;
	return 0;
}

static inline size_t
look(struct members_query query)
{
	memset(&row, 0, sizeof(row));
	rows = 0;
	assert_int_equal(
	    d.reader->ops->members(d.reader, &query, keep_row, NULL), 0);
	return rows;
}

static inline enum member_state
state_of(int n)
{
	assert_int_equal(
	    look((struct members_query){ .who = who_of(n), .state = -1 }), 1);
	return row.state;
}

#endif
