#include <stdio.h>
#include <string.h>

#include "backend/api/forms.h"
#include "backend/rules/hours.h"

/* The bounds are those of the roles' own settings of the same names. */
struct rule {
	const char *key;
	bool per_product; /* also as <key>.<product> */
	int64_t min, max; /* both 0: text */
};
static const struct rule known_rules[] = {
	{ "missing.s", false, 5, 86400 },
	{ "hours", false, 0, 0 },
	{ "zone.dwell_s", false, 0, 86400 },
	{ "stock.threshold", true, 0, UNITS_MAX },
	{ "stock.target", true, 0, UNITS_MAX },
};

/* Digits without a leading zero, so that a product has one key. */
static bool
is_product(const char *s)
{
	size_t len = strlen(s);
	int code;

	return len >= 1 && len <= 5 && strspn(s, "0123456789") == len &&
	    (len == 1 || s[0] != '0') && sscanf(s, "%d", &code) == 1 &&
	    code <= PRODUCT_MAX;
}

static const struct rule *
find_rule(const char *key)
{
	const struct rule *rule;
	size_t i, len;

	for (i = 0; i < sizeof(known_rules) / sizeof(known_rules[0]); i++) {
		rule = &known_rules[i];
		len = strlen(rule->key);
		if (strcmp(key, rule->key) == 0 ||
		    (rule->per_product && strncmp(key, rule->key, len) == 0 &&
			key[len] == '.' && is_product(key + len + 1)))
			return rule;
	}
	return NULL;
}

static bool
read_hours(const struct node *node, struct text *value)
{
	struct hours hours;
	char why[HOURS_WHY];
	const char *s;

	if (!body_text(node, 0, HOURS_TEXT_MAX, &s))
		return false;
	if (hours_parse(s, &hours, why) == -1) {
		body_wrong(node, "hours as Mon-Fri 08:00-20:00: %s", why);
		return false;
	}
	*value = (struct text){ s, strlen(s) };
	return true;
}

static void
read_rule(const struct node *node, struct form_rules *form)
{
	const struct rule *rule = find_rule(node->key);
	size_t i = form->rules.count;
	struct setting *setting = &form->rules.settings[i];
	int64_t n;

	if (rule == NULL) {
		body_wrong(node,
		    "missing.s, hours, zone.dwell_s, stock.threshold, "
		    "stock.target, and of these two .<product>");
		return;
	}
	if (i == SETTINGS_MAX)
		return; /* said once, of the whole */
	if (rule->max == 0) {
		if (!read_hours(node, &setting->value))
			return;
	} else {
		if (!body_int(node, rule->min, rule->max, &n))
			return;
		setting->value.len = (size_t)snprintf(form->numbers[i],
		    sizeof(form->numbers[i]), "%lld", (long long)n);
		setting->value.s = form->numbers[i];
	}
	setting->key = (struct text){ node->key, strlen(node->key) };
	form->rules.count++;
}

bool
form_rules(struct body *body, struct form_rules *form)
{
	struct node root = body_root(body);
	const char *key;
	json_t *value;

	if (!body_object(&root, NULL))
		return false;
	form->rules.count = 0;
	if (json_object_size(root.json) > SETTINGS_MAX)
		body_wrong(&root, "at most %d rules", SETTINGS_MAX);
	json_object_foreach(root.json, key, value)
	{
		struct node node = body_field(&root, key);

		read_rule(&node, form);
	}
	return body_is_good(body);
}
