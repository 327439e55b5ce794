#include <openssl/sha.h>
#include <stdio.h>
#include <string.h>

#include "backend/consumer/gate_parts.h"

/*
 * What a cart may do: to write its own uplink and to hear its own acks and
 * commands, and the guild's.  tools/local/dynsec.py says the same.
 */
static const struct {
	const char *type, *topic; /* %s: the plate */
} rights[] = {
	{ "publishClientSend", "pregon/%s/pos" },
	{ "publishClientSend", "pregon/%s/sale" },
	{ "publishClientSend", "pregon/%s/stock" },
	{ "publishClientSend", "pregon/%s/help" },
	{ "publishClientSend", "pregon/%s/status" },
	{ "subscribeLiteral", "pregon/%s/ack" },
	{ "subscribeLiteral", "pregon/%s/cmd" },
	{ "subscribeLiteral", "pregon/guild" },
	{ "publishClientReceive", "pregon/%s/ack" },
	{ "publishClientReceive", "pregon/%s/cmd" },
	{ "publishClientReceive", "pregon/guild" },
};

uint64_t
gate_mark(const char *password)
{
	uint8_t hash[SHA256_DIGEST_LENGTH];
	uint64_t mark = 0;

	SHA256((const uint8_t *)password, strlen(password), hash);
	for (size_t i = 0; i < sizeof(mark); i++)
		mark = mark << 8 | hash[i];
	return mark != 0 ? mark : 1;
}

static char *
dump(json_t *object)
{
	char *text = object != NULL ? json_dumps(object, JSON_COMPACT) : NULL;

	json_decref(object);
	return text;
}

static json_t *
right(size_t i, const char *plate)
{
	char topic[64];
	const char *slot = strstr(rights[i].topic, "%s");

	if (slot == NULL)
		snprintf(topic, sizeof(topic), "%s", rights[i].topic);
	else
		snprintf(topic, sizeof(topic), "%.*s%s%s",
		    (int)(slot - rights[i].topic), rights[i].topic, plate,
		    slot + 2);
	return json_pack("{s:s, s:s, s:b}", "acltype", rights[i].type, "topic",
	    topic, "allow", 1);
}

static json_t *
make_role(const char *role, const char *plate)
{
	json_t *acls = json_array();

	for (size_t i = 0; i < sizeof(rights) / sizeof(rights[0]); i++)
		json_array_append_new(acls, right(i, plate));
	return json_pack("{s:s, s:s, s:o}", "command", "createRole", "rolename",
	    role, "acls", acls);
}

/* createClient and modifyClient take the same. */
static json_t *
set_client(const char *command, const char *role, const char *plate, uint32_t n,
    const char *password)
{
	char description[64];

	snprintf(description, sizeof(description), "gateway %u, %016llx",
	    (unsigned)n, (unsigned long long)gate_mark(password));
	return json_pack("{s:s, s:s, s:s, s:s, s:[{s:s}]}", "command", command,
	    "username", plate, "password", password, "textdescription",
	    description, "roles", "rolename", role);
}

static json_t *
about_client(const char *command, const char *plate)
{
	return json_pack("{s:s, s:s}", "command", command, "username", plate);
}

char *
gate_command(enum gate_step step, const char *plate, uint32_t n,
    const char *password, const char *correlation)
{
	char role[sizeof("cart-") + CART_MAX];
	json_t *object = NULL;

	snprintf(role, sizeof(role), "cart-%s", plate);
	switch (step) {
	case GATE_ASK:
		object = about_client("getClient", plate);
		break;
	case GATE_MAKE_ROLE:
		object = make_role(role, plate);
		break;
	case GATE_MAKE_CLIENT:
		object = set_client("createClient", role, plate, n, password);
		break;
	case GATE_SET:
		object = set_client("modifyClient", role, plate, n, password);
		break;
	case GATE_ENABLE:
		object = about_client("enableClient", plate);
		break;
	case GATE_DISABLE:
		object = about_client("disableClient", plate);
		break;
	case GATE_TAKE_ROLE:
		object = about_client("removeClientRole", plate);
		json_object_set_new(object, "rolename", json_string(role));
		break;
	case GATE_STEPS_END:
		break;
	}
	json_object_set_new(
	    object, "correlationData", json_string(correlation));
	return dump(object);
}

char *
gate_command_list(size_t offset, const char *correlation)
{
	return dump(json_pack("{s:s, s:b, s:i, s:I, s:s}", "command",
	    "listClients", "verbose", 1, "count", GATE_PAGE, "offset",
	    (json_int_t)offset, "correlationData", correlation));
}
