/*
 * rulebook: see the header.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/consumer/map.h"
#include "backend/consumer/rulebook.h"

#define SECONDS_MAX 86400
#define MINUTE_MS 60000
#define KEY_MISSING "missing.s"
#define KEY_DWELL "zone.dwell_s"
#define KEY_HOURS "hours"

struct rulebook {
	struct role_context *ctx;
	struct judge_store *store;
	struct cart_rules initial; /* the consumer's settings */
	struct cart_rules all; /* with the rule for all */
	struct map carts; /* with their own rules */
	struct area_set *areas;
	bool rules_loaded, zones_loaded;
	uint32_t rules_version, zones_version;
	struct zone zone; /* 50 kB */
};

struct rulebook *
rulebook_new(struct role_context *ctx, const struct role_settings *settings,
    struct judge_store *store, char *why, size_t why_cap)
{
	struct rulebook *book = calloc(1, sizeof(*book));
	char words[HOURS_WHY];

	if (book == NULL)
		return NULL;
	book->ctx = ctx;
	book->store = store;
	map_init(&book->carts);
	book->initial = (struct cart_rules){
		.missing_ms = settings->missing_s * 1000,
		.dwell_ms = settings->zone_dwell_s * 1000,
		.minute = -1,
	};
	if (hours_parse(settings->hours != NULL ? settings->hours : "",
		&book->initial.hours, words) == 0)
		return book;
	snprintf(why, why_cap, "hours: %s", words);
	free(book);
	errno = EINVAL;
	return NULL;
}

void
rulebook_free(struct rulebook *book)
{
	if (book == NULL)
		return;
	rulebook_forget(book);
	free(book);
}

static void
forget_rules(struct rulebook *book)
{
	map_clear(&book->carts, free);
	book->rules_loaded = false;
}

void
rulebook_forget(struct rulebook *book)
{
	forget_rules(book);
	area_set_free(book->areas);
	book->areas = NULL;
	book->zones_loaded = false;
}

static int
seconds_parse(const char *value, int64_t *ms)
{
	char *end;
	long s = strtol(value, &end, 10);

	if (end == value || *end != '\0' || s < 0 || s > SECONDS_MAX)
		return -1;
	*ms = s * 1000;
	return 0;
}

/* -1: `words` say what is wrong with the value. */
static int
rule_set(struct cart_rules *rules, const char *name, const char *value,
    char words[HOURS_WHY])
{
	snprintf(
	    words, HOURS_WHY, "expected whole seconds, 0 to %d", SECONDS_MAX);
	if (strcmp(name, KEY_MISSING) == 0)
		return seconds_parse(value, &rules->missing_ms);
	if (strcmp(name, KEY_DWELL) == 0)
		return seconds_parse(value, &rules->dwell_ms);
	if (strcmp(name, KEY_HOURS) == 0)
		return hours_parse(value, &rules->hours, words);
	return 0;
}

static struct cart_rules *
rules_of(struct rulebook *book, const char *scope)
{
	struct cart_rules *rules;

	if (strcmp(scope, RULES_ALL) == 0)
		return &book->all;
	rules = map_get(&book->carts, map_cart(scope), 0);
	if (rules != NULL)
		return rules;
	rules = malloc(sizeof(*rules));
	if (rules == NULL)
		return NULL;
	*rules = book->all;
	if (map_put(&book->carts, map_cart(scope), 0, rules) == -1) {
		free(rules);
		return NULL;
	}
	return rules;
}

/* By scope, so that of all, "*", is before the plates. */
static int
load_rule(void *ctx, const char *scope, const char *name, const char *value)
{
	struct cart_rules *rules = rules_of(ctx, scope);
	char words[HOURS_WHY];

	if (rules == NULL)
		return -1;
	/* It was read before it was stored. */
	(void)rule_set(rules, name, value, words);
	return 0;
}

static int
load_zone(void *ctx, const void *bytes, size_t len)
{
	struct rulebook *book = ctx;
	struct decode_error error;
	struct area_fault fault;

	if (zone_decode(bytes, len, &book->zone, &error) == -1)
		return 0;
	if (area_set_put(book->areas, &book->zone, &fault) == -1 &&
	    errno != EINVAL)
		return -1;
	return 0;
}

int
rulebook_load(struct rulebook *book)
{
	if (!book->rules_loaded) {
		book->all = book->initial;
		book->rules_version++;
		if (book->store->ops->rules_each(
			book->store, load_rule, book) == -1)
			return -1;
		book->rules_loaded = true;
	}
	if (!book->zones_loaded) {
		if (book->areas == NULL)
			book->areas = area_set_new();
		if (book->areas == NULL)
			return -1;
		book->zones_version++;
		if (book->store->ops->zones_each(
			book->store, load_zone, book) == -1)
			return -1;
		book->zones_loaded = true;
	}
	return 0;
}

static int
reject(struct rulebook *book, const struct record *record, const char *field,
    const char *words)
{
	char reason[300];

	snprintf(reason, sizeof(reason), "%s: %s", field, words);
	return role_reject(book->ctx, record, reason);
}

static int
refuse(struct rulebook *book, const struct record *record,
    const struct decode_error *error)
{
	char words[80];

	snprintf(words, sizeof(words), "expected %s", error->expected);
	return reject(book, record, error->field, words);
}

static bool
is_ours(struct text key)
{
	static const char *const keys[] = { KEY_MISSING, KEY_DWELL, KEY_HOURS };

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		if (key.len == strlen(keys[i]) &&
		    memcmp(key.s, keys[i], key.len) == 0)
			return true;
	}
	return false;
}

struct rule_text {
	char name[TEXT_NAME_MAX], value[HOURS_TEXT_MAX + 1];
};

static void
rule_text(const struct setting *setting, struct rule_text *text)
{
	snprintf(text->name, sizeof(text->name), "%.*s", (int)setting->key.len,
	    setting->key.s);
	snprintf(text->value, sizeof(text->value), "%.*s",
	    (int)setting->value.len, setting->value.s);
}

/* All of it can be read, or nothing of it counts. */
static bool
rules_stand(
    const struct rules *rules, struct rule_text *text, char words[HOURS_WHY])
{
	struct cart_rules tried;

	for (size_t i = 0; i < rules->count; i++) {
		if (!is_ours(rules->settings[i].key))
			continue;
		rule_text(&rules->settings[i], text);
		if (rule_set(&tried, text->name, text->value, words) == -1)
			return false;
	}
	return true;
}

static int
apply_rules(struct rulebook *book, const struct record *record)
{
	struct judge_store *store = book->store;
	struct rule_text text = { .name = "" };
	struct decode_error error;
	char words[HOURS_WHY];
	struct rules rules;

	if (rules_decode(record->value, record->len, &rules, &error) == -1)
		return refuse(book, record, &error);
	if (!rules_stand(&rules, &text, words))
		return reject(book, record, text.name, words);
	forget_rules(book);
	if (store->ops->rules_delete(store, rules.scope) == -1)
		return -1;
	for (size_t i = 0; i < rules.count; i++) {
		if (!is_ours(rules.settings[i].key))
			continue;
		rule_text(&rules.settings[i], &text);
		if (store->ops->rule_put(
			store, rules.scope, text.name, text.value) == -1)
			return -1;
	}
	return 0;
}

static int
apply_zone(struct rulebook *book, const struct record *record)
{
	struct decode_error error;
	struct area_fault fault;

	if (zone_decode(record->value, record->len, &book->zone, &error) == -1)
		return refuse(book, record, &error);
	if (rulebook_load(book) == -1)
		return -1;
	if (area_set_put(book->areas, &book->zone, &fault) == -1)
		return errno == EINVAL
		    ? reject(book, record, "zone", fault.words)
		    : -1;
	book->zones_version++;
	return book->store->ops->zone_put(
	    book->store, book->zone.id, record->value, record->len);
}

/* The rest of a key after `prefix`; false: it is another's. */
static bool
key_rest(
    const struct record *record, const char *prefix, char *rest, size_t cap)
{
	size_t len = strlen(prefix);

	if (record->key_len <= len || record->key_len - len >= cap ||
	    memcmp(record->key, prefix, len) != 0)
		return false;
	memcpy(rest, record->key + len, record->key_len - len);
	rest[record->key_len - len] = '\0';
	return true;
}

/* A tombstone. */
static int
apply_removal(struct rulebook *book, const struct record *record)
{
	struct judge_store *store = book->store;
	char name[ZONE_ID_MAX + 1];

	if (key_rest(record, ZONE_KEY, name, sizeof(name))) {
		if (rulebook_load(book) == -1)
			return -1;
		if (area_set_remove(book->areas, name))
			book->zones_version++;
		return store->ops->zone_delete(store, name);
	}
	if (key_rest(record, RULES_KEY, name, sizeof(name))) {
		forget_rules(book);
		return store->ops->rules_delete(store, name);
	}
	return 0;
}

int
rulebook_apply(struct rulebook *book, const struct record *record)
{
	if (record->len == 0)
		return apply_removal(book, record);
	if (strcmp(record->schema, SCHEMA_ZONE) == 0)
		return apply_zone(book, record);
	if (strcmp(record->schema, SCHEMA_RULES) == 0)
		return apply_rules(book, record);
	return 0;
}

struct cart_rules *
rulebook_cart(struct rulebook *book, const char *cart)
{
	struct cart_rules *rules = map_get(&book->carts, map_cart(cart), 0);

	return rules != NULL ? rules : &book->all;
}

const struct area_set *
rulebook_areas(const struct rulebook *book)
{
	return book->areas;
}

uint32_t
rulebook_rules_version(const struct rulebook *book)
{
	return book->rules_version;
}

uint32_t
rulebook_zones_version(const struct rulebook *book)
{
	return book->zones_version;
}

bool
rulebook_works(struct cart_rules *rules, int64_t unix_ms)
{
	int64_t minute = unix_ms / MINUTE_MS;

	if (!rules->hours.limited)
		return true;
	if (rules->minute != minute) {
		rules->minute = minute;
		rules->works = hours_open(&rules->hours, unix_ms);
	}
	return rules->works;
}
